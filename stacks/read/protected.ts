/** AD accounts that are never touched besides those AD itself protects: named by the mapping, or haloform's own. Pure. */
import { fold } from "../../base/text.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import { part, textOf } from "../model/values.ts";

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

/** By distinguishedName where it holds a `=`, else by sAMAccountName; `*` stands for anything. */
function matcher(pattern: string): Test {
  if (!pattern.includes("=")) return wildcards(pattern, "sAMAccountName");
  const key = dnKey(pattern);
  return ({ values }) => dnKey(textOf(values["distinguishedName"])) === key;
}

function wildcards(pattern: string, field: string): Test {
  const escaped = fold(pattern)
    .split("*")
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  const regex = new RegExp(`^${escaped.join(".*")}$`, "su");
  return ({ values }) => regex.test(fold(textOf(values[field])));
}

/** Whether `bind` (a distinguishedName, userPrincipalName, login@domain or DOMAIN\login) is this account. */
function isAccount(live: Live, bind: string): boolean {
  if (bind.includes("=")) return dnKey(textOf(live.values["distinguishedName"])) === dnKey(bind);
  const upn = textOf(live.values["userPrincipalName"]) || textOf(part(live.values["attributes"])["userPrincipalName"]);
  if (upn !== "" && fold(upn) === fold(bind)) return true;
  const login = bind.replace(/^.*\\/su, "").replace(/@.*$/su, "");
  return fold(textOf(live.values["sAMAccountName"])) === fold(login);
}
