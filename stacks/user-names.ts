/** Names of AD accounts: logins, common names and userPrincipalNames, each unique, whoever cannot have one parked. */
import type { AdFile } from "../mappings/schema.ts";
import { compile } from "../mappings/template.ts";
import type { Json, Live } from "../providers/core/definition.ts";
import { type AttributeSet, attributeSet } from "./attributes.ts";
import { carried } from "./carried.ts";
import { dnKey } from "./dn.ts";
import type { Subject } from "./lifecycle.ts";
import { commonNames, logins, placed } from "./naming.ts";
import { park, personName, type Scene } from "./scene.ts";
import { called, same, textOf } from "./values.ts";

export type Rule = AdFile["accounts"][number];

/** An account on its way to a resource. */
export interface Draft {
  subject: Subject;
  record: { [field: string]: Json };
  rule: Rule;
  index: number;
  /** Fields that made the rule hold. */
  fields: string[];
  live: Live | undefined;
  /** What the ou template gives. */
  ou: string;
  /** Where the account is to be, in AD's spelling if the place exists. */
  path: string;
  base: string;
  name?: string;
  login?: string;
  attributes?: AttributeSet;
}

/** Gives logins and common names, in order of the key; parks whom no name can be given. */
export function nameAll(scene: Scene, drafts: Draft[]): Draft[] {
  const { login: rule } = scene.mappings.people;
  const takenLogins = [
    ...scene.all("ad:User").map((live) => textOf(live.values["sAMAccountName"])),
    ...scene.all("ad:Group").map((live) => textOf(live.values["name"])),
    ...(scene.mappings.ad?.groups ?? []).map((group) => group.name),
  ];
  const newcomers = drafts.filter((one) => !one.live);
  const wishes = newcomers.map((one) => ({
    key: one.subject.key,
    text: compile(rule.is).render(one.record),
    before: textOf(scene.previous("ad:User", personName(one.subject.key))?.inputs["sAMAccountName"]),
  }));
  const givenLogins = logins(wishes, takenLogins, rule);

  const occupied = [...scene.all("ad:User"), ...scene.all("ad:Group")].map((live) =>
    placed(dnKey(textOf(live.values["path"])), textOf(live.values["name"])),
  );
  const active = drafts.filter((one) => one.subject.stage === "active" && named(givenLogins.get(one.subject.key)));
  const givenNames = commonNames(
    active.map((one) => ({ key: one.subject.key, base: one.base, place: dnKey(one.path), current: one.live && currentOf(one.live) })),
    occupied,
  );

  const spelt = new Map(
    scene
      .all("ad:OrganizationalUnit")
      .map((live) => textOf(live.values["distinguishedName"]))
      .map((dn) => [dnKey(dn), dn]),
  );
  return drafts.filter((one) => {
    const { key } = one.subject;
    const [login, name] = [givenLogins.get(key), givenNames.get(key)];
    const problem = [login, name].find((each) => each && "problem" in each);
    if (problem && "problem" in problem) {
      park(scene, one.subject, "ad", "mapping", problem.problem);
      carried(scene, one.subject, "ad:User", one.live);
      return false;
    }
    // A leaver's account is neither moved nor renamed: people often put such accounts aside by hand.
    one.name = name && "name" in name ? name.name : textOf(one.live?.values["name"]);
    if (one.subject.stage === "leaver" || sameDn(one.ou, one.live)) one.path = textOf(one.live?.values["path"]);
    else one.path = spelt.get(dnKey(one.ou)) ?? one.ou;
    one.login = login && "name" in login ? login.name : textOf(one.live?.values["sAMAccountName"]);
    return true;
  });
}

const named = (one: { name: string } | { problem: string } | undefined): boolean => !one || "name" in one;
const currentOf = (live: Live) => ({ name: textOf(live.values["name"]), place: dnKey(textOf(live.values["path"])) });
const sameDn = (path: string, live: Live | undefined): boolean => live !== undefined && dnKey(path) === dnKey(textOf(live.values["path"]));

/** Renders attributes, and parks whose userPrincipalName somebody else has: AD would refuse the whole account. */
export function distinctNames(scene: Scene, drafts: Draft[]): Draft[] {
  const owner = new Map<string, string>();
  for (const live of scene.all("ad:User")) {
    const upn = textOf(live.values["userPrincipalName"]).toLowerCase();
    if (upn !== "") owner.set(upn, live.id);
  }
  for (const one of drafts) one.attributes = attributeSet(scene, one.subject, one.rule, one.record, one.login ?? "");
  const claimed = new Map<string, Subject>();
  return drafts.filter((one) => {
    const upn = one.attributes?.upn?.toLowerCase();
    if (upn === undefined || (one.live && same(textOf(one.live.values["userPrincipalName"]), upn))) return true;
    if (one.subject.stage === "leaver") return keepUpn(one);
    const holder = owner.get(upn);
    const rival = claimed.get(upn);
    if ((holder === undefined || holder === one.live?.id) && !rival) {
      claimed.set(upn, one.subject);
      return true;
    }
    const whose = rival ? called(rival) : textOf(scene.byId("ad:User").get(holder ?? "")?.values["distinguishedName"]);
    park(
      scene,
      one.subject,
      "ad",
      "mapping",
      `the userPrincipalName ${upn} is ${rival ? "given to" : "taken by"} ${whose}: make it unique in Halo or in the mapping`,
    );
    carried(scene, one.subject, "ad:User", one.live);
    return false;
  });
}

/** A leaver is disabled whatever else is wrong: the account keeps the userPrincipalName it has. */
function keepUpn(one: Draft): true {
  const now = textOf(one.live?.values["userPrincipalName"]);
  if (one.attributes && now !== "") one.attributes.upn = now;
  else delete one.attributes?.upn;
  return true;
}
