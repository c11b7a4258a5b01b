/**
 * What a tenant lives through, with 1,000 people (800 whose accounts come from AD, 200 of the cloud only), by the real command
 * line against the sandbox's Graph. Many independent events share a plan, as they do in life: each `describe` is one run, and
 * what is left of it afterwards is nothing. Rows A1–A4, A9, A26, H10, H11.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/commands/drift.ts";
import type { Row } from "../../sandbox/web/json.ts";
import type { Plan } from "../../stacks/plan.ts";
import { changeCount } from "../../stacks/planning.ts";
import { type Ended, real, type World, world } from "./support.ts";

const firstOfCloud = 70_001;
const ofCloud = 200;

describe("1,000 people of a tenant", { timeout: 120_000 }, () => {
  let w: World;
  let nextId = firstOfCloud;
  let hybrids: number[];
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
  const hand = (key: number, set: Row, custom?: Record<string, string>): void =>
    w.sandbox.hand({ halo: { table: "users", id: key, set, ...(custom ? { custom } : {}) } });
  /** Somebody new in Halo whose account is made in Entra ID. */
  const joins = (department = "Finance"): number => {
    const key = nextId++;
    const { users: rows } = w.sandbox.halo.state;
    const like = [...rows.values()].find((row) => Number(row["id"]) === w.sandbox.organisation.people[0]?.id);
    const names = { firstname: "Cloud", surname: `Walker${key}`, name: `Cloud Walker${key}`, title: "Remote Clerk" };
    const none = { phonenumber: "", mobilenumber2: "", login: "", inactive: false, linked_agent_id: 0 };
    rows.set(key, { ...structuredClone(like), ...names, ...none, id: key, emailaddress: `p${key}@corp.example.com` });
    hand(key, {}, { CFManager: "", CFDepartment: department });
    return key;
  };
  const of = (plan: Plan, key: number) => plan.people.find((one) => one.key === String(key));
  /** Applied once more, all changes nothing. */
  const nothingIsLeft = async (): Promise<void> => {
    const before = w.sandbox.writes();
    const { plan } = await w.plan();
    expect(real(plan)).toEqual([]);
    expect(changeCount(plan)).toBe(0);
    expect(w.sandbox.writes()).toBe(before);
  };

  let first: { plan: Plan; ended: Ended };
  beforeAll(async () => {
    w = await world({ people: 800 });
    writeFileSync(
      w.stackFile,
      readFileSync(w.stackFile, "utf8").replace(/syncWait"?: 15/u, (found) => found.replace("15", "0")),
    );
    w.edit("ad", (content) => {
      const [line] = content["accounts"] as Row[];
      content["accounts"] = [{ when: { not: { title: { matches: "^Remote" } } }, ...line }];
    });
    w.edit("entra", (content) => {
      content["accounts"] = [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }];
      const names = { displayName: "{{ name }}", givenName: "{{ firstname }}", surname: "{{ surname }}", jobTitle: "{{ title }}" };
      content["attributes"] = { staff: { ...names, employeeId: "{{ id }}", usageLocation: "GB" } };
      (content["licences"] as object[]).push({ sku: "VISIOCLIENT", for: { person: [firstOfCloud, firstOfCloud + 1, firstOfCloud + 250] } });
      (content["groups"] as object[]).push({
        name: "LIC-Reports",
        members: { title: { matches: "^Remote" } },
        licences: [{ sku: "POWER_BI_STANDARD" }],
      });
    });
    graph().faults.seats = { SPE_E3: 2000, SPE_E5: 500 };
    for (let index = 0; index < ofCloud; index += 1) joins(index % 10 === 0 ? "Engineering" : "Finance");
    hybrids = w.sandbox.organisation.people.filter((one) => one.situation === "joiner").map((one) => one.id);
    w.sandbox.connect.paused = true;
    first = await w.converge([0, 2, 4]);
  }, 120_000);
  afterAll(() => w?.stop());

  it("A1: 200 of the cloud are there, licensed and in their groups", () => {
    console.log(first.ended.out.slice(-1500), first.ended.err.slice(-1500));
    const keys = Array.from({ length: ofCloud }, (_, index) => firstOfCloud + index);
    expect(keys.filter((key) => accounts(key).length !== 1)).toEqual([]);
    expect(direct(firstOfCloud)).toEqual(["SPE_E5", "VISIOCLIENT"]);
    expect(direct(firstOfCloud + 2)).toEqual(["SPE_E3"]);
  });
});
