/**
 * Organizational units that somebody renamed or moved by hand. The state knows each by its objectGUID, so it is put back;
 * everything in it then has its name again. The rest of the plan is made as if that were done already, for a plan that says
 * of 500 people that they move would hide the one thing that happened. Pure.
 */
import type { Json, Values } from "../../base/json.ts";
import { dnKey, splitDn } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import { remembered } from "../model/remembered.ts";
import type { DesiredResource, PreviousResource } from "../model/types.ts";
import { part, textOf } from "../model/values.ts";

const unit = "ad:OrganizationalUnit";

/** A unit's name now and the name it is given back. */
export interface Renamed {
  from: string;
  to: string;
}

type Lists = { [type: string]: Live[] };

/** Renamed units, outermost first; one within another of them is named only where it was renamed itself. */
export function renamedUnits(previous: readonly PreviousResource[], live: Lists): Renamed[] {
  const all = live[unit] ?? [];
  const byId = new Map(all.map((one) => [one.id, textOf(one.values["distinguishedName"])]));
  const inUse = new Set([...byId.values()].map(dnKey));
  const known = previous
    .filter((one) => one.type === unit)
    .map((one) => ({ from: byId.get(one.id), to: textOf(one.inputs["distinguishedName"]) }))
    .filter((one): one is Renamed => one.from !== undefined && one.to !== "" && !inUse.has(dnKey(one.to)))
    .sort((a, b) => splitDn(a.to).length - splitDn(b.to).length || (a.to < b.to ? -1 : 1));
  const renamed: Renamed[] = [];
  for (const { from, to } of known) if (dnKey(renamer(renamed)(from)) !== dnKey(to)) renamed.push({ from, to });
  return renamed;
}

/** Gives the names of renamed units, and of all below them, as they will be; outermost first. */
export function renamer(renamed: readonly Renamed[]): (dn: string) => string {
  const rules = renamed.map(({ from, to }) => ({ end: `,${dnKey(from)}`, parts: splitDn(from).length, to }));
  // thousands of objects share a place: each spelling is taken apart once
  const keyOf = remembered((dn: string) => `,${dnKey(dn)}`);
  // the innermost counts: its own new name holds those of the units around it
  rules.reverse();
  return (dn) => {
    const rule = rules.length === 0 ? undefined : rules.find(({ end }) => keyOf(dn).endsWith(end));
    if (!rule) return dn;
    const steps = splitDn(dn);
    return [...steps.slice(0, steps.length - rule.parts), rule.to].join(",");
  };
}

/** The lists as they will be once the units have their names back; the units themselves still bear the names they have. */
export function putBack(live: Lists, renamed: readonly Renamed[]): Lists {
  if (renamed.length === 0) return live;
  const name = renamer(renamed);
  const own = new Set(renamed.map(({ from }) => dnKey(from)));
  return Object.fromEntries(
    Object.entries(live).map(([type, all]) => [type, type.startsWith("ad:") ? all.map((one) => settled(type, one, name, own)) : all]),
  );
}

function settled(type: string, one: Live, name: (dn: string) => string, own: ReadonlySet<string>): Live {
  const values: Values = { ...one.values };
  const dn = textOf(values["distinguishedName"]);
  if (type === unit && own.has(dnKey(dn))) return one;
  for (const field of ["distinguishedName", "path", "managedBy"]) {
    const value = values[field];
    if (typeof value === "string") values[field] = name(value);
  }
  const { members, memberOf } = values;
  if (Array.isArray(members))
    values["members"] = members.map((member): Json => ({ ...part(member), dn: name(textOf(part(member)["dn"])) }));
  if (Array.isArray(memberOf)) values["memberOf"] = memberOf.map((group): Json => (typeof group === "string" ? name(group) : group));
  return { ...one, values };
}

/** Those that the wish really puts back: what no mapping asks for any more stays as it is called now. */
export function wishedBack(renamed: readonly Renamed[], resources: readonly DesiredResource[]): Renamed[] {
  const wished = new Set(resources.filter((one) => one.type === unit).map((one) => dnKey(textOf(one.inputs["distinguishedName"]))));
  return renamed.filter(({ to }) => wished.has(dnKey(to)));
}
