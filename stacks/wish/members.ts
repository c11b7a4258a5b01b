/** Members of a group: who is wanted, who is kept and why, in AD and in Entra alike. */
import type { Json } from "../../base/json.ts";
import type { Verdict } from "../model/decisions.ts";
import { because, type Scene } from "../model/scene.ts";
import { sourceName } from "../model/source-name.ts";
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

interface Ask {
  system: System;
  group: string;
  mode: "exact" | "additive";
  /** Place of the rule. */
  rule: string;
  /** A sentence of the mapping (`because`, `until`). */
  note?: string | undefined;
  /** Place of `mode`, for what an exact group loses. */
  exact: string;
  verdict(subject: Subject): Verdict;
  /** Whether the person has an account there, or gets one in this run. */
  hasAccount(subject: Subject): boolean;
  live: readonly LiveMember[];
  before: Json | undefined;
  /** Members that are no people: ref → why. */
  others?: ReadonlyMap<string, Because>;
  /** Who may be a member besides, where the mapping says so. */
  may?: { rule: string; verdict?(subject: Subject): Verdict; others: ReadonlySet<string> };
  /** AD protects the group and safety.yaml allows it: people are taken out although AD protects their accounts. */
  privileged?: boolean;
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
  const wished = new Map<string, Because>(ask.others ?? []);
  const gone = new Map<string, Because>();
  const may = new Set(ask.may?.others);
  for (const subject of scene.subjects) {
    const ref = `person:${subject.key}`;
    const there = live.has(ref) || before.has(ref);
    const verdict = decide(subject, ask, there);
    if (verdict === "may") may.add(ref);
    if (verdict === "may" ? live.has(ref) : verdict?.in)
      wished.set(ref, verdict === "may" || !verdict ? because(ask.may?.rule ?? ask.rule, subject, [], "may be a member") : verdict.why);
    else if (verdict && verdict !== "may" && there) gone.set(ref, verdict.why);
  }
  stay(scene, ask, wished, gone, may, before);
  if (scene.doubted)
    for (const ref of before)
      if (!wished.has(ref))
        wished.set(
          ref,
          because(
            scene.at("people", "trust"),
            undefined,
            [],
            `the read of ${sourceName(scene.world.mappings.people.from)} is doubted: nobody is removed`,
          ),
        );
  const members = sorted(wished.keys());
  const reasons = [
    ...members.map((ref): [string, Because] => [ref, wished.get(ref) ?? { rule: ask.rule }]),
    ...[...gone].filter(([ref]) => !wished.has(ref)),
  ];
  return {
    members,
    may: sorted([...may].filter((ref) => !ask.others?.has(ref))),
    because: Object.fromEntries(reasons.map(([ref, why]) => [`members.${ref}`, why])),
  };
}

/** Live members that nothing asks for: most are removed from an exact group, some stay, with a note. */
function stay(
  scene: Scene,
  ask: Ask,
  wished: Map<string, Because>,
  gone: Map<string, Because>,
  may: ReadonlySet<string>,
  before: ReadonlySet<string>,
): void {
  let foreign = 0;
  for (const { ref, ...one } of ask.live) {
    if (wished.has(ref) || (ask.mode === "additive" && !(one.primary && before.has(ref)))) continue;
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
    else if (scene.doubted)
      wished.set(
        ref,
        because(
          scene.at("people", "trust"),
          undefined,
          [],
          `the read of ${sourceName(scene.world.mappings.people.from)} is doubted: nobody is removed`,
        ),
      );
    else if (!gone.has(ref)) gone.set(ref, because(ask.exact, undefined, [], "not asked for by the mapping, and the group is exact"));
  }
  if (foreign > 0 && ask.mode === "exact")
    scene.notes.push(
      `${ask.group} keeps ${foreign} ${foreign === 1 ? "member" : "members"} of another forest (foreign security principals): they are never removed`,
    );
}

/** Whether a person belongs in; "may" = is not asked for, and may stay; undefined = has nothing to do with it. */
function decide(subject: Subject, ask: Ask, there: boolean): { in: boolean; why: Because } | "may" | undefined {
  // AD protects whoever is in such a group: that must not keep anybody in it
  const freed = ask.privileged === true && ask.live.some((one) => one.ref === `person:${subject.key}` && one.protected);
  const parked = subject.parkedIn.has(ask.system) && !freed;
  if (subject.stage === "held" || (parked && subject.stage !== "leaver")) {
    return there ? { in: true, why: subject.because ?? subject.keep ?? { rule: ask.rule } } : undefined;
  }
  if (subject.stage === "leaver") {
    if (!there) return undefined;
    const why = subject.because ?? { rule: ask.rule };
    return { in: parked || !subject.due.has("strip"), why };
  }
  const verdict = ask.verdict(subject);
  if (verdict.unsure) {
    const note = "the read of what the condition asks of Halo is doubted: members stay as they are";
    return there ? { in: true, why: because(ask.rule, subject, verdict.fields, note) } : undefined;
  }
  if (verdict.holds && ask.hasAccount(subject)) return { in: true, why: because(ask.rule, subject, verdict.fields, ask.note) };
  if (!verdict.holds && ask.may?.verdict?.(subject).holds && ask.hasAccount(subject)) return "may";
  if (!there) return undefined;
  if (subject.keep && !(freed && subject.parkedIn.has(ask.system))) return { in: true, why: subject.keep };
  return {
    in: false,
    why: because(ask.rule, subject, verdict.fields, ask.note ?? (verdict.holds ? "has no account" : "does not meet the condition")),
  };
}
