/** halo:Site: a place of a client, to which users belong. Switched off, never deleted. */

import { z } from "zod";
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { noAccess, whenTrue } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { knownByName, spelt, tableOf, textOf } from "../named.ts";
import { candidateRows, getter, type HaloLists, type Kind, reader, recordType } from "../record.ts";
import { clientNamed, placeChange, placeKind, placeTexts, readSites, type Site, siteName, siteSchema } from "./rows.ts";

const text = z.string().trim();
const filled = text.min(1);
const address = z.strictObject({
  line1: text.exactOptional(),
  line2: text.exactOptional(),
  line3: text.exactOptional(),
  line4: text.exactOptional(),
  postcode: text.exactOptional(),
});

const siteInputs = z
  .strictObject({
    /** `Client/Site`: sites of two clients may have one name. */
    name: filled,
    client: filled,
    enabled: z.boolean(),
    notes: text.exactOptional(),
    phonenumber: text.exactOptional(),
    timezone: text.exactOptional(),
    ref: text.exactOptional(),
    address: address.exactOptional(),
  })
  .refine((site) => site.name.startsWith(`${site.client}/`) && site.name.length > site.client.length + 1, {
    error: "the name is Client/Site",
    path: ["name"],
  });
type SiteInputs = z.infer<typeof siteInputs>;

const texts = ["notes", "phonenumber", "timezone", "ref"] as const;
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

const readSite = reader("Site", "site", siteSchema);

const kind: Kind<SiteInputs, Site> = {
  ...placeKind<SiteInputs>("site"),
  path: "Site",
  candidates: async (halo, { name }, _again, whole) =>
    whole(await readSites(halo, candidateRows)).filter((one) => same(siteName(one), name)),
  read: readSite,
  async fresh(halo, { client, name }) {
    return { client_id: (await clientNamed(halo, client)).id, name: name.slice(client.length + 1) };
  },
  change(_halo, site, wish) {
    const address = addressChange(site, wish.address);
    return { ...placeChange(texts, site, wish), ...(address ? { delivery_address: address } : {}) };
  },
};

const live = (site: Site): Live => {
  const values: Values = { name: siteName(site), client: site.client_name, enabled: !site.inactive };
  for (const key of texts) values[key] = site[key].trim();
  if (site.delivery_address) values["address"] = Object.fromEntries(lines.map((line) => [line, lineOf(site, line)]));
  return { id: String(site.id), values };
};

export const site = define<SiteInputs, Record<string, never>, HaloLists, { detailed: readonly string[] }>({
  type: "halo:Site",
  ...recordType("halo:Site", kind),
  get: getter(readSite, live),
  noun: "site",
  about: "thing",
  ...knownByName,
  wave: () => "places",
  access: { ...noAccess(siteInputs), enabled: whenTrue("rules") },
  inputs: siteInputs,
  unasked: { detailed: [] },
  immutable: ["name", "client"],
  /** `detailed`: names (`Client/Site`) of sites whose address is compared; each costs one call. */
  async list(halo, { detailed }) {
    const wanted = new Set(detailed.map(fold));
    const all: Live[] = [];
    for (const one of await readSites(halo))
      all.push(live((wanted.has(fold(siteName(one))) ? await readSite(halo, String(one.id)) : undefined) ?? one));
    return all;
  },
  view({ values }, managed) {
    const address = tableOf(values, "address");
    const wished = managed.address ?? {};
    return {
      // Names are found without regard to case; a rename is not haloform's business.
      name: spelt(textOf(values, "name"), managed.name),
      client: spelt(textOf(values, "client"), managed.client),
      enabled: values["enabled"] === true,
      ...placeTexts(texts, values, managed),
      ...(managed.address === undefined
        ? {}
        : { address: Object.fromEntries(lines.flatMap((line) => (wished[line] === undefined ? [] : [[line, address[line] ?? ""]]))) }),
    };
  },
});
