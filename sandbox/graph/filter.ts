/** $filter as far as the directory answers it: and, or, not, parentheses, eq, ne, in, startsWith, endsWith, any(…). */
import type { Row } from "../web/json.ts";
import { malformed, problem, Refused } from "./errors.ts";

type Value = string | number | boolean | null;
export type Test = (row: Row) => boolean;

export interface FilterRules {
  /** Names that may be filtered by. */
  allowed: ReadonlySet<string>;
  /** Whether the type has such a property at all. */
  exists: (name: string) => boolean;
  /** For error texts: `User`. */
  resource: string;
  /** `ConsistencyLevel: eventual` and `$count=true` were given: ne, not and endsWith are answered then. */
  advanced: boolean;
  value: (row: Row, name: string) => unknown;
}

const guid = "[\\da-fA-F]{8}(?:-[\\da-fA-F]{4}){3}-[\\da-fA-F]{12}";
const tokens = new RegExp(`\\s*(?:(')((?:[^']|'')*)'|(?!${guid})([A-Za-z$_][\\w$./]*)|(${guid}|-?\\d[\\w:.+-]*)|([(),:])|(.))`, "gy");

interface Token {
  kind: "text" | "word" | "number" | "sign";
  text: string;
}

function scan(filter: string): Token[] {
  return [...filter.trimEnd().matchAll(tokens)].map(([, quote, literal = "", word, number, sign, odd]): Token => {
    if (quote) return { kind: "text", text: literal.replaceAll("''", "'") };
    if (word !== undefined) return { kind: "word", text: word };
    if (number !== undefined) return { kind: "number", text: number };
    if (sign !== undefined) return { kind: "sign", text: sign };
    throw new Refused(malformed(`Invalid filter clause: Syntax error: character '${odd ?? ""}' is not valid.`));
  });
}

const same = (one: unknown, other: unknown): boolean =>
  typeof one === "string" && typeof other === "string" ? one.toLowerCase() === other.toLowerCase() : (one ?? null) === (other ?? null);

/** Parses, or throws a Refused with Graph's 400. */
export function parseFilter(filter: string, rules: FilterRules): Test {
  const list = scan(filter);
  let at = 0;
  const syntax = (): never => {
    throw new Refused(malformed(`Invalid filter clause: Syntax error at position ${at} in '${filter}'.`));
  };
  const next = (): Token => list[at++] ?? syntax();
  const expect = (text: string): void => void (next().text.toLowerCase() === text || syntax());
  const peek = (text: string): boolean => list[at]?.kind !== "text" && list[at]?.text.toLowerCase() === text;
  const unsupported = (name: string): never => {
    throw new Refused(
      problem(
        400,
        "Request_UnsupportedQuery",
        `Unsupported or invalid query filter clause specified for property '${name}' of resource '${rules.resource}'.`,
      ),
    );
  };
  const field = (): string => {
    const { text, kind } = next();
    if (kind !== "word") syntax();
    const name = text.split("/")[0] ?? "";
    if (!rules.exists(name))
      throw new Refused(
        malformed(
          `Invalid filter clause: Could not find a property named '${name}' on type 'microsoft.graph.${rules.resource.toLowerCase()}'.`,
        ),
      );
    if (!rules.allowed.has(name)) unsupported(name);
    return text;
  };
  const literal = (): Value => {
    const { kind, text } = next();
    if (kind === "text") return text;
    if (kind === "number") return /^-?\d+$/u.test(text) ? Number(text) : text;
    if (text === "true" || text === "false") return text === "true";
    if (text === "null") return null;
    return syntax();
  };
  const advanced = (name: string): void => {
    if (!rules.advanced) unsupported(name);
  };
  const call = (name: string): Test => {
    expect("(");
    const property = field();
    expect(",");
    const wanted = String(literal()).toLowerCase();
    expect(")");
    if (name === "endswith") advanced(property);
    return (row) => {
      const text = String(rules.value(row, property) ?? "").toLowerCase();
      return name === "endswith" ? text.endsWith(wanted) : text.startsWith(wanted);
    };
  };
  const any = (path: string): Test => {
    const property = path.slice(0, -"/any".length);
    expect("(");
    const variable = next().text;
    expect(":");
    const inner = next().text;
    expect("eq");
    const wanted = literal();
    expect(")");
    if (!inner.startsWith(variable)) syntax();
    const part = inner.split("/")[1];
    return (row) =>
      ((rules.value(row, property) as unknown[] | null) ?? []).some((item) =>
        same(part === undefined ? item : (item as Row)[part], wanted),
      );
  };
  const comparison = (): Test => {
    if (peek("not")) {
      advanced("not");
      at++;
      const inner = comparison();
      return (row) => !inner(row);
    }
    if (peek("(")) {
      at++;
      const inner = either();
      expect(")");
      return inner;
    }
    const name = (list[at]?.text ?? "").toLowerCase();
    if (name === "startswith" || name === "endswith") {
      at++;
      return call(name);
    }
    const property = field();
    if (property.endsWith("/any")) return any(property);
    const operator = next().text.toLowerCase();
    if (operator === "in") {
      expect("(");
      const wanted = [literal()];
      while (peek(",")) {
        at++;
        wanted.push(literal());
      }
      expect(")");
      return (row) => wanted.some((value) => same(rules.value(row, property), value));
    }
    if (operator !== "eq" && operator !== "ne") unsupported(property);
    if (operator === "ne") advanced(property);
    const wanted = literal();
    return (row) => same(rules.value(row, property), wanted) === (operator === "eq");
  };
  const both = (): Test => {
    let left = comparison();
    while (peek("and")) {
      at++;
      const [first, second] = [left, comparison()];
      left = (row) => first(row) && second(row);
    }
    return left;
  };
  const either = (): Test => {
    let left = both();
    while (peek("or")) {
      at++;
      const [first, second] = [left, both()];
      left = (row) => first(row) || second(row);
    }
    return left;
  };
  const test = either();
  if (at < list.length) syntax();
  return test;
}
