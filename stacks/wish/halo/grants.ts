/** Roles and teams on top of an agent's own lines (`grants`), and whether an agent with those roles needs a licence at all. */
import { fold, same } from "../../../base/text.ts";
import type { HaloFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, type Scene } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { textsOf } from "../../model/values.ts";

export interface Granted {
  roles: Map<string, Because>;
  teams: Map<string, Because>;
}

/** What the grants give to a person, with a reason for each. */
export function grantsOf(scene: Scene): (subject: Subject, live: Live | undefined) => Granted {
  const grants = (scene.mappings.halo?.grants ?? []).map((grant, index) => ({ ...grant, place: scene.at("halo", "grants", index) }));
  return (subject, live) => {
    const granted: Granted = { roles: new Map(), teams: new Map() };
    for (const { place, ...grant } of grants) {
      const { holds, unsure, fields } = scene.decisions.verdict(grant.for, subject);
      if (!holds && !unsure) continue;
      for (const kind of ["roles", "teams"] as const)
        for (const name of grant[kind]) {
          // Nobody loses anything, and nobody gets anything, because a group was misspelt or is gone.
          if (unsure && !textsOf(live?.values[kind]).some((one) => same(one, name))) continue;
          const note = unsure ? "kept: whether the condition holds is not known" : undefined;
          if (!granted[kind].has(name)) granted[kind].set(name, because(place, subject, fields, note));
        }
    }
    return granted;
  };
}

/** Whether somebody with these roles needs a licence: always, where the mapping does not say which roles do. */
export function needsLicence(halo: Pick<HaloFile, "licensedRoles">, roles: readonly string[]): boolean {
  const { licensedRoles } = halo;
  if (licensedRoles === undefined) return true;
  if (licensedRoles === "all") return roles.length > 0;
  const licensed = new Set(licensedRoles.map(fold));
  return roles.some((role) => licensed.has(fold(role)));
}
