/**
 * Tickets of people's changes (halo.yaml, tickets). What changes is known once everything else is wished and compared, so tickets
 * come last, from the same words the plan has. A world without changes has no ticket. Pure. docs/decisions/0030.
 */
import { isDeepStrictEqual } from "node:util";
import { defined } from "../../base/defined.ts";
import { shortDigest } from "../../base/digest.ts";
import type { Values } from "../../base/json.ts";
import { compile } from "../../mappings/language/template.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { TICKET_EVENTS } from "../../mappings/schema/halo-tickets.ts";
import type { Live } from "../../providers/core/definition.ts";
import { systemOf } from "../../providers/systems.ts";
import type { PlanChange, PlanPerson } from "../model/plan.ts";
import { personName } from "../model/scene.ts";
import type { DesiredResource, Person, PreviousResource } from "../model/types.ts";
import { called, flag, part, textOf } from "../model/values.ts";
import type { Previous } from "../read/previous.ts";
import type { Wish } from "../wish/wish.ts";
import { changesOf } from "./changes.ts";
import type { Step } from "./input.ts";
import { type Resources, worldKey } from "./world.ts";

export const ticketType = "halo:Ticket";
/** Before what comes before accounts, and after what comes after everything. */
type Event = (typeof TICKET_EVENTS)[number];
type Rule = NonNullable<NonNullable<Mappings["halo"]>["tickets"]>;

interface Given {
  mappings: Mappings;
  stack: string;
  wish: Wish;
  /** What is there now for each resource, in the shape of the wish. */
  was: Resources["was"];
  previous: Omit<Previous, "digest">;
  live: { [type: string]: Live[] };
}

/** The wish with its tickets; the same object where there are none. */
export function withTickets(given: Given): Wish {
  const { wish, mappings } = given;
  const rule = mappings.halo?.tickets;
  if (!rule || wish.refused.length > 0 || wish.untouched?.has("halo")) return wish;
  const before = new Map(given.previous.resources.flatMap((one) => (one.type === ticketType ? [[one.name, one]] : [])));
  const open = new Map((given.live[ticketType] ?? []).map((one) => [textOf(one.values["marker"]), one]));
  const changing = new Map(changesIn(given).map((one) => [one.key, one]));
  const parked = Map.groupBy(wish.parked, (one) => one.key);
  const resources = wish.people.flatMap((person) => {
    const marker = `haloform/${given.stack}/${person.key}`;
    const name = `${personName(person.key)}.ticket`;
    const known = before.get(name);
    const result = before.get(`${name}.result`);
    const reasons = (parked.get(person.key) ?? []).map(({ reason }) => reason);
    const one: One = { mappings, rule, person, marker, name, found: changing.get(person.key), ticket: open.get(marker), known, reasons };
    const inputs = opening(one);
    if (inputs) return acts(one, inputs);
    if (!one.ticket || !stale(one, result)) return kept(person.key, known, result);
    return [resource(one, "result", closing(one), `ticket ${one.ticket.id} is still open, and nothing is left to do`)];
  });
  if (resources.length === 0) return wish;
  // Before everything, or after everything: the order of the others stays.
  const { open: first = [], result: last = [] } = Object.groupBy(resources, (one) => (one.inputs["step"] === "open" ? "open" : "result"));
  return { ...wish, resources: [...first, ...wish.resources, ...last] };
}

interface One {
  mappings: Mappings;
  rule: Rule;
  person: Person;
  marker: string;
  name: string;
  /** What the plan changes for the person. */
  found: PlanPerson | undefined;
  /** The person's open ticket. */
  ticket: Live | undefined;
  /** The last ticket by the state. */
  known: PreviousResource | undefined;
  /** Why the person is parked. */
  reasons: string[];
}

/** The plan's own words for each person's changes, before there are tickets. */
function changesIn({ mappings, wish, was, previous, live }: Given): PlanPerson[] {
  const states = new Map(previous.resources.map((one) => [worldKey(one), one]));
  const steps = wish.resources.map((one): Step => {
    const key = worldKey(one);
    const before = was.get(key) ?? (one.type.startsWith("script:") ? states.get(key)?.inputs : undefined);
    const { type, name, inputs: after, adopt } = one;
    if (one.untouched) return { op: "same", type, name, after };
    if (before === undefined) return { op: "create", type, name, after };
    const isSame = adopt === undefined && isAlike(before, after);
    return { op: adopt !== undefined ? "create" : isSame ? "same" : "update", type, name, before, after };
  });
  return changesOf({ wish, steps, was, live, memory: previous.memory, source: { name: mappings.people.source } }).people;
}

/** Equal as JSON; nearly always it is the same text. */
function isAlike(before: Values, after: Values): boolean {
  const [one, other] = [JSON.stringify(before), JSON.stringify(after)];
  return one === other || (one.length === other.length && isDeepStrictEqual(JSON.parse(one), JSON.parse(other)));
}

const words = { joiner: "joiner", rejoiner: "joiner", mover: "mover", leaver: "leaver", none: "other" } as const satisfies {
  [event in PlanPerson["event"]]: Event;
};

/** Inputs of both acts, where the person's change has a ticket: one that is asked for, or one that is open already. */
function opening(one: One): Values | undefined {
  const { found, rule, ticket } = one;
  // What only waits for something else is no change of this run.
  const real = found?.changes.filter((change) => change.pending === undefined) ?? [];
  if (!found || real.length === 0) return undefined;
  const event = words[found.event];
  if (!ticket && !rule.events.includes(event)) return undefined;
  const details = detailsOf(found, rule);
  // An open ticket keeps saying whose change it is: a joiner whose account is made by now is still a joiner.
  const summary = textOf(ticket?.values["summary"]) || summaryOf(one, event);
  return { ...base(one), once: occasion(one), summary, details };
}

/** The same for preview and up, another one for the next change: it hangs on the last ticket. */
function occasion({ ticket, known, marker }: One): string {
  const last = textOf(part(known?.outputs["computed"])["ticket"]);
  if (ticket && ticket.id === last && known) return textOf(known.inputs["once"]);
  return shortDigest([marker, ticket ? "goes on" : "after", ticket?.id ?? last], 32);
}

function base({ mappings, rule, person, marker, reasons }: One): Values {
  const fields = person.record?.fields ?? {};
  const [id, site] = [Number(textOf(fields["id"])), Number(textOf(fields["site_id_int"]) || textOf(fields["site_id"]))];
  const client = Number(textOf(fields["client_id"]));
  // Tickets are for users whom Halo knows and lets have tickets; a user's ticket needs the user's site.
  const isUser = mappings.people.source === "halo.users" && id > 0 && site > 0 && !flag(fields["inactive"]);
  return {
    person: person.key,
    called: person.name,
    marker,
    type: rule.type,
    statuses: { ...rule.status },
    ...defined({ team: rule.team, rules: rule.rules === "skip" ? "skip" : undefined }),
    client: isUser && client > 0 ? client : rule.client,
    ...(isUser ? { site, user: id } : defined({ site: rule.site })),
    reasons,
  };
}

function acts(one: One, inputs: Values): DesiredResource[] {
  const note = one.ticket && `goes on with ticket ${one.ticket.id}`;
  return [resource(one, "open", { ...inputs, reasons: [] }, note), resource(one, "result", inputs, note)];
}

function resource({ mappings, name, person }: One, step: "open" | "result", inputs: Values, note: string | undefined): DesiredResource {
  const full = step === "open" ? name : `${name}.result`;
  const why = { rule: mappings.at(["halo", "tickets"]), ...defined({ note }) };
  return { type: ticketType, name: full, person: person.key, inputs: { ...inputs, step }, because: { "": why } };
}

/** An open ticket of somebody for whom nothing is left to do, unless it says already why the person is parked. */
function stale(one: One, result: PreviousResource | undefined): boolean {
  const { ticket } = one;
  // Somebody opened it again in Halo: that is theirs.
  if (result && textOf(part(result.outputs["computed"])["ticket"]) === ticket?.id) return false;
  // Something still waits: its ticket stays as it is.
  if ((one.found?.changes.length ?? 0) > 0) return false;
  return !(one.reasons.length > 0 && ticket?.values["parked"] === true);
}

function closing(one: One): Values {
  const { ticket, known } = one;
  return {
    ...base(one),
    once: shortDigest(["close", one.marker, ticket?.id ?? "", known?.inputs["once"] ?? ""], 32),
    summary: textOf(ticket?.values["summary"]),
    details: textOf(ticket?.values["details"]),
  };
}

/** What has been done stays in the state as it was done, so that nothing changes. */
function kept(person: string, ...all: (PreviousResource | undefined)[]): DesiredResource[] {
  return all.flatMap((one) =>
    // One that failed stands in the state as wished; it is not done, and nothing asks for it any more.
    one && one.outputs["parked"] === undefined
      ? [{ ...{ type: ticketType, name: one.name, person }, inputs: one.inputs, because: {} }]
      : [],
  );
}

function summaryOf({ rule, person }: One, event: Event): string {
  const said = compile(rule.summary).render({ ...person.record?.fields, name: person.name }, { event });
  return (said.trim() || `${event}: ${person.name}`).replace(/\s+/gu, " ").slice(0, 250).trim();
}

/** Fields that no ticket says the value of. */
const secret = /pass(?:word|code|phrase)|secret|token|\bpin\b|recoverykey/iu;
/** What changes, a line a field. Of commands only which one runs: what they are told is theirs. */
function detailsOf(found: PlanPerson, rule: Rule): string {
  const lines = found.changes.flatMap((change) => [
    `${change.system === "script" ? "Command" : systemOf(change.system).title}: ${change.type.split(":").at(-1)} ${change.label}: ${change.op}${change.pending === undefined ? "" : ` (${change.pending})`}`,
    ...(change.system === "script" ? [] : change.fields.map((field) => `  ${field.path}${valuesOf(field, rule)}`)),
  ]);
  const first = `haloform changes this for ${found.name} (${found.key})${found.why === undefined ? "" : `, who ${found.why}`}:`;
  return [first, ...lines].join("\n");
}

function valuesOf({ path, before, after, names }: PlanChange["fields"][number], rule: Rule): string {
  if (rule.details === "names") return "";
  if (secret.test(path)) return ": •••";
  return isDeepStrictEqual(before, after) ? `: ${shown(after, names)} stays` : `: ${shown(before, names)} → ${shown(after, names)}`;
}

/** A value as people read it; `names`: what references are called. */
function shown(value: unknown, names: { readonly [reference: string]: string } = {}): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (typeof value === "string" && Object.hasOwn(names, value))
    return called({ key: value.replace(/^person:/u, ""), name: names[value] ?? value });
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
