/** Clients and sites of Halo as they should be: those that mappings/halo-users.yaml lists, and those that people's values make. */
import type { Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { agentEntry } from "../../../mappings/schema/halo-users.ts";
import { siteEntries } from "../../decide/sites.ts";
import { type Scene, want } from "../../model/scene.ts";
import type { Because, PreviousResource } from "../../model/types.ts";
import { textOf } from "../../model/values.ts";
import { foundBy, parkThing } from "../groups.ts";

/** Whether sites and clients have to be read at all. */
export function readsPlaces({ haloUsers, people }: Mappings): boolean {
  if (!haloUsers) return false;
  return haloUsers.clients.length > 0 || haloUsers.sites.length > 0 || (haloUsers.users !== undefined && people.source !== "halo.users");
}

/** Roles of users that the mapping names: owned, so that who is not entitled loses them. That of an entry for agents is one of agents. */
export function userRoles(file: NonNullable<Mappings["haloUsers"]>): string[] {
  const ofUsers = (file.users?.sites ?? []).filter(({ site }) => site !== agentEntry);
  const named = [...ofUsers.map(({ role }) => role), file.users?.organisation?.role];
  return [...new Set(named.filter((role) => role !== undefined))].sort();
}

/** Adds halo:Client and halo:Site. */
export function places(scene: Scene): void {
  const { haloUsers } = scene.mappings;
  if (!haloUsers) return;
  for (const [index, { inactive, name, ...rest }] of haloUsers.clients.entries()) {
    const why = { rule: scene.at("halo-users", "clients", index) };
    add(scene, "halo:Client", name, { name, enabled: !inactive, ...defined(rest) }, why);
  }
  const listed = new Set<string>();
  for (const [index, { inactive, name, client, ...rest }] of haloUsers.sites.entries()) {
    const full = `${client}/${name}`;
    listed.add(fold(full));
    const why = { rule: scene.at("halo-users", "sites", index) };
    site(scene, full, client, { enabled: !inactive, ...defined(rest) }, why);
  }
  const making = siteEntries(scene.mappings).filter(({ rule }) => rule.create === true);
  if (making.length === 0) return;
  const made = new Map<string, { full: string; client: string; why: Because }>();
  for (const subject of scene.subjects) {
    if (subject.stage !== "active") continue;
    const place = scene.decisions.place(subject);
    if (!place?.made?.create || listed.has(fold(place.site))) continue;
    // The same name in two spellings is one site: that of the person with the lowest key, unless Halo has one already.
    if (!made.has(fold(place.site))) made.set(fold(place.site), { full: place.site, client: place.made.client, why: place.why });
  }
  const clients = new Set([
    ...scene.all("halo:Client").map((one) => fold(textOf(one.values["name"]))),
    ...haloUsers.clients.map((one) => fold(one.name)),
  ]);
  for (const [key, { full, client, why }] of made) {
    if (clients.has(fold(client))) site(scene, full, client, { enabled: true }, why);
    // Its people are parked, and told why.
    else made.delete(key);
  }
  for (const one of scene.world.previous)
    if (!made.has(fold(one.name)) && !listed.has(fold(one.name)))
      keepMade(
        scene,
        one,
        making.find(({ rule }) => rule.organisation === textOf(one.inputs["client"])),
      );
}

/** A site that people's values made stays managed as it is while nobody is there: it is never switched off by itself. */
function keepMade(
  scene: Scene,
  { type, name, id, inputs }: PreviousResource,
  entry: ReturnType<typeof siteEntries>[number] | undefined,
): void {
  const live = type === "halo:Site" && entry ? scene.byId(type).get(id) : undefined;
  if (!live || !entry) return;
  const why: Because = { rule: scene.mappings.at(entry.path), note: "nobody is at this site now; it stays as it is" };
  scene.add({ type, name, inputs: { ...inputs, enabled: live.values["enabled"] === true }, because: { "": why } });
}

function site(scene: Scene, full: string, client: string, more: Values, why: Because): void {
  const [live] = scene.named("halo:Site", full);
  const name = textOf(live?.values["name"]) || full;
  add(scene, "halo:Site", name, { name, client: textOf(live?.values["client"]) || client, ...more }, why);
}

function add(scene: Scene, type: "halo:Site" | "halo:Client", name: string, inputs: Values, why: Because): void {
  const found = foundBy(scene, type, name);
  if (found.length < 2) want(scene, { type, name, inputs, because: { "": why }, live: found[0] });
  else {
    const what = type === "halo:Site" ? "sites" : "clients";
    const ids = found.map((one) => one.id);
    parkThing(scene, name, `${ids.length} Halo ${what} are called ${name} (ids ${ids.join(", ")}): rename all but one`, "matching");
  }
}

/** As JSON: without what is undefined, in whatever depth. */
const defined = (values: object): Values => JSON.parse(JSON.stringify(values)) as Values;
