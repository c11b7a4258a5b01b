/** Whether somebody can sign in, and accounts that are never touched. */
import type { Values } from "../../../base/json.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, park, personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";
import { called, flag, textOf } from "../../model/values.ts";
import type { Directory, Draft } from "./directory.ts";

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
