/** distinguishedNames that an administrator writes: what templates put in is escaped (RFC 4514), and a check says what is wrong. */
import { splitDn } from "../../providers/ad/values/dn.ts";

const SPECIAL = /["+,;<>\\]/gu;
// Line breaks and other controls are legal in a value but unreadable in a plan: written as pairs of hexadecimal digits.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const CONTROL = /[\u0000-\u001f\u007f]/gu;

/** Escapes one attribute value (RFC 4514, section 2.4), so that it stays one value wherever it is put in a DN. */
export function escapeDnValue(value: string): string {
  return value
    .replace(SPECIAL, "\\$&")
    .replace(/^#/u, "\\#")
    .replace(/^ | $/gu, "\\20")
    .replace(CONTROL, (character) => `\\${character.charCodeAt(0).toString(16).padStart(2, "0").toUpperCase()}`);
}

/**
 * What is wrong with the distinguishedName of a container, in words that follow "expected a distinguishedName such as …":
 * undefined when it is right. It must lie in a domain (end in DC=) and its own part must be OU= or CN=.
 */
export function dnProblem(dn: string): string | undefined {
  const parts = splitDn(dn).map((part) => part.trimStart());
  const problem = parts.map(partProblem).find((one) => one !== undefined);
  if (problem) return problem;
  if (!/^(?:ou|cn)\s*=/iu.test(parts[0] ?? "")) return `it begins with "${parts[0]}", not with OU= or CN=`;
  if (!/^dc\s*=/iu.test(parts.at(-1) ?? "")) return "it does not end in the domain (DC=…,DC=…)";
  const afterDomain = parts.findIndex((part) => /^dc\s*=/iu.test(part));
  const stray = parts.slice(afterDomain).find((part) => !/^dc\s*=/iu.test(part));
  return stray ? `"${stray}" stands after the domain` : undefined;
}

function partProblem(part: string): string | undefined {
  if (part.trim() === "") return "one of its parts is empty";
  const [, type, value] = /^\s*([A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)*)\s*=(.*)$/su.exec(part) ?? [];
  if (type === undefined || value === undefined) return `"${part.trim()}" has no "OU=" before it (a comma inside a name is written \\,)`;
  if (!/^(?:ou|cn|dc|o|l|c|st|uid)$/iu.test(type)) return `"${type}=" is not a part of a container's name (OU, CN, DC)`;
  if (value.trim() === "") return `"${part.trim()}" names nothing`;
  const bare = value.replace(/\\(?:[0-9A-Fa-f]{2}|[ "#+,;<=>\\])/gu, "");
  if (bare.includes("\\")) return `"${part.trim()}" has a lone backslash (written \\\\)`;
  return /["+;<>]/u.test(bare) ? `"${part.trim()}" has one of " + ; < > without a backslash before it` : undefined;
}
