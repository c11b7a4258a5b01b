/** Members of a group: who is wanted, who is kept and why, in AD and in Entra alike. */
import type { Json } from "../../base/json.ts";
import type { Condition } from "../../mappings/schema/all.ts";
import { closedNow } from "../decide/groups.ts";
import type { Dated } from "../model/decisions.ts";
import { because, type Scene } from "../model/scene.ts";
import type { Subject, System } from "../model/subject.ts";
import type { Because } from "../model/types.ts";
import { sorted, textsOf } from "../model/values.ts";

/** A member as it stands in the system now. */
export interface LiveMember {
  ref: string;
  /** Never removed. */
  protected: boolean;
  /** From another forest: in no list a mapping makes, and never removed. */
  foreign?: boolean;
  /** The group is its primary group: a member that no list of the group holds, so nobody can take it out of the list. */
  primary?: boolean;
}

/** Who is asked for as a member of something: of groups of AD and Entra ID, app roles, teams, boards. */
interface Ask {
  system: System;
  group: string;
  line: Dated & { mode: "exact" | "additive"; because?: string | undefined };
  condition: Condition | undefined;
  /** Place of the condition. */
  rule: string;
  /** Place of `mode`, for what an exact group loses. */
  exact: string;
  /** Whether the person has an account there, or gets one in this run. */
  hasAccount(subject: Subject): boolean;
  live: readonly LiveMember[];
  before: Json | undefined;
  /** Members that are no people: ref → why. */
  others?: ReadonlyMap<string, Because>;
  /** Who may be a member besides, where the mapping says so. */
  may?: { rule: string; condition: Condition | undefined; others: ReadonlySet<string> } | undefined;
  /** What the group is that safety.yaml must allow: people are taken out although AD protects their accounts. */
  privileged?: string | undefined;
}

export interface Wished {
  /** Canonical. */
  members: string[];
  /** Refs of those that may be members and are not wanted, whether they are or not; only where `may` was asked for. */
  may: string[];
  /** A reason for each one that is wished or goes. */
  because: { [path: string]: Because };
}

/** The wished members, and why. */
export function membersOf(scene: Scene, ask: Ask): Wished {
  const live = new Map(ask.live.map((one) => [one.ref, one]));
  const before = new Set(textsOf(ask.before));
  const decide = deciderOf(scene, ask, live);
  const wished = new Map<string, Because>(ask.others ?? []);
  const removed = new Map<string, Because>();
  const may = new Set(ask.may?.others);
  for (const subject of scene.subjects) {
    const ref = `person:${subject.key}`;
    const isMember = live.has(ref) || before.has(ref);
    const verdict = decide(subject, isMember);
    // Also whom the mapping lists by the account's own name: who leaves or is held is decided as a person.
    if (subject.stage !== "active" && verdict?.in !== true) wished.delete(ref);
    if (!verdict) continue;
    if (verdict.in === "may") may.add(ref);
    if (verdict.in === "may" ? live.has(ref) : verdict.in) wished.set(ref, verdict.why);
    else if (verdict.in === false && isMember) removed.set(ref, verdict.why);
  }
  keepUnasked(scene, ask, wished, removed, may, before);
  if (scene.doubted) for (const ref of before) if (!wished.has(ref)) wished.set(ref, doubtedWhy(scene));
  const members = sorted(wished.keys());
  const reasons = [
    ...members.map((ref): [string, Because] => [ref, wished.get(ref) ?? { rule: ask.rule }]),
    ...[...removed].filter(([ref]) => !wished.has(ref)),
  ];
  return {
    members,
    may: sorted([...may].filter((ref) => !ask.others?.has(ref))),
    because: Object.fromEntries(reasons.map(([ref, why]) => [`members.${ref}`, why])),
  };
}

const doubtedWhy = (scene: Scene): Because => ({
  rule: scene.at("people", "trust"),
  note: `the read of ${scene.source} is doubted: nobody is removed`,
});

/** Live members that nothing asks for: most are removed from an exact group, some stay, with a note. */
function keepUnasked(
  scene: Scene,
  ask: Ask,
  wished: Map<string, Because>,
  removed: Map<string, Because>,
  may: ReadonlySet<string>,
  before: ReadonlySet<string>,
): void {
  let foreign = 0;
  for (const { ref, ...one } of ask.live) {
    if (wished.has(ref) || (ask.line.mode === "additive" && !(one.primary && before.has(ref)))) continue;
    const known = ref.startsWith("person:");
    const called = ref.replace(/^(?:dn|id):/u, "");
    if (one.foreign) {
      foreign += 1;
      if (before.has(ref)) wished.set(ref, because(ask.exact, undefined, [], "of another forest: never removed"));
    } else if (one.primary) {
      wished.set(ref, because(ask.exact, undefined, [], "it is the account's primary group"));
      scene.notes.push(
        `${ask.group} keeps ${called}, though the mapping does not ask for it: it is the account's primary group; give the account another one by hand`,
      );
    } else if (one.protected && !(ask.privileged && known)) {
      wished.set(ref, because(ask.exact, undefined, [], "protected: never removed"));
      scene.notes.push(`${ask.group} keeps ${called}, which is protected, though the mapping does not ask for it`);
    } else if (may.has(ref)) wished.set(ref, because(ask.may?.rule ?? ask.exact, undefined, [], "may be a member"));
    else if (scene.doubted) wished.set(ref, doubtedWhy(scene));
    else if (!removed.has(ref)) removed.set(ref, because(ask.exact, undefined, [], "not asked for by the mapping, and the group is exact"));
  }
  if (foreign > 0 && ask.line.mode === "exact")
    scene.notes.push(
      `${ask.group} keeps ${foreign} ${foreign === 1 ? "member" : "members"} of another forest (foreign security principals): they are never removed`,
    );
}

/** Whether a person belongs in; "may" = is not asked for, and may stay; undefined = has nothing to do with it. */
type Decide = (subject: Subject, isMember: boolean) => { in: boolean | "may"; why: Because } | undefined;

function deciderOf(scene: Scene, ask: Ask, live: ReadonlyMap<string, LiveMember>): Decide {
  const { system, line, rule, privileged, may, hasAccount } = ask;
  const wanted = scene.decisions.members(line, ask.condition);
  const note = [privileged, line.because, closedNow(line, scene.world.now)].filter((text) => text).join("; ") || undefined;
  return (subject, isMember) => {
    // AD protects whoever is in such a group: that must not keep anybody in it
    const freed = privileged !== undefined && live.get(`person:${subject.key}`)?.protected === true;
    const parked = subject.parkedIn.has(system) && !freed;
    if (subject.stage === "held" || (parked && subject.stage !== "leaver"))
      return isMember ? { in: true, why: subject.because ?? subject.keep ?? { rule } } : undefined;
    if (subject.stage === "leaver")
      return isMember ? { in: parked || !subject.due.has("strip"), why: subject.because ?? { rule } } : undefined;
    const { holds, unsure, fields } = wanted(subject);
    if (unsure) {
      const doubt = "the read of what the condition asks of Halo is doubted: members stay as they are";
      return isMember ? { in: true, why: because(rule, subject, fields, doubt) } : undefined;
    }
    if (holds && hasAccount(subject)) return { in: true, why: because(rule, subject, fields, note) };
    if (!holds && may?.condition && scene.decisions.verdict(may.condition, subject).holds && hasAccount(subject))
      return { in: "may", why: because(may.rule, subject, [], "may be a member") };
    if (!isMember) return undefined;
    if (subject.keep && !(freed && subject.parkedIn.has(system))) return { in: true, why: subject.keep };
    return { in: false, why: because(rule, subject, fields, note ?? (holds ? "has no account" : "does not meet the condition")) };
  };
}
