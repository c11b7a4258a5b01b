/** Deleted accounts that the system can still bring back. */

import type { Live } from "../../../providers/core/definition.ts";
import { identityOf } from "../../match/accounts.ts";
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
   * they were kept. Several, or another's as well: the person is parked. By a login alone nobody is recognised: it may have been
   * somebody else's.
   */
  of(subject: Subject): Live | "parked" | undefined;
}

export function deletedAccounts(scene: Scene, { system, type, noun, label, deleted }: Directory): DeletedAccounts {
  const ids = scene.byId(deleted.type);
  const owned = new Set(scene.world.previous.filter((one) => one.type === type).map((one) => one.id));
  const free = [...ids.values()].filter((one) => !owned.has(one.id) && !flag(one.values[deleted.never]));
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
      for (const field of Object.keys(scene.mappings.people.is[system])) {
        const wanted = identityOf(scene.mappings, system, subject, field)?.trim().toLowerCase() ?? "";
        const found = wanted === "" ? [] : holding(field, wanted);
        if (found.length === 1 && found[0]) return claimed(subject, found[0]);
        if (found.length > 1)
          return parked(
            subject,
            `${found.length} deleted ${noun}s have ${field} ${wanted}: ${found.map(deleted.label).sort().slice(0, 5).join("; ")}; restore the right one by hand${deleted.mend}`,
          );
      }
      return undefined;
    },
  };
}

const lower = (text: string): string => text.toLowerCase();
