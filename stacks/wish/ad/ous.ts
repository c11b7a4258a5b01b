/** Organizational units that accounts, groups and the mapping's own list need, with every one above them. */
import type { Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { type AdUnit, unitOf } from "../../../mappings/schema/ad-groups.ts";
import { dnKey, splitDn } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, type Scene, want } from "../../model/scene.ts";
import type { Because } from "../../model/types.ts";
import { flag, textOf } from "../../model/values.ts";
import { namedPlace, unitType } from "../../read/protected-units.ts";
import { parkThing } from "../groups.ts";
import { placeNow, unitTaken } from "./places.ts";
import { findGroup, managerRef } from "./refs.ts";

/** Told of every organizational unit that accounts need; `known`: only if the last run managed it already. */
export type NeedOu = (path: string, why: Because, known?: "known") => void;

/** Collects what is needed, beginning with the mapping's own list; `add` makes the resources, outermost first. */
export function ouCollector(scene: Scene): { need: NeedOu; add(): void } {
  const needed = new Map<string, { dn: string; why: Because }>();
  const settings = new Map<string, { unit: AdUnit; index: number }>();
  const seen = new Set<string>();
  const before = new Map(
    scene.world.previous.flatMap((one) => (one.type === unitType ? [[dnKey(placeNow(scene, one.name)), one] as const] : [])),
  );
  const need: NeedOu = (path, why, known) => {
    // Thousands of people share a place: each spelling is taken apart once.
    if (seen.has(`${known ?? ""}${path}`)) return;
    seen.add(`${known ?? ""}${path}`);
    // Those above are wished too, even where they exist: so the same mapping gives the same wish in every run.
    for (const dn of ouChain(path)) {
      const key = dnKey(dn);
      if (!needed.has(key) && (!known || before.has(key))) needed.set(key, { dn, why });
    }
  };
  for (const [index, entry] of (scene.mappings.ad?.ous ?? []).entries()) {
    const unit = unitOf(entry);
    settings.set(dnKey(unit.ou), { unit, index });
    need(unit.ou, { rule: scene.at("ad", "ous", index) });
  }
  return {
    need,
    add() {
      const live = new Map(scene.all("ad:OrganizationalUnit").map((one) => [dnKey(textOf(one.values["distinguishedName"])), one]));
      // A name comes before the longer one that begins with it: `OU=IT,…` before `OU=IT Support,…`.
      const order = (key: string): string => key.replaceAll(",", "\u0000");
      const all = [...needed].sort(([a], [b]) => splitDn(a).length - splitDn(b).length || (order(a) < order(b) ? -1 : 1));
      tellStuck(scene, new Set(needed.keys()));
      for (const [key, { dn, why }] of all) {
        const found = live.get(key);
        const own = settings.get(key);
        if (refusesPlace(scene, dn, why, found, own?.unit)) continue;
        const past = before.get(key);
        const taken = found ? undefined : unitTaken(scene, dn);
        if (taken !== undefined) {
          parkThing(scene, dn, `${taken}: rename one of them (${why.rule})`);
          continue;
        }
        const elsewhere = found || !past ? undefined : scene.byId("ad:OrganizationalUnit").get(past.id);
        if (elsewhere)
          scene.notes.push(
            `The organizational unit ${dn} is called ${textOf(elsewhere.values["distinguishedName"])} now (renamed or moved by hand): it is put back, with everything in it`,
          );
        const distinguishedName = found ? textOf(found.values["distinguishedName"]) : dn;
        const name = past?.name ?? distinguishedName;
        const said = own && settingsOf(scene, own, found);
        want(scene, {
          type: "ad:OrganizationalUnit",
          name,
          inputs: { distinguishedName, ...said?.values },
          because: { "": why, distinguishedName: why, ...(own ? reasons(scene, own) : {}), ...said?.because },
          live: found,
        });
      }
    },
  };
}

/** Protected units that somebody renamed, and that the mapping asks for. */
function tellStuck(scene: Scene, needed: ReadonlySet<string>): void {
  for (const { from, to, because } of scene.world.stuck ?? [])
    if (needed.has(dnKey(to)))
      parkThing(
        scene,
        from,
        `the organizational unit ${from} is called ${to} now (renamed or moved by hand), and is left so: ${because}; give it back its name by hand`,
      );
}

/** Refuses a unit that would be changed or made in a place that safety.yaml protects. One that only must be there is looked for. */
function refusesPlace(scene: Scene, dn: string, { rule }: Because, found: Live | undefined, unit: AdUnit | undefined): boolean {
  const because = namedPlace(scene.mappings.safety.protected, dn);
  const isChanged = unit !== undefined && Object.keys(unit).length > 1;
  if (because === undefined || (found && !isChanged)) return false;
  scene.refused.push(
    `${rule} names the organizational unit ${dn}: ${because}, and haloform never ${found ? "changes it" : "makes it"}; take it out of the mapping`,
  );
  return true;
}

/** What the mapping says of a unit besides its place, and the reason where it is not the line's. */
function settingsOf(
  scene: Scene,
  { unit, index }: { unit: AdUnit; index: number },
  found: Live | undefined,
): { values: Values; because?: { [input: string]: Because } } {
  const wished: Values = {};
  if (unit.description !== undefined) wished["description"] = unit.description;
  const keepsShield =
    unit.protectedFromDeletion === false && flag(found?.values["protectedFromDeletion"]) && flag(found?.values["protected"]);
  if (keepsShield)
    parkThing(
      scene,
      unit.ou,
      `the organizational unit ${unit.ou} stays protected from deletion: ${textOf(found?.values["protectedBecause"])}; take protectedFromDeletion out of its line (${scene.at("ad", "ous", index, "protectedFromDeletion")}), or switch it off by hand`,
    );
  else if (unit.protectedFromDeletion !== undefined) wished["protectedFromDeletion"] = unit.protectedFromDeletion;
  const { managedBy } = unit;
  if (!managedBy) return { values: wished };
  const manager = managerRef(
    scene,
    managedBy,
    "group" in managedBy ? groupRef(scene, managedBy.group) : new Map(),
    `the organizational unit ${unit.ou}`,
  );
  if ("ref" in manager) {
    const rule = scene.at("safety", "leaver", "successor");
    const values = { ...wished, managedBy: manager.ref };
    return manager.note === undefined ? { values } : { values, because: { managedBy: { rule, note: manager.note } } };
  }
  scene.notes.push(
    `The organizational unit ${unit.ou} keeps whoever answers for it: ${manager.problem} (${scene.at("ad", "ous", index, "managedBy")})`,
  );
  return { values: wished };
}

function groupRef(scene: Scene, name: string): Map<string, string> {
  const group = scene.mappings.ad?.groups.find((one) => fold(one.name) === fold(name));
  if (!group) return new Map();
  return new Map([[fold(name), findGroup(scene, group).ref]]);
}

function reasons(scene: Scene, { index }: { index: number }): { [path: string]: Because } {
  const fields = ["description", "managedBy", "protectedFromDeletion"] as const;
  return Object.fromEntries(fields.map((field) => [field, because(scene.at("ad", "ous", index, field))]));
}

/** The organizational units above a name and itself if it is one, outermost first, as they are written; containers (CN=Users) are none. */
function ouChain(dn: string): string[] {
  const chain: string[] = [];
  for (let at = dn.trim(); /^ou\s*=/iu.test(at); at = splitDn(at).slice(1).join(",").trim()) chain.unshift(at);
  return chain;
}
