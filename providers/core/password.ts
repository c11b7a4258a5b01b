/** Making passwords, and what the policies of Active Directory and Entra ID say about them. Pure: chance is an argument. */
import { randomInt } from "node:crypto";
import { withoutAccents } from "../../base/text.ts";
import type { PasswordRules } from "./password-rules.ts";

export type CharacterSet = PasswordRules["sets"][number];

/** Without what looks alike (I l 1 | O 0 o) and what is hard to dictate or to type; every sign counts for AD's complexity rule. */
export const characters: { readonly [set in CharacterSet]: string } = {
  upper: "ABCDEFGHJKLMNPQRSTUVWXYZ",
  lower: "abcdefghijkmnpqrstuvwxyz",
  digits: "23456789",
  signs: "!#$%&*+-=?@",
};

/** What a domain asks for: minPwdLength, the complexity bit of pwdProperties, and the strictest fine-grained policy. */
export interface DomainPolicy {
  length: number;
  complex: boolean;
}

/** What must not be in somebody's password: login and the parts of the names. */
export interface Owner {
  login: string;
  names: readonly string[];
}

/** Lower case without accents, as people type and as AD compares. */
function folded(text: string): string {
  return withoutAccents(text).toLowerCase();
}

/**
 * The parts AD's complexity rule looks for: the whole login name, and the names cut at its delimiters; those of three
 * characters or more (MS-SAMR 3.1.1.7.2). Names are also looked for without their accents, which AD does not.
 */
export function forbiddenParts(owner: Owner): string[] {
  const parts = [owner.login, ...owner.names.flatMap((name) => name.split(/[\s,.\-–—_#'’]+/u))];
  return [...new Set([...parts.map((part) => part.toLowerCase()), ...parts.map(folded)])].filter((part) => part.length >= 3);
}

/** Why a password is not good enough, for a test or a message; undefined when it is. Never quotes it. */
export function problemOf(
  password: string,
  rules: Pick<PasswordRules, "length" | "sets">,
  owner: Owner,
  policy?: DomainPolicy,
): string | undefined {
  if (password.length < Math.max(rules.length, policy?.length ?? 0)) return "it is too short";
  if (rules.sets.some((set) => ![...password].some((one) => characters[set].includes(one)))) return "a kind of character is missing";
  const kinds = [/\p{Lu}/u, /\p{Ll}/u, /\d/u, /[^\p{L}\d]/u].filter((kind) => kind.test(password)).length;
  if (policy?.complex !== false && kinds < 3) return "it has fewer than three kinds of characters";
  const text = password.toLowerCase();
  if (forbiddenParts(owner).some((part) => text.includes(part))) return "it holds the login or a part of the name";
  // A sign in front would be an option to a program and a formula to a spreadsheet.
  return characters.signs.includes(password.charAt(0)) ? "it begins with a sign" : undefined;
}

/**
 * A password of these rules for this person: every character is drawn alike from all sets, and a draw that is not good
 * enough is thrown away whole, so that no place and no character is likelier than the rules make it.
 */
export function generate(
  rules: Pick<PasswordRules, "length" | "sets">,
  owner: Owner,
  policy?: DomainPolicy,
  draw: (below: number) => number = randomInt,
): string {
  const all = [...new Set(rules.sets)].map((set) => characters[set]).join("");
  const length = Math.max(rules.length, policy?.length ?? 0);
  for (let attempt = 0; attempt < 10_000; attempt++) {
    const password = Array.from({ length }, () => all.charAt(draw(all.length))).join("");
    if (problemOf(password, rules, owner, policy) === undefined) return password;
  }
  throw new Error("No password of these rules could be made: the source of chance does not give any other.");
}
