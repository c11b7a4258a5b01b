/** What happens to a person, in one word and a sentence. */
import type { PlanChange, PlanPerson } from "../model/plan.ts";
import { sourceName } from "../model/source-name.ts";
import type { Person } from "../model/types.ts";
import { optional } from "./fields.ts";
import type { Compared } from "./input.ts";

/** Which of the five words fits what happens to a person, and the sentence that says why. */
export function personOf(
  found: Person | undefined,
  key: string,
  changes: PlanChange[],
  { memory, source }: Pick<Compared, "memory" | "source">,
): PlanPerson {
  const event = eventOf(found, changes, memory?.people[key]?.leaverSince !== undefined);
  const why = {
    leaver: found?.because?.note,
    joiner: "has no account yet",
    rejoiner: `had left and is active in ${sourceName(source.name)} again`,
    ...{ mover: undefined, none: undefined },
  }[event];
  return { key, name: found?.name ?? key, event, ...optional("why", why), changes };
}

function eventOf(found: Person | undefined, changes: readonly PlanChange[], wasLeaver: boolean): PlanPerson["event"] {
  if (found?.stage === "leaver") return "leaver";
  if (wasLeaver && found?.stage === "active") return "rejoiner";
  if (changes.some(isNewAccount)) return "joiner";
  return changes.some(isMove) ? "mover" : "none";
}

function isNewAccount({ type, op, pending }: PlanChange): boolean {
  return op === "create" && (type === "ad:User" || (type === "entra:User" && pending === undefined));
}

function isMove({ type, op, fields }: PlanChange): boolean {
  const moves = /^(?:path$|skus\.|attributes\.(?:department|title|jobTitle|manager)$)/u;
  if (op === "move" || type.endsWith(":Membership")) return true;
  return op !== "create" && fields.some((field) => field.before !== null && moves.test(field.path));
}
