/** Members of a group: who is wanted, who is kept and why, in AD and in Entra alike. */
import type { Json } from "../providers/core/definition.ts";
import type { Subject, System } from "./lifecycle.ts";
import { because, type Scene } from "./scene.ts";
import type { Because } from "./types.ts";
import { sorted, textsOf } from "./values.ts";
import type { Verdict } from "./wanted.ts";

/** A member as it stands in the system now. */
export interface LiveMember {
  ref: string;
  /** Never removed. */
  protected: boolean;
}

interface Ask {
  system: Extract<System, "ad" | "entra">;
  group: string;
  mode: "exact" | "additive";
  /** Place of the rule. */
  rule: string;
  /** A sentence of the mapping (`because`, `until`). */
  note?: string | undefined;
  /** Place of `mode`, for what an exact group loses. */
  exact: string;
  verdict(subject: Subject): Verdict | undefined;
  /** Whether the person has an account there, or gets one in this run. */
  hasAccount(subject: Subject): boolean;
  live: readonly LiveMember[];
  before: Json | undefined;
}

/** The wished members, canonical, and a reason for each one that is wished or goes. */
export function membersOf(scene: Scene, ask: Ask): { members: string[]; because: { [path: string]: Because } } {
  const live = new Set(ask.live.map((one) => one.ref));
  const before = new Set(textsOf(ask.before));
  const wished = new Map<string, Because>();
  const gone = new Map<string, Because>();
  for (const subject of scene.subjects) {
    const ref = `person:${subject.key}`;
    const there = live.has(ref) || before.has(ref);
    const verdict = decide(scene, subject, ask, there);
    if (verdict?.in) wished.set(ref, verdict.why);
    else if (verdict && there) gone.set(ref, verdict.why);
  }
  for (const { ref, protected: kept } of ask.mode === "exact" ? ask.live : []) {
    if (wished.has(ref)) continue;
    if (kept) {
      wished.set(ref, because(ask.exact, undefined, [], "protected: never removed"));
      scene.notes.push(`${ask.group} keeps ${ref.replace(/^(?:dn|id):/u, "")}, which is protected, though the mapping does not ask for it`);
    } else if (scene.doubted)
      wished.set(ref, because(scene.at("people", "trust"), undefined, [], "the read of Halo is doubted: nobody is removed"));
    else if (!gone.has(ref)) gone.set(ref, because(ask.exact, undefined, [], "not asked for by the mapping, and the group is exact"));
  }
  if (scene.doubted)
    for (const ref of before)
      if (!wished.has(ref))
        wished.set(ref, because(scene.at("people", "trust"), undefined, [], "the read of Halo is doubted: nobody is removed"));
  const members = sorted(wished.keys());
  const reasons = [
    ...members.map((ref): [string, Because] => [ref, wished.get(ref) ?? { rule: ask.rule }]),
    ...[...gone].filter(([ref]) => !wished.has(ref)),
  ];
  return { members, because: Object.fromEntries(reasons.map(([ref, why]) => [`members.${ref}`, why])) };
}

/** Whether a person belongs in; undefined = has nothing to do with it. */
function decide(scene: Scene, subject: Subject, ask: Ask, there: boolean): { in: boolean; why: Because } | undefined {
  if (subject.stage === "held" || (subject.parkedIn.has(ask.system) && subject.stage !== "leaver")) {
    return there ? { in: true, why: subject.because ?? subject.keep ?? { rule: ask.rule } } : undefined;
  }
  if (subject.stage === "leaver") {
    if (!there) return undefined;
    const parked = subject.parkedIn.has(ask.system);
    const why = subject.because ?? { rule: ask.rule };
    return { in: parked || !scene.mappings.safety.leaver.strip, why };
  }
  const verdict = ask.verdict(subject);
  if (verdict?.holds && ask.hasAccount(subject)) return { in: true, why: because(ask.rule, subject, verdict.fields, ask.note) };
  if (!there) return undefined;
  if (subject.keep) return { in: true, why: subject.keep };
  return {
    in: false,
    why: because(ask.rule, subject, verdict?.fields, ask.note ?? (verdict?.holds ? "has no account" : "does not meet the condition")),
  };
}
