/** Names of roles and teams that lines give to agents, and that several in Halo have: said while planning, and given to nobody. */
import { fold } from "../../../base/text.ts";
import type { Scene } from "../../model/scene.ts";
import { parkThing } from "../groups.ts";

type Kind = "roles" | "teams";

/** Whether a name of the mapping may be given and taken. */
export type Usable = (kind: Kind, name: string) => boolean;

/** What means several is parked once, and stays with everybody as it is. */
export function usableNames(scene: Scene, named: { readonly [kind in Kind]: readonly string[] }): Usable {
  const ambiguous = new Set<string>();
  for (const kind of ["roles", "teams"] as const) {
    const told = new Set((scene.mappings.halo?.[kind] ?? []).map(({ name }) => fold(name)));
    for (const name of named[kind]) {
      const { length } = scene.named(kind === "roles" ? "halo:Role" : "halo:Team", name);
      if (length < 2) continue;
      ambiguous.add(`${kind} ${fold(name)}`);
      // Those that have a line of their own are told there.
      if (!told.has(fold(name)))
        parkThing(
          scene,
          name,
          `${length} Halo ${kind} are called ${name}: rename all but one; until then nobody gets or loses it`,
          "matching",
        );
    }
  }
  return (kind, name) => !ambiguous.has(`${kind} ${fold(name)}`);
}
