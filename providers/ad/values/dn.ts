/**
 * Distinguished names: parsed, written and compared by our own rules (RFC 4514). ldapts' DN classes quote instead of
 * escaping and leave NUL and line feeds alone, and its modifyDN splits a string at the first comma that no backslash
 * precedes; so a backslash in a value is always written as the hex pair `\5C`, never as `\\`.
 */

export interface Part {
  type: string;
  value: string;
}
/** One relative distinguished name; more than one part only for the rare `CN=a+OU=b`. */
export type Rdn = readonly [Part, ...Part[]];

const attributeType = /^(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)$/u;

/** One value, escaped for a distinguishedName. Any text is allowed, NUL and line breaks included. */
export function escapeValue(value: string): string {
  const escaped = value.replace(/[\\,+"<>;=\p{Cc}]/gu, (char) => (char === "\\" || /\p{Cc}/u.test(char) ? hex(char) : `\\${char}`));
  return escaped.replace(/^[ #]/u, "\\$&").replace(/(?<!\\) $/u, "\\ ");
}

function hex(char: string): string {
  return [...Buffer.from(char, "utf8")].map((byte) => `\\${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** `CN=Lastname\, First`: one RDN, safe as a newRDN too. */
export function rdn(type: string, value: string): string {
  return `${type}=${escapeValue(value)}`;
}

/** The name of a child: `child("CN", "O'Neil, Ann", "OU=Staff,DC=…")`. */
export function child(type: string, value: string, parent: string): string {
  return parent === "" ? rdn(type, value) : `${rdn(type, value)},${parent}`;
}

/** Parses a distinguishedName, most specific first. Throws SyntaxError with one line. */
export function parseDn(text: string): Rdn[] {
  const rdns: Rdn[] = [];
  let at = 0;
  const fail = (why: string): never => {
    throw new SyntaxError(`${JSON.stringify(text)} is not a distinguishedName: ${why} at character ${at + 1}.`);
  };
  /** What the pattern finds here, and goes behind it; "" where it finds nothing. */
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found = ""] = pattern.exec(text) ?? [];
    at += found.length;
    return found;
  };

  function part(): Part {
    take(/ */uy);
    const type = take(/[^=,]*/uy).trimEnd();
    if (text[at] !== "=" || !attributeType.test(type)) fail("an attribute name and = are expected");
    take(/= */uy);
    return { type: type.toUpperCase(), value: take(/"/uy) === "" ? plain() : quoted() };
  }

  /** Reads one escape sequence; consecutive hex pairs are the bytes of one UTF-8 text. */
  function escaped(): string {
    const pairs = take(/(?:\\[0-9a-f]{2})+/iuy);
    if (pairs !== "") return Buffer.from(pairs.replaceAll("\\", ""), "hex").toString("utf8");
    return take(/\\./suy).slice(1) || fail("a backslash ends it");
  }

  function quoted(): string {
    let value = take(/[^\\"]*/uy);
    while (text[at] === "\\") value += escaped() + take(/[^\\"]*/uy);
    if (take(/" */uy) === "") fail("the closing quote is missing");
    return value;
  }

  function plain(): string {
    // Bare blanks at the end are none of it; those before an escape are.
    const run = (): string => {
      const found = take(/[^\\,;+]*/uy);
      return text[at] === "\\" ? found : found.replace(/ +$/u, "");
    };
    let value = run();
    while (text[at] === "\\") value += escaped() + run();
    return value;
  }

  if (text.trim() === "") return [];
  for (;;) {
    const parts: [Part, ...Part[]] = [part()];
    while (take(/\+/uy) !== "") parts.push(part());
    rdns.push(parts);
    if (at >= text.length) return rdns;
    if (take(/[,;]/uy) === "") fail("a comma is expected");
  }
}

/** Writes a parsed name: attribute types in capitals, no blanks, our own escapes. `formatDn(parseDn(x))` is a fixed point. */
export function formatDn(rdns: readonly Rdn[]): string {
  return rdns.map((parts) => parts.map((part) => rdn(part.type, part.value)).join("+")).join(",");
}

/** What is its own canonical spelling, as nearly every name of a folder is: thousands of accounts are in a few. */
const isCanonical = /^[A-Z]+=[\w.-]+(?: [\w.-]+)*(?:,[A-Z]+=[\w.-]+(?: [\w.-]+)*)*$/u;

/** The canonical spelling of a name. Throws SyntaxError. */
export function canonicalDn(text: string): string {
  return isCanonical.test(text) ? text : formatDn(parseDn(text));
}

export function isDn(text: string): boolean {
  try {
    return parseDn(text).length > 0;
  } catch {
    return false;
  }
}

/** The name without its first part; "" for the top. */
export function parentOf(dn: string): string {
  return formatDn(parseDn(dn).slice(1));
}

/** The value of the first part: `Ada Example` of `CN=Ada Example,OU=…`. */
export function nameOf(dn: string): string {
  return parseDn(dn)[0]?.[0].value ?? "";
}

/** The parts of a name as they are written, most specific first: cut at each comma before which no backslash is, and not looked at. */
export function splitDn(dn: string): string[] {
  return dn.replace(/\\.|,/gsu, (found) => (found === "," ? "\u0000" : found)).split("\u0000");
}

/** What makes a name's canonical spelling another than its own but for case: escapes, blanks at ends, text to be escaped, other than ASCII. */
const notPlain = /[\\"+;<>#]|[^ -~]|[=,] | [=,]|^ | $|=[^,]*=/u;

/**
 * A key under which equal names are equal, in lower case: AD compares without regard to case, blanks around `=` and `,`, the way of
 * escaping, and the order within a multi-valued RDN. A text that is no name is its own key, so that a strange value read from a
 * directory never stops a run.
 */
export function dnKey(dn: string): string {
  // Nearly every name is plain, and those of ten thousand people are compared.
  if (!notPlain.test(dn)) return dn.toLowerCase();
  let rdns: Rdn[];
  try {
    rdns = parseDn(dn);
  } catch {
    return dn.toLowerCase();
  }
  return rdns
    .map((parts) =>
      parts
        .map((part) => rdn(part.type.toLowerCase(), part.value.normalize("NFC").toLowerCase()))
        .sort()
        .join("+"),
    )
    .join(",");
}

export function sameDn(a: string, b: string): boolean {
  return a === b || dnKey(a) === dnKey(b);
}

/** A live name in the wish's spelling where it is the same. */
export function asWished(live: string, wished: string | undefined): string {
  return wished !== undefined && sameDn(live, wished) ? wished : live;
}

/** Whether a name is the base or lies below it. */
export function isWithin(dn: string, base: string): boolean {
  return sameDn(dn, base) || dnKey(dn).endsWith(`,${dnKey(base)}`);
}
