/**
 * Templates of nothing but text, fields and simple filters, which most are, rendered without Liquid: ten thousand people have
 * a dozen each, and without this their first wish takes 28 % longer, even where renders are kept by their values (measured with
 * the sample mappings). The text is the same (test/unit/mappings/language/template-plain.test.ts); whatever is not plain is left to Liquid.
 */
import type { Json } from "../../base/json.ts";
import { ascii, letters, phone, slice } from "./text.ts";

type Values = { [field: string]: Json };
type Part = string | { field: string; filters: ((text: string) => string)[] };

const filters: { [source: string]: (text: string) => string } = {
  ascii,
  letters,
  phone,
  downcase: (text) => text.toLowerCase(),
  upcase: (text) => text.toUpperCase(),
  "slice: 0": (text) => slice(text, 0),
};
const output = "\\{\\{ *((?:custom\\.)?\\w+)((?: *\\| *\\w+(?:: 0)?)*) *\\}\\}";
const whole = new RegExp(`^(?:[^{}]|${output})*$`, "u");
/** Longer values are left to Liquid, which has limits of its own. */
const longest = 1000;

/** The render of a plain template, undefined for any other. What it gives is undefined where Liquid must look at a value. */
export function plainTemplate(
  source: string,
  fields: readonly string[],
): ((record: Values, extra?: Values) => string | undefined) | undefined {
  if (!whole.test(source)) return undefined;
  const parts: Part[] = [];
  for (const [index, piece] of source.split(new RegExp(output, "u")).entries()) {
    if (index % 3 === 0) parts.push(piece);
    else if (index % 3 === 1) {
      // What Liquid does not take for a field is a word or a number of its own; what every object answers for is looked up with care there.
      if (!fields.includes(piece) || piece in Object.prototype) return undefined;
      parts.push({ field: piece, filters: [] });
    } else {
      const last = parts.at(-1);
      for (const name of piece.split("|").slice(1)) {
        const filter = Object.hasOwn(filters, name.trim()) ? filters[name.trim()] : undefined;
        if (!filter || typeof last !== "object") return undefined;
        last.filters.push(filter);
      }
    }
  }
  return (record, extra) => joined(parts, record, extra);
}

function joined(parts: readonly Part[], record: Values, extra: Values | undefined): string | undefined {
  let text = "";
  for (const part of parts) {
    if (typeof part === "string") {
      text += part;
      continue;
    }
    const own = extra?.[part.field];
    const given = own === undefined ? record[part.field] : own;
    if (given === undefined || given === null) continue;
    if (typeof given === "number" ? !Number.isSafeInteger(given) : typeof given !== "string" || given.length > longest) return undefined;
    let value = typeof given === "string" ? given.trim() : String(given);
    for (const filter of part.filters) value = filter(value);
    text += value;
  }
  return text;
}
