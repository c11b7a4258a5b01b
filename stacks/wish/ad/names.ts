/** Names of AD accounts: logins, common names and userPrincipalNames, each unique. */
import { same } from "../../../base/text.ts";
import type { AdFile } from "../../../mappings/schema/all.ts";
import { dnKey, sameDn } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { called, part, textOf, textsOf, valueCalled } from "../../model/values.ts";
import { type Draft, givenLogins } from "../account/directory.ts";
import { commonNames, placed, upnProblem } from "../naming.ts";
import type { AttributeSet } from "./attributes.ts";
import { adDirectory } from "./directory.ts";

/** An AD account on its way to a resource. */
export interface AdDraft extends Draft<AdFile["accounts"][number]> {
  /** What the ou template gives. */
  ou: string;
  /** Where the account is to be, in AD's spelling if the place exists. */
  path: string;
  /** What the name template gives. */
  base: string;
  name?: string;
  attributes?: AttributeSet;
}

/** Gives somebody what their account is to have, or says why it cannot be. Asked in order of the key. */
type Judge = (one: AdDraft) => string | undefined;

/** Gives logins and common names. */
export function nameAll(scene: Scene, drafts: readonly AdDraft[]): Judge {
  const loginOf = givenLogins(
    scene,
    adDirectory,
    drafts.filter((one) => !one.live),
    [
      ...scene.all("ad:User").map(adDirectory.label),
      ...scene.all("ad:Group").map((live) => textOf(live.values["name"])),
      ...(scene.mappings.ad?.groups ?? []).map((group) => group.name),
    ],
  );
  const occupied = [...scene.all("ad:User"), ...scene.all("ad:Group")].map((live) =>
    placed(dnKey(textOf(live.values["path"])), textOf(live.values["name"])),
  );
  const active = drafts.filter((one) => one.subject.stage === "active" && !("problem" in loginOf(one)));
  const names = commonNames(
    active.map((one) => ({ key: one.subject.key, base: one.base, place: dnKey(one.path), current: one.live && currentOf(one.live) })),
    occupied,
    scene.source,
  );
  const units = scene.all("ad:OrganizationalUnit").map((live) => textOf(live.values["distinguishedName"]));
  const spelt = new Map(units.map((dn) => [dnKey(dn), dn]));
  return (one) => {
    const login = loginOf(one);
    // A leaver's account is neither moved nor renamed: people often put such accounts aside by hand.
    const name = names.get(one.subject.key) ?? { name: textOf(one.live?.values["name"]) };
    if ("problem" in login) return login.problem;
    if ("problem" in name) return name.problem;
    const path = textOf(one.live?.values["path"]);
    const isKept = one.subject.stage === "leaver" || (one.live !== undefined && sameDn(one.ou, path));
    one.login = login.name;
    one.name = name.name;
    one.path = isKept ? path : (spelt.get(dnKey(one.ou)) ?? one.ou);
    return undefined;
  };
}

const currentOf = (live: Live) => ({ name: textOf(live.values["name"]), place: dnKey(textOf(live.values["path"])) });

/** Says whom AD would refuse: values it does not take, names and addresses that somebody else has. */
export function distinctNames(scene: Scene, drafts: readonly AdDraft[]): Judge {
  const upns = upnsOf(scene);
  const addresses = addressesOf(scene, drafts);
  return (one) => {
    if (one.subject.stage !== "leaver") return one.attributes?.problems.join("; ") || upns(one) || addresses(one);
    keepUpn(one);
    return undefined;
  };
}

/** AD refuses a whole account whose userPrincipalName somebody else has: the lower key gets it. */
function upnsOf(scene: Scene): Judge {
  const owner = new Map(scene.all("ad:User").map((live) => [textOf(live.values["userPrincipalName"]).toLowerCase(), live.id]));
  owner.delete("");
  const claimed = new Map<string, Subject>();
  return (one) => {
    const wished = one.attributes?.upn;
    const upn = wished?.toLowerCase();
    if (wished === undefined || upn === undefined || (one.live && same(textOf(one.live.values["userPrincipalName"]), upn)))
      return undefined;
    const wrong = upnProblem(wished, scene.source);
    if (wrong !== undefined) return wrong;
    const holder = owner.get(upn);
    const rival = claimed.get(upn);
    if ((holder === undefined || holder === one.live?.id) && !rival) {
      claimed.set(upn, one.subject);
      return undefined;
    }
    const whose = rival ? called(rival) : textOf(scene.byId("ad:User").get(holder ?? "")?.values["distinguishedName"]);
    return `the userPrincipalName ${upn} is ${rival ? "given to" : "taken by"} ${whose}: make it unique in ${scene.source} or in the mapping`;
  };
}

/**
 * AD lets two accounts have one address, and mail then reaches neither: so the lower key gets it, and an address of an
 * account that keeps it is nobody else's.
 */
function addressesOf(scene: Scene, drafts: readonly AdDraft[]): Judge {
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
        return `the address ${value} is ${rival ? `given to ${called(rival)}` : `taken by ${other}`}: make it unique in ${scene.source} or in the mapping`;
    }
    for (const value of wished) claimed.set(value, one.subject);
    return undefined;
  };
}

const isAddresses = (name: string): boolean => name.toLowerCase() === "proxyaddresses";

function wishedAddresses(one: AdDraft): string[] {
  return textsOf(valueCalled(one.attributes?.values ?? {}, "proxyAddresses")).filter((value) => /^smtp:/iu.test(value));
}

/** A leaver is disabled whatever else is wrong: the account keeps the userPrincipalName it has. */
function keepUpn({ live, attributes }: AdDraft): void {
  const now = textOf(live?.values["userPrincipalName"]);
  if (attributes && now !== "") attributes.upn = now;
  else delete attributes?.upn;
}
