/** AD accounts that are never touched besides those AD itself protects: named by the mapping, or haloform's own. Pure. */
import { didYouMean, fold } from "../../base/text.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import { fieldTexts, part, textOf } from "../model/values.ts";

/** Whether a person is protected, by the key as the source gives it. */
export function guardedKeys({ safety }: Pick<Mappings, "safety">): (key: string) => boolean {
  const keys = new Set(safety.protected.people.map((key) => fold(String(key))));
  return (key) => keys.has(fold(key));
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
  const ad = live["ad:User"];
  const cloud = ["entra:User", "entra:Licence"].flatMap((type) => live[type] ?? []);
  if (!ad && cloud.length === 0) return unknown;
  const nobody = accounts.flatMap((pattern, index) => {
    const [inAd, inCloud] = [matcher(pattern), cloudTest(pattern)];
    const fits = (ad ?? []).some(inAd) || (inCloud !== undefined && cloud.some(inCloud));
    const said = `protects ${pattern}, and no account that is read is called so: correct it, or take it out`;
    return fits ? [] : [{ rule: place("accounts", index), said }];
  });
  return [...unknown, ...nobody];
}

/** Zeros before a number are what is lost most often. */
export const unpadded = (key: string): string => fold(key).replace(/^0+(?=\d)/u, "");

/** Marks accounts as protected, with the reason; the others are given back as they are. `bind`: as in the ad settings. */
export function protect(accounts: readonly Live[], patterns: readonly string[], bind: string | undefined): Live[] {
  const named = namedBy(patterns, matcher);
  return accounts.map((live) =>
    bind !== undefined && isAccount(live, bind) ? marked(live, "it is the account haloform itself uses") : named(live),
  );
}

/** Entra accounts that the mapping names by userPrincipalName (an @ in the pattern; `*` stands for anything): break-glass accounts and the like. */
export function protectInCloud(accounts: readonly Live[], patterns: readonly string[]): Live[] {
  const upns = patterns.filter((pattern) => pattern.includes("@") && !pattern.includes("="));
  return accounts.map(namedBy(upns, (pattern) => wildcards(pattern, "userPrincipalName")));
}

/** Whether a pattern fits an account. */
type Test = (live: Live) => boolean;

function namedBy(patterns: readonly string[], testOf: (pattern: string) => Test): (live: Live) => Live {
  const tests = patterns.map((pattern) => ({ pattern, test: testOf(pattern) }));
  return (live) => {
    const hit = tests.find(({ test }) => test(live));
    return hit ? marked(live, `mappings/safety.yaml protects it (protected.accounts: ${hit.pattern})`) : live;
  };
}

function marked(live: Live, because: string): Live {
  return { id: live.id, values: { ...live.values, protected: true, protectedBecause: because } };
}

/** In Entra ID by userPrincipalName; undefined for what can be no such name. */
function cloudTest(pattern: string): Test | undefined {
  return pattern.includes("@") && !pattern.includes("=") ? wildcards(pattern, "userPrincipalName") : undefined;
}

/** In AD by distinguishedName where it holds a `=`, by userPrincipalName where it holds an `@`, else by sAMAccountName; `*` stands for anything. */
function matcher(pattern: string): Test {
  if (!pattern.includes("=")) return wildcards(pattern, pattern.includes("@") ? "userPrincipalName" : "sAMAccountName");
  const key = dnKey(pattern);
  return ({ values }) => dnKey(textOf(values["distinguishedName"])) === key;
}

function wildcards(pattern: string, field: string): Test {
  const escaped = fold(pattern)
    .split("*")
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  const regex = new RegExp(`^${escaped.join(".*")}$`, "su");
  return ({ values }) => fieldTexts(values, field).some((text) => regex.test(fold(text)));
}

/** Whether `bind` (a distinguishedName, userPrincipalName, login@domain or DOMAIN\login) is this account. */
function isAccount(live: Live, bind: string): boolean {
  if (bind.includes("=")) return dnKey(textOf(live.values["distinguishedName"])) === dnKey(bind);
  const upn = textOf(live.values["userPrincipalName"]) || textOf(part(live.values["attributes"])["userPrincipalName"]);
  if (upn !== "" && fold(upn) === fold(bind)) return true;
  const login = bind.replace(/^.*\\/su, "").replace(/@.*$/su, "");
  return fold(textOf(live.values["sAMAccountName"])) === fold(login);
}
