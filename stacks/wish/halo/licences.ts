/** halo:Licence: the tenant's SKUs as Halo's licences, linked to the users who have them by this plan. */
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import { testsOf } from "../../../mappings/language/condition.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { hint } from "../../../providers/entra/licence/skus.ts";
import { type Connection, doubleWrites, type Writes } from "../../../providers/halo/entra-import.ts";
import type { HaloUserIds } from "../../match/halo-users.ts";
import { connectionType, skuType } from "../../model/kinds.ts";
import { accountOf, type Scene, want } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { sorted, textOf, textsOf } from "../../model/values.ts";
import { parkThing } from "../groups.ts";
import { skusOf } from "../keep.ts";
import { type DecidedInHalo, haloSkus, licenceName, licencesOf, numberIn } from "./decides.ts";

/** What the mapping files write that Halo's own integrations may write too. */
export function haloWrites(mappings: Scene["mappings"]): Writes {
  const { halo, haloUsers } = mappings;
  const users = haloUsers?.users;
  const lines = [...(halo?.agents ?? []), ...(halo?.grants ?? []), ...(haloUsers?.agents ? [haloUsers.agents] : [])];
  const agents = (halo?.agents.length ?? 0) > 0 || haloUsers?.agents !== undefined;
  const fromHalo = mappings.people.source === "halo.users";
  return {
    licences: halo?.licences !== undefined,
    links: halo?.licences?.link === true,
    entraLicences: (mappings.entra?.licences.length ?? 0) > 0,
    users: Object.keys(users?.fields ?? {}),
    agents: agents ? [...new Set(["name", "email", "firstname", "surname", ...Object.keys(haloUsers?.agents?.fields ?? {})])] : [],
    // Where people come from Halo, its users are written back into, never made or switched off.
    usersMade: users !== undefined && !fromHalo,
    userRoles:
      users !== undefined && !fromHalo && (users.sites.some((entry) => entry.role !== undefined) || users.organisation?.role !== undefined),
    agentsEnabled: agents,
    agentRoles: lines.some((line) => line.roles.length > 0),
    agentTeams: lines.some((line) => line.teams.length > 0) || halo?.teams.some((one) => one.for !== undefined) === true,
    seats: halo?.agents.some((line) => line.licenceType !== undefined) === true,
    boards: (halo?.boards.length ?? 0) > 0,
    peopleFromHalo: fromHalo,
  };
}

/** Whether Halo is asked for its connections: where the mapping writes what they could write too. */
export function asksConnections(mappings: Scene["mappings"]): boolean {
  const { links: _links, peopleFromHalo: _from, entraLicences: _entra, ...ours } = haloWrites(mappings);
  return mappings.haloUsers !== undefined || Object.values(ours).some((one) => (Array.isArray(one) ? one.length > 0 : one === true));
}

/** Names of Halo's licences by which a SKU of entra.yaml is wanted. */
function wantedBy(scene: Scene, sku: string): string[] {
  const lines = (scene.mappings.entra?.licences ?? []).filter((line) => same(line.sku, sku));
  return lines.flatMap((line) => (line.for ? testsOf(line.for, "hasSoftware").flat().map(String) : []));
}

/** Adds halo:Licence for every SKU that the tenant owns; says which of Halo's own integrations would write the same. */
export function haloLicences(scene: Scene, ids: HaloUserIds, decided: DecidedInHalo): void {
  const connections = scene.all(connectionType).map((one) => one.values as unknown as Connection);
  scene.notes.push(...doubleWrites(connections, haloWrites(scene.mappings)));
  const given = scene.mappings.halo?.licences;
  if (!given) return;
  const rule = scene.at("halo", "licences");
  const tenant = scene.all(skuType).map((one) => textOf(one.values["name"]));
  for (const sku of haloSkus(scene.mappings) ?? sorted(tenant)) {
    const owned = scene.all(skuType).find((one) => same(textOf(one.values["name"]), sku));
    if (!owned) {
      // What entra.yaml names is told there.
      if (!isManaged(scene, sku) && tenant.length > 0)
        parkThing(
          scene,
          sku,
          `the tenant owns no licence ${sku}${hint(sku, tenant)}; correct it in licences.skus (${scene.at("halo", "licences")})`,
          "halo",
        );
      continue;
    }
    const found = licencesOf(scene, sku);
    const reason = problem(sku, given.client, found);
    if (reason !== undefined) {
      parkThing(scene, sku, reason, "halo");
      continue;
    }
    const name = textOf(found[0]?.values["name"]) || sku;
    // Whoever has the licence would be linked, and whoever is linked would have it, for ever.
    const circle = given.link && wantedBy(scene, sku).some((one) => same(one, name));
    if (circle)
      scene.notes.push(
        `${rule} links ${name} to everybody who has ${sku}, and mappings/entra.yaml gives ${sku} to everybody linked to ${name}: nobody would ever lose it, so its links in Halo are left alone`,
      );
    const inHalo = decided.get(fold(sku));
    const links: Values = inHalo
      ? { users: inHalo.links, decides: "halo" }
      : given.link && !circle
        ? { users: holders(scene, ids, sku) }
        : {};
    const inputs: Values = { client: given.client, sku, count: Number(owned.values["owned"] ?? 0), ...links };
    if (found[0] && inputs["users"] !== undefined) inputs["users"] = withHidden(scene, ids, found[0], textsOf(inputs["users"]));
    const reasons = {
      "": { rule },
      count: { rule, note: "seats that the tenant owns" },
      users: { rule, note: inHalo ? "has the licence already: linked in Halo first" : "has the licence in Entra ID" },
    };
    want(scene, { type: "halo:Licence", name: licenceName(given.client, sku), inputs, because: reasons, live: found[0] });
  }
}

/** With the links of people whom Halo's list leaves out now, by a right that was cut or a read that is doubted: nobody loses one by that. */
function withHidden(scene: Scene, ids: HaloUserIds, live: Live, users: readonly string[]): string[] {
  const hidden = scene.subjects.filter(({ record, stage }) => record === undefined && stage !== "leaver");
  if (hidden.length === 0) return [...users];
  const held = live.values["users"];
  const linked = new Set(Array.isArray(held) ? held.map(String) : []);
  const numberOf = (one: Subject): string | undefined => numberIn(scene, ids, one);
  const theirs = hidden.flatMap((one) => (linked.has(numberOf(one) ?? "") ? [`person:${one.key}`] : []));
  // Where the key is another field, whose number is whose is known of records alone: whatever link is nobody's may be theirs.
  const known = new Set(scene.subjects.map(numberOf));
  const nobodys = hidden.some((one) => numberOf(one) === undefined) ? [...linked].filter((id) => !known.has(id)) : [];
  return sorted([...new Set([...users, ...theirs, ...nobodys.map((id) => `id:${id}`)])]);
}

const isManaged = (scene: Scene, sku: string): boolean => (scene.mappings.entra?.licences ?? []).some((line) => same(line.sku, sku));

function problem(sku: string, client: number, found: readonly { values: { [name: string]: unknown } }[]): string | undefined {
  if (found.length > 1) return `client ${client} has ${found.length} licences of ${sku} in Halo: delete all but one`;
  const imported = Number(found[0]?.values["imported"] ?? 0);
  return imported > 0
    ? `Halo's own Entra import (connection ${imported}) keeps the licence ${sku} already: turn one of the two off`
    : undefined;
}

/** Whoever has it after this plan, directly or through a group, as `person:<key>`. */
function holders(scene: Scene, ids: HaloUserIds, sku: string): string[] {
  const has = scene.resources.filter(
    (one) => one.type === "entra:Licence" && one.person !== undefined && skusOf(one.inputs["skus"]).some((wished) => same(wished.sku, sku)),
  );
  // What entra.yaml does not give is with whoever has it.
  const kinds = isManaged(scene, sku) ? ["inherited"] : ["inherited", "direct"];
  const through = scene.subjects.filter((one) => {
    const live = accountOf(scene, one, "entra:Licence");
    return one.record !== undefined && kinds.some((kind) => skusOf(live?.values[kind]).some((has) => same(has.sku, sku)));
  });
  // Only people whose user is there: a link to one who is gone from Halo would be refused.
  const known = new Set(scene.subjects.filter((one) => one.record && numberIn(scene, ids, one) !== undefined).map(({ key }) => key));
  return sorted(
    new Set(
      [...has.map((one) => one.person ?? ""), ...through.map(({ key }) => key)]
        .filter((key) => known.has(key))
        .map((key) => `person:${key}`),
    ),
  );
}
