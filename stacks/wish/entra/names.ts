/** Names of accounts that are made in Entra ID, deleted ones that come back, and when a leaver's account goes. */
import { compile } from "../../../mappings/language/template.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { park, personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because, PreviousResource } from "../../model/types.ts";
import { called, flag, part, textOf, textsOf } from "../../model/values.ts";
import { logins, upnProblem } from "../naming.ts";
import { type CloudDraft, cloudType, kept } from "./users.ts";

const local = (upn: string): string => upn.replace(/@.*$/su, "");
const upnOf = (live: Live | undefined): string => textOf(live?.values["userPrincipalName"]);

/** Gives logins as AD accounts get them: in order of the key, unique among all users of the tenant and all logins of AD. */
export function cloudLogins(scene: Scene, drafts: CloudDraft[]): CloudDraft[] {
  const made = drafts.filter((one) => !one.hybrid && !one.live);
  const rule = scene.mappings.people.login;
  const taken = [
    ...scene.all(cloudType).flatMap((live) => [local(upnOf(live)), textOf(part(live.values["attributes"])["mailNickname"])]),
    ...scene.all("ad:User").map((live) => textOf(live.values["sAMAccountName"])),
    ...scene.resources.map((one) => (one.type === "ad:User" ? textOf(one.inputs["sAMAccountName"]) : "")),
  ].filter((name) => name !== "");
  const given = logins(
    made.map((one) => ({
      key: one.subject.key,
      text: compile(rule.is).render(one.record),
      before: local(upnOf(one.grave) || textOf(scene.previous(cloudType, personName(one.subject.key))?.inputs["userPrincipalName"])),
    })),
    taken,
    rule,
  );
  return drafts.filter((one) => {
    const login = given.get(one.subject.key);
    // Only a template that uses the login cares whether there is one.
    const uses = one.line.userPrincipalName !== undefined && compile(one.line.userPrincipalName).fields.includes("login");
    if (login && "problem" in login && uses) {
      park(scene, one.subject, "entra", "mapping", login.problem);
      return false;
    }
    one.login = one.live ? local(upnOf(one.live)) : login && "name" in login ? login.name : "";
    return true;
  });
}

/** Renders names and attributes, and parks whom Graph would refuse: values it does not take, names that somebody else has. */
export function cloudNames(scene: Scene, drafts: CloudDraft[], render: (one: CloudDraft) => void): CloudDraft[] {
  for (const one of drafts) {
    render(one);
    if (one.hybrid) continue;
    const source = one.line.userPrincipalName;
    const wished =
      source === undefined
        ? ""
        : compile(source)
            .render(one.record, { login: one.login ?? "" })
            .trim();
    one.upn = wished;
  }
  // Somebody's name that nobody wishes to change is theirs; one that its holder gives up is free only in the next run.
  const holders = new Map(scene.all(cloudType).map((live) => [upnOf(live).toLowerCase(), live]));
  const addresses = new Map<string, Live>();
  for (const live of scene.all("entra:Licence")) {
    const mail = textOf(live.values["mail"]).toLowerCase();
    if (mail !== "") addresses.set(mail, live);
  }
  const claimed = new Map<string, Subject>();
  return drafts.filter((one) => {
    const problem = one.hybrid ? one.attributes?.problems[0] : problemOf(one, holders, addresses, claimed);
    if (problem === undefined) {
      if (one.upn !== undefined) claimed.set(one.upn.toLowerCase(), one.subject);
      return true;
    }
    park(scene, one.subject, "entra", "mapping", problem);
    kept(scene, one.subject, one.live);
    return false;
  });
}

function problemOf(
  one: CloudDraft,
  holders: ReadonlyMap<string, Live>,
  addresses: ReadonlyMap<string, Live>,
  claimed: ReadonlyMap<string, Subject>,
): string | undefined {
  const upn = one.upn ?? "";
  const why = one.attributes?.problems[0] ?? upnProblem(upn) ?? graphNameProblem(upn);
  if (why !== undefined) return why;
  if (textOf(one.attributes?.values["displayName"] as string | undefined) === "")
    return "the displayName of the account would be empty, and Graph wants one: give the person a name in Halo, or map displayName";
  const rival = claimed.get(upn.toLowerCase());
  if (rival) return `the userPrincipalName ${upn} is given to ${called(rival)}: make it unique in Halo or in the mapping`;
  const holder = holders.get(upn.toLowerCase());
  if (holder && holder.id !== one.live?.id)
    return `the userPrincipalName ${upn} is taken by the account ${holder.id}: make it unique in Halo or in the mapping`;
  // Entra ID makes the name an address of the account: nobody else may have it.
  const address = addresses.get(upn.toLowerCase());
  if (address && address.id !== one.live?.id)
    return `the userPrincipalName ${upn} is the address of ${upnOf(address) || address.id}: make it unique in Halo or in the mapping`;
  return undefined;
}

/** Graph takes fewer characters than AD: letters, digits and ' . - _ ! # ^ ~ before the @ (GDOC resources/user). */
function graphNameProblem(upn: string): string | undefined {
  if (/^[A-Za-z0-9'.\-_!#^~]+@/u.test(upn)) return undefined;
  return `the userPrincipalName "${upn.slice(0, 80)}" has a character before the @ that Entra ID does not take (letters without accents, digits and '.-_!#^~ are): put \`| ascii\` into the template`;
}

/** Whether this run deletes the account: the stage has come, and an earlier run has blocked it. */
export function goesFromCloud(subject: Subject, live: Live): boolean {
  return (
    subject.due.has("delete") &&
    !flag(live.values["enabled"]) &&
    !flag(live.values["protected"]) &&
    !flag(live.values["synced"]) &&
    subject.keep === undefined
  );
}

const graves = (scene: Scene): readonly Live[] => scene.all("entra:Deleted");

/** Carries a deleted account on as deleted while Entra ID can still bring it back: true when it did. */
export function buriedInCloud(scene: Scene, subject: Subject, before: PreviousResource): boolean {
  if (before.inputs["hybrid"] === true || !scene.byId("entra:Deleted").has(before.id)) return false;
  const why: Because = subject.because ?? subject.keep ?? { rule: scene.at("safety", "leaver", "delete") };
  scene.add({
    type: cloudType,
    name: personName(subject.key),
    person: subject.key,
    inputs: { ...before.inputs, deleted: true },
    because: { "": why, deleted: why },
  });
  return true;
}

/** The deleted account of somebody who has none: by the id the state knows, else by the ordered fields of matching. */
export function cloudGraveOf(scene: Scene, subject: Subject): Live | undefined | "parked" {
  const all = graves(scene);
  if (all.length === 0 || !subject.record) return undefined;
  const before = scene.previous(cloudType, personName(subject.key));
  const known = before && all.find((one) => one.id === before.id);
  if (known) return known;
  const owned = new Set(scene.world.previous.filter((one) => one.type === cloudType).map((one) => one.id));
  const free = all.filter((one) => !owned.has(one.id) && !flag(one.values["synced"]));
  for (const field of scene.mappings.people.match.entra) {
    const source = scene.mappings.people.identify[field];
    const wanted = typeof source === "string" ? compile(source).render(subject.record.fields).trim().toLowerCase() : "";
    if (wanted === "") continue;
    const found = free.filter((one) => valuesOf(one, field).includes(wanted));
    if (found.length === 0) continue;
    const rivals = found.length === 1 ? claim(scene, found[0]?.id ?? "", subject) : undefined;
    if (found[0] && found.length === 1 && rivals === undefined) return found[0];
    const why = rivals
      ? `the deleted Entra account ${upnOf(found[0])} would belong to ${called(rivals)} as well; correct the one it is not in Halo`
      : `${found.length} deleted Entra accounts have ${field} ${wanted}: ${found.map(upnOf).sort().slice(0, 5).join("; ")}; restore the right one by hand, or remove the others for good`;
    park(scene, subject, "entra", "matching", why);
    return "parked";
  }
  return undefined;
}

const claims = new WeakMap<Scene, Map<string, Subject>>();
function claim(scene: Scene, id: string, subject: Subject): Subject | undefined {
  const mine = claims.get(scene) ?? new Map<string, Subject>();
  claims.set(scene, mine);
  const other = mine.get(id);
  mine.set(id, other ?? subject);
  return other === subject ? undefined : other;
}

function valuesOf(live: Live, field: string): string[] {
  return textsOf(live.values[field] ?? part(live.values["attributes"])[field]).map((value) => value.toLowerCase());
}
