/**
 * A tenant with people whose accounts come from AD and people of the cloud only, on the sandbox's Graph: 160 and 60 of them in
 * pages of 60, 800 and 200 in pages of 999 in the long profile. And how somebody in it is looked at.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Row } from "../../sandbox/web/json.ts";
import { sized } from "../sizes.ts";
import { type World, world } from "./support.ts";

export const firstOfCloud = 70_001;
export const ofCloud = sized(60, 200);
export const ofDirectory = sized(160, 800);

export interface Tenant extends World {
  graph(): World["sandbox"]["graph"];
  /** The ids of people who will have an account in AD. */
  hybrids: number[];
  /** The id that the next one who joins will have. */
  nextId(): number;
  accounts(key: number): Row[];
  account(key: number): Row;
  /** The Graph id of somebody's account. */
  id(key: number): string;
  /** SKUs that somebody has directly. */
  direct(key: number): string[];
  /** Seats of a SKU that are taken. */
  used(sku: string): number;
  /** Changes a record in Halo. */
  change(key: number, set: Row, custom?: Record<string, string>): void;
  /** Somebody new in Halo whose account is made in Entra ID. */
  joins(department?: string): number;
}

/** A tenant before its first run; Entra Connect is paused. */
export async function tenant(): Promise<Tenant> {
  const w = await world({ people: ofDirectory });
  let nextId = firstOfCloud;
  const graph = () => w.sandbox.graph;
  const users = (): Row[] => [...graph().state.users.current.values()];
  const accounts = (key: number): Row[] => users().filter((row) => row["employeeId"] === String(key));
  const account = (key: number): Row => accounts(key)[0] ?? {};
  const id = (key: number): string => String(account(key)["id"]);
  const part = (skuId: string): string => graph().state.skus.find((sku) => sku.id === skuId)?.partNumber ?? skuId;
  const direct = (key: number): string[] => (graph().state.direct.get(id(key)) ?? []).map((one) => part(one.skuId)).sort();
  const used = (sku: string): number => {
    const rows = w.sandbox.snapshot().entra.users as unknown as Record<string, { licences: string[]; inherited: string[] }>;
    return Object.values(rows).filter((row) => [...row.licences, ...row.inherited].some((text) => text.split(" ")[0] === sku)).length;
  };
  const change = (key: number, set: Row, custom?: Record<string, string>): void =>
    w.sandbox.hand({ halo: { table: "users", id: key, set, ...(custom ? { custom } : {}) } });
  /** Somebody new in Halo whose account is made in Entra ID. */
  const joins = (department = "Finance"): number => {
    const key = nextId++;
    const { users: rows } = w.sandbox.halo.state;
    const like = [...rows.values()].find((row) => Number(row["id"]) === w.sandbox.organisation.people[0]?.id);
    const names = { firstname: "Cloud", surname: `Walker${key}`, name: `Cloud Walker${key}`, title: "Remote Clerk" };
    const none = { phonenumber: "", mobilenumber2: "", login: "", inactive: false, linked_agent_id: 0 };
    rows.set(key, { ...structuredClone(like), ...names, ...none, id: key, emailaddress: `p${key}@corp.example.com` });
    change(key, {}, { CFManager: "", CFDepartment: department });
    return key;
  };
  writeFileSync(
    w.stackFile,
    readFileSync(w.stackFile, "utf8").replace(/syncWait"?: 15/u, (found) => found.replace("15", "0")),
  );
  rmSync(join(w.mappings, "halo.yaml"));
  w.edit("ad", (content) => {
    const [line] = (content["accounts"] as { first: Row[] }).first;
    content["accounts"] = { first: [{ for: { not: { title: { matches: "^Remote" } } }, ...line }] };
    content["groups"] = [];
  });
  w.edit("entra", (content) => {
    content["accounts"] = { first: [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }] };
    const names = { displayName: "{{ name }}", givenName: "{{ firstname }}", surname: "{{ surname }}", jobTitle: "{{ title }}" };
    content["attributes"] = { staff: { ...names, employeeId: "{{ id }}", usageLocation: "GB" } };
    (content["licences"] as { every: object[] }).every.push({
      sku: "VISIOCLIENT",
      for: { "custom.CFDepartment": "People", title: { matches: "^Remote" } },
    });
    (content["groups"] as object[]).push({
      name: "LIC-Reports",
      for: { title: { matches: "^Remote" } },
      licences: [{ sku: "POWER_BI_STANDARD" }],
    });
  });
  graph().faults.seats = { SPE_E3: 2000, SPE_E5: 500, VISIOCLIENT: 50 };
  for (let index = 0; index < ofCloud; index += 1) joins(["Engineering", "People"][index % 10] ?? "Finance");
  const hybrids = w.sandbox.organisation.people.filter((one) => one.situation === "joiner").map((one) => one.id);
  graph().faults.shrinkPages = sized(60, 0);
  w.sandbox.connect.paused = true;
  return { ...w, graph, hybrids, nextId: () => nextId, accounts, account, id, direct, used, change, joins };
}
