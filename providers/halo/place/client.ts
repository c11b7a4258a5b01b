/** halo:Client: an organisation in Halo. Switched off, never deleted. */

import { z } from "zod";
import { fold, same } from "../../../base/text.ts";
import { noAccess, whenTrue } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { knownByName, spelt, textOf } from "../named.ts";
import { candidateRows, getter, type HaloLists, type Kind, reader, recordType } from "../record.ts";
import { type Client, clientSchema, placeChange, placeKind, placeTexts, readClients } from "./rows.ts";

const text = z.string().trim();
const clientInputs = z.strictObject({
  name: text.min(1),
  enabled: z.boolean(),
  notes: text.exactOptional(),
  website: text.exactOptional(),
  ref: text.exactOptional(),
});
type ClientInputs = z.infer<typeof clientInputs>;

const texts = ["notes", "website", "ref"] as const;

const readClient = reader("Client", "client", clientSchema);

const kind: Kind<ClientInputs, Client> = {
  ...placeKind<ClientInputs>("client"),
  path: "Client",
  candidates: async (halo, { name }, _again, whole) => whole(await readClients(halo, candidateRows)).filter((one) => same(one.name, name)),
  read: readClient,
  fresh: (_halo, { name }) => ({ name }),
  change: (_halo, client, wish) => placeChange(texts, client, wish),
};

const live = (client: Client): Live => ({
  id: String(client.id),
  values: { name: client.name, enabled: !client.inactive, ...Object.fromEntries(texts.map((key) => [key, client[key].trim()])) },
});

export const client = define<ClientInputs, Record<string, never>, HaloLists, { detailed: readonly string[] }>({
  type: "halo:Client",
  ...recordType("halo:Client", kind),
  get: getter(readClient, live),
  noun: "client",
  about: "thing",
  ...knownByName,
  wave: () => "before",
  access: { ...noAccess(clientInputs), enabled: whenTrue("rules") },
  inputs: clientInputs,
  unasked: { detailed: [] },
  immutable: ["name"],
  /** `detailed` are managed with more than list rows have (`website` and `ref` stand there in some versions only); each costs one call. */
  async list(halo, { detailed }) {
    const wanted = new Set(detailed.map(fold));
    const all: Live[] = [];
    for (const one of await readClients(halo))
      all.push(live((wanted.has(fold(one.name)) ? await readClient(halo, String(one.id)) : undefined) ?? one));
    return all;
  },
  view: ({ values }, managed) => ({
    name: spelt(textOf(values, "name"), managed.name),
    enabled: values["enabled"] === true,
    ...placeTexts(texts, values, managed),
  }),
});
