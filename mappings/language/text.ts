/** Text filters of the templates, as plain functions. */
import { isPlainText } from "../../base/clean.ts";

/**
 * Letters that Unicode does not take apart, each with its plain form (`_`: none), lower case; upper case follows from them. Latin,
 * Greek and Cyrillic as passports write them, then signs that word processors make of plain ones.
 */
const LETTERS = `
ß ss  æ ae  œ oe  ø o  đ d  ð d  þ th  ł l  ħ h  ı i  ĸ k  ŋ n  ŧ t  ƒ f  ə e  ɓ b  ɗ d  ƙ k  ơ o  ư u
α a  β v  γ g  δ d  ε e  ζ z  η i  θ th  ι i  κ k  λ l  μ m  ν n  ξ x  ο o  π p  ρ r  σ s  ς s  τ t  υ y  φ f  χ ch  ψ ps  ω o
а a  б b  в v  г g  д d  е e  ж zh  з z  и i  к k  л l  м m  н n  о o  п p  р r  с s  т t  у u  ф f  х kh  ц ts  ч ch  ш sh
щ shch  ъ ie  ы y  ь _  э e  ю iu  я ia  є ie  і i  ґ g  ђ dj  ј j  љ lj  њ nj  ћ c  џ dz
ʻ _  ʼ '  ‘ '  ’ '  “ "  ” "  „ "  – -  — -  ‐ -  ‑ -  − -
`
  .trim()
  .split(/\s+/u);

const TABLE = new Map<string, string>(
  LETTERS.flatMap((letter, index): [string, string][] => {
    if (index % 2 === 1) return [];
    const plain = (LETTERS[index + 1] ?? "").replace("_", "");
    const upper = letter.toUpperCase();
    const capital = plain.charAt(0).toUpperCase() + plain.slice(1);
    return [...(upper.length === 1 && upper !== letter ? [[upper, capital] as [string, string]] : []), [letter, plain]];
  }),
)
  .set("ẞ", "SS")
  .set("İ", "I");

/** ASCII only: é → e, ß → ss, ø → o, Ł → L, Ж → Zh. What has no ASCII form is left out. */
export function ascii(text: string): string {
  if (isPlainText(text)) return text;
  let plain = "";
  for (const character of text.normalize("NFC")) {
    const known = TABLE.get(character);
    if (known !== undefined) plain += known;
    else for (const part of character.normalize("NFKD")) plain += part <= "\u007f" ? part : (TABLE.get(part) ?? "");
  }
  return plain;
}

/** A phone number, plainly: `+44 (0)20 7946-0123` → `+44 20 7946 0123`. An extension stays as ` x12`; no digits, no number. */
export function phone(text: string): string {
  // Most people have one number of several that are asked for.
  if (text === "") return "";
  const [number = "", extension = ""] = ascii(text).split(/(?:ext(?:ension)?|x|#)\.?\s*(?=\d+\D*$)/iu);
  const international = /^[^\d+]*(?:\+|00(?=\s*[1-9]))/u.test(number);
  const body = international ? number.replace(/^[^\d+]*(?:\+|00)/u, "").replace(/\(\s*0\s*\)/u, " ") : number;
  const groups = body.replace(/\D+/gu, " ").trim();
  if (groups === "") return "";
  const inner = extension.replace(/\D/gu, "");
  return `${international ? "+" : ""}${groups}${inner === "" ? "" : ` x${inner}`}`;
}

/** First letters of the words, upper case: `Anna Lena O'Neil-Smith` → `ALOS`. */
export function initials(text: string): string {
  return text
    .split(/[\s\p{Pd}]+/u)
    .map((word) => /[\p{L}\p{N}]\p{M}*/u.exec(word)?.[0] ?? "")
    .join("")
    .normalize("NFC")
    .toUpperCase();
}

/** Only letters and digits (with their accents): `O'Neil-Smith` → `ONeilSmith`. */
export function letters(text: string): string {
  return text.replace(/[^\p{L}\p{N}\p{M}]+/gu, "");
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/** Liquid's `slice`, by whole characters: half of an emoji or a letter without its accent is never what was meant. */
export function slice(text: string, from: number, length = 1): string {
  // Printable ASCII is one character each: no need to look for where one ends.
  const all = isPlainText(text) ? text.split("") : [...graphemes.segment(text)].map((each) => each.segment);
  const start = from < 0 ? Math.max(0, all.length + from) : from;
  return all.slice(start, start + Math.max(0, length)).join("");
}
