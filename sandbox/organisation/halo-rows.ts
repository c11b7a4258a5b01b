/** Northwind Ferries as HaloITSM has it. */
import type { HaloSeed } from "../halo/state.ts";
import type { Row } from "../web/json.ts";
import { agentRows, initials, roleRows, teamRows } from "./halo-agents.ts";
import { assetRows, assetTypeRows, statusRows, ticketTypeRows } from "./halo-things.ts";
import { departments, type Person, sites } from "./people.ts";
import { hasAccount } from "./policy.ts";

const client = { id: 12, name: "Northwind Ferries" };

/** Custom fields of users: a list (its value is the option's id), and two of plain text. */
const fieldRows: Row[] = [
  {
    id: 201,
    name: "CFDepartment",
    label: "Department",
    typeid: 4,
    type: 2,
    inputtype: 0,
    usage: 4,
    values: departments.map((department, index) => ({ id: index + 1, name: department.name })),
  },
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
    ...{
      id: 0,
      name: "",
      firstname: "",
      surname: "",
      initials: "",
      title: "",
      emailaddress: "",
      site_id: site.id,
      site_id_int: site.id,
      site_name: site.name,
      client_id: client.id,
      client_name: client.name,
    },
    ...{
      phonenumber: "",
      homenumber: "",
      mobilenumber: "",
      mobilenumber2: "",
      fax: "",
      telpref: 0,
      login: "",
      inactive: false,
      isserviceaccount: false,
      isimportantcontact: false,
    },
    ...{
      other1: "",
      other2: "",
      other3: "",
      other4: "",
      other5: "",
      notes: "",
      neversendemails: false,
      linked_agent_id: 0,
      role_list: "",
      colour: "#a9dfbf",
      use: "user",
      customfields: custom("", "", ""),
    },
    ...rest,
  };
}

function personRow(person: Person, agent: number): Row {
  return userRow({
    ...{
      id: person.id,
      name: person.name,
      firstname: person.first,
      surname: person.last,
      initials: initials(person),
      title: person.post.title,
      emailaddress: person.email,
      site: person.post.site,
    },
    ...{
      phonenumber: person.phone,
      mobilenumber2: person.mobile,
      login: hasAccount(person) ? person.login : "",
      inactive: ["leaver", "former", "forgotten"].includes(person.situation),
      linked_agent_id: agent,
    },
    customfields: custom(person.post.department, person.manager === undefined ? "" : String(person.manager), person.started),
    department: person.post.department,
  });
}

/** Rows that are not people: Halo's own contacts and accounts of machines. */
const pseudo: Row[] = [
  userRow({ id: 51, name: "General User", firstname: "General", surname: "User", site: "Main" }),
  userRow({ id: 52, name: "General User", firstname: "General", surname: "User", site: "Harbour" }),
  userRow({
    id: 61,
    name: "Monitoring",
    firstname: "",
    surname: "Monitoring",
    emailaddress: "monitoring@corp.example.com",
    site: "Main",
    isserviceaccount: true,
  }),
  userRow({
    id: 62,
    name: "Scan to mail",
    firstname: "Scan",
    surname: "to mail",
    emailaddress: "scan@corp.example.com",
    site: "Lab",
    isserviceaccount: true,
  }),
];

/** Everything Halo has; people who are only in AD are not among it. */
export function haloRows(people: readonly Person[]): HaloSeed {
  const agents = agentRows(people);
  const byEmail = new Map(agents.map((agent) => [agent["email"], Number(agent["id"])]));
  return {
    users: [
      ...pseudo,
      ...people.filter((person) => person.situation !== "absent").map((person) => personRow(person, byEmail.get(person.email) ?? 0)),
    ],
    agents,
    roles: roleRows,
    teams: teamRows,
    sites: sites.map((site) => ({
      id: site.id,
      name: site.name,
      client_id: client.id,
      client_name: client.name,
      clientsite_name: `${client.name}/${site.name}`,
      inactive: false,
    })),
    clients: [
      {
        id: client.id,
        name: client.name,
        toplevel_id: 1,
        toplevel_name: "Customers",
        inactive: false,
        colour: "#ffffff",
        main_site_id: 18,
        main_site_name: "Main",
      },
    ],
    assets: assetRows(people),
    assetTypes: assetTypeRows,
    ticketTypes: ticketTypeRows,
    statuses: statusRows,
    fields: fieldRows,
  };
}
