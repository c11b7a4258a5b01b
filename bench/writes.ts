/** The writes of a first `up` in plain loops: what anybody would write who knows already what is to be done. */

import type { Json, Values } from "../base/json.ts";
import { parallel } from "../cli/engine/automation.ts";
import type { EntraClient } from "../clients/graph/client.ts";
import { entra } from "../clients/graph/shared.ts";
import { haloClient } from "../clients/halo/shared.ts";
import { unicodePwd } from "../providers/ad/password/set.ts";
import { finishing } from "../providers/ad/user/account.ts";
import { child } from "../providers/ad/values/dn.ts";
import type { AdClient } from "../providers/ad/wire/client.ts";
import { client as adClient } from "../providers/ad/wire/shared.ts";
import { generate } from "../providers/core/password.ts";
import { throwAway } from "../providers/core/password-rules.ts";
import { catalogueOf } from "../providers/entra/licence/skus.ts";
import { agentChange } from "../providers/halo/agent/change.ts";
import type { AgentInputs } from "../providers/halo/agent/inputs.ts";
import type { DesiredResource } from "../stacks/model/types.ts";
import type { Prepared } from "../stacks/prepare.ts";

type Done = { [kind: string]: number };

/** Does everything that is new in the wish; gives how many writes of each kind there were. */
export async function write(known: Prepared): Promise<Done> {
  const done: Done = {};
  const count = (kind: string, by = 1): void => {
    done[kind] = (done[kind] ?? 0) + by;
  };
  const of = (type: string): DesiredResource[] => known.wish.resources.filter((one) => one.type === type);
  const halo = of("halo:Agent").length > 0 ? agents(of("halo:Agent"), count) : undefined;
  const dns = await accounts(await adClient(), of("ad:User"), known, count);
  const entra = [...of("entra:Licence"), ...of("entra:Group")].length > 0 ? cloud(of, known, count) : undefined;
  await Promise.all([members(await adClient(), of("ad:Group"), known, dns, count), entra, halo]);
  return done;
}

/** At most `parallel` at a time, in order. */
async function each<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const queue = all[Symbol.iterator]();
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const one of queue) await work(one);
    }),
  );
}

const text = (value: Json | undefined): string[] =>
  (Array.isArray(value) ? value.map(String) : [String(value ?? "")]).filter((one) => one !== "");
const key = (ref: string): string => ref.slice("person:".length);

/** Accounts: an add, and a modify for the password. Managers come last: their own accounts must be there. */
async function accounts(
  client: AdClient,
  users: readonly DesiredResource[],
  known: Prepared,
  count: (kind: string) => void,
): Promise<Map<string, string>> {
  const dns = new Map<string, string>();
  for (const one of known.live["ad:User"] ?? []) {
    const person = known.wish.people.find((candidate) => candidate.accounts.ad === one.id);
    if (person) dns.set(person.key, String(one.values["distinguishedName"]));
  }
  const created = users.filter((one) => one.adopt === undefined);
  const later: { dn: string; manager: string }[] = [];
  await each(created, async ({ inputs, person = "" }) => {
    const { manager, ...attributes } = (inputs["attributes"] ?? {}) as Values;
    const dn = child("CN", String(inputs["name"]), String(inputs["path"]));
    const chief = text(manager).map((ref) => dns.get(key(ref)))[0];
    await client.add(dn, {
      objectClass: ["top", "person", "organizationalPerson", "user"],
      sAMAccountName: text(inputs["sAMAccountName"]),
      userPrincipalName: text(inputs["userPrincipalName"]),
      userAccountControl: ["514"],
      ...(chief === undefined ? {} : { manager: [chief] }),
      ...Object.fromEntries(Object.entries(attributes).flatMap(([name, value]) => (text(value).length === 0 ? [] : [[name, text(value)]]))),
    });
    const first = generate(throwAway, { login: text(inputs["sAMAccountName"])[0] ?? "", names: [String(inputs["name"])] });
    await client.modify(dn, [
      { op: "replace", attribute: "unicodePwd", values: [unicodePwd(first)] },
      { op: "replace", attribute: "pwdLastSet", values: ["0"] },
      ...finishing("514", inputs["enabled"] === true).release,
    ]);
    count("account added");
    count("account finished");
    dns.set(person, dn);
    for (const ref of chief === undefined ? text(manager) : []) later.push({ dn, manager: key(ref) });
  });
  await each(later, async ({ dn, manager }) => {
    const chief = dns.get(manager);
    if (chief === undefined) return;
    await client.modify(dn, [{ op: "replace", attribute: "manager", values: [chief] }]);
    count("manager set");
  });
  return dns;
}

/** Members, 500 a modify. */
async function members(
  client: AdClient,
  groups: readonly DesiredResource[],
  known: Prepared,
  dns: ReadonlyMap<string, string>,
  count: (kind: string) => void,
): Promise<void> {
  for (const one of groups) {
    const live = known.live["ad:Group"]?.find((candidate) => candidate.id === one.adopt);
    if (!live) continue;
    const had = new Set((live.values["members"] as { dn: string }[]).map((member) => member.dn));
    const add = text(one.inputs["members"])
      .flatMap((ref) => dns.get(key(ref)) ?? [])
      .filter((dn) => !had.has(dn));
    for (let at = 0; at < add.length; at += 500) {
      await client.modify(String(live.values["distinguishedName"]), [{ op: "add", attribute: "member", values: add.slice(at, at + 500) }]);
      count("500 members");
    }
  }
}

/** Usage location, licences and members in batches of 20, once Entra Connect has brought everybody. */
async function cloud(of: (type: string) => DesiredResource[], known: Prepared, count: (kind: string, by?: number) => void): Promise<void> {
  const client = await entra();
  const names = new Map(of("ad:User").map((one) => [one.person ?? "", String(one.inputs["userPrincipalName"]).toLowerCase()]));
  const created = of("entra:Licence").filter((one) => one.adopt === undefined && text(one.inputs["usageLocation"]).length > 0);
  const ids = await brought(
    client,
    created.map((one) => names.get(one.person ?? "") ?? ""),
  );
  const idOf = (person: string): string | undefined => known.run.people.entra[person] ?? ids.get(names.get(person) ?? "");
  const catalogue = await catalogueOf(client);
  const people = created.flatMap((one) => {
    const id = idOf(one.person ?? "");
    return id === undefined ? [] : [{ id, inputs: one.inputs }];
  });
  await client.batch(
    people.map(({ id, inputs }) => ({ method: "PATCH" as const, path: `/users/${id}`, body: { usageLocation: inputs["usageLocation"] } })),
  );
  count("usage location", people.length);
  const assign = people.map(({ id, inputs }) => {
    const skus = (inputs["skus"] as { sku: string }[]).map(({ sku }) => ({ skuId: catalogue.sku(sku).id, disabledPlans: [] }));
    return { method: "POST" as const, path: `/users/${id}/assignLicense`, body: { addLicenses: skus, removeLicenses: [] } };
  });
  const refused = (await client.batch(assign)).filter((answer) => answer.status >= 400);
  if (refused.length > 0) throw new Error(`${refused.length} licences were refused: ${JSON.stringify(refused[0]?.body)}`);
  count("licence", assign.length);
  for (const group of of("entra:Group")) {
    const live = known.live["entra:Group"]?.find((one) => one.id === group.adopt);
    if (!live) continue;
    const had = new Set(text(live.values["members"]));
    const add = text(group.inputs["members"])
      .flatMap((ref) => idOf(key(ref)) ?? [])
      .filter((id) => !had.has(id));
    for (let at = 0; at < add.length; at += 20) {
      const bind = add.slice(at, at + 20).map((id) => `${client.base}/directoryObjects/${id}`);
      await client.patch(`/groups/${live.id}`, { "members@odata.bind": bind });
      count("20 members");
    }
  }
}

/** Waits until Entra ID has all these users; gives their ids by name. */
async function brought(client: EntraClient, wanted: readonly string[]): Promise<Map<string, string>> {
  for (;;) {
    const rows = (await client.list("/users", ["id", "userPrincipalName"])) as { id: string; userPrincipalName: string }[];
    const ids = new Map(rows.map((row) => [row.userPrincipalName.toLowerCase(), row.id]));
    if (wanted.every((name) => ids.has(name))) return ids;
    await client.clock.sleep(50);
  }
}

async function agents(wished: readonly DesiredResource[], count: (kind: string) => void): Promise<void> {
  const client = await haloClient();
  for (const one of wished.filter((candidate) => candidate.adopt === undefined)) {
    await client.post("Agent", await agentChange(client, undefined, one.inputs as unknown as AgentInputs, (row) => row.name ?? "", false));
    count("agent");
  }
}
