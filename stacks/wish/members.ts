/** Members of a group: who is wanted, who is kept and why, in AD and in Entra alike. */
import type { Json } from "../../base/json.ts";
import type { Condition } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import { membersKnown } from "../match/known.ts";
import type { Dated } from "../model/decisions.ts";
import { because, personRef, type Scene } from "../model/scene.ts";
import type { Because, Subject, System } from "../model/types.ts";
import { flag, sorted, textOf, textsOf } from "../model/values.ts";
import { calledRef } from "./called.ts";

/** A member as it stands in the system now. */
export interface LiveMember {
  ref: string;
  /** The id of the account that it is, where people's accounts are the members. */
  account?: string;
  /** Never removed, but from a group that safety.yaml lets a mapping fill. */
  protected: boolean;
  /** Nor from that: safety.yaml names it. */
  named?: true;
  /** Why it is protected. */
  why?: string;
  /** From another forest: in no list a mapping makes, and never removed. */
  foreign?: boolean;
  /** The group is its primary group: a member that no list of the group holds, so nobody can take it out of the list. */
  primary?: boolean;
}

/** How a member is protected, by its live object. */
export function guardOf(live: Live | undefined): Pick<LiveMember, "protected" | "named" | "why"> {
  if (!live || !flag(live.values["protected"])) return { protected: false };
  const why = textOf(live.values["protectedBecause"]);
  return { protected: true, ...(live.values["protectedBy"] === "name" ? { named: true } : {}), ...(why === "" ? {} : { why }) };
}

/** A line of a mapping file that has members: people by a condition, and who may be one besides. */
interface Line extends Dated {
  mode: "exact" | "additive";
  /** Of an exact one: members who are nobody this mapping knows. */
  others?: "remove" | "keep";
  because?: string | undefined;
  members?: Condition | undefined;
  owners?: Condition | undefined;
  for?: Condition | undefined;
  may?: Condition | undefined;
  mayContain?: unknown;
}

/** Who is asked for as a member of something: of groups of AD and Entra ID, app roles, teams, boards. */
interface Ask {
  type: string;
  name: string;
  line: Line;
  /** The reason that lies in a part of the line. */
  at(part: string): Because;
  /** The part that says for whom it is; left out: `for`. */
  part?: "owners" | "for";
  /** Whether the person has an account there, or gets one in this run; left out: one in AD, or in Entra ID. */
  hasAccount?(subject: Subject): boolean;
  /** Whether it is known who the person is there; left out: where the person has an account. */
  isKnown?(subject: Subject): boolean;
  /** undefined: there is no such object (any more), so nobody was taken out of it by hand. */
  live: readonly LiveMember[] | undefined;
  /** The members of the last wish, in additive mode those that haloform gave; left out: those in the state. */
  before?: Json | undefined;
  /** Members that are no people, and those that may be: ref → why. */
  others?(part: "contains" | "mayContain"): ReadonlyMap<string, Because>;
  /** What the group is that safety.yaml must allow: people are taken out although AD protects their accounts. */
  privileged?: string | undefined;
}

export interface Wished {
  /** Canonical. */
  members: string[];
  /** Refs of those that may be members and are not wanted, whether they are or not; only where the line says who may be. */
  may?: string[];
  /** Refs of leavers who are taken out of an additive group whoever put them there (leaver.groups: all). */
  leave?: string[];
  /** A reason for each one that is wished or goes. */
  because: { [path: string]: Because };
}

/**
 * The wished members, and why. What haloform did not give is never its own (docs/decisions/0052): in additive mode whoever is in
 * and was not wished before is wished by nobody, whether the mapping asks for them or not, so that nothing ever takes them out.
 */
export function membersOf(scene: Scene, ask: Ask): Wished {
  const live = new Map((ask.live ?? []).map((one) => [one.ref, one]));
  const before = new Set(textsOf(ask.before ?? scene.previous(ask.type, ask.name)?.inputs["members"]));
  const { isKnown = ({ accounts }) => accounts[systemOf(ask)] !== undefined } = ask;
  const hasAccount = hasAccountIn(scene, ask);
  const hasGone = goneFrom(scene, ask);
  // Taken out by hand, or the account is gone: nobody is put back for being held, parked or about to leave.
  const takenOut = (subject: Subject | undefined, ref: string): boolean =>
    ask.live !== undefined && subject !== undefined && !live.has(ref) && (isKnown(subject) || (!hasAccount(subject) && hasGone(subject)));
  const decide = deciderOf(scene, ask, live);
  const others = ask.others?.("contains");
  const wished = new Map<string, Because>(others);
  const removed = new Map<string, Because>();
  const mayBe = Boolean(ask.line.may || ask.line.mayContain);
  const may = new Set(mayBe ? ask.others?.("mayContain").keys() : []);
  for (const subject of scene.subjects) {
    const ref = personRef(subject.key);
    const isMember = live.has(ref) || (before.has(ref) && !takenOut(subject, ref));
    const verdict = decide(subject, isMember);
    // Also whom the mapping lists by the account's own name: who leaves or is held is decided as a person.
    if (subject.stage !== "active" && verdict?.in !== true) wished.delete(ref);
    if (!verdict) continue;
    if (verdict.in === "may") may.add(ref);
    if (verdict.in === "may" ? live.has(ref) : verdict.in) wished.set(ref, verdict.why);
    else if (verdict.in === false && isMember) removed.set(ref, verdict.why);
  }
  keepUnasked(scene, ask, wished, removed, may, before);
  if (scene.doubted)
    for (const ref of before)
      if (!wished.has(ref) && !takenOut(scene.byKey.get(ref.replace(/^person:/u, "")), ref)) wished.set(ref, doubtedWhy(scene));
  if (ask.line.mode === "additive")
    for (const ref of live.keys()) if (!before.has(ref)) for (const said of [wished, removed]) said.delete(ref);
  const isGroup = /:Group$/u.test(ask.type) && ask.part !== "owners";
  const leave = isGroup && ask.line.mode === "additive" ? leaversOf(scene, ask) : [];
  for (const { ref, why } of leave) removed.set(ref, why);
  const members = sorted(wished.keys());
  const reasons = [
    ...members.map((ref): [string, Because] => [ref, wished.get(ref) ?? ask.at(ask.part ?? "for")]),
    ...[...removed].filter(([ref]) => !wished.has(ref)),
  ];
  return {
    members,
    ...(leave.length > 0 ? { leave: sorted(leave.map(({ ref }) => ref)) } : {}),
    ...(mayBe ? { may: sorted([...may].filter((ref) => !others?.has(ref))) } : {}),
    because: Object.fromEntries(reasons.map(([ref, why]) => [`members.${ref}`, why])),
  };
}

/** Whether the account by which the last run knew somebody as a member is one no more. */
function goneFrom(scene: Scene, ask: Ask): (subject: Subject) => boolean {
  let ids: ReadonlyMap<string, string> | undefined;
  return ({ key }) => {
    const before = scene.previous(ask.type, ask.name);
    ids ??= membersKnown(before ? [before] : [], systemOf(ask));
    const id = ids.get(key);
    return id !== undefined && !(ask.live ?? []).some(({ account }) => account === id);
  };
}

/** A leaver who is to be in no group. */
interface Leaver {
  ref: string;
  subject: Subject;
  why: Because;
}

/**
 * Members of a group who have left and whom nothing may keep in it, where leavers lose all groups: stripped ones, of accounts
 * that are no human's to decide. Who is protected, or has it as the primary group, stays. Those whom the last run took out are
 * among them as long as they are leavers, so that the next plan is the same.
 */
export function leaversOf(
  scene: Scene,
  { type, name, live = [] }: Pick<Ask, "type" | "name"> & { live?: readonly LiveMember[] | undefined },
): Leaver[] {
  if (scene.mappings.safety.leaver.groups !== "all" || scene.doubted) return [];
  const why: Because = { rule: scene.at("safety", "leaver", "groups"), note: "has left: no group is kept" };
  const there = live.filter((one) => !one.protected && !one.primary).map(({ ref }) => ref);
  const stay = new Set(live.flatMap((one) => (one.protected ? [one.ref] : [])));
  return sorted(new Set([...there, ...textsOf(scene.previous(type, name)?.inputs["leave"])])).flatMap((ref) => {
    if (stay.has(ref)) return [];
    const subject = ref.startsWith("person:") ? scene.byKey.get(ref.slice("person:".length)) : undefined;
    const goes = subject?.stage === "leaver" && subject.due.has("strip") && !subject.keep && !subject.parkedIn.has(systemOf({ type }));
    return subject && goes ? [{ ref, subject, why }] : [];
  });
}

const doubtedWhy = (scene: Scene): Because => ({
  rule: scene.at("people", "trust"),
  note: `the read of ${scene.source} is doubted: nobody is removed`,
});

/** The reason of who may be a member. */
const mayOf = ({ at, line }: Ask): Because => at(line.may ? "may" : "mayContain");

/** Live members that nothing asks for: most are removed from an exact group, some stay, with a note. */
function keepUnasked(
  scene: Scene,
  ask: Ask,
  wished: Map<string, Because>,
  removed: Map<string, Because>,
  may: ReadonlySet<string>,
  before: ReadonlySet<string>,
): void {
  const { rule } = ask.at(ask.part === "owners" ? "owners" : "mode");
  const kept = (ref: string, note: string) => wished.set(ref, { rule, note });
  let foreign = 0;
  for (const { ref, ...one } of ask.live ?? []) {
    if (wished.has(ref) || (ask.line.mode === "additive" && !((one.primary || one.protected) && before.has(ref)))) continue;
    const known = ref.startsWith("person:");
    const called = calledRef(scene, ref);
    if (one.foreign) {
      foreign += 1;
      if (before.has(ref)) kept(ref, "of another forest: never removed");
    } else if (one.primary) {
      kept(ref, "it is the account's primary group");
      scene.notes.push(
        `${ask.name} keeps ${called}, though the mapping does not ask for it: it is the account's primary group; give the account another one by hand`,
      );
    } else if (one.protected && !(ask.privileged && known && !one.named)) {
      kept(ref, "protected: never removed");
      scene.notes.push(
        `${ask.name} keeps ${called}, which is protected${one.why === undefined ? "" : ` (${one.why})`}, though the mapping does not ask for it`,
      );
    } else if (one.account !== undefined && scene.undecided.has(`${systemOf(ask)} ${one.account}`)) {
      kept(ref, "may be the account of somebody who is parked: kept until a human has decided");
    } else if (!known && ask.line.others === "keep") kept(ref, "nobody this mapping knows: kept (others)");
    else if (may.has(ref)) wished.set(ref, { ...mayOf(ask), note: "may be a member" });
    else if (scene.doubted) wished.set(ref, doubtedWhy(scene));
    else if (!removed.has(ref)) removed.set(ref, { rule, note: "not asked for by the mapping, and the group is exact" });
  }
  if (foreign > 0 && ask.line.mode === "exact")
    scene.notes.push(
      `${ask.name} keeps ${foreign} ${foreign === 1 ? "member" : "members"} of another forest (foreign security principals): they are never removed`,
    );
}

/** Whether a person has an account in Entra ID, or gets one in this run: there, or by way of AD. */
export function willHaveEntra(scene: Scene, { key, accounts }: Subject): boolean {
  return accounts.entra !== undefined || scene.willHaveAd.has(key) || scene.willHaveEntra.has(key);
}

/** Whether somebody has the account that is asked for, or gets it in this run. */
function hasAccountIn(scene: Scene, { type, hasAccount }: Pick<Ask, "type" | "hasAccount">): (subject: Subject) => boolean {
  if (hasAccount) return hasAccount;
  return systemOf({ type }) === "ad" ? ({ key }) => scene.willHaveAd.has(key) : (subject) => willHaveEntra(scene, subject);
}

const unsureNote = "what the condition asks is doubted or not known: members stay as they are";

const systemOf = ({ type }: Pick<Ask, "type">): System => type.slice(0, type.indexOf(":")) as System;

/** Whether a person belongs in; "may" = is not asked for, and may stay; undefined = has nothing to do with it. */
type Decide = (subject: Subject, isMember: boolean) => { in: boolean | "may"; why: Because } | undefined;

function deciderOf(scene: Scene, ask: Ask, live: ReadonlyMap<string, LiveMember>): Decide {
  const { line, at, part = "for", privileged } = ask;
  const system = systemOf(ask);
  const { rule } = at(part);
  const hasAccount = hasAccountIn(scene, ask);
  const wanted = scene.decisions.members(line, line[part]);
  const note = [privileged, line.because, scene.decisions.closed(line)].filter((text) => text).join("; ") || undefined;
  return (subject, isMember) => {
    // AD protects whoever is in such a group: that must not keep anybody in it
    const member = privileged === undefined ? undefined : live.get(personRef(subject.key));
    const freed = member?.protected === true && !member.named && !subject.guarded;
    const parked = subject.parkedIn.has(system) && !freed;
    if (subject.stage === "held" || (parked && subject.stage !== "leaver"))
      return isMember ? { in: true, why: subject.because ?? subject.keep ?? { rule } } : undefined;
    if (subject.stage === "leaver")
      return isMember ? { in: parked || !subject.due.has("strip"), why: subject.because ?? { rule } } : undefined;
    const { holds, unsure, fields } = wanted(subject);
    if (unsure) return isMember ? { in: true, why: because(rule, subject, fields, unsureNote) } : undefined;
    if (holds && hasAccount(subject)) return { in: true, why: because(rule, subject, fields, note) };
    const may = !holds && line.may ? scene.decisions.verdict(line.may, subject) : undefined;
    if (may?.unsure) return isMember ? { in: true, why: because(at("may").rule, subject, may.fields, unsureNote) } : undefined;
    if (may?.holds && hasAccount(subject)) return { in: "may", why: because(at("may").rule, subject, [], "may be a member") };
    if (!isMember) return undefined;
    if (subject.keep && !(freed && subject.parkedIn.has(system))) return { in: true, why: subject.keep };
    return { in: false, why: because(rule, subject, fields, note ?? (holds ? "has no account" : "does not meet the condition")) };
  };
}
