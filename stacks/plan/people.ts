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
  if (
    changes.some(
      (change) => (change.type === "ad:User" || (change.type === "entra:User" && change.pending === undefined)) && change.op === "create",
    )
  )
    return "joiner";
  const moves = changes.some(
    (change) =>
      change.op === "move" ||
      change.type.endsWith(":Membership") ||
      (change.op !== "create" &&
        change.fields.some(
          (field) => field.before !== null && /^(?:path$|skus\.|attributes\.(?:department|title|jobTitle|manager)$)/u.test(field.path),
        )),
  );
  return moves ? "mover" : "none";
}
