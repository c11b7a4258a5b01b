/** Of which kinds a change of a plan is, for the rules of mappings/approvals.yaml. Pure. */
import type { Kind } from "../../../mappings/schema/approvals.ts";
import { factsOf, groupBy } from "../../../providers/registry.ts";
import type { PlanChange, PlanField, PlanPerson } from "../../model/plan.ts";
import type { DesiredResource, PreviousResource } from "../../model/types.ts";
import { effectOf } from "../counted.ts";
import { differences, entryOf } from "../differences.ts";

/** What a change gives and takes. */
export interface Effects {
  gives: boolean;
  takes: boolean;
  privileged: boolean;
}

/** The type of the resource that carries a change: a membership is its group's. */
export const carrierOf = ({ type }: Pick<PlanChange, "type">): string => groupBy(type)?.type ?? type;

/** Whether it is somebody's place in a group. */
export const isMembership = ({ type }: Pick<PlanChange, "type">): boolean => groupBy(type) !== undefined;

/** Whether a change of a group's own only says how many come and go: each of these is a change of somebody's. */
export const isSum = ({ op, fields }: Pick<PlanChange, "op" | "fields">): boolean =>
  op === "update" && fields.every(({ path }) => path === "members");

export function effectsOf(change: Pick<PlanChange, "type" | "op" | "fields" | "privileged">): Effects {
  const all: Effects = { gives: false, takes: false, privileged: false };
  for (const field of change.fields) {
    const { takes, gives, counts } = effectOf(change, field);
    all.gives ||= gives;
    all.takes ||= takes || (change.op !== "create" && (field.loses?.length ?? 0) > 0);
    all.privileged ||= gives && counts?.gives === "privileged";
  }
  // Of a privileged group anything but its members may decide who is in it, too.
  if (change.privileged && !isSum(change)) all.privileged ||= all.gives || !isMembership(change);
  return all;
}

/** What carries a change. */
interface Carried {
  resource: DesiredResource | undefined;
  previous: PreviousResource | undefined;
  /** Paths in which it is wished otherwise than the last run wished it. */
  moved(): ReadonlySet<string>;
}

export function movedIn(resource: DesiredResource, previous: PreviousResource): ReadonlySet<string> {
  const facts = factsOf(resource.type);
  return new Set(facts ? differences(previous.inputs, resource.inputs, facts).map(({ path }) => path) : []);
}

/** `of`: the person whom it is about. All but the kinds that are of a plan as a whole. */
export function kindsOf(change: PlanChange, of: Pick<PlanPerson, "key" | "event"> | undefined, carried: Carried): Kind[] {
  const { gives, takes, privileged } = effectsOf(change);
  const event = of && ({ joiner: "joiner", rejoiner: "joiner", mover: "mover", leaver: "leaver", none: undefined } as const)[of.event];
  const isAdopted = change.op === "adopt" || (carried.resource?.adopt !== undefined && !carried.previous && !isMembership(change));
  const why: Kind | undefined = isExpired(change)
    ? "expired"
    : isDrift(change, of?.key, carried)
      ? "drift"
      : isAdopted
        ? "adoption"
        : event;
  const all: (Kind | undefined)[] = [
    why,
    // Where somebody comes or leaves, it is that, whatever is undone by it.
    event === "joiner" || event === "leaver" ? event : undefined,
    gives ? "broadening" : undefined,
    takes ? "narrowing" : undefined,
    privileged ? "privileged" : undefined,
    change.op === "delete" ? "deletion" : undefined,
  ];
  const kinds = [...new Set(all)].filter((kind) => kind !== undefined);
  return kinds.length > 0 ? kinds : ["details"];
}

/** By what stands beside everything that is taken because the last day of its line is over (stacks/decide/groups.ts). */
function isExpired({ fields }: PlanChange): boolean {
  return (
    fields.length > 0 &&
    fields.every(({ after, because }) => after === null && /(?:^|; )ended on \d{4}-\d\d-\d\d$/u.test(because?.note ?? ""))
  );
}

/** Whether the last run wished the same, so that somebody else has changed it since. */
function isDrift(change: PlanChange, person: string | undefined, { resource, previous, moved }: Carried): boolean {
  if (!resource || !previous || change.fields.length === 0 || !factsOf(resource.type)) return false;
  const wished = moved();
  return change.fields.every((field) => isOnlyLive(change, field, person, wished));
}

/** The same of one field. `wished`: as `movedIn` has it of what carries the change. */
export function isOnlyLive(
  change: Pick<PlanChange, "type">,
  { path, after }: Pick<PlanField, "path" | "after">,
  person: string | undefined,
  wished: ReadonlySet<string>,
): boolean {
  if (wished.size === 0) return true;
  const facts = factsOf(carrierOf(change));
  // What is managed in another way than before takes for the first time what was there all along.
  const isOtherwise = facts !== undefined && [...wished].some((one) => entryOf(one, facts) === undefined);
  return !wished.has(path === "member of" ? `members.person:${person}` : path) && !(after === null && isOtherwise);
}
