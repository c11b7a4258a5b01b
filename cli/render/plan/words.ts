/** The words every rendering of a plan shares. Pure; nothing here knows a format. */
import { factsOf, groupBy } from "../../../providers/registry.ts";
import { systemOf } from "../../../providers/systems.ts";
import type { Op, PlanChange, PlanCount, PlanPerson } from "../../../stacks/model/plan.ts";
import type { Risk } from "../../../stacks/plan/risk.ts";
import type { Undo } from "../../../stacks/plan/undo.ts";

/** `1 person`, `2 people`; without `many`, an s is added. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
}

export type PersonEvent = PlanPerson["event"];

/** Sections in the order of their weight: who loses access comes first. */
export const events: readonly PersonEvent[] = ["leaver", "joiner", "rejoiner", "mover", "none"];

/** Heading of a section, and the word beside one person. */
export const eventWords: Readonly<Record<PersonEvent, { heading: string; word: string }>> = {
  leaver: { heading: "Leavers", word: "leaves" },
  joiner: { heading: "Joiners", word: "joins" },
  rejoiner: { heading: "Rejoiners", word: "comes back" },
  mover: { heading: "Movers", word: "changes" },
  none: { heading: "Other people", word: "is put right" },
};

/** Heading of a section by risk, what it holds, and the word before why a change stands there. */
export const riskWords: Readonly<Record<Risk, { heading: string; says: string; word: string }>> = {
  privileged: { heading: "Power over others", says: "Who gains rights over other accounts, over groups or over a system.", word: "Power" },
  lockedOut: { heading: "Lock-outs", says: "Who can no longer sign in, or signs in another way.", word: "Lock-out" },
  deleted: { heading: "Deletions", says: "What is there no longer.", word: "Deletion" },
  lost: { heading: "Losses", says: "Who loses a membership or a licence, or comes under other rules.", word: "Loss" },
  rest: { heading: "The rest", says: "Nobody loses anything here, and nobody gains power over others.", word: "" },
};

/** Whether a change can be put back. */
export const undoWords: Readonly<Record<Undo["back"], string>> = {
  no: "cannot be put back",
  part: "put back in part only",
  yes: "can be put back",
};

/** `ad:User` → account; `ad:Membership` → group. A type that nobody registered keeps its own name. */
export function noun(type: string): string {
  return factsOf(type)?.noun ?? groupBy(type)?.membership?.noun ?? type;
}

/** A person's place in a group, rather than a thing of its own. */
export function isMembership(change: Pick<PlanChange, "type">): boolean {
  return change.type.endsWith(":Membership");
}

/** What happens to a thing: as the end of a sentence that begins with its name, and for counts. */
const ops: Readonly<Record<Op, { sentence: string; count: string }>> = {
  create: { sentence: "is created", count: "created" },
  adopt: { sentence: "exists already and is taken over", count: "taken over" },
  update: { sentence: "changes", count: "changed" },
  move: { sentence: "moves", count: "moved" },
  disable: { sentence: "is disabled", count: "disabled" },
  enable: { sentence: "is enabled", count: "enabled" },
  strip: { sentence: "is stripped of groups and licences", count: "stripped" },
  delete: { sentence: "is deleted", count: "deleted" },
  restore: { sentence: "is restored", count: "restored" },
  release: { sentence: "is let go of and stays as it is", count: "let go of" },
  run: { sentence: "runs", count: "run" },
};

/** What happens to the thing, as the end of a sentence that begins with its name. */
export function opSentence(change: PlanChange): string {
  if (isMembership(change))
    return direction(change) === "lost" ? "membership removed" : change.op === "adopt" ? "membership kept" : "membership added";
  if (change.type.endsWith(":Licence") && change.op !== "adopt") return "change";
  return ops[change.op].sentence;
}

/** `disabled: 4 (3 now, 1 before) of at most 20; Active Directory 4 of 38, at most 3`. */
export function limitLine({ limit, now, before, most, systems }: PlanCount): string {
  const split = before > 0 ? ` (${now} now, ${before} before)` : "";
  const parts = systems.map(
    ({ system, count, of, allowed }) => `${systemOf(system).title} ${count} of ${of}${allowed === undefined ? "" : `, at most ${allowed}`}`,
  );
  return [`${limit}: ${now + before}${split}${most === undefined ? "" : ` of at most ${most}`}`, ...parts].join("; ");
}

/** `create` → created, for counts. */
export const opCount = (op: Op): string => ops[op].count;

/** Whether a membership is gained or lost: its field says so, else its op. */
export function direction(change: PlanChange): "gained" | "lost" {
  const field = change.fields.find((each) => (each.before === null) !== (each.after === null));
  if (field !== undefined) return field.after === null ? "lost" : "gained";
  return change.op === "delete" || change.op === "strip" || change.op === "disable" || change.op === "release" ? "lost" : "gained";
}

const members: Readonly<Record<string, string>> = {
  members: "member",
  owners: "owner",
  licences: "licence",
  skus: "licence",
  users: "user",
  roles: "role",
  teams: "team",
  permissions: "permission",
};

/** `members.person:41` → its set and its member; undefined for a path that is no entry of a set. */
export function setEntry(path: string): { set: string; noun: string; member: string } | undefined {
  const dot = path.indexOf(".");
  const set = path.slice(0, dot);
  const noun = dot < 0 || !Object.hasOwn(members, set) ? undefined : members[set];
  return noun === undefined ? undefined : { set, noun, member: path.slice(dot + 1) };
}

/** `attributes.title` → title: the system's own name of a field. */
export function fieldName(path: string): string {
  // The key of mappings/ad.yaml stands for the password, which no plan ever holds.
  if (path === "passwordKey") return "password, by key";
  return path.startsWith("attributes.") ? path.slice("attributes.".length) : path;
}

/** ISO 8601 → `2026-11-21 08:00 UTC`; what is no time stays as it is. */
export function moment(iso: string): string {
  const time = new Date(iso);
  return Number.isNaN(time.getTime()) ? iso : `${time.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
