/**
 * Characters that no directory should hold: control characters, and marks that turn the order of text round or stand for nothing,
 * so that a name looks like another one; and letters that look like those of another alphabet.
 */

/** Joiners (U+200C, U+200D) are needed by Persian, Indic scripts and many signs; after these letters they stand for nothing. */
const joiner = String.raw`(?<=^|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Nd}\p{Zs}!-~])[\u200c\u200d]+`;
const marks = String.raw`[[\p{Cc}--[\t-\r\u0085]]\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\u{e0000}-\u{e007f}]`;
const hidden = new RegExp(`${marks}|${joiner}`, "gv");
/** Blanks that look like the plain one, and are another character to every directory. */
const blanks = /[\u00a0\u2000-\u200a\u202f\u205f]/gu;
/** Ends of lines of every system, with the blanks around them, and tabs. */
const breaks = /[^\S\t-\r\u0085\u2028\u2029]*[\t-\r\u0085\u2028\u2029]+\s*/gu;
const plain = /^[ -~]*$/u;

/** Printable ASCII and nothing else. */
export const isPlainText = (text: string): boolean => plain.test(text);

/** One Unicode form, no blanks at the ends. Most text is plain, and ten thousand people have a dozen values each, compared in many lines. */
export const oneForm = (text: string): string => (plain.test(text) ? text : text.normalize("NFC")).trim();

/** Without hidden characters; lines and tabs stay. */
export const withoutHidden = (text: string): string => (plain.test(text) ? text : text.replace(hidden, "").replace(blanks, " "));

/** One line without hidden characters. */
export const oneLineOf = (text: string): string => (plain.test(text) ? text : withoutHidden(text).replace(breaks, " ").trim());

/** The same, and nothing hidden. */
export const cleanText = (text: string): string => (plain.test(text) ? text : withoutHidden(text.toWellFormed().normalize("NFC"))).trim();

/** Unicode's names, of those that come by copying or are meant to deceive; others are named by their kind. */
const names: { readonly [code: string]: string } = {
  "00A0": "no-break space",
  "00AD": "soft hyphen",
  "061C": "Arabic letter mark",
  "180E": "Mongolian vowel separator",
  "200B": "zero width space",
  "200C": "zero width non-joiner",
  "200D": "zero width joiner",
  "200E": "left-to-right mark",
  "200F": "right-to-left mark",
  "202A": "left-to-right embedding",
  "202B": "right-to-left embedding",
  "202C": "pop directional formatting",
  "202D": "left-to-right override",
  "202E": "right-to-left override",
  "2060": "word joiner",
  "2066": "left-to-right isolate",
  "2067": "right-to-left isolate",
  "2068": "first strong isolate",
  "2069": "pop directional isolate",
  "3164": "Hangul filler",
  FEFF: "zero width no-break space (byte order mark)",
};

function nameOf(char: string): string {
  const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  const kind = /\p{Zs}/u.test(char) ? "another blank" : /\p{Cc}/u.test(char) ? "control character" : "invisible character";
  return `U+${code} ${names[code] ?? kind}`;
}

/** What `oneLineOf` takes out of a text, each once: `U+200B zero width space`, `end of line`. */
export function hiddenIn(text: string): string[] {
  const found = [...(text.match(hidden) ?? []).flatMap((run) => [...run]), ...(text.match(blanks) ?? [])].map(nameOf);
  // Blanks at the ends of a field, an end of line among them, are no news.
  const inner = withoutHidden(text).trim();
  return [
    ...new Set([...found, ...(/[\n-\r\u0085\u2028\u2029]/u.test(inner) ? ["end of line"] : []), ...(inner.includes("\t") ? ["tab"] : [])]),
  ].sort();
}

/** Letters of Cyrillic and Greek that look like Latin ones, in pairs. */
const pairs =
  "аa еe оo рp сc уy хx іi јj ѕs ԁd һh ԛq ԝw АA ВB ЕE КK МM НH ОO РP СC ТT УY ХX ІI ЈJ ЅS οo νv ΑA ΒB ΕE ΖZ ΗH ΙI ΚK ΜM ΝN ΟO ΡP ΤT ΥY ΧX";
const lookAlikes = new Map(pairs.split(" ").map((pair) => [pair.charAt(0), pair.charAt(1)]));
const word = /[\p{L}\p{M}]+/gu;

/** Letters that look like Latin ones in words that have Latin ones too: `U+0430 (Cyrillic) looks like a`. */
export function lookAlikesIn(text: string): string[] {
  if (plain.test(text)) return [];
  const words = (text.match(word) ?? []).filter((one) => /\p{Script=Latin}/u.test(one));
  const said = words
    .flatMap((word) => [...word])
    .flatMap((char) => {
      const like = lookAlikes.get(char);
      if (like === undefined) return [];
      const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
      return `U+${code} (${/\p{Script=Greek}/u.test(char) ? "Greek" : "Cyrillic"}) looks like ${like}`;
    });
  return [...new Set(said)].sort();
}
