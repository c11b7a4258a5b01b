/** Devices, ticket types and statuses of Northwind Ferries; tickets are made by whoever tests. */
import type { Row } from "../web/json.ts";
import type { Person } from "./people.ts";

export const assetTypeRows: Row[] = [
  {
    id: 130,
    name: "Laptop",
    assetgroup_id: 1,
    keyfield_name: "Serial number",
    fields: [
      { id: 101, name: "Serial number" },
      { id: 102, name: "Purpose" },
    ],
  },
  { id: 131, name: "Phone", assetgroup_id: 1, keyfield_name: "IMEI", fields: [{ id: 103, name: "IMEI" }] },
];

export const ticketTypeRows: Row[] = [
  { id: 1, name: "Incident" },
  { id: 40, name: "New starter" },
  { id: 41, name: "Access request" },
  { id: 42, name: "Service request" },
];

export const statusRows: Row[] = [
  { id: 1, name: "New" },
  { id: 9, name: "Closed" },
  { id: 20, name: "Approved" },
  { id: 21, name: "Rejected" },
  { id: 22, name: "In progress" },
  { id: 23, name: "With user" },
];

/** Priorities of two service levels. */
export const priorityRows: Row[] = [
  { id: 1, slaid: 1, priorityid: 1, name: "Critical", ishidden: false },
  { id: 2, slaid: 1, priorityid: 4, name: "Low", ishidden: false },
  { id: 3, slaid: 2, priorityid: 1, name: "Urgent", ishidden: true },
];

const field = (id: number, name: string, value: string): Row => ({ id, name, value, display: value });

/** Every third person with an account has a laptop; engineers a developer's one. */
export function assetRows(people: readonly Person[]): Row[] {
  return people
    .filter((person) => person.situation !== "absent" && person.id % 3 === 0)
    .map((person) => {
      const purpose = person.post.department === "Engineering" ? "Developer" : "Office";
      const serial = `NF-${String(person.id).padStart(5, "0")}`;
      return {
        id: 5000 + person.id,
        inventory_number: serial,
        key_field: serial,
        assettype_id: 130,
        client_id: 12,
        client_name: "Northwind Ferries",
        site_name: person.post.site,
        status_id: 1,
        status_name: "Active",
        inactive: false,
        users: [{ id: person.id }],
        fields: [field(101, "Serial number", serial), field(102, "Purpose", purpose)],
      };
    });
}
