/**
 * What of drift belongs together. Who did something is not known (haloform reads no audit log, and a system's time of a change is
 * that of its last one), so it is told by what can be seen: the same change of many things was made in one go; what is left of a
 * person is theirs, in whatever system; the rest is the system's. Pure; decided in docs/decisions/0142.
 */
import { definition, factsOf } from "../../../providers/registry.ts";
import { systemNames, systemOf } from "../../../providers/systems.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { peopleAmong } from "../../../stacks/model/values.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Drift, DriftCause } from "../../answers/drift.ts";

/** From so many on, the same change is one cause: fewer may be chance. */
const manyAlike = 5;

/** One field of a thing, or a thing that is gone. */
interface Unit {
  at: number;
  path?: string;
  type: string;
  person?: string | undefined;
  /** What is the same of many: a field of a type, the members of one group, deletions of a type. */
  sort: string;
}

/** `keep` is filled in by who has the mapping files (keep.ts). */
export type Cause = Omit<DriftCause, "keep">;

/** `applied`: what the findings are of. `nameOf`: what a person is called, by key. */
export function causesOf(found: Drift["found"], applied: readonly PreviousResource[], nameOf: (key: string) => string): Cause[] {
  const inputs = new Map(applied.map((one) => [worldKey(one), one.inputs]));
  const units = found.flatMap((one, at): Unit[] => {
    const { type, resource } = one;
    const { person: owner } = inputs.get(worldKey({ type, name: resource })) ?? {};
    const person = typeof owner === "string" ? owner : undefined;
    if (one.gone) return [{ at, type, person, sort: `${type}:gone` }];
    return one.fields.map(({ path }): Unit => {
      const [member] = peopleAmong(path.slice(path.indexOf(".") + 1));
      const isMember = path.startsWith("members.");
      return { at, path, type, person: person ?? member, sort: isMember ? `${type}:members:${resource}` : `${type}:${path}` };
    });
  });
  const alike = Map.groupBy(units, ({ sort }) => sort);
  const isOfMany = ({ sort }: Unit): boolean => (alike.get(sort)?.length ?? 0) >= manyAlike;
  const by = Map.groupBy(units, (unit) =>
    isOfMany(unit)
      ? `change:${unit.sort}`
      : unit.person !== undefined
        ? `person:${unit.person}`
        : `system:${factsOf(unit.type)?.system ?? unit.type.split(":")[0]}`,
  );
  return [...by]
    .map(([id, mine]) => causeOf(id, mine, found, nameOf))
    .sort((a, b) => b.things.length - a.things.length || (a.id < b.id ? -1 : 1));
}

function causeOf(id: string, units: readonly Unit[], found: Drift["found"], nameOf: (key: string) => string): Cause {
  const kind = id.slice(0, id.indexOf(":")) as Cause["kind"];
  const mine = new Set(units.map(({ type }) => type.split(":")[0]));
  const systems = systemNames.filter((system) => mine.has(system));
  const things = [...Map.groupBy(units, ({ at }) => at)].map(([at, all]) => ({ at, paths: all.flatMap(({ path }) => path ?? []) }));
  const [first] = units as readonly [Unit, ...Unit[]];
  const of = systems.map((system) => systemOf(system).title).join(" and ");
  const said = {
    person: () => nameOf(id.slice("person:".length)),
    change: () => changeSaid(first, units.length, found, of),
    system: () => of,
  }[kind]();
  return { id, kind, said, systems, things };
}

/** `attributes.title of 12 accounts of Active Directory`, `40 members of the group GG-Sales of Active Directory`. */
function changeSaid({ type, path, at }: Unit, count: number, found: Drift["found"], of: string): string {
  const { noun } = definition(type);
  if (path?.startsWith("members.")) return `${count} members of the ${noun} ${found[at]?.label} of ${of}`;
  return `${path === undefined ? "deletion" : path} of ${count} ${noun}s of ${of}`;
}
