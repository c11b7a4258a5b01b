/** Roles and teams on top of an agent's own lines (`grants`), and whether an agent with those roles needs a licence at all. */
import { fold, same } from "../../../base/text.ts";
import type { HaloFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, type Scene } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { textOf, textsOf } from "../../model/values.ts";
import { parkThing } from "../groups.ts";

export interface Granted {
  roles: Map<string, Because>;
  teams: Map<string, Because>;
}

/** What the grants give to a person, with a reason for each. Says which Entra groups of the grants are not there. After cloud groups. */
export function grantsOf(scene: Scene): (subject: Subject, live: Live | undefined) => Granted {
  const grants = (scene.mappings.halo?.grants ?? []).map((grant, index) => {
    const place = scene.at("halo", "grants", index);
    const { entraGroup } = grant;
    if (entraGroup === undefined) return { ...grant, place, isIn: () => true, note: undefined };
    const isIn = membersOfGroup(scene, entraGroup);
    if (!isIn) parkUnknown(scene, entraGroup, scene.at("halo", "grants", index, "entraGroup"));
    return { ...grant, place, isIn, note: isIn ? `in the Entra group ${entraGroup}` : `kept, as Entra ID has no group ${entraGroup}` };
  });
  return (subject, live) => {
    const granted: Granted = { roles: new Map(), teams: new Map() };
    for (const { place, isIn, note, ...grant } of grants) {
      const verdict = scene.decisions.verdict(grant.for, subject);
      if (!verdict.holds || isIn?.(subject) === false) continue;
      for (const kind of ["roles", "teams"] as const)
        for (const name of grant[kind]) {
          // Nobody loses anything because a group was misspelt, or is gone.
          if (!isIn && !textsOf(live?.values[kind]).some((one) => same(one, name))) continue;
          if (!granted[kind].has(name)) granted[kind].set(name, because(place, subject, verdict.fields, note));
        }
    }
    return granted;
  };
}

function parkUnknown(scene: Scene, name: string, place: string): void {
  const { length } = scene.named("entra:Group", name);
  const what = length === 0 ? `the Entra group ${name} does not exist` : `${length} Entra groups are called ${name}`;
  parkThing(scene, name, `${what} (${place}): nobody gets or loses its Halo roles until exactly one has that name`);
}

/** Who is in an Entra group: as it will be after this run where haloform manages it, as it is now where not; undefined: not known. */
function membersOfGroup(scene: Scene, name: string): ((subject: Subject) => boolean) | undefined {
  const wished = scene.resources.find((one) => one.type === "entra:Group" && same(textOf(one.inputs["name"]), name))?.inputs;
  const live = scene.named("entra:Group", name);
  if (!wished && live.length !== 1) return undefined;
  const then = new Set(textsOf(wished?.["members"]));
  const now = new Set(wished && wished["mode"] !== "additive" ? [] : textsOf(live[0]?.values["members"]));
  return ({ key, accounts }) => then.has(`person:${key}`) || (accounts.entra !== undefined && now.has(accounts.entra));
}

/** Whether somebody with these roles needs a licence: always, where the mapping does not say which roles do. */
export function needsLicence(halo: Pick<HaloFile, "licensedRoles">, roles: readonly string[]): boolean {
  const { licensedRoles } = halo;
  if (licensedRoles === undefined) return true;
  if (licensedRoles === "all") return roles.length > 0;
  const licensed = new Set(licensedRoles.map(fold));
  return roles.some((role) => licensed.has(fold(role)));
}
