/** What the last run managed and nothing wishes any more: let go of, never deleted. */

import type { Scene } from "../model/scene.ts";
import { personOf } from "../people/lifecycle.ts";

const systems = { ad: "Active Directory", entra: "Entra ID", halo: "Halo", files: "the file share" } as const;

/** Adds a note for each; one for all of a system whose mapping file is gone. People's own notes were made where they were decided. */
export function letGo(scene: Scene): void {
  const wished = new Set(scene.resources.map((one) => `${one.type}::${one.name}`));
  // Photos that are still to be read are wished later.
  const later = new Set([
    "halo:Ticket",
    ...((scene.mappings.ad?.photos ?? []).length > 0 ? ["ad:Photo"] : []),
    ...((scene.mappings.entra?.photos ?? []).length > 0 ? ["entra:Photo"] : []),
  ]);
  const lost = scene.world.previous.filter((one) => !wished.has(`${one.type}::${one.name}`) && !later.has(one.type));
  for (const system of ["ad", "entra", "halo", "files"] as const) {
    const mine = lost.filter((one) => one.type.startsWith(`${system}:`));
    if (mine.length === 0) continue;
    if (!scene.mappings[system] && !(system === "halo" && scene.mappings.haloUsers)) {
      scene.notes.push(
        `mappings/${system}.yaml is gone: ${mine.length} object(s) are let go of and stay in ${systems[system]} as they are`,
      );
      continue;
    }
    for (const one of mine.filter((each) => personOf(each) === undefined)) {
      scene.notes.push(`${one.type} ${one.name} is no longer in the mapping: let go of, it stays in ${systems[system]} as it is`);
    }
    const people = mine.filter((each) => personOf(each) !== undefined && scene.all(each.type).some((live) => live.id === each.id)).length;
    if (people > 0)
      scene.notes.push(
        `mappings/${system}.yaml no longer asks for anything of ${people} account(s): let go of, they stay in ${systems[system]} as they are`,
      );
  }
}
