/** Administrative units, and who is in them. Those of restricted management or with a rule of Entra ID are left to a human. */
import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { unmanageable } from "../../../providers/entra/administrative-unit/read.ts";
import { forEach, type Scene, want } from "../../model/scene.ts";
import type { Because } from "../../model/types.ts";
import { foundBy, parkThing, refusesTwice } from "../groups.ts";
import { membersOf } from "../members.ts";
import { type CloudGroups, liveRefs } from "./refs.ts";

type Unit = EntraFile["administrativeUnits"][number];

const type = "entra:AdministrativeUnit";

/** Adds the entra:AdministrativeUnit resources. */
export function administrativeUnits(scene: Scene, groups: CloudGroups): void {
  const twice = refusesTwice(scene, "administrative unit");
  for (const [index, unit] of (scene.mappings.entra?.administrativeUnits ?? []).entries()) {
    const place = scene.at("entra", "administrativeUnits", index, "name");
    if (twice(place, unit.name)) continue;
    const found = foundBy(scene, type, unit.name);
    const cannot = impossible(unit, found, place);
    if (cannot) parkThing(scene, unit.name, cannot);
    else add(scene, groups, unit, index, found[0]);
  }
}

/** Why the unit cannot be as the mapping has it. */
function impossible({ name, create }: Unit, [live, ...more]: readonly Live[], place: string): string | undefined {
  if (more.length > 0) return `${more.length + 1} administrative units are called ${name}: rename all but one`;
  if (!live && !create)
    return `the administrative unit ${name} does not exist, and ${place} says create: false: create it, or let haloform`;
  const why = live && unmanageable(live);
  return why && `the administrative unit ${name} is left to you: ${why}; take it out of ${place}`;
}

function add(scene: Scene, groups: CloudGroups, unit: Unit, index: number, live: Live | undefined): void {
  const at = (field: string): Because => ({ rule: scene.at("entra", "administrativeUnits", index, field) });
  const { name, description, mode, create } = unit;
  const wished = membersOf(scene, { type, name, line: unit, at, live: live && liveRefs(groups, live, "members") });
  const inputs = { name, ...(description === undefined ? {} : { description: description.trim() }), mode, members: wished.members, create };
  want(scene, {
    type,
    name,
    inputs,
    because: {
      "": unit.because === undefined ? at("name") : { ...at("name"), note: unit.because },
      ...forEach(inputs, at),
      ...wished.because,
    },
    live,
  });
}
