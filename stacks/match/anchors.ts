/**
 * Which Entra account is the copy of which AD account. Entra Connect joins them by mS-DS-ConsistencyGuid where that is set and by
 * objectGUID else (`onPremisesImmutableId`); where neither says it, the security identifier does, and then the login with its
 * domain (Microsoft Entra Connect: Design concepts, sourceAnchor). Pure.
 */
import { fold } from "../../base/text.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Ground } from "../model/scene.ts";
import { fieldTexts, flag, textOf } from "../model/values.ts";

/** AD's attribute that takes the place of objectGUID. */
export const consistencyGuid = "mS-DS-ConsistencyGuid";
/** Graph's properties that say it besides `onPremisesImmutableId`. */
export const anchorProperties = ["onPremisesSecurityIdentifier", "onPremisesSamAccountName", "onPremisesDomainName"];

export interface Copies {
  /** Id of an AD account → id of its copy. */
  copyOf: ReadonlyMap<string, string>;
  /** Id of an Entra account → the AD account it comes from. */
  sourceOf: ReadonlyMap<string, Live>;
}

/** What says of both that they belong together, the surest first; "" says nothing. */
const anchors: readonly { ad(live: Live): string; entra(live: Live): string }[] = [
  { ad: ({ values }) => fieldTexts(values, consistencyGuid)[0] ?? "", entra: immutableOf },
  { ad: ({ id }) => immutableIdOf(id) ?? "", entra: immutableOf },
  { ad: ({ values }) => textOf(values["sid"]), entra: ({ values }) => textOf(values["onPremisesSecurityIdentifier"]) },
  {
    ad: ({ values }) => login(textOf(values["sAMAccountName"]), domainOf(textOf(values["distinguishedName"]))),
    entra: ({ values }) => login(textOf(values["onPremisesSamAccountName"]), textOf(values["onPremisesDomainName"])),
  },
];

/** Each account in one pair only; what two could be is no pair. */
export function copiesOf(scene: Pick<Ground, "all">): Copies {
  const known = pairs.get(scene) ?? pairsIn(scene);
  pairs.set(scene, known);
  return known;
}

/** Each directory's accounts are looked for with the same pairs. */
const pairs = new WeakMap<object, Copies>();

const pairsIn = ({ all }: Pick<Ground, "all">): Copies => joined(all("ad:User"), all("entra:Licence"), anchors);

/** What says of a group and its copy that they are one. Entra ID does not show the anchor of a group. */
const groupAnchors: typeof anchors = [
  { ad: ({ values }) => textOf(values["sid"]), entra: ({ values }) => textOf(values["onPremisesSecurityIdentifier"]) },
  {
    ad: ({ values }) => login(textOf(values["name"]), domainOf(textOf(values["distinguishedName"]))),
    entra: ({ values }) => login(textOf(values["onPremisesSamAccountName"]), textOf(values["onPremisesDomainName"])),
  },
];

/** The same of groups: whoever is in one is in the other as soon as Entra Connect has run. */
export function groupCopiesOf(live: { readonly [type: string]: readonly Live[] }): Copies {
  const cloud = (live["entra:Group"] ?? []).filter(({ values }) => flag(values["synced"]));
  return joined(live["ad:Group"] ?? [], cloud, groupAnchors);
}

function joined(here: readonly Live[], there: readonly Live[], by: typeof anchors): Copies {
  const copyOf = new Map<string, string>();
  const sourceOf = new Map<string, Live>();
  for (const { ad, entra } of by) {
    const cloud = Map.groupBy(
      there.filter(({ id }) => !sourceOf.has(id)),
      entra,
    );
    cloud.delete("");
    if (cloud.size === 0) continue;
    const sources = Map.groupBy(
      here.filter(({ id }) => !copyOf.has(id)),
      ad,
    );
    for (const [anchor, [source, another]] of sources) {
      const [copy, second] = cloud.get(anchor) ?? [];
      if (!source || another || !copy || second) continue;
      copyOf.set(source.id, copy.id);
      sourceOf.set(copy.id, source);
    }
  }
  return { copyOf, sourceOf };
}

/** Entra's immutableId of an account; "" where it has none. */
export function immutableOf({ values }: Pick<Live, "values">): string {
  return textOf(values["immutableId"]);
}

const login = (name: string, domain: string): string => (name === "" || domain === "" ? "" : `${fold(domain)}\\${fold(name)}`);

/** `DC=corp,DC=example,DC=com` is `corp.example.com`. */
const domainOf = (dn: string): string => [...dn.matchAll(/(?:^|,)DC=([^,]+)/giu)].map(([, part]) => part).join(".");

/** Entra's `onPremisesImmutableId` of an AD account: base64 of the raw objectGUID, whose first three groups are little-endian. */
export function immutableIdOf(guid: string): string | undefined {
  const hex = guid
    .trim()
    .replace(/^\{|\}$/gu, "")
    .replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/iu.test(hex)) return undefined;
  const bytes = Buffer.from(hex, "hex");
  for (const [from, to] of littleEndian) bytes.subarray(from, to).reverse();
  return bytes.toString("base64");
}
const littleEndian = [
  [0, 4],
  [4, 6],
  [6, 8],
] as const;
