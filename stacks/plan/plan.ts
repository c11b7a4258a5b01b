/** The plan from the engine's steps and the middle's reasons. Pure: the engine has been asked, nothing more is. */

import type { Calls } from "../../base/calls.ts";
import type { Json, Values } from "../../base/json.ts";
import type { Facts, Live } from "../../providers/core/definition.ts";
import { definition, factsOf } from "../../providers/registry.ts";
import { digestOf } from "../model/digest.ts";
import type { Op, Plan, PlanChange, PlanField, PlanPerson } from "../model/plan.ts";
import type { Because, DesiredResource, Memory, Person } from "../model/types.ts";
import type { Wish } from "../wish/wish.ts";
import { differences } from "./differences.ts";
import { countLosses, lossNames } from "./losses.ts";
import { worldKey } from "./world.ts";

/** One step of the engine for one resource: what it would do, and the inputs before (after a refresh) and after. */
export interface Step {
  op: "same" | "create" | "update" | "delete" | "replace";
  type: string;
  name: string;
  before?: Values;
  after?: Values;
}

export interface PlanningInput {
  stack: string;
  now: Date;
  /** Hours. */
  expires: number;
  source: Plan["source"];
  wish: Wish;
  steps: readonly Step[];
  /** What is there now for each resource, in the shape of the wish. */
  was: ReadonlyMap<string, Values | undefined>;
  world: string;
  /** Digest of Pulumi's own plan. */
  engine?: string;
  live: { [type: string]: readonly Live[] };
  memory: Memory | undefined;
  calls: Calls;
  /** Says whether the losses are within the limits; `names` are those of stacks/plan/losses.ts. */
  judge(losses: Plan["summary"]["losses"], names: readonly string[]): Plan["guard"];
}

/** Builds the plan document, digest last. Throws where the engine means to replace something: haloform never does. */
export function planOf(input: PlanningInput): Plan {
  const wished = new Map(input.wish.resources.map((one) => [worldKey(one), one]));
  const people = new Map(input.wish.people.map((one) => [one.key, one]));
  const ofPerson = new Map<string, PlanChange[]>();
  const shared: PlanChange[] = [];
  let unchanged = 0;
  let adopted = 0;
  const give = (key: string, change: PlanChange): void => {
    ofPerson.set(key, [...(ofPerson.get(key) ?? []), change]);
  };

  // The engine works on many things at once and tells of them as they end; a plan reads the same each time it is made.
  const order = new Map(input.wish.resources.map((one, index) => [worldKey(one), index]));
  const place = (step: Step): number => order.get(worldKey(step)) ?? order.size;
  for (const step of [...input.steps].sort((a, b) => place(a) - place(b) || (worldKey(a) < worldKey(b) ? -1 : 1))) {
    const key = worldKey(step);
    const resource = wished.get(key);
    if (step.op === "replace")
      throw new Error(
        `The engine means to replace ${step.type} ${step.name}; haloform never replaces anything. Report this with the plan.`,
      );
    if (step.op === "same") {
      unchanged += 1;
      continue;
    }
    if (step.type === "halo:Ticket") {
      // What a ticket came to needs no line of its own where the ticket is opened by the same plan.
      const own = step.op !== "delete" && resource?.person !== undefined && ticketChange(resource, input);
      if (own && resource?.person !== undefined) give(resource.person, own);
      continue;
    }
    if (step.type === "script:Run") {
      // Forgetting that a command ran changes nothing for anybody.
      if (step.op !== "delete" && resource?.person !== undefined) give(resource.person, runChange(resource));
      continue;
    }
    if (step.op === "delete" || !resource) {
      shared.push({
        ...head(step.type, step.name, step.before ?? {}),
        op: "release",
        fields: [],
        because: { rule: "mappings", note: "no longer in the mappings: haloform lets go of it and leaves it as it is" },
      });
      continue;
    }
    const before = step.op === "create" ? (resource.adopt === undefined ? undefined : input.was.get(key)) : step.before;
    const facts = definition(step.type);
    const fields = explained(differences(before, resource.inputs, facts), resource, before);
    const seen = fields.filter((field) => !isSilent(facts, field.path));
    const op = opOf(step.op, resource, before, fields, seen);
    if (op === "adopt" && seen.length === 0) {
      adopted += 1;
      continue;
    }
    if (op === "update" && facts.about !== "group" && fields.length > 0 && seen.length === 0) {
      // How, not what: nothing of it is seen by anybody.
      unchanged += 1;
      continue;
    }
    if (facts.about === "group") {
      shared.push(...groupChanges(facts, resource, op, fields, people, give));
      continue;
    }
    const change: PlanChange = {
      ...head(step.type, step.name, resource.inputs),
      op,
      fields: seen,
      ...optional("because", resource.because[""]),
    };
    const waits = pending(resource, people, wished) ?? withoutMailbox(resource, people, input.live);
    if (waits) change.pending = waits;
    if (resource.person === undefined) shared.push(change);
    else give(resource.person, change);
  }

  const listed = [...ofPerson]
    .map(([key, changes]) => person(people.get(key), key, changes, input.memory))
    .sort((a, b) => collate(a.key, b.key));
  const ops: { [op: string]: number } = {};
  for (const change of [...listed.flatMap((one) => one.changes), ...shared]) ops[change.op] = (ops[change.op] ?? 0) + 1;
  if (adopted > 0) ops["adopt"] = (ops["adopt"] ?? 0) + adopted;
  const losses = countLosses({ people: listed, shared });
  const events = (event: PlanPerson["event"]): number => listed.filter((one) => one.event === event).length;
  const body: Omit<Plan, "digest"> = {
    format: "haloform.plan/1",
    stack: input.stack,
    made: input.now.toISOString(),
    expires: new Date(input.now.getTime() + input.expires * 3_600_000).toISOString(),
    world: input.world,
    ...optional("engine", input.engine),
    source: input.source,
    summary: {
      people: input.wish.people.length,
      joiners: events("joiner"),
      movers: events("mover"),
      leavers: events("leaver"),
      ops,
      unchanged,
      adopted,
      losses,
    },
    people: listed,
    shared,
    ...optional("licences", input.wish.ledger),
    parked: input.wish.parked.map(({ key, name, reason, where }) => ({ key, name, reason, where })),
    notes: [...input.wish.notes],
    guard: input.judge(losses, lossNames({ people: listed, shared })),
    calls: { ...input.calls },
  };
  return seal(body);
}

/** Puts the digest on a plan. */
export function seal(body: Omit<Plan, "digest">): Plan {
  const { format, ...rest } = body;
  return { format, digest: digestOf(body), ...rest };
}

/** True when the document is the one its digest was made from. */
export function sealed(plan: Plan): boolean {
  const { digest, ...body } = plan;
  return digestOf(body) === digest;
}

/** How many resources the plan changes; memberships count with their group. */
export function changeCount(plan: Plan): number {
  return plan.people.reduce((sum, one) => sum + one.changes.length, 0) + plan.shared.length + plan.summary.adopted;
}

function collate(a: string, b: string): number {
  return Number(a) - Number(b) || (a < b ? -1 : a > b ? 1 : 0);
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function head(type: string, name: string, inputs: Values): Pick<PlanChange, "system" | "type" | "resource" | "label"> {
  const label = factsOf(type)?.label(inputs) ?? name;
  return { system: type.split(":")[0] as PlanChange["system"], type, resource: name, label };
}

/** Says how, not what: a reader of the plan does not need it. */
function isSilent(facts: Pick<Facts, "silent">, path: string): boolean {
  return facts.silent.includes(path.split(".")[0] ?? path);
}

function explained(
  rows: readonly { path: string; before: Json; after: Json }[],
  resource: DesiredResource,
  before: Values | undefined,
): PlanField[] {
  return rows.map(({ path, before: was, after }) => {
    const because = reason(resource, path);
    const released =
      after === null &&
      was !== null &&
      path !== "deleted" &&
      !at(resource.inputs, path) &&
      at(before, path) &&
      !/^(?:members|skus|roles|teams|permissions)\./u.test(path);
    if (released)
      return {
        path,
        before: was,
        after: was,
        because: { rule: because?.rule ?? "mappings", note: "no longer managed: the value stays as it is" },
      };
    const loses = after === null && was !== null ? resource.loses?.[path] : undefined;
    return { path, before: was, after, ...optional("because", because), ...optional("loses", loses) };
  });
}

/** Whether an object has something at a dotted path (names of attributes hold no dots). */
function at(values: Values | undefined, path: string): boolean {
  let here: Json | undefined = values;
  for (const part of path.split(".")) {
    if (here === null || here === undefined || typeof here !== "object" || Array.isArray(here)) return false;
    here = here[part];
  }
  return here !== undefined;
}

/** The reason of a field: its own, its parents', or the resource's. */
function reason(resource: DesiredResource, path: string): Because | undefined {
  for (let here = path; ; ) {
    const found = resource.because[here];
    if (found) return found;
    const dot = here.lastIndexOf(".");
    if (dot < 0) return resource.because[""];
    here = here.slice(0, dot);
  }
}

/** `seen`: the fields a reader sees. */
function opOf(
  op: "create" | "update",
  resource: DesiredResource,
  before: Values | undefined,
  fields: readonly PlanField[],
  seen: readonly PlanField[],
): Op {
  const deleted = fields.find((field) => field.path === "deleted");
  if (deleted) return deleted.after === true ? "delete" : "restore";
  if (fields.some((field) => field.path === "place" && field.after === "deleted")) return "delete";
  const enabled = before && fields.find((field) => field.path === "enabled");
  if (op === "create" && resource.adopt === undefined) return "create";
  // Taken over and disabled at once: what the reader must see is that it is disabled.
  if (op === "create") return enabled?.after === false ? "disable" : "adopt";
  if (enabled) return enabled.after === true ? "enable" : "disable";
  if (fields.some((field) => (field.path === "path" || field.path === "place") && before)) return "move";
  const lost = (field: PlanField): boolean => field.after === null && /^(?:skus|roles|teams)\./u.test(field.path);
  return seen.length > 0 && seen.every(lost) ? "strip" : "update";
}

/** A command that runs: when, what it is told, and which command it is. Secret fields are named, never shown. */
function runChange(resource: DesiredResource): PlanChange {
  const { when, event, run, fields, late } = resource.inputs;
  const said = (path: string, after: unknown): PlanField => ({ path, before: null, after });
  return {
    ...head(resource.type, resource.name, resource.inputs),
    op: "run",
    fields: [
      said("runs", `${String(when)} ${String(event)}`),
      said("command", Array.isArray(run) ? run.join(" ") : ""),
      ...Object.entries((fields ?? {}) as Values).map(([field, value]) => said(`input.${field}`, value)),
      ...(Array.isArray(late) ? late : []).map((field) => said(`input.${String(field)}`, "known when it runs")),
    ],
    ...optional("because", resource.because[""]),
  };
}

/** A ticket that is opened or brought up to date; its result only where the plan does nothing else with the ticket. */
function ticketChange(resource: DesiredResource, { wish, steps }: PlanningInput): PlanChange | undefined {
  const { type, step } = resource.inputs;
  if (step === "result") {
    const opening = wish.resources.find(
      (one) => one.type === resource.type && one.person === resource.person && one.inputs["step"] === "open",
    );
    const told = opening && steps.some((one) => one.op !== "same" && one.type === opening.type && one.name === opening.name);
    if (told) return undefined;
  }
  return {
    ...head(resource.type, resource.name, resource.inputs),
    op: step === "open" ? "create" : "update",
    fields: [{ path: "type", before: step === "open" ? null : (type ?? ""), after: type ?? "" }].filter(
      (field) => field.before !== field.after,
    ),
    ...optional("because", resource.because[""]),
  };
}

/** A group's change: what concerns a person goes to the person; the rest, and the sum, stay with the group. */
function groupChanges(
  facts: Facts,
  resource: DesiredResource,
  op: Op,
  fields: readonly PlanField[],
  people: ReadonlyMap<string, Person>,
  give: (key: string, change: PlanChange) => void,
): PlanChange[] {
  const own: PlanField[] = [];
  let gained = 0;
  let lost = 0;
  const allowed = { more: 0, fewer: 0 };
  for (const field of fields) {
    const member = /^members\.(.*)$/su.exec(field.path)?.[1];
    if (/^may(?:\.|$)/u.test(field.path)) {
      if (field.path !== "may") allowed[field.after === null ? "fewer" : "more"] += 1;
      continue;
    }
    if (member === undefined) {
      if (!isSilent(facts, field.path) && !(field.path === "members" && Array.isArray(field.after) && field.after.length === 0))
        own.push(field);
      continue;
    }
    if (field.after === null) lost += 1;
    else gained += 1;
    const key = member.startsWith("person:") ? member.slice("person:".length) : undefined;
    if (key === undefined || !people.has(key)) {
      own.push(field);
      continue;
    }
    const side = head(resource.type, resource.name, resource.inputs);
    give(key, {
      ...side,
      type: facts.membership?.type ?? side.type,
      op: "update",
      fields: [
        {
          path: "member of",
          before: field.before === null ? null : side.label,
          after: field.after === null ? null : side.label,
          ...optional("because", field.because),
        },
      ],
    });
  }
  const counted: PlanField[] =
    gained + lost === 0
      ? []
      : [{ path: "members", before: lost === 0 ? null : `${lost} removed`, after: gained === 0 ? null : `${gained} added` }];
  const mayBe: PlanField[] =
    allowed.more + allowed.fewer === 0
      ? []
      : [
          {
            path: "may be members",
            before: allowed.fewer === 0 ? null : `${allowed.fewer} no longer`,
            after: allowed.more === 0 ? null : `${allowed.more} more`,
            ...optional("because", resource.because["may"]),
          },
        ];
  return [
    {
      ...head(resource.type, resource.name, resource.inputs),
      op,
      fields: [...own, ...counted, ...mayBe],
      ...optional("because", resource.because[""]),
    },
  ];
}

function pending(
  resource: DesiredResource,
  people: ReadonlyMap<string, Person>,
  wished: ReadonlyMap<string, DesiredResource>,
): string | undefined {
  const { type, name, inputs } = resource;
  const waits = type === "entra:Licence" || (type === "entra:User" && inputs["hybrid"] === true);
  if (!waits || resource.person === undefined) return undefined;
  // An account that this run makes in Entra ID itself is there before its licences.
  if (wished.get(worldKey({ type: "entra:User", name }))?.inputs["hybrid"] === false) return undefined;
  return people.get(resource.person)?.accounts.entra === undefined
    ? "waits until Entra Connect has brought the account from Active Directory"
    : undefined;
}

/** Things of an Entra account wait for it; a mailbox that is wished waits for Exchange. */
function withoutMailbox(
  { type, person, inputs }: DesiredResource,
  people: ReadonlyMap<string, Person>,
  live: { [type: string]: readonly Live[] },
): string | undefined {
  if (person === undefined || !/^entra:(?:Mailbox|AutomaticReplies|Photo)$/u.test(type)) return undefined;
  const id = people.get(person)?.accounts.entra?.toLowerCase();
  if (id === undefined) return "waits for the account in Entra ID";
  const waits = type === "entra:Mailbox" && inputs["kind"] === "user";
  return waits && live[type]?.find((one) => one.id === id)?.values["exists"] === false
    ? "waits until Exchange has made the mailbox"
    : undefined;
}

/** Which of the five words fits what happens to a person, and the sentence that says why. */
function person(found: Person | undefined, key: string, changes: PlanChange[], memory: Memory | undefined): PlanPerson {
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
