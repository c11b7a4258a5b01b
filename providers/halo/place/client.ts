/** halo:Client: an organisation in Halo. Switched off, never deleted. */

import { fold, same } from "../../../base/text.ts";
import { rowOf } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { neither, whenTrue } from "../../core/access.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import { idByName, spelt, textOf } from "../named.ts";
import { type HaloLists, type Kind, operations } from "../record.ts";
import { type ClientInputs, clientInputs } from "../user/inputs.ts";
import { type Client, clientSchema, placeChange, placeKind, placeTexts, readClients } from "./rows.ts";

const texts = ["notes", "website", "ref"] as const;

const kind: Kind<ClientInputs, Client> = {
  ...placeKind<ClientInputs>("client"),
  path: "Client",
  candidates: async (halo, { name }) => (await readClients(halo)).filter((one) => same(one.name, name)),
  read: readClient,
  fresh: (_halo, { name }) => ({ name }),
  change: (_halo, client, wish) => placeChange(texts, client, wish),
};

async function readClient(halo: HaloLists, id: string): Promise<Client | undefined> {
  return rowOf(clientSchema, await halo.get("Client", id, { includedetails: true }), `client ${id}`);
}

const live = (client: Client): Live => ({
  id: String(client.id),
  values: { name: client.name, enabled: !client.inactive, ...Object.fromEntries(texts.map((key) => [key, client[key].trim()])) },
});

export const client = define<ClientInputs, Record<string, never>, HaloLists, { detailed: readonly string[] }>({
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
  /** `detailed` are managed with more than list rows have (`website` and `ref` stand there in some versions only); each costs one call. */
  async list(halo, { detailed }) {
    const wanted = new Set(detailed.map(fold));
    const all: Live[] = [];
    for (const one of await readClients(halo))
      all.push(live((wanted.has(fold(one.name)) ? await readClient(halo, String(one.id)) : undefined) ?? one));
    return all;
  },
  find: (all, { name }) => idByName(all, name),
  view: ({ values }, managed) => ({
    name: spelt(textOf(values, "name"), managed.name),
    enabled: values["enabled"] === true,
    ...placeTexts(texts, values, managed),
  }),
  ...operations(kind),
  async get(halo, id) {
    const found = await readClient(halo, id);
    return found && live(found);
  },
});
