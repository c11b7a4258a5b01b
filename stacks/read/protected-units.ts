/**
 * Organizational units that are protected: those that mappings/safety.yaml names as a place, with everything in it, and those that hold
 * what is protected. Renaming or moving one renames everything below it. Pure.
 */
import type { Mappings } from "../../mappings/schema/all.ts";
import { dnKey, splitDn } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import { remembered } from "../model/remembered.ts";
import type { PreviousResource } from "../model/types.ts";
import { flag, textOf } from "../model/values.ts";
import { meansGroup, type Named } from "./protected.ts";
import { type Renamed, renamer } from "./put-back.ts";

export const unitType = "ad:OrganizationalUnit";

type Lists = { readonly [type: string]: readonly Live[] };

const dnOf = ({ values }: Live): string => textOf(values["distinguishedName"]);

/**
 * Whether a pattern of `protected` means a place of AD: one in it, or the place itself, of which `*,OU=Tier 0,DC=…` is what lies in it.
 */
const meansPlace = (pattern: string, dn: string): boolean => meansGroup(pattern, "", dn) || meansGroup(pattern, "", `,${dn}`);

/** The places that safety.yaml protects, and those that something may come into. */
export function placesIn({ accounts = [], groups = [], allow = [] }: Named): { protected: string[]; allowed: string[] } {
  const isPlace = (one: string): boolean => one.includes("=");
  return { protected: [...accounts, ...groups].filter(isPlace), allowed: allow.filter(isPlace) };
}

/** Why safety.yaml protects a place of AD by its name; undefined: it does not. */
export function namedPlace({ accounts = [], groups = [] }: Named, dn: string): string | undefined {
  const lists = { accounts, groups } as const;
  for (const [list, patterns] of Object.entries(lists)) {
    const hit = patterns.find((one) => one.includes("=") && meansPlace(one, dn));
    if (hit !== undefined) return `mappings/safety.yaml protects it (protected.${list}: ${hit})`;
  }
  return undefined;
}

/** The units with their marks; after everything else of AD has its own. `protectedBy: holds` of what only holds something protected. */
export function markUnits(all: Lists, named: Named): Live[] | undefined {
  const units = all[unitType];
  if (!units) return undefined;
  const holds = new Map<string, string>();
  for (const [type, list] of Object.entries(all))
    for (const live of type.startsWith("ad:") && type !== unitType ? list : []) {
      if (!flag(live.values["protected"])) continue;
      const because = textOf(live.values["protectedBecause"]) || "AD protects it";
      const steps = splitDn(dnOf(live));
      for (let at = 1; at < steps.length; at++) {
        const key = dnKey(steps.slice(at).join(","));
        if (!holds.has(key)) holds.set(key, `it holds ${dnOf(live)}, which is protected: ${because}`);
      }
    }
  const mark = (live: Live): Live => {
    const isNamed = namedPlace(named, dnOf(live));
    const because = isNamed ?? holds.get(dnKey(dnOf(live)));
    if (because === undefined) return live;
    const values = { ...live.values, protected: true, protectedBecause: because, protectedBy: isNamed === undefined ? "holds" : "name" };
    return { id: live.id, values };
  };
  const marked = units.map(mark);
  // A place that is named in one that is not: that one holds it.
  const inner = marked.filter(({ values }) => values["protectedBy"] === "name");
  return marked.map((live) => {
    const end = `,${dnKey(dnOf(live))}`;
    const within = flag(live.values["protected"]) ? undefined : inner.find((one) => dnKey(dnOf(one)).endsWith(end));
    if (!within) return live;
    const because = `it holds ${dnOf(within)}, which is protected: ${textOf(within.values["protectedBecause"])}`;
    return { id: live.id, values: { ...live.values, protected: true, protectedBecause: because, protectedBy: "holds" } };
  });
}

/** Protected units that somebody renamed or moved: they stay as they are called now. `from`: the name they had. */
export function stuckUnits(previous: readonly PreviousResource[], live: Lists): (Renamed & { because: string })[] {
  const units = live[unitType] ?? [];
  if (!units.some(({ values }) => flag(values["protected"]))) return [];
  const byId = new Map(units.map((one) => [one.id, one]));
  const inUse = new Set(units.map((one) => dnKey(dnOf(one))));
  const known = previous
    .flatMap((one) => {
      const found = one.type === unitType ? byId.get(one.id) : undefined;
      // A state knows it by the name that it had at first.
      if (!found || !flag(found.values["protected"]) || inUse.has(dnKey(one.name))) return [];
      return [{ from: one.name, to: dnOf(found), because: textOf(found.values["protectedBecause"]) }];
    })
    .sort((a, b) => splitDn(a.from).length - splitDn(b.from).length || (a.from < b.from ? -1 : 1));
  const stuck: (Renamed & { because: string })[] = [];
  // One within another is named only where it was renamed itself.
  for (const one of known) if (dnKey(renamer(stuck)(one.from)) !== dnKey(one.to)) stuck.push(one);
  return stuck;
}

const places = ["path", "distinguishedName"] as const;

/** What the last run left, as if it had known the names that those units have now: nothing in them is moved. */
export function asCalledNow(previous: readonly PreviousResource[], stuck: readonly Renamed[]): readonly PreviousResource[] {
  if (stuck.length === 0) return previous;
  const name = remembered(renamer(stuck));
  return previous.map((one) => {
    const named = places.filter((field) => one.type.startsWith("ad:") && typeof one.inputs[field] === "string");
    if (named.length === 0) return one;
    return { ...one, inputs: { ...one.inputs, ...Object.fromEntries(named.map((field) => [field, name(textOf(one.inputs[field]))])) } };
  });
}

/** The mappings, in which the names that those units had stand for those that they have; what account lines say is a template, and made so later. */
export function placesNow(mappings: Mappings, stuck: readonly Renamed[]): Mappings {
  if (stuck.length === 0) return mappings;
  const name = renamer(stuck);
  const placed = <T extends { ou?: string | undefined }>(one: T): T => (one.ou === undefined ? one : { ...one, ou: name(one.ou) });
  const { ad, safety } = mappings;
  const { move } = safety.leaver;
  return {
    ...mappings,
    ...(ad
      ? {
          ad: {
            ...ad,
            groups: ad.groups.map(placed),
            contacts: ad.contacts.map(placed),
            computers: ad.computers.map(placed),
            ous: ad.ous.map((one) => (typeof one === "string" ? name(one) : placed(one))),
          },
        }
      : {}),
    ...(move ? { safety: { ...safety, leaver: { ...safety.leaver, move: { ...move, to: name(move.to) } } } } : {}),
  };
}
