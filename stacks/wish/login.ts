import { personName, type Scene } from "../model/scene.ts";
import type { Subject } from "../model/subject.ts";
import { textOf } from "../model/values.ts";

/** The login that the AD account has or gets in this run. */
export function loginOf(scene: Scene, { key, accounts }: Subject): string {
  const live = accounts.ad === undefined ? undefined : scene.byId("ad:User").get(accounts.ad);
  return textOf(scene.wished("ad:User", personName(key))?.inputs["sAMAccountName"]) || textOf(live?.values["sAMAccountName"]);
}
