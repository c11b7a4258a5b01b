/** Devices of Intune as assets in Halo (halo.yaml, assets): by serial number, at the site of the person they belong to. H15. */
import type { Values } from "../../../base/json.ts";
import { few, fold, same } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { Live } from "../../../providers/core/definition.ts";
import type { HaloUserIds } from "../../match/halo-users.ts";
import { deviceType } from "../../model/kinds.ts";
import { because, personName, type Scene, want } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { byEach, sorted, textOf, textsOf } from "../../model/values.ts";

export const assetType = "halo:Asset";

/** Adds halo:Asset: one a serial number; two devices or two assets of one are left to a human. */
export function assets(scene: Scene, ids: HaloUserIds): void {
  const rule = scene.mappings.halo?.assets;
  if (!rule) return;
  // Of a doubted read nothing is believed: the assets stay as they are.
  const read = scene.world.feeds?.doubted.includes("devices") ? [] : scene.all(deviceType);
  const managed = read.filter((one) => one.values["managed"] === true);
  const [devices, nameless] = [true, false].map((has) =>
    managed.filter(({ values }) => (textOf(values["serialNumber"]) !== "") === has),
  ) as [Live[], Live[]];
  if (nameless.length > 0)
    scene.notes.push(
      `${nameless.length} device(s) in Intune have no serial number, or a maker's placeholder, and are no assets: ${few(nameless.map((one) => textOf(one.values["deviceName"]) || one.id).sort())}`,
    );
  const owners = new Map(scene.subjects.flatMap((one) => (one.accounts.entra ? [[one.accounts.entra.toLowerCase(), one]] : [])));
  // An asset has its number as its name or as its key field.
  const known = byEach(scene.all(assetType), ({ values }) => ["name", "key"].map((field) => fold(textOf(values[field]))));
  const wished = new Set<string>();
  for (const [serial, all] of Map.groupBy(devices, (one) => textOf(one.values["serialNumber"]).toLowerCase())) {
    const [device] = all;
    const index = device ? rule.types.findIndex((line) => fits(line.devices, device.values)) : -1;
    const kind = rule.types[index]?.type;
    if (!device || kind === undefined) continue;
    const number = textOf(device.values["serialNumber"]);
    const name = `device-${serial}`;
    wished.add(name);
    const found = known.get(fold(number)) ?? [];
    const reason = problem(number, kind, all, found);
    if (reason !== undefined) {
      scene.parked.push({ key: number, name: textOf(device.values["deviceName"]) || number, where: "matching", reason, of: "thing" });
      continue;
    }
    const owner = owners.get(textOf(device.values["userId"]).toLowerCase());
    const why = because(scene.at("halo", "assets", "types", index), owner, [], `device ${textOf(device.values["deviceName"])} in Intune`);
    want(scene, {
      type: assetType,
      name,
      inputs: {
        name: textOf(found[0]?.values["name"]) || number,
        kind,
        ...(hiddenPlace(scene, name, owner) ?? placeOf(scene, rule, owner, ids)),
        enabled: true,
        fields: Object.fromEntries(
          Object.entries({ ...rule.fields, ...rule.types[index]?.fields }).map(([field, source]) => [
            field,
            compile(source).render(device.values).trim(),
          ]),
        ),
      },
      because: { "": why },
      live: found[0],
    });
  }
  retire(scene, wished, devices.length);
}

type Rule = NonNullable<NonNullable<Scene["mappings"]["halo"]>["assets"]>;

function fits(asked: Rule["types"][number]["devices"], device: Values): boolean {
  return Object.entries(asked).every(([name, wanted]) => textsOf(wanted).some((one) => same(one, textOf(device[name]))));
}

function problem(number: string, kind: string, devices: readonly Live[], found: readonly Live[]): string | undefined {
  if (devices.length > 1) return `${devices.length} devices in Intune have the serial number ${number}: retire all but one`;
  if (found.length > 1)
    return `${found.length} assets in Halo have the number ${number} (ids ${found.map((one) => one.id).join(", ")}): correct all but one`;
  const other = textOf(found[0]?.values["kind"]);
  return other !== "" && !same(other, kind)
    ? `the asset ${number} is of type ${other} in Halo, not ${kind}: change it there, or the rule`
    : undefined;
}

/** Where the asset was, of an owner whom the people's list leaves out now: by a read that is short nothing of theirs goes elsewhere. */
function hiddenPlace(scene: Scene, name: string, owner: Subject | undefined): Values | undefined {
  if (!owner || owner.record || owner.stage === "leaver") return undefined;
  const before = scene.previous(assetType, name)?.inputs;
  return before && { client: before["client"] ?? 0, site: before["site"] ?? 0, users: before["users"] ?? [] };
}

/** At the person's site where it is known which user of Halo they are; else, and for nobody's devices, where the mapping says. */
function placeOf(scene: Scene, rule: Rule, owner: Subject | undefined, ids: HaloUserIds): Values {
  const user = owner && owner.stage !== "leaver" ? userOf(scene, owner, ids) : undefined;
  if (!user) return { client: rule.client, site: rule.site, users: [] };
  return {
    client: user.client > 0 ? user.client : rule.client,
    site: user.site > 0 ? user.site : rule.site,
    users: sorted([`${user.id} ${user.name}`]),
  };
}

/** Numbers of the person's user in Halo, of its site and client (0: not known), and its name. */
function userOf(scene: Scene, owner: Subject, ids: HaloUserIds): { id: number; name: string; site: number; client: number } | undefined {
  if (scene.mappings.people.source === "halo.users") {
    const fields = owner.record?.fields ?? {};
    const id = Number(textOf(fields["id"]));
    const site = Number(textOf(fields["site_id_int"]) || textOf(fields["site_id"]));
    return id > 0 ? { id, name: textOf(fields["name"]) || owner.name, site, client: Number(textOf(fields["client_id"])) } : undefined;
  }
  const number = ids.get(owner.key);
  const live = number === undefined ? undefined : scene.byId("halo:User").get(number)?.values;
  if (!live) return undefined;
  // As the user is after this run.
  const values = { ...live, ...scene.wished("halo:User", personName(owner.key))?.inputs };
  const [site] = scene.named("halo:Site", textOf(values["site"]));
  const [client] = scene.named("halo:Client", textOf(site?.values["client"]));
  return { id: Number(number), name: textOf(values["name"]), site: Number(site?.id ?? 0), client: Number(client?.id ?? 0) };
}

/** Assets of devices that are retired. An empty read of Intune retires nothing. */
function retire(scene: Scene, wished: ReadonlySet<string>, devices: number): void {
  const rule = scene.mappings.halo?.assets;
  const retired = scene.world.previous.filter(
    (one) => one.type === assetType && !wished.has(one.name) && scene.byId(assetType).has(one.id),
  );
  if (retired.length === 0) return;
  const all = devices === 0 || scene.doubted;
  if (all) scene.notes.push(`Intune gave no devices, or the read is doubted: ${retired.length} asset(s) in Halo stay as they are`);
  for (const one of retired) {
    const why = { rule: scene.at("halo", "assets", "onRetired"), note: "Intune has the device no longer" };
    const enabled = all || rule?.onRetired === "keep" ? one.inputs["enabled"] === true : false;
    scene.add({ type: assetType, name: one.name, inputs: { ...one.inputs, enabled }, because: { "": why } });
  }
}
