import { defined } from "../../base/defined.ts";
import type { Facts } from "../../providers/core/definition.ts";
import type { Op, PlanField } from "../model/plan.ts";
import type { DesiredResource } from "../model/types.ts";
import { changeBy, head, isSilent } from "./fields.ts";
import type { Change } from "./input.ts";

/** A group's change: what concerns a person goes to the person; the rest, and the sum, stay with the group. `reaches`: as of the plan's. */
export function groupChanges(
  facts: Facts,
  resource: DesiredResource,
  op: Op,
  fields: readonly PlanField[],
  people: ReadonlySet<string>,
  reaches: number | undefined,
): Change[] {
  const privileged = resource.inputs["privileged"] === true ? (true as const) : undefined;
  const group = { ...head(resource), ...defined({ privileged }) };
  const members = fields.filter(isMember);
  const personIn = ({ path }: PlanField): string | undefined => {
    const key = path.startsWith("members.person:") ? path.slice("members.person:".length) : undefined;
    return key !== undefined && people.has(key) ? key : undefined;
  };
  const isOwn = (field: PlanField): boolean => {
    if (isMember(field)) return personIn(field) === undefined;
    const isEmpty = field.path === "members" && Array.isArray(field.after) && field.after.length === 0;
    return !/^may(?:\.|$)/u.test(field.path) && !isSilent(facts, field.path) && !isEmpty;
  };
  const may = fields.filter(({ path }) => path.startsWith("may."));
  const own = [
    ...fields.filter(isOwn),
    ...counted("members", members, "removed", "added"),
    ...counted("may be members", may, "no longer", "more").map((field) => ({ ...field, ...defined({ because: resource.because["may"] }) })),
  ];
  const sides = members.flatMap((field): Change[] => {
    const { before, after, because } = field;
    const of = personIn(field);
    const side: PlanField = {
      path: "member of",
      before: before === null ? null : group.label,
      after: after === null ? null : group.label,
      ...defined({ because: because, live: field.live === undefined ? undefined : group.label }),
    };
    return of === undefined ? [] : [{ of, change: { ...group, type: facts.membership?.type ?? group.type, op: "update", fields: [side] } }];
  });
  return [...sides, { change: { ...changeBy(resource, op, own), ...defined({ privileged, reaches }) } }];
}

const isMember = ({ path }: PlanField): boolean => path.startsWith("members.");

/** How many go and how many come, as one field. */
function counted(path: string, fields: readonly PlanField[], go: string, come: string): PlanField[] {
  const lost = fields.filter((field) => field.after === null).length;
  const gained = fields.length - lost;
  return fields.length === 0
    ? []
    : [{ path, before: lost === 0 ? null : `${lost} ${go}`, after: gained === 0 ? null : `${gained} ${come}` }];
}
