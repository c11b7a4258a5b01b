/**
 * What people must be told of a run: what waits for approval, who is parked, what is doubted, refused or failed. Each with an id that
 * stays the same while nothing about it changes. A plan that waits is the same as long as it is for the same moment and the same world,
 * on whatever machine it was made: then the one that was told can still be approved. Pure.
 */
import { defined } from "../../base/defined.ts";
import { shortDigest } from "../../base/digest.ts";
import { ConfigurationError, UnreachableError } from "../../base/errors.ts";
import { few } from "../../base/text.ts";
import type { Plan, PlanChange, PlanPart, PlanPerson } from "../../stacks/model/plan.ts";
import { called } from "../../stacks/model/values.ts";
import { barredFrom } from "../../stacks/plan/parts/rules.ts";
import { endingOf, exit } from "../exit.ts";
import { scrubber } from "../render/plan/redact.ts";
import { plural } from "../render/plan/words.ts";

export type Kind = "waits" | "parked" | "doubted" | "refused" | "failed";

/** What is to be approved, and how. */
export interface Approval {
  /** Which part of the plan. */
  part: string;
  digest: string;
  /** UTC ISO 8601. */
  expires: string;
  /** How many people must sign it; the next run applies it then. Absent: the command applies it. */
  needed?: number;
  /** Who may. */
  of?: readonly string[];
  /** What is needed besides: who signs counts for each. */
  also?: readonly { approvers: number; of: readonly string[] }[];
  /** Those of them who gain by it, and may not. */
  never?: readonly string[];
  people: number;
  changes: number;
  /** Commands to paste. */
  read: string;
  approve: string;
}

export interface Item {
  kind: Kind;
  id: string;
  /** A sentence or two. */
  text: string;
  /** The same, naming nobody. */
  redacted: string;
  approval?: Approval;
}

/** Names of people in one sentence. */
const most = 20;

/** Counts in a sentence change from run to run, and are no news. */
const idOf = (kind: Kind, ...of: unknown[]): string => shortDigest([kind, ...of], 12);
const uncounted = (text: string): string => text.replace(/\d+(?:[.,:]\d+)*/gu, "#");

/** What can be done of a change now; what only waits for something else is nothing that an approval would do. */
const doable = (changes: readonly PlanChange[]): PlanChange[] => changes.filter(({ pending }) => pending === undefined);

const events: readonly [PlanPerson["event"], string][] = [
  ["leaver", "leaves"],
  ["joiner", "joins"],
  ["rejoiner", "comes back"],
  ["mover", "changes"],
  ["none", "is put right"],
];

/** How a bundle is read and approved. */
export interface Commands {
  /** How many people must sign it; undefined: whoever applies it vouches for it. */
  needed?: number | undefined;
  read: string;
  /** Approves and applies it, where nobody must sign. */
  approve(digest: string): string;
  /** Signs a part. */
  sign(part: string): string;
}

/** Everything of a plan that stands until somebody does something. `commands`: of the bundle that is kept. */
export function newsOf(plan: Plan, commands: Commands): Item[] {
  const scrub = scrubber(plan);
  const item = (kind: Kind, text: string, ...of: unknown[]): Item => ({ kind, id: idOf(kind, ...of), text, redacted: scrub(text) });
  const { breaches } = plan.guard;
  const parked = plan.parked.map((one) => {
    const { key, reason, of } = one;
    const said = item("parked", `${called(one)}: ${reason}`, key, of ?? "", uncounted(reason));
    return of === "thing" ? said : { ...said, redacted: `person ${key}: ${scrub(reason)}` };
  });
  return [
    ...breaches.map((one) => item("refused", one, uncounted(one))),
    ...(plan.guard.verdict === "ok" ? waiting(plan, commands) : []),
    ...plan.source.doubts.map((one) => item("doubted", one, uncounted(one))),
    ...parked,
  ];
}

/** What of the plan would do something, were it applied: each of its parts that needs somebody, or all of it where nothing cuts it. */
function waiting(plan: Plan, commands: Commands): Item[] {
  if (!plan.parts) return waitingOf(plan, commands);
  return plan.parts.flatMap((part) => (part.needs.approvers === 0 ? [] : waitingOf(plan, commands, part)));
}

function waitingOf(plan: Plan, commands: Commands, part?: PlanPart): Item[] {
  const has = (person: string | undefined, index: number): boolean =>
    !part || part.changes.some((one) => one.person === person && one.index === index);
  const people = plan.people.flatMap((one) => {
    const changes = doable(one.changes.filter((_change, index) => has(one.key, index)));
    return changes.length > 0 ? [{ ...one, changes }] : [];
  });
  const shared = doable(plan.shared.filter((_change, index) => has(undefined, index)));
  const isAll = (kind: string): boolean => !part || part.kinds.includes(kind);
  const raised = isAll("limitRaised") ? (plan.summary.raised ?? []) : [];
  const adopted = isAll("adoption") ? plan.summary.adopted : 0;
  const changes = people.reduce((sum, one) => sum + one.changes.length, 0) + shared.length + adopted;
  // A part without a change is the rules' own: they count once somebody has approved them.
  if (changes + raised.length === 0 && part?.changes.length !== 0) return [];
  const what = [
    ...(people.length > 0 ? [plural(people.length, "person", "people")] : []),
    ...(changes > 0 ? [plural(changes, "change")] : []),
    ...(raised.length > 0 ? [plural(raised.length, "raised limit")] : []),
    ...(part?.changes.length === 0 ? part.because : []),
  ].join(", ");
  const who = (name: (one: PlanPerson) => string): string[] =>
    events.flatMap(([event, word]) => {
      const all = people.filter((one) => one.event === event).map(name);
      return all.length > 0 ? [`${word}: ${few(all, most)}`] : [];
    });
  const said = (names: string[]): string => [`${what}${names.length > 0 ? ` (${names.join("; ")})` : ""}`, ...raised].join(". ");
  const { id = "all", digest = plan.digest } = part ?? {};
  const needed = part?.needs.approvers ?? commands.needed;
  const approval = {
    ...{ part: id, digest, expires: plan.expires, people: people.length, changes, read: commands.read },
    ...(needed === undefined ? { approve: commands.approve(digest) } : { approve: commands.sign(id), needed }),
    ...(part ? needOf(part.needs) : {}),
  };
  return [
    {
      ...{ kind: "waits", id: idOf("waits", plan.made, plan.world, id), approval },
      text: said(who(called)),
      redacted: said(who(({ key }) => key)),
    },
  ];
}

function needOf(needs: PlanPart["needs"]): Pick<Approval, "of" | "also" | "never"> {
  const never = [...new Set(barredFrom(needs))];
  return { of: needs.of, ...defined({ also: needs.also, never: never.length > 0 ? never : undefined }) };
}

/** What a run itself ended by, before it knew what stands. Words of systems may name people; of connections and settings they do not. */
export function troubleOf(error: unknown): Item {
  const { code, lines } = endingOf(error);
  const kind = code === exit.refused ? "refused" : "failed";
  const text = lines.join(" ");
  const isOfSystems = error instanceof ConfigurationError || error instanceof UnreachableError;
  const redacted = isOfSystems ? text : `${kind}, exit code ${code}; why stands in \`haloform history\``;
  return { kind, id: idOf(kind, uncounted(text)), text, redacted };
}

/** Of a run that applied something. */
type Ended = Item & { kind: "failed" | "parked" };

/** What a system refused, and what ended a run that applied something. */
export function newsOfUp(result: { failure?: string; refused: readonly { who: string; reason: string }[] }): Ended[] {
  const said = (kind: Ended["kind"], text: string, redacted: string): Ended => ({ kind, id: idOf(kind, uncounted(text)), text, redacted });
  return [
    ...(result.failure === undefined
      ? []
      : [said("failed", result.failure, "what was applied ended early; why stands in `haloform history`")]),
    ...result.refused.map(({ who, reason }) =>
      said("parked", `${who}: ${reason}`, "a system refused a change; which one stands in `haloform history`"),
    ),
  ];
}
