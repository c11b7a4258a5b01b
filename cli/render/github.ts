/** Text inside a GitHub comment: shown as it is, never markup, never a mention, a reference or a link. */

import { clip } from "./answers/show.ts";

/** Goes between what GitHub would join to a mention, a reference or an address. Not seen. */
const gap = "&#8203;";

/**
 * Escapes text for GitHub-flavoured markdown, in a paragraph, a list, a heading, a table cell or inside HTML tags.
 *
 * Entities alone are not enough: GitHub looks for `@team`, `#12`, `:emoji:` and addresses in the finished page, where an
 * entity is its character again. So an unseen blank follows those characters. Line breaks must be gone already (visible()).
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[&<>"`*_~|[\]!\\^$#@]|:(?=\/\/|[\w+-]+:)/gu, (each) => `&#${each.charCodeAt(0)};${/[@#:$]/u.test(each) ? gap : ""}`)
    .replace(/\b(www)\./giu, `$1${gap}.`)
    .replace(/\b(GH)-(?=\d)/giu, `$1${gap}-`)
    .replace(/^(\s*)([-+=]|\d+(?=[.)]))/u, (_, blanks: string, mark: string) => `${blanks}${gap}${mark}`)
    .replace(/[\r\n]+/gu, " ");
}

/** Escaped text of at most so many code units, cut at the end with the full length said. */
export function escapeTo(text: string, most: number): string {
  let length = Math.min(text.length, most);
  for (;;) {
    const escaped = escapeMarkdown(clip(text, length));
    if (escaped.length <= most || length === 0) return escaped;
    length = Math.floor(length * 0.8);
  }
}

/** The hidden first line by which a stack's comment is found again. Safe for any stack name; at most 100 characters of it count. */
export function marker(stack: string): string {
  const safe = encodeURIComponent(stack.slice(0, 100).toWellFormed()).replace(
    /[!'()*~]|-(?=-|$)|^-/gu,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `<!-- haloform:${safe} -->`;
}

/** A link to an http(s) address, or only its text where the address is none. */
export function linkTo(text: string, address: string | undefined): string {
  if (address === undefined || !URL.canParse(address)) return text;
  const url = new URL(address);
  if (url.protocol !== "https:" && url.protocol !== "http:") return text;
  const href = url.href.replace(/[^A-Za-z0-9:/?#=%.,;+~_-]/gu, (each) =>
    each === "&" ? "&amp;" : `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  // Cut addresses lead nowhere, and a comment's room is for the plan.
  return href.length > 600 ? text : `<a href="${href}">${text}</a>`;
}

/** Collects lines while they fit: UTF-16 code units (GitHub's limit) and bytes of UTF-8 (what is sent). */
export class Budget {
  private characters: number;
  private bytes: number;

  constructor(characters: number, bytes: number) {
    this.characters = characters;
    this.bytes = bytes;
  }

  /** What is left, in the scarcer measure. */
  get least(): number {
    return Math.min(this.characters, this.bytes);
  }

  /** Takes room for the text (and one line break) if there is enough. */
  take(text: string): boolean {
    const bytes = Buffer.byteLength(text) + 1;
    if (text.length + 1 > this.characters || bytes > this.bytes) return false;
    this.characters -= text.length + 1;
    this.bytes -= bytes;
    return true;
  }

  /** Part of this budget, at most so many characters; what it does not use is given back by `give`. */
  part(characters: number): Budget {
    const part = new Budget(Math.min(characters, this.characters), Math.min(characters, this.bytes));
    this.characters -= part.characters;
    this.bytes -= part.bytes;
    return part;
  }

  give(rest: Budget): void {
    this.characters += rest.characters;
    this.bytes += rest.bytes;
    rest.characters = 0;
    rest.bytes = 0;
  }
}
