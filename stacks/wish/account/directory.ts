/** What accounts of Active Directory and of Entra ID differ in; this folder makes both alike. */

import type { Json, Values } from "../../../base/json.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { Chosen } from "../../model/decisions.ts";
import { accountOf, because, park, personName, type Scene } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, flag, textOf } from "../../model/values.ts";
import { logins, type Named } from "../naming.ts";
import { newNames, takenIn } from "./taken.ts";

export interface Directory {
  system: "ad" | "entra";
  type: "ad:User" | "entra:User";
  /** In sentences: `AD account`, `Entra account`. */
  noun: string;
  /** What an account is called that nobody can sign in with. */
  off: "disabled" | "blocked";
  /** After "the manager of somebody", where AD's is not meant. */
  where: string;
  /** Of the values of an account, or of inputs. */
  login(values: Values): string;
  /** What people call an account. */
  label(account: Live): string;
  /** Whether a person has an account after this run. */
  willHave(scene: Scene, subject: Subject): boolean;
  /** Whether an attribute of inputs names people by references. */
  isReference(attribute: string, inputs: Values): boolean;
  deleted: {
    /** Deleted accounts, as long as the system can bring them back. */
    type: "ad:Deleted" | "entra:Deleted";
    /** As several are told apart: they may have one login. */
    label(account: Live): string;
    /** Whose is never brought back. */
    never: "protected" | "synced";
    /** After "restore the right one by hand". */
    mend: string;
  };
  protection: {
    /** What this wish would do to a protected account, in words after "would", joined by `and`. */
    would(subject: Subject, wish: Values, account: Live): string[];
    and: string;
    /** Why it is protected, where the account does not say so. */
    because: string;
    /** After "do it by hand, or". */
    mend: string;
    /** The wish for an account that stays as it is. */
    asItIs(subject: Subject, wish: Values, account: Live): Values;
  };
}

/** An account on its way to a resource: the line that makes it, and what there is. */
export interface Draft<L> extends Chosen<L> {
  subject: Subject;
  record: { [field: string]: Json };
  live: Live | undefined;
  /** A deleted account that is brought back. */
  restored?: Live;
  login?: string;
  /** Why it is not the plain login. */
  instead?: string | undefined;
}

/** The drafts that a judge has nothing against; the others are parked and keep what they have. Asks in order of the key. */
export function sifted<D extends Draft<unknown>>(
  scene: Scene,
  { system }: Directory,
  drafts: readonly D[],
  judge: (one: D) => string | undefined,
  keep: (one: D) => void,
): D[] {
  return drafts.filter((one) => {
    const problem = judge(one);
    if (!problem) return true;
    park(scene, one.subject, system, "mapping", problem);
    keep(one);
    return false;
  });
}

/** Whether this run deletes an account: the stage has come, and an earlier run has taken its owner's access. */
export function deletes(subject: Subject, { values }: Live): boolean {
  const stays = flag(values["enabled"]) || flag(values["protected"]) || flag(values["synced"]);
  return subject.due.has("delete") && !stays && subject.keep === undefined;
}

/** A stage of `leaver` in mappings/safety.yaml. */
export function stageOf(scene: Scene, subject: Subject, stage: "move" | "delete" | "lync"): Because {
  const since = subject.leaverSince?.slice(0, 10);
  return { ...subject.because, rule: scene.at("safety", "leaver", stage), note: `left${since === undefined ? "" : ` on ${since}`}` };
}

/** Joiners, rejoiners and our own accounts are enabled; one that was off by hand before we knew it is left alone. */
export function enabledOf(scene: Scene, directory: Directory, draft: Draft<unknown>): { enabled: boolean; why: Because } {
  const { subject, live, index, fields } = draft;
  const { noun, off, system, type, label } = directory;
  const rule = scene.at(system, "accounts", index);
  if (subject.stage === "leaver") return { enabled: false, why: subject.because ?? { rule } };
  const on = (note?: string) => ({ enabled: true, why: because(rule, subject, fields, note) });
  if (!live || flag(live.values["enabled"])) return on();
  if (flag(live.values["unfinished"])) return on("an interrupted run had not finished this account");
  if (subject.leaverBefore) return on(`active in ${scene.source} again`);
  const before = scene.previous(type, personName(subject.key));
  if (before && before.inputs["enabled"] !== false) return on(`${off} by somebody, but active in ${scene.source}`);
  scene.notes.push(
    `The ${noun} ${label(live)} of ${called(subject)} was ${off} before haloform managed it, and stays so: enable it by hand if that is wrong`,
  );
  return { enabled: false, why: because(rule, subject, fields, `${off} before haloform managed it: left as it is`) };
}

/**
 * The wish for an account, unless it is never touched (it became an administrator, say): that keeps what it has, and where the
 * person should lose access or have other values, a human must do it, and the plan says so.
 */
export function unlessProtected(
  scene: Scene,
  { system, noun, label, protection }: Directory,
  subject: Subject,
  wish: Values,
  live: Live | undefined,
): Values {
  if (!live || !flag(live.values["protected"])) return wish;
  const would = protection.would(subject, wish, live);
  const why = textOf(live.values["protectedBecause"]) || protection.because;
  const reason = `the ${noun} ${label(live)} would ${would.join(protection.and)}, but ${why}: do it by hand, or ${protection.mend}`;
  if (would.length > 0) park(scene, subject, system, "protected", reason);
  return protection.asItIs(subject, wish, live);
}

/**
 * Logins of new accounts, in order of the key. One that was lost or deleted comes back under the login it had; whoever has an
 * account keeps theirs. `names`: what comes with a login, attribute → values: whoever has one of them, in whichever directory, has
 * the login.
 */
export function givenLogins<D extends Draft<unknown>>(
  scene: Scene,
  { type, login }: Directory,
  newcomers: readonly D[],
  inUse: Iterable<string>,
  names: (one: D, login: string) => { [attribute: string]: string[] },
): (one: D) => Named {
  const rule = scene.mappings.people.login;
  const { by } = takenIn(scene);
  const wishes = newcomers.map((one) => {
    const { subject, record, restored } = one;
    const before = restored?.values ?? scene.previous(type, personName(subject.key))?.inputs;
    const taken = (name: string): string | undefined => {
      const login = by("login", name, one);
      if (login !== undefined) return login;
      for (const each of newNames(names(one, name), undefined)) {
        const words = by(each.space, each.name, one);
        if (words !== undefined) return `${words}: ${each.attribute} ${each.name}`;
      }
      return undefined;
    };
    return { key: subject.key, text: compile(rule.is).render(record), before: before && login(before), taken };
  });
  const given = logins(wishes, inUse, rule, scene.source);
  return ({ subject, live }) => given.get(subject.key) ?? { name: live ? login(live.values) : "" };
}

/** The login that the AD account has or gets in this run. */
export function loginOf(scene: Scene, subject: Subject): string {
  const wish = scene.wished("ad:User", personName(subject.key))?.inputs;
  return textOf(wish?.["sAMAccountName"]) || textOf(accountOf(scene, subject, "ad:User")?.values["sAMAccountName"]);
}
