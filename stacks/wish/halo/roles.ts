/** Halo's own roles as they should be. */
import type { Json, Values } from "../../../base/json.ts";
import { forEach, type Scene, want } from "../../model/scene.ts";
import { foundBy, parkThing, refusesTwice } from "../groups.ts";

/** Adds halo:Role for every role that the mapping describes. */
export function roles(scene: Scene): void {
  const twice = refusesTwice(scene, "role", "keep one");
  for (const [index, { name, notes, permissions }] of (scene.mappings.halo?.roles ?? []).entries()) {
    const place = scene.at("halo", "roles", index);
    if (twice(place, name)) continue;
    const [live, ...more] = foundBy(scene, "halo:Role", name);
    if (more.length > 0) {
      parkThing(scene, name, `${more.length + 1} Halo roles are called ${name}: rename all but one`, "matching");
      continue;
    }
    const sorted = Object.entries(permissions ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
    const inputs: Values = {
      name,
      ...(notes === undefined ? {} : { notes }),
      ...(permissions === undefined ? {} : { permissions: sorted.map(([type, value]): Json => ({ type, value })) }),
    };
    const each = forEach(inputs, (input) => ({ rule: scene.at("halo", "roles", index, input) }));
    want(scene, { type: "halo:Role", name, inputs, because: { "": { rule: place }, ...each }, live });
  }
}
