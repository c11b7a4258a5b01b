/** distinguishedNames compared and taken apart; how they are written is mappings/language/dn.ts. */
import { splitDn } from "../../mappings/language/dn.ts";

/** One value without its escapes: `\2C` and `\,` are the same comma. Pairs of hexadecimal digits are UTF-8 bytes. */
function unescaped(value: string): string {
  if (!value.includes("\\")) return value;
  const pairs = value.replace(/(?:\\[0-9A-Fa-f]{2})+/gu, (run) => Buffer.from(run.replaceAll("\\", ""), "hex").toString("utf8"));
  return pairs.replace(/\\(.)/gsu, "$1");
}

/** A key under which two spellings of one DN are equal: case, blanks around `=` and `,` and the way of escaping do not matter. */
export function dnKey(dn: string): string {
  return splitDn(dn)
    .map((part) => {
      const [, type = "", value = ""] = /^([^=]*)=(.*)$/su.exec(part) ?? [];
      return `${type.trim()}=${unescaped(value.trim())}`.normalize("NFC").toLowerCase();
    })
    .join("\u0000");
}

/** How many names a distinguishedName has. */
export function depthOf(dn: string): number {
  return splitDn(dn).length;
}

/** The DN one level up, as written; "" above the last part. */
function parentDn(dn: string): string {
  return splitDn(dn).slice(1).join(",").trim();
}

/** Whether the object itself is an organizational unit by its name (containers such as CN=Users are not). */
function isOu(dn: string): boolean {
  return /^\s*ou\s*=/iu.test(dn);
}

/** The organizational units above a DN and itself if it is one, outermost first. */
export function ouChain(dn: string): string[] {
  const chain: string[] = [];
  for (let at = dn.trim(); isOu(at); at = parentDn(at)) chain.unshift(at);
  return chain;
}
