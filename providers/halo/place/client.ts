/** halo:Client: an organisation in Halo. Switched off, never deleted. */
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { neither, whenTrue } from "../../core/access.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import type { Nothing } from "../agent/inputs.ts";
import { type ClientInputs, clientInputs } from "../user/inputs.ts";
import { bringPlace, type Kind, makePlace } from "./place.ts";
import { type Client, type HaloLists, parseClient, readClients } from "./rows.ts";

const plain = ["notes", "website", "ref"] as const;

const kind: Kind<ClientInputs, Client> = {
  path: "Client",
  called: (inputs) => `the client "${inputs.name}"`,
  named: async (halo, inputs) => (await readClients(halo)).filter((one) => same(one.name, inputs.name)),
  async one(halo, id) {
    const row = await halo.get("Client", id, { includedetails: true });
    return row && parseClient(row);
  },
  fresh: async (_halo, inputs) => ({ name: inputs.name }),
  change(client, inputs) {
    const change: Row = {};
    for (const key of plain) if (inputs[key] !== undefined && inputs[key] !== (client?.[key].trim() ?? "")) change[key] = inputs[key];
    if ((client?.inactive ?? false) === inputs.enabled) change["inactive"] = !inputs.enabled;
    return change;
  },
};

const live = (client: Client): Live => ({
  id: String(client.id),
  values: { name: client.name, enabled: !client.inactive, ...Object.fromEntries(plain.map((key) => [key, client[key].trim()])) },
});

/** Whether list rows are enough: `website` and `ref` stand there in some versions only. */
const bare = (all: readonly Live[], names: ReadonlySet<string>): Live[] => all.filter((one) => names.has(fold(String(one.values["name"]))));

export const client = define<ClientInputs, Nothing, HaloLists, { detailed: readonly string[] }>({
  type: "halo:Client",
  system: "halo",
  noun: "client",
  about: "thing",
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "before",
  access: { name: neither, enabled: whenTrue(), notes: neither, website: neither, ref: neither },
  inputs: clientInputs,
  ...nothingComputed,
  unasked: { detailed: [] },
  immutable: ["name"],
  client: haloClient,
  /** `detailed` are managed with more than list rows have; each costs one call. */
  async list(halo, { detailed: names }) {
    const all = (await readClients(halo)).map(live);
    const detailed = new Map<string, Live>();
    for (const one of bare(all, new Set(names.map(fold)))) {
      const details = await kind.one(halo, one.id);
      if (details) detailed.set(one.id, live(details));
    }
    return all.map((one) => detailed.get(one.id) ?? one);
  },
  find(all, inputs) {
    const found = all.filter((one) => same(String(one.values["name"]), inputs.name));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view({ values }, managed) {
    const text = (key: string): string => (typeof values[key] === "string" ? values[key] : "");
    return {
      name: same(text("name"), managed.name) ? managed.name : text("name"),
      enabled: values["enabled"] === true,
      ...Object.fromEntries(plain.flatMap((key) => (managed[key] === undefined ? [] : [[key, text(key)]]))),
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
