/** AD accounts that are never touched besides those AD itself protects: named by the mapping, or haloform's own. Pure. */
import { fold } from "../../base/text.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import { part, textOf } from "../model/values.ts";

/** Marks accounts as protected, with the reason; the others are given back as they are. `bind`: as in the ad settings. */
export function protect(accounts: readonly Live[], patterns: readonly string[], bind: string | undefined): Live[] {
  const named = patterns.map((pattern) => ({ pattern, test: matcher(pattern) }));
  return accounts.map((live) => {
    if (bind !== undefined && isAccount(live, bind)) return marked(live, "it is the account haloform itself uses");
    const hit = named.find(({ test }) => test(live));
    return hit ? marked(live, `mappings/safety.yaml protects it (protected.accounts: ${hit.pattern})`) : live;
  });
}

/** Entra accounts that the mapping names by userPrincipalName (an @ in the pattern; `*` stands for anything): break-glass accounts and the like. */
export function protectInCloud(accounts: readonly Live[], patterns: readonly string[]): Live[] {
  const named = patterns
    .filter((pattern) => pattern.includes("@") && !pattern.includes("="))
    .map((pattern) => ({ pattern, regex: wildcards(pattern) }));
  if (named.length === 0) return [...accounts];
  return accounts.map((live) => {
    const hit = named.find(({ regex }) => regex.test(fold(textOf(live.values["userPrincipalName"]))));
    return hit ? marked(live, `mappings/safety.yaml protects it (protected.accounts: ${hit.pattern})`) : live;
  });
}

function marked(live: Live, because: string): Live {
  return { id: live.id, values: { ...live.values, protected: true, protectedBecause: because } };
}

/** By distinguishedName where it holds a `=`, else by sAMAccountName; `*` stands for anything. */
function matcher(pattern: string): (live: Live) => boolean {
  if (pattern.includes("=")) {
    const key = dnKey(pattern);
    return (live) => dnKey(textOf(live.values["distinguishedName"])) === key;
  }
  const regex = wildcards(pattern);
  return (live) => regex.test(fold(textOf(live.values["sAMAccountName"])));
}

function wildcards(pattern: string): RegExp {
  const escaped = fold(pattern)
    .split("*")
    .map((text) => text.replace(/[.*+?^${}()|[\]\\]/gu, "\\$&"));
  return new RegExp(`^${escaped.join(".*")}$`, "su");
}

/** Whether `bind` (a distinguishedName, userPrincipalName, login@domain or DOMAIN\login) is this account. */
function isAccount(live: Live, bind: string): boolean {
  if (bind.includes("=")) return dnKey(textOf(live.values["distinguishedName"])) === dnKey(bind);
  const upn = textOf(live.values["userPrincipalName"]) || textOf(part(live.values["attributes"])["userPrincipalName"]);
  if (upn !== "" && fold(upn) === fold(bind)) return true;
  const login = bind.replace(/^.*\\/su, "").replace(/@.*$/su, "");
  return fold(textOf(live.values["sAMAccountName"])) === fold(login);
}
