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

const hexPair = /^[0-9a-fA-F]{2}$/u;
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
  const blanks = (): void => {
    while (text[at] === " ") at++;
  };

  function part(): Part {
    blanks();
    const start = at;
    while (at < text.length && text[at] !== "=" && text[at] !== ",") at++;
    const type = text.slice(start, at).trimEnd();
    if (text[at] !== "=" || !attributeType.test(type)) fail("an attribute name and = are expected");
    at++;
    blanks();
    return { type: type.toUpperCase(), value: text[at] === '"' ? quoted() : plain() };
  }

  /** Reads one escape sequence after the backslash; consecutive hex pairs are the bytes of one UTF-8 text. */
  function escaped(): string {
    const bytes: number[] = [];
    while (text[at] === "\\" && hexPair.test(text.slice(at + 1, at + 3))) {
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
    }
    if (bytes.length > 0) return Buffer.from(bytes).toString("utf8");
    const char = text[at + 1];
    if (char === undefined) return fail("a backslash ends it");
    at += 2;
    return char;
  }

  function quoted(): string {
    at++;
    let value = "";
    while (text[at] !== '"') {
      if (at >= text.length) fail("the closing quote is missing");
      if (text[at] === "\\") value += escaped();
      else value += text[at++];
    }
    at++;
    blanks();
    return value;
  }

  function plain(): string {
    let value = "";
    /** Length up to the last character that is not a bare trailing blank. */
    let kept = 0;
    while (at < text.length && !",;+".includes(text[at] ?? "")) {
      if (text[at] === "\\") {
        value += escaped();
        kept = value.length;
      } else {
        const char = text[at++] ?? "";
        value += char;
        if (char !== " ") kept = value.length;
      }
    }
    return value.slice(0, kept);
  }

  if (text.trim() === "") return [];
  for (;;) {
    const parts: [Part, ...Part[]] = [part()];
    while (text[at] === "+") {
      at++;
      parts.push(part());
    }
    rdns.push(parts);
    if (at >= text.length) return rdns;
    if (text[at] !== "," && text[at] !== ";") fail("a comma is expected");
    at++;
  }
}

/** Writes a parsed name: attribute types in capitals, no blanks, our own escapes. `formatDn(parseDn(x))` is a fixed point. */
export function formatDn(rdns: readonly Rdn[]): string {
  return rdns.map((parts) => parts.map((part) => rdn(part.type, part.value)).join("+")).join(",");
}

/** The canonical spelling of a name. Throws SyntaxError. */
export function canonicalDn(text: string): string {
  return formatDn(parseDn(text));
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
