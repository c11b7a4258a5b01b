/** halo:Client: an organisation in Halo. Switched off, never deleted. */
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import type { Definition, Live } from "../../core/definition.ts";
import type { Nothing } from "../agent/inputs.ts";
import { nothing } from "../agent/inputs.ts";
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

export const client: Definition<ClientInputs, Nothing, HaloLists> = {
  type: "halo:Client",
  system: "halo",
  inputs: clientInputs,
  outputs: nothing,
  immutable: ["name"],
  retain: true,
  client: haloClient,
  /** `attributes`: names of the clients that are managed; each costs one call, as list rows do not have everything. */
  async list(halo, options) {
    const all = (await readClients(halo)).map(live);
    const detailed = new Map<string, Live>();
    for (const one of bare(all, new Set((options?.attributes ?? []).map(fold)))) {
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
  async update(halo, id, inputs) {
    await bringPlace(halo, kind, id, inputs);
    return {};
  },
  async delete() {
    // Retained: a client is switched off (`inactive: true`), never deleted.
  },
  async get(halo, id) {
    const found = await kind.one(halo, id);
    return found && live(found);
  },
  computed: () => ({}),
};
