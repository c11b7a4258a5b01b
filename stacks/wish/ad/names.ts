/** Names of AD accounts: logins, common names and userPrincipalNames, each unique. */
import type { AdFile } from "../../../mappings/schema/all.ts";
import { dnKey, sameDn } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { remembered } from "../../model/remembered.ts";
import type { Scene } from "../../model/scene.ts";
import { textOf, textsOf, valueCalled } from "../../model/values.ts";
import { type Draft, givenLogins } from "../account/directory.ts";
import { mailOf, newNames, spaceOf, takenIn } from "../account/taken.ts";
import { attributeTemplates, rendered } from "../account/templates.ts";
import { commonNames, upnProblem } from "../naming.ts";
import type { AttributeSet } from "./attributes.ts";
import { adDirectory } from "./directory.ts";
import { namesInPlaces, namesToMake, unitTaken } from "./places.ts";

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
  const templatesOf = attributeTemplates(scene, "ad");
  const withLogin = remembered((sets: AdFile["accounts"][number]["attributes"]) =>
    templatesOf(sets).filter(({ name, read }) => spaceOf(name) !== undefined && read.includes("login")),
  );
  const loginOf = givenLogins(
    scene,
    adDirectory,
    drafts.filter((one) => !one.live),
    [
      ...scene.all("ad:User").map(adDirectory.label),
      ...scene.all("ad:Group").map((live) => textOf(live.values["name"])),
      ...(scene.mappings.ad?.groups ?? []).map((group) => group.name),
    ],
    ({ line, record }, login) => {
      const names: { [attribute: string]: string[] } = {};
      for (const template of withLogin(line.attributes)) names[template.name] = rendered(template, record, { login });
      return names;
    },
  );
  const active = drafts.filter((one) => one.subject.stage === "active" && !("problem" in loginOf(one)));
  const names = commonNames(
    active.map((one) => ({ key: one.subject.key, base: one.base, place: dnKey(one.path), current: one.live && currentOf(one.live) })),
    () => [...namesInPlaces(scene), ...namesToMake(scene)],
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
    one.instead = login.instead;
    one.name = name.name;
    const noPlace = isKept ? undefined : unitTaken(scene, one.ou);
    if (noPlace !== undefined) return `${noPlace}: rename one of them, or correct the place in ${scene.source} or in the mapping`;
    one.path = isKept ? path : (spelt.get(dnKey(one.ou)) ?? one.ou);
    if (!isKept || one.name !== textOf(one.live?.values["name"])) scene.newNames.add(one.path);
    return undefined;
  };
}

const currentOf = (live: Live) => ({ name: textOf(live.values["name"]), place: dnKey(textOf(live.values["path"])) });

/** Says whom AD would refuse, or whose mail would reach somebody else: values it does not take, names and addresses that somebody else has. */
export function distinctNames(scene: Scene, drafts: readonly AdDraft[]): Judge {
  const distinct = distinctIn(scene, drafts);
  return (one) => {
    if (one.subject.stage !== "leaver") return one.attributes?.problems.join("; ") || distinct(one);
    keepUpn(one);
    return undefined;
  };
}

/**
 * AD refuses a whole account whose userPrincipalName somebody else has, and lets two have one address, so that mail reaches neither:
 * whoever has it keeps it, of those who come the lower key gets it. An address that its account gives up in this run is free; a
 * userPrincipalName is in the next.
 */
function distinctIn(scene: Scene, drafts: readonly AdDraft[]): Judge {
  const taken = takenIn(scene);
  const drafted = remembered(() => new Map(drafts.flatMap((one) => (one.live ? [[one.live.id, one] as const] : []))));
  return (one) => {
    const upn = one.attributes?.upn;
    const wished = upn === undefined ? [] : newNames({ userPrincipalName: upn }, one.live);
    if (one.attributes) wished.push(...newNames(one.attributes.values, one.live));
    for (const { attribute, space, name } of wished) {
      const isUpn = space === "upn";
      const wrong = isUpn ? upnProblem(name, scene.source) : undefined;
      if (wrong !== undefined) return wrong;
      const whose = taken.by(space, name, one, isUpn ? undefined : (live) => givesUp(drafted("").get(live.id), name));
      if (whose !== undefined)
        return `${isUpn || space === "alias" ? `the ${attribute} ${name}` : `the address ${name.toLowerCase()}`} is ${whose}: make it unique in ${scene.source} or in the mapping`;
    }
    for (const { space, name } of wished) taken.claim(space, name, one.subject);
    if (wished.length > 0) scene.newNames.add("");
    return undefined;
  };
}

/** Whether an account's addresses are managed whole and this one is not among them any more. */
function givesUp(one: AdDraft | undefined, address: string): boolean {
  if (!one || one.subject.stage === "leaver") return false;
  const { values = {}, additive = [] } = one.attributes ?? {};
  if (additive.some((name) => name.toLowerCase() === "proxyaddresses")) return false;
  const wished = mailOf(textsOf(valueCalled(values, "proxyAddresses")));
  return wished.length > 0 && newNames({ proxyAddresses: [address] }, { id: "", values: { proxyAddresses: wished } }).length > 0;
}

/** A leaver is disabled whatever else is wrong: the account keeps the userPrincipalName it has. */
function keepUpn({ live, attributes }: AdDraft): void {
  const now = textOf(live?.values["userPrincipalName"]);
  if (attributes && now !== "") attributes.upn = now;
  else delete attributes?.upn;
}
