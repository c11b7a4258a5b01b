/**
 * Characters that no directory should hold: control characters, and marks that turn the order of text round or stand for nothing,
 * so that a name looks like another one. Joiners (U+200C, U+200D) stay: Persian and many signs need them.
 */

const hidden = /[[\p{Cc}--[\t-\r\u0085]]\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gv;
/** Ends of lines of every system, with the blanks around them, and tabs. */
const breaks = /[^\S\t-\r\u0085\u2028\u2029]*[\t-\r\u0085\u2028\u2029]+\s*/gu;
const plain = /^[ -~]*$/u;

/** Without hidden characters; lines and tabs stay. */
export const withoutHidden = (text: string): string => (plain.test(text) ? text : text.replace(hidden, ""));

/** One line without hidden characters. */
export const oneLineOf = (text: string): string => (plain.test(text) ? text : withoutHidden(text).replace(breaks, " ").trim());

/** One Unicode form, nothing hidden, no blanks at the ends. Most text is plain, and ten thousand people have a dozen values each. */
export const cleanText = (text: string): string => (plain.test(text) ? text : withoutHidden(text.toWellFormed().normalize("NFC"))).trim();
