/** What the last run managed and nothing wishes any more: let go of, never deleted. */

import { contentOf, registry } from "../../mappings/registry.ts";
import { personOf, type Scene } from "../model/scene.ts";

/** Adds a note for each; one for all of a system whose mapping file is gone. People's own notes were made where they were decided. */
export function letGo(scene: Scene): void {
  // Photos that are still to be read are wished later.
  const later = new Set([
    "halo:Ticket",
    ...((scene.mappings.ad?.photos ?? []).length > 0 ? ["ad:Photo"] : []),
    ...((scene.mappings.entra?.photos ?? []).length > 0 ? ["entra:Photo"] : []),
  ]);
  const lost = scene.world.previous.filter((one) => !scene.wished(one.type, one.name) && !later.has(one.type));
  for (const files of Map.groupBy(registry, ({ owns }) => owns?.types).values()) {
    // The first of the files that ask for a system's objects is the one to name.
    const [{ name, owns } = {}] = files;
    const mine = lost.filter((one) => owns && one.type.startsWith(owns.types));
    if (!owns || mine.length === 0) continue;
    if (!files.some((file) => contentOf(file, scene.mappings))) {
      scene.notes.push(`mappings/${name}.yaml is gone: ${mine.length} object(s) are let go of and stay in ${owns.in} as they are`);
      continue;
    }
    for (const one of mine.filter((each) => personOf(each) === undefined)) {
      scene.notes.push(`${one.type} ${one.name} is no longer in the mapping: let go of, it stays in ${owns.in} as it is`);
    }
    const people = mine.filter((each) => personOf(each) !== undefined && scene.byId(each.type).has(each.id)).length;
    if (people > 0)
      scene.notes.push(
        `mappings/${name}.yaml no longer asks for anything of ${people} account(s): let go of, they stay in ${owns.in} as they are`,
      );
  }
}
