/** People's cards and their changes, as people read them: see view.ts, which puts them together. */
import { isDeepStrictEqual } from "node:util";
import { systemOf } from "../../../providers/systems.ts";
import type { PlanChange, PlanField, PlanPerson } from "../../../stacks/model/plan.ts";
import { capital } from "../../../stacks/model/source-name.ts";
import { type Risk, riskOf, worst } from "../../../stacks/plan/risk.ts";
import { type Undo, undoOf, worstUndo } from "../../../stacks/plan/undo.ts";
import { clip, type Resolve, type Row, row, visible } from "../answers/show.ts";
import { dots } from "./redact.ts";
import { direction, fieldName, isMembership, listed, noun, opCount, opSentence, type PersonEvent, plural, setEntry } from "./words.ts";

/** Why: where it comes from (`mappings/ad.yaml:23, halo.users 41 title`) and, where that is not enough, a sentence. */
export interface Why {
  source: string;
  note: string;
}

export type Tone = "gain" | "loss" | "plain";

export interface Item {
  /** `Active Directory account aexample` */
  thing: string;
  /** `is disabled` */
  what: string;
  /** The rows say all: "changes" would add nothing. */
  quiet: boolean;
  tone: Tone;
  rows: (Row & { from: Why | undefined })[];
  why: Why | undefined;
  pending: string;
  system: PlanChange["system"];
  /** How dangerous it is, and why: empty where it is not. */
  risk: { risk: Risk; why: string };
  undo: Undo;
  /** Ids of the parts of the plan that it is in; none where the plan is approved as one. */
  parts: readonly string[];
}

export interface Card {
  key: string;
  name: string;
  event: PersonEvent;
  why: string;
  /** Where it comes from, when that is the same for all items (which then have none of their own). */
  from: Why | undefined;
  items: Item[];
  /** The changes in a few words each: `account disabled`, `3 groups lost`. */
  chips: { text: string; tone: Tone }[];
  /** The worst of its items. */
  risk: Risk;
  undo: Undo["back"];
}

export interface ViewOptions {
  redact: boolean;
  /** Values longer than this (UTF-16 code units) are cut, with their length said. */
  longest: number;
}

/** What cards and items need to know of the whole plan. */
export interface ItemOptions extends ViewOptions {
  resolve: Resolve;
  partsOf(change: PlanChange): readonly string[];
  /** Where people come from, where the mapping files are known to be those that were last applied. */
  source: string | undefined;
}

/** One person: what happens to them, groups that come or go together as one line. */
export function cardOf(person: PlanPerson, name: string, options: ItemOptions): Card {
  const items = [
    ...person.changes.filter((change) => !isMembership(change)).map((change) => itemOf(change, person, options)),
    ...membershipItems(person, options),
  ];
  const common = commonWhy(items);
  return {
    key: clip(visible(person.key), 60),
    name,
    event: person.event,
    why: options.redact ? "" : clip(visible(person.why ?? ""), Math.max(options.longest, 500)),
    from: common,
    items:
      common === undefined
        ? items
        : items.map((item) => ({ ...item, why: undefined, rows: item.rows.map((each) => ({ ...each, from: undefined })) })),
    chips: chipsOf(person.changes),
    risk: worst(items.map((item) => item.risk.risk)),
    undo: worstUndo(items.map((item) => item.undo)).back,
  };
}

/** The one reason of several items; undefined where any of them has another, or none. */
function commonWhy(items: readonly Item[]): Why | undefined {
  const first = items[0]?.why ?? items[0]?.rows[0]?.from;
  const shared = (item: Item) =>
    item.why === undefined
      ? item.rows.length > 0 && item.rows.every((each) => same(each.from, first))
      : same(item.why, first) && item.rows.every((each) => each.from === undefined);
  return items.length > 1 && first !== undefined && items.every(shared) ? first : undefined;
}

/** Groups of one system that come or go for the same reason are one line. */
function membershipItems(person: PlanPerson, options: ItemOptions): Item[] {
  const merged = new Map<string, { system: string; item: Item; labels: string[] }>();
  for (const change of person.changes.filter(isMembership)) {
    const item = itemOf(change, person, options);
    const alike = JSON.stringify([change.type, item.what, item.pending, item.why, item.risk, item.undo, item.parts]);
    const label = clip(visible(change.label), options.longest);
    const known = merged.get(alike);
    if (known === undefined) merged.set(alike, { system: systemOf(change.system).title, item, labels: [label] });
    else known.labels.push(label);
  }
  return [...merged.values()].map(({ system, item, labels }) =>
    labels.length === 1
      ? item
      : { ...item, thing: `${system} groups ${listed(labels)}:`, what: item.what.replace("membership", "memberships") },
  );
}

/** One change. `owner` is the person it belongs to; undefined for shared things. */
export function itemOf(change: PlanChange, owner: PlanPerson | undefined, options: ItemOptions): Item {
  const word = noun(change.type);
  // A label of one's own account is a login or an address; the name of a group is neither.
  const secret = options.redact && owner !== undefined && !isMembership(change) && change.system !== "script";
  const label = secret || change.label === word || change.label === "" ? "" : ` ${clip(visible(change.label), options.longest)}`;
  const only = isMembership(change) || change.op === "disable" || change.op === "enable";
  const why = whyOf(
    change.because ?? (only ? change.fields[0]?.because : undefined),
    options,
    only && change.fields[0] ? sideOf(change.fields[0], change, options) : "",
    owner?.why,
  );
  const rows = isMembership(change)
    ? []
    : change.fields.map((field) => rowOf(field, change, options, owner?.why)).filter((each) => each !== undefined);
  const [first] = rows;
  const lifted = why === undefined && rows.length > 1 && rows.every((each) => same(each.from, first?.from)) ? first?.from : why;
  return {
    thing:
      change.system === "script"
        ? `Command${label}`
        : `${systemOf(change.system).title} ${visible(word)}${label}${isMembership(change) ? ":" : ""}`,
    what: opSentence(change),
    quiet: rows.length > 0 && !isMembership(change) && (change.op === "update" || change.type.endsWith(":Licence")),
    tone: toneOf(change),
    rows: rows.map((each) => ({ ...each, from: same(each.from, lifted) ? undefined : each.from })),
    why: lifted,
    pending: change.pending === undefined ? "" : options.redact ? "waits for another system" : clip(visible(change.pending), 300),
    system: change.system,
    risk: riskOf(change),
    undo: undoOf(change),
    parts: options.partsOf(change),
  };
}

function rowOf(field: PlanField, change: PlanChange, options: ItemOptions, said: string | undefined): Item["rows"][number] | undefined {
  const { op } = change;
  // "is disabled" has said it.
  if (field.path === "enabled" && (op === "disable" || op === "enable")) return undefined;
  const entry = setEntry(field.path);
  const resolve: Resolve = (reference) => options.resolve(reference, field.names?.[reference]);
  const stays = isDeepStrictEqual(field.before, field.after);
  const values = options.redact ? { before: hidden(field.before), after: hidden(field.after) } : field;
  const shown = { ...values, path: field.path, stays };
  const plain = clip(visible(fieldName(field.path)), options.longest);
  const made = row(
    shown,
    entry?.noun ?? (options.redact ? safePath(field.path) : plain),
    options.longest,
    resolve,
    op === "create" || op === "run",
  );
  if (made === undefined) return undefined;
  return { ...made, alike: made.alike && !options.redact, from: whyOf(field.because, options, sideOf(field, change, options), said) };
}

/** References to people stay references (they become `person 41`), emptiness stays emptiness, the rest becomes dots. */
function hidden(value: unknown): unknown {
  if (value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0)) return null;
  return typeof value === "string" && value.startsWith("person:") ? value : dots;
}

/** A field's name as far as it cannot hold a value: `attributes.title`, and the first word of any other path. */
function safePath(path: string): string {
  const [root = "", next] = path.split(".");
  return visible(root === "attributes" && next !== undefined && /^[A-Za-z][A-Za-z0-9-]*$/u.test(next) ? next : root);
}

/** `side`: which side has changed since the last run, in words; `said`: what stands beside the person's name already. */
function whyOf(because: PlanField["because"], { redact, longest }: ViewOptions, side = "", said = ""): Why | undefined {
  if (because === undefined) return undefined;
  const field = redact ? because.field : because.field && valued(because.field, because.values);
  const from = [because.record, field].filter((part) => part !== undefined && part !== "").join(" ");
  const source = [because.rule, from].filter((part) => part !== "").join(", ");
  return {
    source: clip(visible(source), Math.max(longest, 200)),
    note: [side, redact || because.note === said ? "" : clip(visible(because.note ?? ""), Math.max(longest, 300))]
      .filter((text) => text !== "")
      .join("; "),
  };
}

/** `site_name "Main", title (empty)`. */
export function valued(field: string, values: { readonly [field: string]: string } = {}): string {
  const said = (name: string): string => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    return value === undefined ? name : `${name} ${value === "" ? "(empty)" : JSON.stringify(value)}`;
  };
  return field.split(", ").map(said).join(", ");
}

/** Which side of a field has changed since the last run, where that is known. */
function sideOf({ moved, because }: PlanField, { system }: Pick<PlanChange, "system">, { source }: ItemOptions): string {
  if (moved === "system") return `changed in ${systemOf(system).title} since the last run`;
  if (moved === undefined || source === undefined || because?.record === undefined) return "";
  return `changed in ${source} since the last run`;
}

function same(one: Why | undefined, other: Why | undefined): boolean {
  return one?.source === other?.source && one?.note === other?.note;
}

function toneOf(change: PlanChange): Tone {
  if (isMembership(change)) return direction(change) === "gained" ? "gain" : "loss";
  if (change.op === "create" || change.op === "enable" || change.op === "restore") return "gain";
  return change.op === "disable" || change.op === "strip" || change.op === "delete" ? "loss" : "plain";
}

/** Changes in a few words each. */
export function chipsOf(changes: readonly PlanChange[]): Card["chips"] {
  const chips: Card["chips"] = changes
    .filter((change) => !isMembership(change) && !change.type.endsWith(":Licence") && change.system !== "script")
    .map((change) => ({
      text: `${capital(systemOf(change.system).short)} ${visible(noun(change.type))} ${opCount(change.op)}`,
      tone: toneOf(change),
    }));
  const add = (count: number, one: string, word: string, tone: Tone) =>
    count > 0 && chips.push({ text: `${plural(count, one)} ${word}`, tone });
  const groups = changes.filter(isMembership);
  const skus = changes
    .filter((change) => change.type.endsWith(":Licence"))
    .flatMap((change) => change.fields.filter((field) => setEntry(field.path)?.set === "skus"));
  add(changes.filter((change) => change.system === "script").length, "command", "run", "plain");
  add(groups.filter((change) => direction(change) === "gained").length, "group", "gained", "gain");
  add(groups.filter((change) => direction(change) === "lost").length, "group", "lost", "loss");
  add(skus.filter((field) => field.before === null).length, "licence", "gained", "gain");
  add(skus.filter((field) => field.after === null).length, "licence", "lost", "loss");
  return chips;
}
