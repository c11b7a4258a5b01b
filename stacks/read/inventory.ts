/** What an inventory reads besides what a plan reads: everything of the systems, whether or not a mapping asks for it. Changes nothing. */
import { oneLine, RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Directory } from "../../providers/core/system.ts";
import { lastLogin, readLastLogins } from "../../providers/halo/last-login.ts";
import { directories, type StackConfig } from "../../providers/systems.ts";
import { type Asset, readAssets } from "../../sources/halo/assets.ts";
import { ownersOf } from "../../sources/halo/owners.ts";
import { readAllSoftware } from "../../sources/halo/software-list.ts";
import type { Kind, Unread } from "../inventory/model.ts";
import { haloUserOf } from "../match/halo-users.ts";
import { skuType } from "../model/kinds.ts";
import type { SourceRecord } from "../model/types.ts";
import { textOf } from "../model/values.ts";
import { protectAll } from "./inside.ts";
import { type Lists, readList } from "./lists.ts";

/** A list that only an inventory reads. */
export const softwareType = "halo:Software";
export const assetType = "halo:DeviceAsset";

/** What each kind is made of, by system: who holds something is called by the accounts there. */
export const typesFor: { readonly [kind in Kind]: { readonly [system in Directory]?: readonly string[] } } = {
  accounts: { ad: ["ad:User"], entra: ["entra:Licence"], halo: ["halo:Agent", "halo:User"] },
  roles: { halo: ["halo:Role", "halo:Agent"] },
  teams: { halo: ["halo:Team", "halo:ChangeAdvisoryBoard", "halo:Agent"] },
  groups: { ad: ["ad:Group", "ad:User"], entra: ["entra:Group", "entra:Licence"] },
  licences: { entra: [skuType, "entra:Licence", "entra:Group"], halo: [softwareType] },
  assets: { halo: [assetType] },
};

export interface Need {
  kinds: readonly Kind[];
  systems: readonly Directory[];
  mappings: Mappings;
  config: StackConfig;
  /** What a plan has read. */
  known: Lists;
  records: readonly SourceRecord[];
  say(line: string): void;
}

export interface ReadForInventory {
  live: Lists;
  lastSeen: Map<string, string>;
  /** What does not add up in a list: it may lack something. */
  doubts: string[];
  notes: string[];
  unread: Unread[];
}

/** The systems that this stack reaches. */
export const systemsIn = (config: StackConfig): Directory[] =>
  directories.map(({ name }) => name).filter((name) => config[name] !== undefined);

/**
 * Reads what is missing. A list that a system refuses to give is named (`unread`) and the others go on.
 * Throws UnreachableError and ConfigurationError.
 */
export async function readForInventory(need: Need): Promise<ReadForInventory> {
  const { kinds, systems, say } = need;
  const users = usersIn(need);
  const known: Lists = { ...need.known, ...(users ? { "halo:User": users } : {}) };
  const live: Lists = { ...known };
  const doubts: string[] = [];
  const notes: string[] = [];
  const failed = new Map<string, string>();
  const asked = kinds.flatMap((kind) =>
    systems.flatMap((system) => (typesFor[kind][system] ?? []).map((type) => ({ kind, system, type }))),
  );
  for (const type of new Set(asked.map((one) => one.type))) {
    const reads = readers[type];
    // Of most types a plan reads everything; of these only what a mapping names.
    if (!reads || (known[type] && !partial.has(type))) continue;
    say(`Reading ${called[type] ?? type}`);
    try {
      live[type] = await reads({ ...need, known: live }, doubts);
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      failed.set(type, oneLine(error.message));
      delete live[type];
    }
  }
  const unread = asked.flatMap(({ kind, system, type }): Unread[] => {
    const why = failed.get(type);
    return why === undefined ? [] : [{ kind, system, why }];
  });
  protectAll(live, need.mappings.safety.protected, need.config.ad?.bind);
  return { live, lastSeen: kinds.includes("accounts") ? await lastSeenIn(systems, notes) : new Map(), doubts, notes, unread };
}

/** Types of which a plan reads only what a mapping names. */
const partial: ReadonlySet<string> = new Set(["entra:Group"]);

const called: { readonly [type: string]: string } = {
  "ad:User": "accounts in Active Directory",
  "ad:Group": "groups in Active Directory",
  "entra:Licence": "users of Entra ID",
  "entra:Group": "groups of Entra ID and who is in them",
  [skuType]: "the tenant's licences",
  "halo:Agent": "Halo's agents",
  "halo:User": "Halo's users",
  "halo:Role": "Halo's roles",
  "halo:Team": "Halo's teams",
  "halo:ChangeAdvisoryBoard": "Halo's change advisory boards",
  [softwareType]: "Halo's software and who has it",
  [assetType]: "Halo's assets",
};

const readers: { readonly [type: string]: (need: Need, doubts: string[]) => Promise<Live[]> } = {
  "ad:User": ({ mappings }) => readList("ad:User", { attributes: Object.keys(mappings.people.is.ad), syntax: {} }),
  "ad:Group": () => readList("ad:Group", {}),
  "entra:Licence": ({ mappings }) => readList("entra:Licence", { properties: Object.keys(mappings.people.is.entra) }),
  async "entra:Group"({ known }) {
    const groups = known["entra:Group"] ?? (await readList("entra:Group", { members: [], owners: [], licences: [] }));
    const names = groups.map(({ values }) => textOf(values["name"]));
    return readList("entra:Group", { members: names, owners: [], licences: [] });
  },
  async [skuType]() {
    const { catalogueOf, skuLives } = await import("../../providers/entra/licence/skus.ts");
    const { entra } = await import("../../clients/graph/shared.ts");
    return skuLives(await catalogueOf(await entra()));
  },
  "halo:Agent": () => readList("halo:Agent", {}),
  "halo:User": () => readUsers(),
  "halo:Role": () => readList("halo:Role", { detailed: [] }),
  "halo:Team": () => readList("halo:Team", {}),
  "halo:ChangeAdvisoryBoard": () => readList("halo:ChangeAdvisoryBoard", {}),
  async [softwareType](_need, doubts) {
    const { software, doubts: found } = await readAllSoftware(await haloClient(), {});
    doubts.push(...found);
    return software.map(({ id, users, ...row }) => ({
      id: String(id),
      values: { ...row, users: users.map((user) => ({ id: String(user), name: "" })) } as Values,
    }));
  },
  async [assetType]({ known }, doubts) {
    // Halo's users, whatever people come from: a record of another source may have the number of somebody else there.
    const users = known["halo:User"] ?? (await readUsers());
    const owners = ownersOf(users.map(({ id, values }) => ({ ref: id, fields: { id, name: textOf(values["name"]) } })));
    const { assets, doubts: found } = await readAssets(await haloClient(), [], [], owners, { inactive: true });
    doubts.push(...found);
    return assets.map((asset) => liveAsset(asset, users, owners));
  },
};

const readUsers = (): Promise<Live[]> => readList("halo:User", { fields: ["emailaddress"] });

/** People's own records, where they are Halo's users: nothing is read twice. */
export function usersIn({ mappings, records }: Pick<Need, "mappings" | "records">): Live[] | undefined {
  if (mappings.people.source !== "halo.users") return undefined;
  return records.map(({ ref, fields }) => ({
    id: haloUserOf(ref) ?? ref,
    values: {
      name: textOf(fields["name"]),
      email: textOf(fields["emailaddress"]),
      enabled: fields["inactive"] !== true,
      protected: fields["isserviceaccount"] === true,
      lastSeen: lastLogin(fields["lastlogindate"]) ?? "",
    },
  }));
}

function liveAsset({ id, owners: has, fields }: Asset, known: readonly Live[], owners: ReturnType<typeof ownersOf>): Live {
  const users = has.map((one) => {
    const user = known[owners.of(one) ?? -1];
    return {
      id: user?.id ?? (typeof one === "number" ? String(one) : ""),
      name: textOf(user?.values["name"]) || (typeof one === "string" ? one : ""),
    };
  });
  const name = [fields["inventory_number"], fields["key_field"]].map(textOf).find((text) => text !== "") ?? String(id);
  return { id: String(id), values: { name, type: textOf(fields["type"]), enabled: fields["inactive"] !== true, users } };
}

/** When accounts were last used, as far as the systems tell. */
async function lastSeenIn(systems: readonly Directory[], notes: string[]): Promise<Map<string, string>> {
  const all = new Map<string, string>();
  const add = (system: Directory, found: ReadonlyMap<string, string>): void => {
    for (const [id, at] of found) all.set(`${system} ${id}`, at);
  };
  if (systems.includes("ad")) {
    const { readLastLogons } = await import("../../providers/ad/last-logon.ts");
    const { client } = await import("../../providers/ad/wire/shared.ts");
    const found = await readLastLogons(await client());
    if (found.size === 0)
      notes.push(
        "No account of Active Directory has a last logon: nobody ever logged on, or haloform's account may not read lastLogonTimestamp",
      );
    else notes.push("The last logon of Active Directory (lastLogonTimestamp) may be up to 14 days behind");
    add("ad", found);
  }
  if (systems.includes("entra")) {
    const { readSignIns } = await import("../../providers/entra/user/sign-ins.ts");
    const { entra } = await import("../../clients/graph/shared.ts");
    const { seen, needs } = await readSignIns(await entra());
    if (needs !== undefined) notes.push(needs);
    add("entra", seen);
  }
  if (systems.includes("halo")) {
    add("halo", await readLastLogins(await haloClient()));
  }
  return all;
}
