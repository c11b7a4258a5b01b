/** Every account of a directory, and whose it is. Pure. */
import { defined } from "../../base/defined.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Directory } from "../../providers/core/system.ts";
import { directories, systemOf } from "../../providers/systems.ts";
import { isGuest } from "../match/accounts.ts";
import { flag, part, textOf } from "../model/values.ts";
import type { InventoryRow } from "./model.ts";
import { enabledOf, type Inventoried, type Owners, ruleOf } from "./owners.ts";

/** What one is called where administrators look for it: the login, else the address. */
const names: { readonly [system in Directory]: readonly string[] } = {
  ad: ["sAMAccountName", "userPrincipalName"],
  entra: ["userPrincipalName", "mail"],
  halo: ["email", "name"],
};

/** The same of one account; where it has neither, as sentences call it. */
export function nameOfAccount(system: Directory, live: Live): string {
  const name = names[system].map((value) => textOf(live.values[value])).find((text) => text !== "");
  return name ?? systemOf(system).accounts?.label(live) ?? live.id;
}

/** The same of a user of Halo, as its type reads it, or people's records tell it. */
export function nameOfUser({ id, values }: Live): string {
  const address = textOf(values["email"]) || textOf(part(values["fields"])["emailaddress"]);
  return address || textOf(values["name"]) || id;
}

/** What is wished of a person that stands for an account of theirs, by system, the nearest first. */
const asking: { readonly [system in Directory]: readonly string[] } = {
  ad: ["ad:User"],
  // A synced account comes with the one of AD; where nothing else is wished in Entra ID, a licence needs it.
  entra: ["entra:User", "ad:User", "entra:Licence"],
  halo: ["halo:Agent"],
};

export function accountRows({ given, live, lastSeen }: Inventoried, owners: Owners): InventoryRow[] {
  const { source } = given.mappings.people;
  const accounts = directories.flatMap(({ name: system, accounts: { type, untouchable } }) =>
    (live[type] ?? []).map((one): InventoryRow => {
      const owner = owners.of(system, one.id);
      const asked = owner && asking[system].map((of) => owners.wished(of, owner.key)).find((wished) => wished !== undefined);
      const said = owners.ownership(system, one.id, owner, asked && ruleOf(asked));
      const isRecord = system === "entra" && source === "entra.users" && owner?.record !== undefined && said.state === "unasked";
      const note = said.note ?? (isGuest(one) ? "a guest" : undefined);
      return {
        ...{ kind: "accounts", system, sort: sortOf(system, one), id: one.id, name: nameOfAccount(system, one) },
        ...said,
        ...(isRecord ? { state: "record" } : {}),
        ...defined({ enabled: enabledOf(one), lastSeen: lastSeen.get(`${system} ${one.id}`), note }),
        ...(untouchable.some((flagged) => flag(one.values[flagged])) ? { protected: true } : {}),
      };
    }),
  );
  return [...accounts, ...haloUserRows({ given, live, lastSeen }, owners)];
}

const sortOf = (system: Directory, { values }: Live): string =>
  system === "halo"
    ? flag(values["isapiagent"])
      ? "API agent"
      : "agent"
    : system === "entra" && flag(values["synced"])
      ? "synced account"
      : "account";

/** Users of Halo: the records that people come from, or those that are made there. */
function haloUserRows({ given, live }: Pick<Inventoried, "given" | "live" | "lastSeen">, owners: Owners): InventoryRow[] {
  return (live["halo:User"] ?? []).map((one): InventoryRow => {
    const owner = owners.ofHaloUser(one.id);
    const wished = owner && owners.wished("halo:User", owner.key);
    const said = owners.ownership("halo", one.id, owner, wished && ruleOf(wished));
    const isRecord = given.mappings.people.source === "halo.users" && said.state === "unasked";
    const note = owners.isExcluded(one.id) ? `left out by people.for (${given.mappings.at(["people", "people", "for"])})` : said.note;
    return {
      ...{ kind: "accounts", system: "halo", sort: "user", id: one.id, name: nameOfUser(one) },
      ...said,
      ...(isRecord ? { state: "record" } : {}),
      ...defined({ enabled: enabledOf(one), lastSeen: textOf(one.values["lastSeen"]) || undefined, note }),
      ...(flag(one.values["protected"]) ? { protected: true } : {}),
    };
  });
}
