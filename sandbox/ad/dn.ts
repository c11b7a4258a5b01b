/** Distinguished names as text: RFC 4514 in, Active Directory's own spelling out. Names are compared parsed and folded, never as raw text. */
import { fold } from "./fold.ts";

/** One step of a name: `CN=Smith\, John` is `{ type: "CN", value: "Smith, John" }`. */
export interface Rdn {
  type: string;
  value: string;
}

/** The text is no distinguished name. */
export class DnSyntaxError extends Error {}

const hexPair = /^[0-9a-fA-F]{2}/;
const typePattern = /^(?:[A-Za-z][A-Za-z0-9-]*|(?:OID\.)?\d+(?:\.\d+)+)$/;
const escapable = ' ,+"\\<>;=#';
const utf8 = new TextDecoder("utf-8", { fatal: true });

function bytesToText(bytes: number[], whole: string): string {
  try {
    return utf8.decode(Uint8Array.from(bytes));
  } catch {
    throw new DnSyntaxError(`${whole}: an escaped value is not UTF-8`);
  }
}

/** Reads one attribute value from `start`; gives it with the index of the separator that ends it. */
function readValue(text: string, start: number): { value: string; end: number } {
  let at = start;
  while (text[at] === " ") at += 1;
  if (text[at] === "#") return readHexValue(text, at);
  const quoted = text[at] === '"';
  if (quoted) at += 1;
  let value = "";
  let keep = 0; // up to here trailing spaces were escaped and belong to the value
  for (;;) {
    const char = text[at];
    if (char === undefined) {
      if (quoted) throw new DnSyntaxError(`${text}: a quoted value does not end`);
      break;
    }
    if (char === "\\") {
      const bytes: number[] = [];
      while (text[at] === "\\" && hexPair.test(text.slice(at + 1, at + 3))) {
        bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
        at += 3;
      }
      if (bytes.length > 0) value += bytesToText(bytes, text);
      else {
        const escaped = text[at + 1];
        if (escaped === undefined || !escapable.includes(escaped)) throw new DnSyntaxError(`${text}: a backslash escapes nothing it may`);
        value += escaped;
        at += 2;
      }
      keep = value.length;
      continue;
    }
    if (quoted ? char === '"' : char === "," || char === ";" || char === "+") break;
    if (!quoted && (char === '"' || char === "<" || char === ">")) throw new DnSyntaxError(`${text}: ${char} must be escaped`);
    value += char;
    at += 1;
  }
  if (quoted) {
    at += 1;
    while (text[at] === " ") at += 1;
  } else {
    let end = value.length;
    while (end > keep && value[end - 1] === " ") end -= 1;
    value = value.slice(0, end);
  }
  return { value, end: at };
}

/** `#0403414243`: the BER of the value (RFC 4514 §2.4); only strings occur. */
function readHexValue(text: string, start: number): { value: string; end: number } {
  const hex = /^#((?:[0-9a-fA-F]{2})+) */.exec(text.slice(start));
  const bytes = hex?.[1] === undefined ? [] : [...Buffer.from(hex[1], "hex")];
  if (hex === null || bytes.length < 2 || bytes[1] !== bytes.length - 2 || bytes[1] > 0x7f)
    throw new DnSyntaxError(`${text}: a value that begins with # must be escaped`);
  return { value: bytesToText(bytes.slice(2), text), end: start + hex[0].length };
}

/** Reads a distinguished name, the leaf first. "" is the empty name. Throws {@link DnSyntaxError}. Multi-valued RDNs are refused, as AD has none. */
export function parseDn(text: string): Rdn[] {
  const steps: Rdn[] = [];
  if (text.trim() === "") return steps;
  let at = 0;
  for (;;) {
    const equals = text.indexOf("=", at);
    const type = equals < 0 ? "" : text.slice(at, equals).trim();
    if (!typePattern.test(type)) throw new DnSyntaxError(`${text}: no attribute=value at character ${at + 1}`);
    const { value, end } = readValue(text, equals + 1);
    if (value === "") throw new DnSyntaxError(`${text}: the value of ${type} is empty`);
    steps.push({ type: type.toUpperCase(), value });
    const separator = text[end];
    if (separator === undefined) return steps;
    if (separator === "+") throw new DnSyntaxError(`${text}: a name of several values (+) does not exist here`);
    if (separator !== "," && separator !== ";") throw new DnSyntaxError(`${text}: "${separator}" at character ${end + 1}`);
    at = end + 1;
  }
}

/** Writes one value as AD writes it: `, + " \ < > ; =` with a backslash, CR and LF as hex, a leading # or space and a trailing space escaped. */
export function escapeValue(value: string): string {
  const escaped = value
    .replace(/[,+"\\<>;=]/g, "\\$&")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
    .replace(/[\u0000\r\n]/g, (char) => `\\${char.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);
  const tail = escaped.length > 1 && value.endsWith(" ") ? `${escaped.slice(0, -1)}\\ ` : escaped;
  return tail.startsWith(" ") || tail.startsWith("#") ? `\\${tail}` : tail;
}

/** `CN=…` of one step. */
export function formatRdn(step: Rdn): string {
  return `${step.type}=${escapeValue(step.value)}`;
}

/** The name as AD prints it. */
export function formatDn(steps: readonly Rdn[]): string {
  return steps.map(formatRdn).join(",");
}

/** What two names of the same child have in common. */
export function rdnKey(step: Rdn): string {
  return `${step.type}=${fold(step.value)}`;
}

/** True when both texts name the same place. */
export function sameDn(left: string, right: string): boolean {
  const one = parseDn(left);
  const two = parseDn(right);
  return one.length === two.length && one.every((step, index) => two[index] !== undefined && rdnKey(step) === rdnKey(two[index]));
}
