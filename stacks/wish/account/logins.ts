import { compile } from "../../../mappings/language/template.ts";
import { personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import { textOf } from "../../model/values.ts";
import { logins, type Named } from "../naming.ts";
import type { Directory, Draft } from "./directory.ts";

/**
 * Logins of new accounts, in order of the key. One that was lost or deleted comes back under the login it had; whoever has an
 * account keeps theirs.
 */
export function givenLogins(
  scene: Scene,
  { type, login }: Directory,
  newcomers: readonly Draft<unknown>[],
  inUse: Iterable<string>,
): (one: Draft<unknown>) => Named {
  const rule = scene.mappings.people.login;
  const wishes = newcomers.map(({ subject: { key }, record, restored }) => {
    const before = restored?.values ?? scene.previous(type, personName(key))?.inputs;
    return { key, text: compile(rule.is).render(record), before: before && login(before) };
  });
  const given = logins(wishes, inUse, rule, scene.source);
  return ({ subject, live }) => given.get(subject.key) ?? { name: live ? login(live.values) : "" };
}

/** The login that the AD account has or gets in this run. */
export function loginOf(scene: Scene, { key, accounts }: Subject): string {
  const live = accounts.ad === undefined ? undefined : scene.byId("ad:User").get(accounts.ad);
  return textOf(scene.wished("ad:User", personName(key))?.inputs["sAMAccountName"]) || textOf(live?.values["sAMAccountName"]);
}
