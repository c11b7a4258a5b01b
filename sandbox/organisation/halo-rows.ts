/** Northwind Ferries as HaloITSM has it. */
import type { HaloSeed } from "../halo/state.ts";
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import { departments, type Person, sites } from "./people.ts";
import { agentOf, hasAccount } from "./policy.ts";

const client = { id: 12, name: "Northwind Ferries" };
const initials = (person: { first: string; last: string }): string => `${person.first.trim()[0] ?? ""}${person.last.trim()[0] ?? ""}`.toUpperCase();

/** Custom fields of users: a list (its value is the option's id), and two of plain text. */
export const fieldRows: Row[] = [
  { id: 201, name: "CFDepartment", label: "Department", typeid: 4, type: 2, inputtype: 0, usage: 4, values: departments.map((department, index) => ({ id: index + 1, name: department.name })) },
  { id: 202, name: "CFManager", label: "Manager", typeid: 4, type: 0, inputtype: 0, usage: 4, values: [] },
  { id: 203, name: "CFStartDate", label: "Start date", typeid: 4, type: 0, inputtype: 0, usage: 4, values: [] },
  { id: 301, name: "CFVessel", label: "Vessel", typeid: 1, type: 0, inputtype: 0, usage: 1, values: [] },
];

function custom(department: string, manager: string, started: string): Row[] {
  const option = departments.findIndex((known) => known.name === department) + 1;
  return [
    { id: 201, name: "CFDepartment", label: "Department", type: 2, value: option || null, display: department },
    { id: 202, name: "CFManager", label: "Manager", type: 0, value: manager, display: manager },
    { id: 203, name: "CFStartDate", label: "Start date", type: 0, value: started, display: started },
  ];
}

function userRow(values: Row & { site: string }): Row {
  const { site: name, ...rest } = values;
  const site = sites.find((known) => known.name === name) ?? sites[0];
  return {
    ...{ id: 0, name: "", firstname: "", surname: "", initials: "", title: "", emailaddress: "", site_id: site.id, site_id_int: site.id, site_name: site.name, client_id: client.id, client_name: client.name },
    ...{ phonenumber: "", homenumber: "", mobilenumber: "", mobilenumber2: "", fax: "", telpref: 0, login: "", inactive: false, isserviceaccount: false, isimportantcontact: false },
    ...{ other1: "", other2: "", other3: "", other4: "", other5: "", notes: "", neversendemails: false, linked_agent_id: 0, role_list: "", colour: "#a9dfbf", use: "user", customfields: custom("", "", "") },
    ...rest,
  };
}

function personRow(person: Person, agent: number): Row {
  return userRow({
    ...{ id: person.id, name: person.name, firstname: person.first, surname: person.last, initials: initials(person), title: person.post.title, emailaddress: person.email, site: person.post.site },
    ...{ phonenumber: person.phone, mobilenumber2: person.mobile, login: hasAccount(person) ? person.login : "", inactive: ["leaver", "former", "forgotten"].includes(person.situation), linked_agent_id: agent },
    customfields: custom(person.post.department, person.manager === undefined ? "" : String(person.manager), person.started),
    department: person.post.department,
  });
}

/** Rows that are not people: Halo's own contacts and accounts of machines. */
const pseudo: Row[] = [
  userRow({ id: 51, name: "General User", firstname: "General", surname: "User", site: "Main" }),
  userRow({ id: 52, name: "General User", firstname: "General", surname: "User", site: "Harbour" }),
  userRow({ id: 61, name: "Monitoring", firstname: "", surname: "Monitoring", emailaddress: "monitoring@corp.example.com", site: "Main", isserviceaccount: true }),
  userRow({ id: 62, name: "Scan to mail", firstname: "Scan", surname: "to mail", emailaddress: "scan@corp.example.com", site: "Lab", isserviceaccount: true }),
];

const roleNames = ["Administrator", "Service Desk", "Field Engineer"];
const teamNames = ["First line", "Second line", "Onsite"];

const roleRows: Row[] = roleNames.map((name, index) => ({
  ...{ id: guidOf("role", name), id_int: index + 1, name, normalizedName: name.toUpperCase(), notes: "", is_integration: false },
  claims: name === "Administrator" ? [{ type: "isadmin", value: "true" }] : [{ type: "CanViewTickets", value: "1" }],
}));
const teamRows: Row[] = teamNames.map((name, index) => ({ id: index + 1, guid: guidOf("team", name), name, sequence: index + 1, department_id: 1, department_name: "IT", inactive: false, forrequests: true }));

function agentRow(id: number, person: Pick<Person, "name" | "first" | "last" | "email">, held: { roles: string[]; teams: string[]; team: string }, more: Row = {}): Row {
  const links = held.teams.map((name): Row => {
    const team = teamNames.indexOf(name) + 1;
    return { id: id * 1000 + team, agent_id: id, agent_name: person.name, team_id: team, team_name: name, is_manager: false, in_section: true };
  });
  return {
    ...{ id, name: person.name, firstname: person.first, surname: person.last, initials: initials(person), email: person.email, jobtitle: "", team: held.team, isdisabled: false, isapiagent: false, licence_type: 1 },
    ...{ teams: links, roles: held.roles.map((name) => guidOf("role", name)), departments: [], colour: "#2bd3c6", use: "agent" },
    ...more,
  };
}

/**
 * Agents by the rules of the house, but: the second entitled person is no agent yet, the third lacks the role, the last leaver is
 * an agent still. There is also an administrator from another organisation, and two agents that are programs.
 */
function agentRows(people: readonly Person[]): Row[] {
  const outside = { name: "Iris Outside", first: "Iris", last: "Outside", email: "iris@msp.example.org" };
  const bot = (name: string): Pick<Person, "name" | "first" | "last" | "email"> => ({ name, first: "", last: name, email: "" });
  const rows = [
    agentRow(1, outside, { roles: ["Administrator"], teams: ["Second line"], team: "Second line" }),
    agentRow(2, bot("haloform"), { roles: ["Administrator"], teams: ["First line"], team: "First line" }, { isapiagent: true }),
    agentRow(3, bot("haloform preview"), { roles: [], teams: ["First line"], team: "First line" }, { isapiagent: true }),
  ];
  const entitled = people.filter((person) => person.situation === "steady" && agentOf(person.post));
  for (const [index, person] of entitled.entries()) {
    const held = agentOf(person.post);
    if (!held || index === 1) continue;
    rows.push(agentRow(4 + index, person, index === 2 ? { ...held, roles: [] } : held));
  }
  const leaver = people.findLast((person) => person.situation === "leaver");
  if (leaver) rows.push(agentRow(4 + entitled.length, leaver, { roles: ["Service Desk"], teams: ["First line"], team: "First line" }));
  return rows;
}

/** Everything Halo has; people who are only in AD are not among it. */
export function haloRows(people: readonly Person[]): HaloSeed {
  const agents = agentRows(people);
  const byEmail = new Map(agents.map((agent) => [agent["email"], Number(agent["id"])]));
  return {
    users: [...pseudo, ...people.filter((person) => person.situation !== "absent").map((person) => personRow(person, byEmail.get(person.email) ?? 0))],
    agents,
    roles: roleRows,
    teams: teamRows,
    sites: sites.map((site) => ({ id: site.id, name: site.name, client_id: client.id, client_name: client.name, clientsite_name: `${client.name}/${site.name}`, inactive: false })),
    clients: [{ id: client.id, name: client.name, toplevel_id: 1, toplevel_name: "Customers", inactive: false, colour: "#ffffff", main_site_id: 18, main_site_name: "Main" }],
    fields: fieldRows,
  };
}
