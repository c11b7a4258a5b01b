/** The end state of a sandbox in a form that two runs can be compared by: names instead of ids, no times, no passwords. */
import type { AdDirectory, DirectoryEntry } from "./ad/server.ts";
import type { GraphServer } from "./graph/server.ts";
import { type Direct, directKey, type GraphState, inherited } from "./graph/state.ts";
import type { HaloServer } from "./halo/context.ts";
import type { Row } from "./web/json.ts";

/** Attributes of AD that people or programs write. */
const attributes = (
  "sAMAccountName userPrincipalName givenName sn displayName initials mail mailNickname proxyAddresses employeeNumber employeeID employeeType title department company division physicalDeliveryOfficeName " +
  "telephoneNumber mobile homePhone ipPhone facsimileTelephoneNumber streetAddress l st postalCode co c manager description info wWWHomePage homeDirectory homeDrive scriptPath userAccountControl adminCount groupType member"
)
  .split(" ")
  .concat(Array.from({ length: 15 }, (_, index) => `extensionAttribute${index + 1}`));

export interface Snapshot {
  /** distinguishedName → attributes (one value as text, several as a sorted list) and whether there is a password. */
  ad: Record<string, Record<string, string | string[] | boolean>>;
  entra: { users: Record<string, Row>; groups: Row[] };
  halo: { agents: Row[]; roles: Row[]; teams: string[] };
}

function entryOf(entry: DirectoryEntry): Record<string, string | string[] | boolean> {
  const shown: Record<string, string | string[] | boolean> = { objectClass: entry.objectClass };
  for (const name of attributes) {
    const values = entry.values(name).map(String);
    if (values.length > 0) shown[name] = values.length === 1 && name !== "member" ? (values[0] ?? "") : values.sort();
  }
  if (entry.objectClass === "user") shown["hasPassword"] = entry.hasPassword;
  return shown;
}

const byText = (a: Row, b: Row): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);

function skuText(state: GraphState, licence: Direct): string {
  const sku = state.skus.find((known) => known.id === licence.skuId);
  const without = (sku?.plans ?? []).filter((plan) => licence.disabledPlans.includes(plan.id)).map((plan) => plan.name);
  return [sku?.partNumber ?? licence.skuId, ...without.sort().map((name) => `-${name}`)].join(" ");
}

const userProperties =
  "displayName givenName surname mail department jobTitle companyName officeLocation mobilePhone businessPhones employeeId accountEnabled usageLocation onPremisesSyncEnabled onPremisesSamAccountName onPremisesDistinguishedName".split(
    " ",
  );

function userOf(state: GraphState, row: Row): Row {
  const licences = ((row[directKey] as Direct[] | undefined) ?? []).map((licence) => skuText(state, licence)).sort();
  const through = inherited(state, String(row["id"])).map(
    (licence) => `${skuText(state, licence)} (${String(state.groups.current.get(licence.group)?.["displayName"])})`,
  );
  return { ...Object.fromEntries(userProperties.map((name) => [name, row[name] ?? null])), licences, inherited: through.sort() };
}

function groupOf(state: GraphState, row: Row): Row {
  const nameOf = (id: string): string =>
    String(state.users.current.get(id)?.["userPrincipalName"] ?? state.groups.current.get(id)?.["displayName"] ?? id);
  return {
    name: row["displayName"],
    description: row["description"] ?? null,
    synced: row["onPremisesSyncEnabled"] === true,
    members: state.members.of(String(row["id"])).map(nameOf).sort(),
  };
}

const nameList = (rows: unknown): string[] => ((rows as Row[] | undefined) ?? []).map((row) => String(row["team_name"])).sort();

/** Lists are sorted and keep duplicates, so that a thing made twice shows. */
export function snapshot(halo: HaloServer, graph: GraphServer, ad: AdDirectory): Snapshot {
  const entries = ad.entries.list().map((entry): [string, Record<string, string | string[] | boolean>] => [entry.dn, entryOf(entry)]);
  const users = [...graph.state.users.current.values()].map((row): [string, Row] => [
    String(row["userPrincipalName"]),
    userOf(graph.state, row),
  ]);
  const agents = [...halo.state.agents.values()].map((agent) => ({
    ...{
      name: agent["name"],
      email: agent["email"],
      firstname: agent["firstname"],
      surname: agent["surname"],
      isdisabled: agent["isdisabled"],
      team: agent["team"],
    },
    roles: (agent["roles"] as string[]).map((id) => String(halo.state.roles.get(id)?.["name"] ?? id)).sort(),
    teams: nameList(agent["teams"]),
  }));
  return {
    ad: Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))),
    entra: {
      users: Object.fromEntries(users.sort(([a], [b]) => (a < b ? -1 : 1))),
      groups: [...graph.state.groups.current.values()].map((row) => groupOf(graph.state, row)).sort(byText),
    },
    halo: {
      agents: agents.sort(byText),
      roles: [...halo.state.roles.values()]
        .map((role) => ({ name: role["name"], notes: role["notes"], claims: role["claims"] }))
        .sort(byText),
      teams: [...halo.state.teams.values()].map((team) => String(team["name"])).sort(),
    },
  };
}
