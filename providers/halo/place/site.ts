/** halo:Site: a place of a client, to which users belong. Switched off, never deleted. */
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { neither, whenTrue } from "../../core/access.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import type { Nothing } from "../agent/inputs.ts";
import { type SiteInputs, siteInputs } from "../user/inputs.ts";
import { bringPlace, type Kind, makePlace } from "./place.ts";
import { clientNamed, type HaloLists, parseSite, readSites, type Site, siteName } from "./rows.ts";

const plain = ["notes", "phonenumber", "timezone", "ref"] as const;
const lines = ["line1", "line2", "line3", "line4", "postcode"] as const;

const lineOf = (site: Site | undefined, line: string): string => {
  const value = site?.delivery_address?.[line];
  return typeof value === "string" ? value.trim() : "";
};

/** The address that is there with the wished lines in it: Halo takes it as a whole. */
function addressChange(site: Site | undefined, wished: SiteInputs["address"]): Row | undefined {
  const differs = lines.filter((line) => wished?.[line] !== undefined && wished[line] !== lineOf(site, line));
  if (!wished || differs.length === 0) return undefined;
  const id = site?.delivery_address?.["id"];
  return {
    ...(typeof id === "number" ? { id } : {}),
    ...Object.fromEntries(lines.map((line) => [line, wished[line] ?? lineOf(site, line)])),
  };
}

const kind: Kind<SiteInputs, Site> = {
  path: "Site",
  called: (inputs) => `the site "${inputs.name}"`,
  named: async (halo, inputs) => (await readSites(halo)).filter((one) => same(siteName(one), inputs.name)),
  async one(halo, id) {
    const row = await halo.get("Site", id, { includedetails: true });
    return row && parseSite(row);
  },
  async fresh(halo, inputs) {
    return { client_id: (await clientNamed(halo, inputs.client)).id, name: inputs.name.slice(inputs.client.length + 1) };
  },
  change(site, inputs) {
    const change: Row = {};
    for (const key of plain) if (inputs[key] !== undefined && inputs[key] !== (site?.[key].trim() ?? "")) change[key] = inputs[key];
    if ((site?.inactive ?? false) === inputs.enabled) change["inactive"] = !inputs.enabled;
    const address = addressChange(site, inputs.address);
    if (address) change["delivery_address"] = address;
    return change;
  },
};

const live = (site: Site): Live => {
  const values: Values = { name: siteName(site), client: site.client_name, enabled: !site.inactive };
  for (const key of plain) values[key] = site[key].trim();
  if (site.delivery_address) values["address"] = Object.fromEntries(lines.map((line) => [line, lineOf(site, line)]));
  return { id: String(site.id), values };
};

export const site = define<SiteInputs, Nothing, HaloLists, { detailed: readonly string[] }>({
  type: "halo:Site",
  system: "halo",
  noun: "site",
  about: "thing",
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "places",
  access: {
    name: neither,
    client: neither,
    enabled: whenTrue(),
    notes: neither,
    phonenumber: neither,
    timezone: neither,
    ref: neither,
    address: neither,
  },
  inputs: siteInputs,
  ...nothingComputed,
  unasked: { detailed: [] },
  immutable: ["name", "client"],
  client: haloClient,
  /** `detailed`: names (`Client/Site`) of sites whose address is compared; each costs one call. */
  async list(halo, { detailed: names }) {
    const detailed = new Set(names.map(fold));
    const sites: Live[] = [];
    for (const one of await readSites(halo)) {
      const details = detailed.has(fold(siteName(one))) ? await kind.one(halo, String(one.id)) : undefined;
      sites.push(live(details ?? one));
    }
    return sites;
  },
  find(all, inputs) {
    const found = all.filter((one) => same(String(one.values["name"]), inputs.name));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view({ values }, managed) {
    const address = (values["address"] ?? {}) as { [line: string]: string };
    const text = (key: string): string => (typeof values[key] === "string" ? values[key] : "");
    return {
      // Names are found without regard to case; a rename is not haloform's business.
      name: same(text("name"), managed.name) ? managed.name : text("name"),
      client: same(text("client"), managed.client) ? managed.client : text("client"),
      enabled: values["enabled"] === true,
      ...Object.fromEntries(plain.flatMap((key) => (managed[key] === undefined ? [] : [[key, text(key)]]))),
      ...(managed.address === undefined
        ? {}
        : {
            address: Object.fromEntries(
              lines.flatMap((line) => (managed.address?.[line] === undefined ? [] : [[line, address[line] ?? ""]])),
            ),
          }),
    };
  },
  create: async (halo, inputs) => ({ id: await makePlace(halo, kind, inputs), outputs: {} }),
  async update(halo, { id }, inputs) {
    await bringPlace(halo, kind, id, inputs);
    return {};
  },
  async get(halo, id) {
    const found = await kind.one(halo, id);
    return found && live(found);
  },
});
