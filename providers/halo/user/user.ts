/** halo:User: an end user (contact) of Halo. Never deleted: who has left becomes inactive. */
import { RefusedError } from "../../../base/errors.ts";
import type { Json } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { integer } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { both, byName, entries, neither, whenTrue } from "../../core/access.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import type { Nothing } from "../agent/inputs.ts";
import { type HaloLists, inLine, siteName } from "../place/rows.ts";
import { type UserInputs, userInputs } from "./inputs.ts";
import { fieldOf, getUser, listUsers, parseUser, readUser, type User, userChange } from "./read.ts";

const called = (inputs: UserInputs): string => `the user "${inputs.name ?? inputs.person}" of person ${inputs.person}`;

/** Reads the user back and compares: a POST echoes what it did not store (facts: write semantics 3, 4). */
async function prove(halo: HaloLists, id: string, inputs: UserInputs): Promise<void> {
  const user = await readUser(halo, id);
  if (!user) throw new RefusedError(`Could not save ${called(inputs)}: Halo said yes, but there is no user ${id}`, "not-stored");
  const missing = Object.keys(await userChange(halo, user, inputs));
  if (missing.length > 0)
    throw new RefusedError(
      `Could not save ${called(inputs)}: Halo did not store ${missing.join(", ")}; check the rights of the Halo application's agent`,
      "not-stored",
    );
}

async function bring(halo: HaloLists, id: string, inputs: UserInputs): Promise<void> {
  const user = await readUser(halo, id);
  if (!user)
    throw new RefusedError(`Could not change ${called(inputs)}: Halo has no user ${id} any more; the next plan will see that`, "gone");
  const change = await userChange(halo, user, inputs);
  if (Object.keys(change).length === 0) return;
  try {
    await halo.post("Users", { id: user.id, ...change });
  } catch (error) {
    // Writing the same values again is harmless, so looking is enough: stored or not.
    if (!(error instanceof UncertainError)) throw error;
    await prove(halo, id, inputs).catch((proof: unknown) => {
      throw proof instanceof RefusedError ? error : proof;
    });
    return;
  }
  await prove(halo, id, inputs);
}

/**
 * The user who is this person already: by the Entra id, else by the address, else (without an address) by name and site.
 * @throws RefusedError where two are, or where the one with the address belongs to somebody else's Entra account.
 */
async function existing(halo: HaloLists, inputs: UserInputs): Promise<User | undefined> {
  const address = inputs.fields["emailaddress"] ?? "";
  const search = address || inputs.name || "";
  const params = { includeactive: true, includeinactive: true, activeinactive: "true,true", includeserviceaccount: true };
  const found = await halo.list("Users", "users", { ...params, includenonserviceaccount: true, search });
  const users = found.rows.map(parseUser);
  const azure = inputs.fields["azureoid"] ?? "";
  const linked = azure === "" ? [] : users.filter((user) => same(fieldOf(user, "azureoid"), azure));
  const alike = users.filter((user) =>
    address === ""
      ? same(user.name, search) && same(siteName({ client_name: user.client_name, name: user.site_name }), inputs.site ?? "")
      : same(fieldOf(user, "emailaddress"), address),
  );
  const candidates = linked.length > 0 ? linked : alike;
  const [one] = candidates;
  if (candidates.length > 1)
    throw new RefusedError(
      `Could not create ${called(inputs)}: Halo has ${candidates.length} users with ${linked.length > 0 ? "that Entra id" : search} (ids ${candidates.map((user) => user.id).join(", ")}); correct all but one in Halo`,
      "ambiguous",
    );
  const other = one ? fieldOf(one, "azureoid") : "";
  if (one && azure !== "" && other !== "" && !same(other, azure))
    throw new RefusedError(
      `Could not create ${called(inputs)}: user ${one.id} has the address ${search} and belongs to another Entra account (${other}); correct one of them in Halo`,
      "ambiguous",
    );
  return one;
}

/** Makes the user, unless there is one already (which is then brought to the wish); a POST that got lost is looked for, not repeated. */
async function make(halo: HaloLists, inputs: UserInputs): Promise<string> {
  const before = await existing(halo, inputs);
  if (before) {
    await bring(halo, String(before.id), inputs);
    return String(before.id);
  }
  const record: Row = await userChange(halo, undefined, inputs);
  // A user is at a site, and a site is what decides the client.
  if (record["name"] === undefined || record["site_id"] === undefined)
    throw new RefusedError(
      `Could not create ${called(inputs)}: a user needs a ${record["name"] === undefined ? "name" : "site"}; correct mappings/halo-users.yaml or the record`,
      "incomplete",
    );
  let id: number | undefined;
  try {
    id = integer.safeParse((await halo.post("Users", record))?.["id"]).data;
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
    id = (await existing(halo, inputs))?.id;
    if (id === undefined) throw error;
  }
  id ??= (await existing(halo, inputs))?.id;
  if (id === undefined || id <= 0)
    throw new RefusedError(`Could not create ${called(inputs)}: Halo said yes but names no user; look for them in Halo`, "no-answer");
  await prove(halo, String(id), inputs);
  return String(id);
}

type Texts = { [name: string]: Json };

export const user = define<UserInputs, Nothing, HaloLists, { fields: readonly string[] }>({
  type: "halo:User",
  system: "halo",
  noun: "user",
  about: "person",
  key: ({ person }) => person,
  label: ({ name }) => name,
  wave: () => "accounts",
  sets: ["roles", "of.roles"],
  silent: ["person", "of"],
  access: {
    person: neither,
    name: neither,
    // Whoever belongs to a site sees what is asked and kept there.
    site: both,
    enabled: whenTrue("disabled"),
    fields: byName({ azureoid: both, emailaddress: both, logindomain: both, activedirectory_dn: both }),
    custom: neither,
    roles: entries("memberships"),
    of: neither,
  },
  inputs: userInputs,
  ...nothingComputed,
  unasked: { fields: [] },
  immutable: ["person"],
  client: haloClient,
  list: (halo, { fields }) => listUsers(halo, fields),
  find(live, inputs) {
    const wanted = (["azureoid", "emailaddress"] as const).find((field) => (inputs.fields[field] ?? "") !== "");
    if (wanted === undefined) return undefined;
    const found = live.filter((one) =>
      same(String((one.values["fields"] as Texts | undefined)?.[wanted] ?? ""), inputs.fields[wanted] ?? ""),
    );
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view,
  create: async (halo, inputs) => ({ id: await inLine(halo, () => make(halo, inputs)), outputs: {} }),
  async update(halo, { id }, inputs) {
    await bring(halo, id, inputs);
    return {};
  },
  get: (halo, id, asked) => getUser(halo, id, asked?.fields),
});

function view({ values }: Live, managed: UserInputs): UserInputs {
  const fields = (values["fields"] ?? {}) as Texts;
  const custom = (values["custom"] ?? {}) as Texts;
  const site = String(values["site"] ?? "");
  const roles = Array.isArray(values["roles"]) ? values["roles"].map(String) : [];
  const seen = (all: { readonly [name: string]: string }, live: Texts): { [name: string]: string } =>
    Object.fromEntries(Object.keys(all).map((name) => [name, String(live[name] ?? "")]));
  return {
    person: managed.person,
    ...(managed.name === undefined ? {} : { name: String(values["name"] ?? "") }),
    ...(managed.site === undefined ? {} : { site: same(site, managed.site) ? managed.site : site }),
    ...(managed.enabled === undefined ? {} : { enabled: values["enabled"] === true }),
    fields: seen(managed.fields, fields),
    custom: seen(managed.custom, custom),
    ...(managed.roles === undefined
      ? {}
      : { roles: (managed.of?.roles ?? managed.roles).filter((name) => roles.some((one) => same(one, name))) }),
    ...(managed.of === undefined ? {} : { of: managed.of }),
  };
}
