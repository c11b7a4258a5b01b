/** What names in `protected` of mappings/safety.yaml mean, in any directory, and which mean nothing. What follows from them: inside.ts. Pure. */

import type { Values } from "../../base/json.ts";
import { didYouMean, fold } from "../../base/text.ts";
import { fitsGroupName, fitsWildcard } from "../../base/wildcard.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import { remembered } from "../model/remembered.ts";
import type { System } from "../model/types.ts";
import { fieldTexts, part, textOf } from "../model/values.ts";

/** What `protected` of safety.yaml says; what is left out says nothing. */
export type Named = { readonly [list in keyof Pick<Mappings["safety"]["protected"], "accounts" | "groups" | "allow">]?: readonly string[] };

/** Whether a person is protected, by the key as the source gives it: the record's, or the one under which they are known. */
export function guardedKeys({ safety }: Pick<Mappings, "safety">): (person: { key: string; recordKey?: string | undefined }) => boolean {
  const keys = new Set(safety.protected.people.map((key) => fold(String(key))));
  return ({ key, recordKey = key }) => keys.has(fold(key)) || keys.has(fold(recordKey));
}

/** A name in `protected` that fits nobody: its place in the mappings, and what it does there. */
export interface Unfitting {
  rule: string;
  said: string;
}

/** The same as sentences. */
export const fitsNobody = (...given: Parameters<typeof unfitting>): string[] =>
  unfitting(...given).map(({ rule, said }) => `${rule} ${said}`);

/** Names in `protected` that fit nobody: whoever believes in such a line believes in nothing. `keys`: of everybody known. */
export function unfitting(
  { mappings, live }: { mappings: Pick<Mappings, "safety" | "at">; live: { [type: string]: readonly Live[] } },
  keys: Iterable<string>,
): Unfitting[] {
  const { people, accounts } = mappings.safety.protected;
  if (people.length + accounts.length === 0) return [];
  const place = (list: string, index: number): string => mappings.at(["safety", "protected", list, index]);
  const known = new Map([...keys].map((key) => [fold(key), key]));
  const unknown = people.flatMap((name, index) => {
    if (known.has(fold(String(name)))) return [];
    const meant = [...known.values()].find((key) => unpadded(key) === unpadded(String(name)));
    const said = `protects the person ${name}, and nobody has that key${didYouMean(meant) || ": correct it, or take it out"}`;
    return [{ rule: place("people", index), said }];
  });
  const read = Object.entries(accountTypes).map(
    ([system, types]) => [system as System, types.flatMap((type) => live[type] ?? [])] as const,
  );
  if (read.every(([, all]) => all.length === 0)) return unknown;
  const nobody = accounts.flatMap((pattern, index) => {
    const fits = read.some(([system, all]) => all.some(testOf(system, pattern)));
    const said = `protects ${pattern}, and no account that is read is called so: correct it, or take it out`;
    return fits ? [] : [{ rule: place("accounts", index), said }];
  });
  return [...unknown, ...nobody];
}

/** Zeros before a number are what is lost most often. */
export const unpadded = (key: string): string => fold(key).replace(/^0+(?=\d)/u, "");

/** Where people's accounts are, by system. */
export const accountTypes: { readonly [system in System]: readonly string[] } = {
  ad: ["ad:User"],
  entra: ["entra:User", "entra:Licence"],
  halo: ["halo:Agent"],
};

/** Whether a pattern fits an account. */
type Test = (live: Live) => boolean;

const never: Test = () => false;
const atSign = (text: string): string => text.replace(/@.*$/su, "");

/**
 * What a name means in a system; `*` stands for anything. With a `=` it is a distinguishedName of AD. With an `@` it is a
 * userPrincipalName, and an agent's address. Else it is a login: sAMAccountName, what stands before the @, an agent's name.
 */
const madeTest = remembered(
  ([system, pattern]: readonly [System, string]): Test => {
    if (pattern.includes("=")) return system === "ad" ? byName(pattern) : never;
    const fits = wildcards(pattern);
    const isName = pattern.includes("@");
    const texts: { readonly [system in System]: (values: Values) => readonly string[] } = {
      ad: (values) => fieldTexts(values, isName ? "userPrincipalName" : "sAMAccountName"),
      entra: (values) => {
        const names = fieldTexts(values, "userPrincipalName");
        return isName ? names : [...names.map(atSign), ...fieldTexts(values, "onPremisesSamAccountName")];
      },
      halo: (values) => {
        const addresses = fieldTexts(values, "email");
        return isName ? addresses : [...addresses.map(atSign), ...fieldTexts(values, "name")];
      },
    };
    return ({ values }) => texts[system](values).some(fits);
  },
  ([system, pattern]) => `${system} ${pattern}`,
);

export const testOf = (system: System, pattern: string): Test => madeTest([system, pattern]);

/**
 * Whether `protected.groups` means a group: by its name, `*` stands for anything, or with a `=` by its distinguishedName in AD. `dn`:
 * "" of one in Entra ID.
 */
export const meansGroup = (pattern: string, name: string, dn: string): boolean =>
  pattern.includes("=") ? dn !== "" && byName(pattern)({ id: "", values: { distinguishedName: dn } }) : fitsGroupName(pattern, name);

function byName(pattern: string): Test {
  if (pattern.includes("*")) {
    const fits = wildcards(pattern.replace(/\s*([,=])\s*/gu, "$1"));
    return ({ values }) => fits(textOf(values["distinguishedName"]).replace(/\s*([,=])\s*/gu, "$1"));
  }
  const key = dnKey(pattern);
  return ({ values }) => dnKey(textOf(values["distinguishedName"])) === key;
}

function wildcards(pattern: string): (text: string) => boolean {
  const folded = fold(pattern);
  return (text) => fitsWildcard(folded, fold(text));
}

/** Whether `bind` (a distinguishedName, userPrincipalName, login@domain or DOMAIN\login) is this account. */
export function isAccount(live: Live, bind: string): boolean {
  if (bind.includes("=")) return dnKey(textOf(live.values["distinguishedName"])) === dnKey(bind);
  const upn = textOf(live.values["userPrincipalName"]) || textOf(part(live.values["attributes"])["userPrincipalName"]);
  if (upn !== "" && fold(upn) === fold(bind)) return true;
  const login = bind.replace(/^.*\\/su, "").replace(/@.*$/su, "");
  return fold(textOf(live.values["sAMAccountName"])) === fold(login);
}
