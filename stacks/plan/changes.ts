/** What a plan changes, person by person, told from the engine's steps and the reasons of the wish. Pure. */
import { defined } from "../../base/defined.ts";
import type { Values } from "../../base/json.ts";
import type { Facts } from "../../providers/core/definition.ts";
import { definition } from "../../providers/registry.ts";
import { mailboxType } from "../model/kinds.ts";
import type { PlanChange, PlanField, PlanPerson } from "../model/plan.ts";
import { remembered } from "../model/remembered.ts";
import { personOf as personOfResource } from "../model/scene.ts";
import { sourceName } from "../model/source-name.ts";
import type { DesiredResource, Person } from "../model/types.ts";
import { compareKeys, isForLeavers, sorted } from "../model/values.ts";
import { changeBy, explained, head, isSilent, newlyTaken, opOf, withLive } from "./fields.ts";
import { groupChanges } from "./groups.ts";
import type { Change, Compared, Step } from "./input.ts";
import { namerOf } from "./names.ts";
import { withinOf } from "./within.ts";
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
  const named = namerOf(compared);
  const opening = new Set(compared.steps.flatMap((step) => (step.op === "same" ? [] : (openingFor(wished.get(worldKey(step))) ?? []))));
  const waits = waitsOf(compared, wished);
  const reached = reachOf(compared);
  const filled = fillerOf(compared);
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
    // A group that no mapping names was only there for leavers to be taken out of it.
    if (op === "delete" && isForLeavers({ inputs: now })) return "unchanged";
    if (op === "delete" || !resource) {
      const because = { rule: "mappings", note: "no longer in the mappings: haloform lets go of it and leaves it as it is" };
      // What was somebody's is told with them.
      const of = personOfResource({ type, name, inputs: now });
      return [
        { of: people.has(of ?? "") ? of : undefined, change: { ...head({ type, name, inputs: now }), op: "release", fields: [], because } },
      ];
    }
    const there = compared.was.get(worldKey(step));
    const before = op === "create" ? (resource.adopt === undefined ? undefined : there) : step.before;
    const facts = definition(type);
    const told = explained(facts, resource, before);
    const changed = op === "update" ? [...withLive(facts, told, there), ...newlyTaken(facts, resource, told, there)] : told;
    const fields = changed.map((field) => filled(resource, named(resource, field)));
    const seen = fields.filter((field) => !isSilent(facts, field.path));
    const word = opOf(op, resource, before, fields, seen);
    if (word === "adopt" && seen.length === 0) return "adopted";
    // How, not what: nothing of it is seen by anybody.
    if (word === "update" && facts.about !== "group" && fields.length > 0 && seen.length === 0) return "unchanged";
    const reaches = reached(facts, resource);
    if (facts.about === "group") return groupChanges(facts, resource, word, fields, people, reaches);
    return [{ of: resource.person, change: { ...changeBy(resource, word, seen), ...defined({ pending: waits(resource), reaches }) } }];
  };
}

/** Puts beside a group that comes into something, or goes, who is in it: they are who gains and loses by that. */
function fillerOf(compared: Compared): (resource: DesiredResource, field: PlanField) => PlanField {
  const within = remembered((when: "now" | "then") => withinOf(compared, when));
  return ({ type }, field) => {
    const { before, after } = field;
    const groupIn = (when: "now" | "then", value: unknown): string[] =>
      typeof value === "string" && /^(?:group|id|dn):/u.test(value) && within(when).isGroup(type, value) ? [value] : [];
    const [gone, come] = [groupIn("now", before), groupIn("then", after)];
    if (gone.length + come.length === 0) return field;
    const inside = sorted([...within("now").of(type, gone), ...within("then").of(type, come)]);
    const names = Object.fromEntries(
      [...gone, ...come].map((one) => [one, `${field.names?.[one] ?? one.replace(/^\w+:/u, "")}, with ${inside.length} in it`]),
    );
    return { ...field, inside, names: { ...field.names, ...names } };
  };
}

/** How many people a change of a thing itself reaches; undefined: one, or nobody knows. */
function reachOf({
  previous = [],
  live,
}: Pick<Compared, "previous" | "live">): (facts: Facts, resource: DesiredResource) => number | undefined {
  const ids = new Map(previous.map((one) => [worldKey(one), one.id]));
  return (facts, resource) => {
    if (!facts.reaches) return undefined;
    const id = ids.get(worldKey(resource)) ?? resource.adopt;
    const found = live[resource.type]?.find((one) => one.id === id);
    const count = found ? facts.reaches(found, (type) => live[type] ?? []) : 0;
    return count > 1 ? count : undefined;
  };
}

/** The person for whom a resource opens a ticket. */
function openingFor(resource: DesiredResource | undefined): string | undefined {
  return resource?.type === "halo:Ticket" && resource.inputs["step"] === "open" ? resource.person : undefined;
}

/** Which of the five words fits what happens to a person, and the sentence that says why. */
function personOf(
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
  return { key, name: found?.name ?? key, event, ...defined({ why }), changes };
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

/** What a change of a person's resource waits for: it is no change of this run. */
function waitsOf(
  { wish, live }: Compared,
  wished: ReadonlyMap<string, DesiredResource>,
): (resource: DesiredResource) => string | undefined {
  const inEntra = new Map(wish.people.map(({ key, accounts }) => [key, accounts.entra?.toLowerCase()]));
  const boxless = new Set((live[mailboxType] ?? []).filter((one) => one.values["exists"] === false).map((one) => one.id));
  return ({ type, name, person, inputs }) => {
    if (person === undefined) return undefined;
    const id = inEntra.get(person);
    if (type === "entra:Licence" || (type === "entra:User" && inputs["hybrid"] === true)) {
      // An account that this run makes in Entra ID itself is there before its licences.
      const isMade = wished.get(worldKey({ type: "entra:User", name }))?.inputs["hybrid"] === false;
      return id === undefined && !isMade ? "waits until Entra Connect has brought the account from Active Directory" : undefined;
    }
    // Things of an Entra account wait for it; a mailbox that is wished waits for Exchange.
    if (!/^entra:(?:Mailbox|AutomaticReplies|Photo)$/u.test(type)) return undefined;
    if (id === undefined) return "waits for the account in Entra ID";
    return type === mailboxType && inputs["kind"] === "user" && boxless.has(id) ? "waits until Exchange has made the mailbox" : undefined;
  };
}

/** A command that runs: when, what it is told, and which command it is. Secret fields are named, never shown. */
function runChange(resource: DesiredResource): PlanChange {
  const { when, event, run, fields, late } = resource.inputs;
  const said = (path: string, after: unknown): PlanField => ({ path, before: null, after });
  return changeBy(resource, "run", [
    said("runs", `${String(when)} ${String(event)}`),
    said("command", Array.isArray(run) ? run.join(" ") : ""),
    ...Object.entries((fields ?? {}) as Values).map(([field, value]) => said(`input.${field}`, value)),
    ...(Array.isArray(late) ? late : []).map((field) => said(`input.${String(field)}`, "known when it runs")),
  ]);
}

/** A ticket that is opened or brought up to date. */
function ticketChange(resource: DesiredResource): PlanChange {
  const { type = "", step } = resource.inputs;
  const fields = step === "open" && type !== null ? [{ path: "type", before: null, after: type }] : [];
  return changeBy(resource, step === "open" ? "create" : "update", fields);
}
