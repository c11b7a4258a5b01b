/** Whose account is whose by the state alone: of a system whose lists are not believed, nobody is looked for there. Pure. */
import { factsOf } from "../../providers/registry.ts";
import { type Ground, personOf } from "../model/scene.ts";
import type { PreviousResource, System } from "../model/types.ts";
import { part } from "../model/values.ts";

/** Sets everybody's account in a system as the last run knew it. */
export function keepKnown(ground: Ground, system: System): void {
  const resolved = membersKnown(ground.world.previous, system);
  const own = new Map(
    ground.world.previous.flatMap((before): [string, string][] => {
      const facts = factsOf(before.type);
      const person = facts?.account && facts.system === system ? personOf(before) : undefined;
      return person === undefined ? [] : [[person, before.id]];
    }),
  );
  for (const subject of ground.subjects) {
    const id = own.get(subject.key) ?? resolved.get(subject.key);
    if (id !== undefined) subject.accounts[system] = id;
  }
}

/** Ids of people who are only members of something: the last run wrote them down with the group, unit, role, team or board. */
export function membersKnown(previous: readonly PreviousResource[], system: System): Map<string, string> {
  const ids = new Map<string, string>();
  for (const { type, inputs, outputs } of previous) {
    // People on a board as users are known by the key itself.
    if (!type.startsWith(`${system}:`) || !Array.isArray(inputs["members"]) || inputs["as"] === "user") continue;
    const computed = part(outputs["computed"]);
    const written = ["resolved", "owners"].flatMap((field) => [part(outputs[field]), part(computed[field])]);
    for (const [ref, id] of written.flatMap(Object.entries))
      if (ref.startsWith("person:") && typeof id === "string") ids.set(ref.slice("person:".length), id);
  }
  return ids;
}
