/** JSON as it was written: `95.0` and `9e1` are kept apart from `95`, because the real systems do. */

/** A number written with a fraction or an exponent. */
export class FloatLiteral {
  readonly value: number;
  readonly source: string;
  constructor(value: number, source: string) {
    this.value = value;
    this.source = source;
  }
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/** Parses; undefined when the text is not JSON. */
export function parseExactly(text: string): unknown {
  const reviver: Reviver = (_key, value, context) => {
    const source = context?.source;
    return typeof value === "number" && source !== undefined && /[.eE]/u.test(source) ? new FloatLiteral(value, source) : value;
  };
  try {
    return JSON.parse(text, reviver as (key: string, value: unknown) => unknown);
  } catch {
    return undefined;
  }
}

export type Row = Record<string, unknown>;

/** A JSON object (not an array, not null, not a float literal). */
export function isObject(value: unknown): value is Row {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof FloatLiteral);
}
