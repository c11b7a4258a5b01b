/** What the engine says, as the cause of a failure. Pure. */
import { oneLine, UnreachableError } from "../../base/errors.ts";
import { withoutLogins } from "./backend.ts";

/** The cause in Pulumi's output: its `error:` lines, without the frame of the command. */
export function failureOf(error: unknown): string {
  if (error instanceof UnreachableError) return error.message;
  const text = String((error as Error).message ?? error);
  const causes = [...new Set(text.split("\n").flatMap((line) => /error: (.*)$/u.exec(line)?.[1]?.trim() ?? []))].filter(
    (line) => !/^(?:update failed|preview failed)$/u.test(line),
  );
  return withoutLogins(oneLine(causes.length > 0 ? causes.slice(0, 5).join("; ") : text.slice(0, 2000)));
}
