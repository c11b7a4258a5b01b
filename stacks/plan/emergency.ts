/** An emergency: limits that somebody has widened for a few hours, and for whom. What it does not name stays as it is. Pure. */
import { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import { systemNames, systemOf } from "../../providers/systems.ts";
import type { Plan, PlanChange } from "../model/plan.ts";
import { classes, type LimitName } from "./classes.ts";
import { type Limits, limitsBy, numbers } from "./limits.ts";

export const limitNames = [...new Set(Object.values(classes).map(({ limit }) => limit))] as [LimitName, ...LimitName[]];
/** Hours that an emergency may last. */
export const longestEmergency = 24;

const text = z.string().trim().min(1).max(300);
const names = z.array(z.string().min(1)).min(1);
const wider = z.strictObject({
  most: z.number().int().min(0).optional(),
  /** Per cent. */
  share: z.number().min(0).max(100).optional(),
  below: z.number().int().min(0).optional(),
});

/** What is signed. */
export const emergencySchema = z.strictObject({
  format: z.literal("haloform.emergency/1"),
  stack: z.string(),
  /** Who breaks the glass: the name of an allowed signer. */
  who: text,
  why: text,
  ticket: text,
  /** UTC ISO 8601; at most 24 hours lie between. */
  from: z.iso.datetime(),
  until: z.iso.datetime(),
  /** What counts instead of mappings/safety.yaml, where it is more. */
  limits: z.partialRecord(z.enum(limitNames), wider).refine((all) => Object.keys(all).length > 0, "names no limit"),
  /** For changes in these systems; where people or groups are named, only for theirs. */
  scope: z.strictObject({ systems: z.array(z.enum(systemNames)).min(1), people: names.optional(), groups: names.optional() }),
  nonce: z.string(),
});
export type Emergency = z.infer<typeof emergencySchema>;

export const digestOfEmergency = (emergency: Emergency): string => digestOf(emergency);

/** The limits with those that it widens; none is lowered, and one that is no limit stays none. */
export function widened(limits: Limits, { limits: wider }: Emergency): Limits {
  return limitsBy(limits, (limit, name) => {
    const more = wider[name];
    if (!more) return limit;
    const raised = numbers.flatMap(({ field, none }) => {
      const [is, next] = [limit[field] ?? none, more[field]];
      return next !== undefined && next > is ? [[field, next] as const] : [];
    });
    return { ...limit, ...Object.fromEntries(raised) };
  });
}

/** What of a plan it does not cover: that is held to the limits as they are. */
export function uncovered({ people, shared }: Pick<Plan, "people" | "shared">, { scope }: Emergency): Pick<Plan, "people" | "shared"> {
  const isNamed = (all: readonly string[] | undefined, ...names: readonly string[]): boolean => names.some((one) => all?.includes(one));
  const isAll = scope.people === undefined && scope.groups === undefined;
  const isOut =
    (person: string) =>
    ({ system, label, resource }: PlanChange): boolean =>
      !scope.systems.includes(system) || !(isAll || isNamed(scope.people, person) || isNamed(scope.groups, label, resource));
  return {
    people: people.map((person) => ({ ...person, changes: person.changes.filter(isOut(person.key)) })),
    shared: shared.filter(isOut("")),
  };
}

/** `limits.disabled.most 200 and not 20; in Active Directory, of person 41, 42`: only what is really widened. */
export function wideningOf(emergency: Emergency, limits: Limits): string {
  const now = widened(limits, emergency);
  const changes = limitNames.flatMap((name) =>
    numbers.flatMap(({ field, written }) => {
      const [was, is] = [limits[name][field], now[name][field]];
      return is === undefined || is === was
        ? []
        : [`limits.${name}.${field} ${written(is)}${was === undefined ? "" : ` and not ${written(was)}`}`];
    }),
  );
  const { systems, people, groups } = emergency.scope;
  const of = [...(people ? [`people ${people.join(", ")}`] : []), ...(groups ? [`groups ${groups.join(", ")}`] : [])];
  return `${changes.join(", ") || "nothing"}; in ${systems.map((one) => systemOf(one).title).join(", ")}${of.length > 0 ? `, of ${of.join(" and ")}` : ""}`;
}
