/** Deleted accounts that the system can still bring back. */

import type { Live } from "../../../providers/core/definition.ts";
import { accountOf, doubtIn, identityOf, isGuest } from "../../match/accounts.ts";
import { contradiction, saidAgainst } from "../../match/match.ts";
import { remembered } from "../../model/remembered.ts";
import { ofPerson, park, personName, type Scene, want } from "../../model/scene.ts";
import type { Because, PreviousResource, Subject } from "../../model/types.ts";
import { byEach, called, fieldTexts, flag, part, textOf } from "../../model/values.ts";
import type { Directory } from "./directory.ts";

export interface DeletedAccounts {
  /**
   * Carries a deleted account on as deleted: true when it did. Also one that was deleted by hand, so that it is known again when
   * the person comes back.
   */
  carryOn(subject: Subject, before: PreviousResource): boolean;
  /**
   * The deleted account of somebody who has none: by the id the state knows, by its SID, or by the ordered fields of matching as far as
   * they were kept, weighed as those of a living one. Several, another's as well, or one that everything else speaks against: the
   * person is parked. By a login alone nobody is recognised: it may have been somebody else's.
   */
  of(subject: Subject): Live | "parked" | undefined;
}

export function deletedAccounts(scene: Scene, { system, type, noun, label, deleted }: Directory): DeletedAccounts {
  const ids = scene.byId(deleted.type);
  const owned = new Set(scene.world.previous.filter((one) => one.type === type).map((one) => one.id));
  const { external, is } = scene.mappings.people;
  const fields = Object.keys(is[system]);
  const free = [...ids.values()].filter((one) => !owned.has(one.id) && !flag(one.values[deleted.never]) && (external || !isGuest(one)));
  const byField = remembered((field: string) => byEach(free, (one) => fieldTexts(one.values, field).map(lower)));
  const holding = (field: string, value: string): readonly Live[] => byField(field).get(lower(value)) ?? [];
  const claims = new Map<string, Subject>();
  const parked = (subject: Subject, reason: string): "parked" => {
    park(scene, subject, system, "matching", reason);
    return "parked";
  };
  /** One deleted account for one person. */
  const claimed = (subject: Subject, one: Live): Live | "parked" => {
    const other = claims.get(one.id) ?? subject;
    claims.set(one.id, other);
    const reason = `the deleted ${noun} ${label(one)} would belong to ${called(other)} as well; correct the record of whoever it does not belong to in ${scene.source}`;
    return other === subject ? one : parked(subject, reason);
  };
  /** One that a field has found: not while anything is doubted, and not where everything else speaks against it. */
  const found = (subject: Subject, one: Live, by: string): Live | "parked" => {
    const what = `the deleted ${noun} ${label(one)} has ${by}`;
    const doubt = doubtIn(scene);
    if (doubt !== undefined)
      return parked(
        subject,
        `${doubt} is doubted, and nobody is matched anew until it can be trusted: ${what}; wait for a read that can be trusted`,
      );
    const account = accountOf(system, one, external);
    const wants = (field: string): string | undefined => identityOf(scene.mappings, system, subject, field);
    const against = contradiction({ key: subject.key, called: called(subject), name: subject.name, wants }, account, fields);
    if (against.length === 0) return claimed(subject, one);
    return parked(
      subject,
      `${what}, and everything else speaks against it: ${saidAgainst(account, against)}; restore it by hand where it is the person's, or else delete it for good`,
    );
  };
  return {
    carryOn(subject, before) {
      if (before.inputs["hybrid"] === true || !ids.has(before.id)) return false;
      const why: Because = subject.because ?? subject.keep ?? { rule: scene.at("safety", "leaver", "delete") };
      const inputs = { ...before.inputs, deleted: true };
      want(scene, { type, ...ofPerson(subject), inputs, because: { "": why, deleted: why } });
      return true;
    },
    of(subject) {
      if (ids.size === 0) return undefined;
      const before = scene.previous(type, personName(subject.key));
      const known = before && ids.get(before.id);
      if (known) return claimed(subject, known);
      const sid = textOf(part(before?.outputs["computed"])["sid"]);
      const [bySid, another] = sid === "" ? [] : holding("sid", sid);
      if (bySid && !another) return claimed(subject, bySid);
      for (const field of fields) {
        const wanted = identityOf(scene.mappings, system, subject, field)?.trim().toLowerCase() ?? "";
        const [one, ...more] = wanted === "" ? [] : holding(field, wanted);
        if (one && more.length === 0) return found(subject, one, `${field} ${wanted}`);
        if (one)
          return parked(
            subject,
            `${more.length + 1} deleted ${noun}s have ${field} ${wanted}: ${[one, ...more].map(deleted.label).sort().slice(0, 5).join("; ")}; restore the right one by hand${deleted.mend}`,
          );
      }
      return undefined;
    },
  };
}

const lower = (text: string): string => text.toLowerCase();
