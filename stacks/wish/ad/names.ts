/** Names of AD accounts: logins, common names and userPrincipalNames, each unique, whoever cannot have one parked. */
import type { Json } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { AdFile } from "../../../mappings/schema/all.ts";
import { dnKey } from "../../../providers/ad/values/dn.ts";
import { listOf } from "../../../providers/ad/values/syntax.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { park, personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import { called, part, textOf, textsOf } from "../../model/values.ts";
import { carried } from "../carried.ts";
import { commonNames, logins, placed, upnProblem } from "../naming.ts";
import { type AttributeSet, attributeSet } from "./attributes.ts";

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
  /** A deleted account that is brought back. */
  grave?: Live;
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
    before: textOf((one.grave?.values ?? scene.previous("ad:User", personName(one.subject.key))?.inputs)?.["sAMAccountName"]),
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

/** Renders attributes, and parks whom AD would refuse: values it does not take, names and addresses that somebody else has. */
export function distinctNames(scene: Scene, drafts: Draft[]): Draft[] {
  for (const one of drafts) one.attributes = attributeSet(scene, one.subject, one.rule, one.record, one.login ?? "");
  const upns = upnsOf(scene);
  const addresses = addressesOf(scene, drafts);
  return drafts.filter((one) => {
    if (one.subject.stage === "leaver") return keepUpn(one);
    const problem = one.attributes?.problems.join("; ") || upns(one) || addresses(one);
    if (!problem) return true;
    park(scene, one.subject, "ad", "mapping", problem);
    carried(scene, one.subject, "ad:User", one.live);
    return false;
  });
}

type Judge = (one: Draft) => string | undefined;

/** AD refuses a whole account whose userPrincipalName somebody else has: the lower key gets it. Called in order of the key. */
function upnsOf(scene: Scene): Judge {
  const owner = new Map<string, string>();
  for (const live of scene.all("ad:User")) {
    const upn = textOf(live.values["userPrincipalName"]).toLowerCase();
    if (upn !== "") owner.set(upn, live.id);
  }
  const claimed = new Map<string, Subject>();
  return (one) => {
    const wished = one.attributes?.upn;
    const upn = wished?.toLowerCase();
    if (wished === undefined || upn === undefined || (one.live && same(textOf(one.live.values["userPrincipalName"]), upn)))
      return undefined;
    const wrong = upnProblem(wished);
    if (wrong !== undefined) return wrong;
    const holder = owner.get(upn);
    const rival = claimed.get(upn);
    if ((holder === undefined || holder === one.live?.id) && !rival) {
      claimed.set(upn, one.subject);
      return undefined;
    }
    const whose = rival ? called(rival) : textOf(scene.byId("ad:User").get(holder ?? "")?.values["distinguishedName"]);
    return `the userPrincipalName ${upn} is ${rival ? "given to" : "taken by"} ${whose}: make it unique in Halo or in the mapping`;
  };
}

/**
 * AD lets two accounts have one address, and mail then reaches neither: so the lower key gets it, and an address of an
 * account that keeps it is nobody else's. Called in order of the key.
 */
function addressesOf(scene: Scene, drafts: readonly Draft[]): Judge {
  const wishes = new Map(drafts.flatMap((one) => (one.live ? [[one.live.id, one] as const] : [])));
  if (drafts.every((one) => wishedAddresses(one).length === 0)) return () => undefined;
  const holders = new Map<string, Live>();
  for (const live of scene.all("ad:User")) {
    const mine = wishes.get(live.id);
    const gives =
      mine && mine.subject.stage !== "leaver" && wishedAddresses(mine).length > 0 && !mine.attributes?.additive.some(isAddresses);
    if (gives) continue;
    for (const value of textsOf(valueCalled(part(live.values["attributes"]), "proxyaddresses"))) holders.set(value.toLowerCase(), live);
  }
  const claimed = new Map<string, Subject>();
  return (one) => {
    const wished = wishedAddresses(one).map((value) => value.toLowerCase());
    for (const value of wished) {
      const rival = claimed.get(value);
      const holder = holders.get(value);
      const other = holder && holder.id !== one.live?.id ? textOf(holder.values["distinguishedName"]) : undefined;
      if (rival || other !== undefined)
        return `the address ${value} is ${rival ? `given to ${called(rival)}` : `taken by ${other}`}: make it unique in Halo or in the mapping`;
    }
    for (const value of wished) claimed.set(value, one.subject);
    return undefined;
  };
}

const isAddresses = (name: string): boolean => name.toLowerCase() === "proxyaddresses";

function wishedAddresses(one: Draft): string[] {
  const name = Object.keys(one.attributes?.values ?? {}).find(isAddresses);
  return name === undefined ? [] : listOf(one.attributes?.values[name]).filter((value) => /^smtp:/iu.test(value));
}

/** The value of an attribute whatever the case of its name. */
function valueCalled(values: { [name: string]: Json }, lower: string): Json | undefined {
  const key = Object.keys(values).find((name) => name.toLowerCase() === lower);
  return key === undefined ? undefined : values[key];
}

/** A leaver is disabled whatever else is wrong: the account keeps the userPrincipalName it has. */
function keepUpn(one: Draft): true {
  const now = textOf(one.live?.values["userPrincipalName"]);
  if (one.attributes && now !== "") one.attributes.upn = now;
  else delete one.attributes?.upn;
  return true;
}
