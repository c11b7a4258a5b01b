/** What happens to a person, in one word and a sentence. */
import type { PlanChange, PlanPerson } from "../model/plan.ts";
import type { Memory, Person } from "../model/types.ts";
import { optional } from "./fields.ts";

/** Which of the five words fits what happens to a person, and the sentence that says why. */
export function personOf(found: Person | undefined, key: string, changes: PlanChange[], memory: Memory | undefined): PlanPerson {
  const event = eventOf(found, changes, memory?.people[key]?.leaverSince !== undefined);
  const why =
    event === "leaver" && found?.because
      ? (found.because.note ?? `${found.because.field ?? "the record"} in Halo says so`)
      : sentence(event);
  return { key, name: found?.name ?? key, event, ...optional("why", why), changes };
}

function eventOf(found: Person | undefined, changes: readonly PlanChange[], left: boolean): PlanPerson["event"] {
  if (found?.stage === "leaver") return "leaver";
  if (left && found?.stage === "active") return "rejoiner";
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

function sentence(event: PlanPerson["event"]): string | undefined {
  if (event === "joiner") return "has no account yet";
  if (event === "rejoiner") return "had left and is active in Halo again";
  return undefined;
}
