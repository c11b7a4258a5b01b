/** Roles and teams on top of an agent's own lines (`grants`), and whether an agent with those roles needs a licence at all. */
import { fold, same } from "../../../base/text.ts";
import type { HaloFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";
import { textOf, textsOf } from "../../model/values.ts";

export interface Granted {
  roles: Map<string, Because>;
  teams: Map<string, Because>;
}

/** What the grants give to one person, with a reason for each. */
export function grantsFor(scene: Scene, subject: Subject, live: Live | undefined): Granted {
  const granted: Granted = { roles: new Map(), teams: new Map() };
  for (const [index, grant] of (scene.mappings.halo?.grants ?? []).entries()) {
    const verdict = grant.for === undefined ? { holds: true, fields: [] } : scene.decisions.verdict(grant.for, subject);
    if (!verdict.holds) continue;
    const group = grant.entraGroup === undefined ? undefined : inEntraGroup(scene, grant.entraGroup, subject);
    if (group === "out") continue;
    for (const kind of ["roles", "teams"] as const) {
      for (const name of grant[kind]) {
        // Nobody loses anything because a group was misspelt, or is gone.
        if (group === "unknown" && !textsOf(live?.values[kind]).some((one) => same(one, name))) continue;
        const note =
          grant.entraGroup === undefined
            ? undefined
            : group === "unknown"
              ? `kept, as Entra ID has no group ${grant.entraGroup}`
              : `in the Entra group ${grant.entraGroup}`;
        if (!granted[kind].has(name)) granted[kind].set(name, because(scene.at("halo", "grants", index), subject, verdict.fields, note));
      }
    }
  }
  return granted;
}

/** Says once a run which groups of the grants are not there. */
export function parkUnknownGroups(scene: Scene): void {
  for (const [index, { entraGroup: name }] of (scene.mappings.halo?.grants ?? []).entries()) {
    if (name === undefined || wishedGroup(scene, name) || liveGroups(scene, name).length === 1) continue;
    const found = liveGroups(scene, name).length;
    scene.parked.push({
      key: name,
      name,
      where: "mapping",
      reason: `${found === 0 ? `the Entra group ${name} does not exist` : `${found} Entra groups are called ${name}`} (${scene.at("halo", "grants", index, "entraGroup")}): nobody gets or loses its Halo roles until exactly one has that name`,
    });
  }
}

const liveGroups = (scene: Scene, name: string): Live[] => scene.all("entra:Group").filter((one) => same(textOf(one.values["name"]), name));
const wishedGroup = (scene: Scene, name: string) =>
  scene.resources.find((one) => one.type === "entra:Group" && same(textOf(one.inputs["name"]), name));

/** As the group will be after this run where haloform manages it, as it is now where not. */
function inEntraGroup(scene: Scene, name: string, subject: Subject): "in" | "out" | "unknown" {
  const wished = wishedGroup(scene, name);
  if (textsOf(wished?.inputs["members"]).includes(`person:${subject.key}`)) return "in";
  if (wished && wished.inputs["mode"] !== "additive") return "out";
  const live = liveGroups(scene, name);
  if (!wished && live.length !== 1) return "unknown";
  const { entra } = subject.accounts;
  return entra !== undefined && textsOf(live[0]?.values["members"]).includes(entra) ? "in" : "out";
}

/** Whether somebody with these roles needs a licence: always, where the mapping does not say which roles do. */
export function needsLicence(halo: Pick<HaloFile, "licensedRoles">, roles: readonly string[]): boolean {
  const { licensedRoles } = halo;
  if (licensedRoles === undefined) return true;
  if (licensedRoles === "all") return roles.length > 0;
  const licensed = new Set(licensedRoles.map(fold));
  return roles.some((role) => licensed.has(fold(role)));
}
