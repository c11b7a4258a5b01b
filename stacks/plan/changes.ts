/** What a plan changes, person by person, told from the engine's steps and the reasons of the wish. Pure. */
import { definition } from "../../providers/registry.ts";
import type { PlanChange, PlanPerson } from "../model/plan.ts";
import type { DesiredResource } from "../model/types.ts";
import { compareKeys } from "../model/values.ts";
import { runChange, ticketChange } from "./acts.ts";
import { explained, head, isSilent, opOf, optional } from "./fields.ts";
import { groupChanges } from "./groups.ts";
import type { Change, Compared, Step } from "./input.ts";
import { personOf } from "./people.ts";
import { waitsOf } from "./waits.ts";
import { worldKey } from "./world.ts";

export interface Changes {
  people: PlanPerson[];
  /** What is about nobody. */
  shared: PlanChange[];
  /** How many resources nothing is seen of. */
  unchanged: number;
  /** How many are taken over without a change. */
  adopted: number;
}

/** Throws where the engine means to replace something: haloform never does. */
export function changesOf(compared: Compared): Changes {
  const { wish } = compared;
  const changeOf = changeTeller(compared);
  const ofPerson = new Map<string, PlanChange[]>();
  const changes: Changes = { people: [], shared: [], unchanged: 0, adopted: 0 };
  // The engine works on many things at once and tells of them as they end; a plan reads the same each time it is made.
  const order = new Map(wish.resources.map((one, index) => [worldKey(one), index]));
  const place = (step: Step): number => order.get(worldKey(step)) ?? order.size;
  for (const step of [...compared.steps].sort((a, b) => place(a) - place(b) || (worldKey(a) < worldKey(b) ? -1 : 1))) {
    const made = changeOf(step);
    if (made === "unchanged" || made === "adopted") changes[made] += 1;
    else
      for (const { of, change } of made) {
        const mine = of === undefined ? changes.shared : (ofPerson.get(of) ?? []);
        mine.push(change);
        if (of !== undefined) ofPerson.set(of, mine);
      }
  }
  const people = new Map(wish.people.map((one) => [one.key, one]));
  changes.people = [...ofPerson]
    .map(([key, mine]) => personOf(people.get(key), key, mine, compared))
    .sort((a, b) => compareKeys(a.key, b.key));
  return changes;
}

function changeTeller(compared: Compared): (step: Step) => Change[] | "unchanged" | "adopted" {
  const wished = new Map(compared.wish.resources.map((one) => [worldKey(one), one]));
  const people = new Set(compared.wish.people.map((one) => one.key));
  const opening = new Set(compared.steps.flatMap((step) => (step.op === "same" ? [] : (openingFor(wished.get(worldKey(step))) ?? []))));
  const waits = waitsOf(compared, wished);
  return (step) => {
    const { op, type, name, before: now = {} } = step;
    const resource = wished.get(worldKey(step));
    if (op === "replace")
      throw new Error(`The engine means to replace ${type} ${name}; haloform never replaces anything. Report this with the plan.`);
    if (op === "same") return "unchanged";
    if (type === "halo:Ticket" || type === "script:Run") {
      // Forgetting that a command ran, or what a ticket came to, changes nothing for anybody.
      if (op === "delete" || resource?.person === undefined) return [];
      if (type === "script:Run") return [{ of: resource.person, change: runChange(resource) }];
      // A result needs no line of its own where the ticket is opened by the same plan.
      const isOpened = resource.inputs["step"] === "result" && opening.has(resource.person);
      return isOpened ? [] : [{ of: resource.person, change: ticketChange(resource) }];
    }
    if (op === "delete" || !resource) {
      const because = { rule: "mappings", note: "no longer in the mappings: haloform lets go of it and leaves it as it is" };
      return [{ change: { ...head(type, name, now), op: "release", fields: [], because } }];
    }
    const before = op === "create" ? (resource.adopt === undefined ? undefined : compared.was.get(worldKey(step))) : step.before;
    const facts = definition(type);
    const fields = explained(facts, resource, before);
    const seen = fields.filter((field) => !isSilent(facts, field.path));
    const word = opOf(op, resource, before, fields, seen);
    if (word === "adopt" && seen.length === 0) return "adopted";
    // How, not what: nothing of it is seen by anybody.
    if (word === "update" && facts.about !== "group" && fields.length > 0 && seen.length === 0) return "unchanged";
    if (facts.about === "group") return groupChanges(facts, resource, word, fields, people);
    const change = { ...head(type, name, resource.inputs), op: word, fields: seen, ...optional("because", resource.because[""]) };
    return [{ of: resource.person, change: { ...change, ...optional("pending", waits(resource)) } }];
  };
}

/** The person for whom a resource opens a ticket. */
function openingFor(resource: DesiredResource | undefined): string | undefined {
  return resource?.type === "halo:Ticket" && resource.inputs["step"] === "open" ? resource.person : undefined;
}
