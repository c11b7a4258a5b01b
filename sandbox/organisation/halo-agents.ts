/** Agents, roles and teams of Northwind Ferries in HaloITSM. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Person } from "./people.ts";
import { agentOf } from "./policy.ts";

export const initials = (person: { first: string; last: string }): string =>
  `${person.first.trim()[0] ?? ""}${person.last.trim()[0] ?? ""}`.toUpperCase();

const roleNames = ["Administrator", "Service Desk", "Field Engineer"];
const teamNames = ["First line", "Second line", "Onsite"];

export const roleRows: Row[] = roleNames.map((name, index) => ({
  ...{ id: guidOf("role", name), id_int: index + 1, name, normalizedName: name.toUpperCase(), notes: "", is_integration: false },
  claims: name === "Administrator" ? [{ type: "isadmin", value: "true" }] : [{ type: "CanViewTickets", value: "1" }],
}));
export const teamRows: Row[] = teamNames.map((name, index) => ({
  id: index + 1,
  guid: guidOf("team", name),
  name,
  sequence: index + 1,
  department_id: 1,
  department_name: "IT",
  inactive: false,
  forrequests: true,
}));

function agentRow(
  id: number,
  person: Pick<Person, "name" | "first" | "last" | "email">,
  held: { roles: string[]; teams: string[]; team: string },
  more: Row = {},
): Row {
  const links = held.teams.map((name): Row => {
    const team = teamNames.indexOf(name) + 1;
    return {
      id: id * 1000 + team,
      agent_id: id,
      agent_name: person.name,
      team_id: team,
      team_name: name,
      is_manager: false,
      in_section: true,
    };
  });
  return {
    ...{
      id,
      name: person.name,
      firstname: person.first,
      surname: person.last,
      initials: initials(person),
      email: person.email,
      jobtitle: "",
      team: held.team,
      isdisabled: false,
      isapiagent: false,
      licence_type: 1,
    },
    ...{ teams: links, roles: held.roles.map((name) => guidOf("role", name)), departments: [], colour: "#2bd3c6", use: "agent" },
    ...more,
  };
}

/**
 * Agents by the rules of the house, but: the second entitled person is no agent yet, the third lacks the role, the last leaver is
 * an agent still. There is also an administrator from another organisation, and two agents that are programs.
 */
export function agentRows(people: readonly Person[]): Row[] {
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
