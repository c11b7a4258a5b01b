/** What accounts of Active Directory and of Entra ID differ in; this folder makes both alike. */
import type { Json, Values } from "../../../base/json.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { Chosen } from "../../model/decisions.ts";
import { park, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import { flag } from "../../model/values.ts";

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
