/** Dynamic groups: the one form of rule that the sandbox follows, and who it puts in. */
import type { Row } from "../web/json.ts";
import { bad, Refused } from "./errors.ts";
import { type GraphState, join, leave } from "./state.ts";

/** `(user.department -eq "Sales")`; parts joined by -and / -or are accepted too, and followed part by part from the left. */
const part = /^\s*\(?\s*user\.(\w+)\s+-(eq|ne|startsWith|contains|match|in)\s+("[^"]*"|\[[^\]]*\]|null|true|false)\s*\)?\s*$/iu;

/** Throws Graph's 400 for a rule it cannot read. */
export function checkRule(rule: unknown): void {
  const parts = String(rule).split(/\s+-(?:and|or)\s+/iu);
  if (parts.every((one) => part.test(one))) return;
  throw new Refused(bad("Invalid rule: the membershipRule has a syntax error. WrongRuleSyntax"));
}

/** Puts in and takes out whom the rule says; a paused rule changes nothing. */
export function follow(state: GraphState, group: Row): void {
  const [, name = "", operator = "", literal = ""] = part.exec(String(group["membershipRule"] ?? "")) ?? [];
  if (operator.toLowerCase() !== "eq" || group["membershipRuleProcessingState"] === "Paused") return;
  const id = String(group["id"]);
  const wanted = literal.replace(/^"|"$/gu, "").toLowerCase();
  for (const [user, row] of state.users.current) {
    const fits = String(row[name] ?? "").toLowerCase() === wanted;
    if (fits && !state.members.has(id, user)) join(state, id, user);
    if (!fits && state.members.has(id, user)) leave(state, id, user);
  }
}
