/** JSON paths of sources.yaml (RFC 9535), with `match` and `search` in linear time: their texts come from elsewhere (see regex.ts). */
import { FunctionExpressionType, JSONPathEnvironment } from "json-p3";
import { RE2JS } from "re2js";

const compiled = new Map<string, RE2JS | undefined>();

/** A pattern (RFC 9485); undefined where it is none, and then nothing fits it. It may come from the answer itself. */
function linear(pattern: string): RE2JS | undefined {
  if (compiled.has(pattern)) return compiled.get(pattern);
  if (compiled.size >= 100) compiled.clear();
  let made: RE2JS | undefined;
  try {
    made = RE2JS.compile(RE2JS.translateRegExp(pattern));
  } catch {
    // No pattern: as the library has it, nothing fits.
  }
  compiled.set(pattern, made);
  return made;
}

const test = (holds: (regex: RE2JS, text: string) => boolean) => ({
  argTypes: [FunctionExpressionType.ValueType, FunctionExpressionType.ValueType],
  returnType: FunctionExpressionType.LogicalType,
  call(text: unknown, pattern: unknown): boolean {
    const regex = typeof text === "string" && typeof pattern === "string" ? linear(pattern) : undefined;
    return regex !== undefined && holds(regex, text as string);
  },
});

/** What compiles and runs the paths. */
export const jsonPaths = new JSONPathEnvironment({ maxRecursionDepth: 50 });
jsonPaths.functionRegister.set(
  "match",
  test((regex, text) => regex.testExact(text)),
);
jsonPaths.functionRegister.set(
  "search",
  test((regex, text) => regex.test(text)),
);
