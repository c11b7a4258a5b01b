/** The key a password is made under: another one in the mapping gives an account a new password, once. */
import type { Values } from "../../../base/json.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, type Scene } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { flag, textOf } from "../../model/values.ts";

/**
 * The input and its reason. Whom `rotate` does not select (any more), and leavers, held, parked and protected people, keep
 * the key they have: nothing changes for them. An account that is new or taken over only notes the key.
 */
export function passwordKey(
  scene: Scene,
  subject: Subject,
  live: Live | undefined,
  name: string,
): { inputs: Values; because: { [path: string]: Because } } {
  const rotate = scene.mappings.ad?.passwords?.rotate;
  const previous = scene.previous("ad:User", name);
  const last = textOf(previous?.inputs["passwordKey"]);
  const kept = last === "" ? { inputs: {}, because: {} } : { inputs: { passwordKey: last }, because: {} };
  if (!rotate || subject.stage === "leaver" || subject.keep || (live && flag(live.values["protected"]))) return kept;
  const verdict = scene.decisions.verdict(rotate.for, subject);
  if (!verdict.holds) return kept;
  const note = !live
    ? "the first password is made under this key"
    : previous
      ? "password rotated because the key changed"
      : "taken over with the password it has";
  return {
    inputs: { passwordKey: rotate.key },
    because: { passwordKey: because(scene.at("ad", "passwords", "rotate", "key"), subject, verdict.fields, note) },
  };
}
