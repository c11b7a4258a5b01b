/** A Halo whose lists come back short for the API's agent, by the real command line: nothing is made twice. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { planSchema } from "../../stacks/model/plan.ts";
import { seeded, shorten, unshorten } from "../contract/short.ts";
import { sized } from "../sizes.ts";
import { type World, world } from "./support.ts";

const seeds = sized(8, 50);

let w: World;
beforeAll(async () => {
  w = await world({ people: 40 });
});
afterAll(() => w?.stop());

it(`${seeds} seeded ways of shortening (no team, one client, no agents' right): agents who are there are made by no run, and taken over when they are seen`, async () => {
  const { halo } = w.sandbox;
  const { users, agents } = halo.state;
  const someone = [...users.values()].find((row) => row["inactive"] === false && row["client_id"] !== undefined && Number(row["id"]) > 100);
  const options = halo.state.fields.find((field) => field["id"] === 201)?.["values"] as { id: number; name: string }[];
  const desk = options.find(({ name }) => name === "Service Desk")?.id;
  const customfields = [{ id: 201, name: "CFDepartment", type: 2, value: desk, display: "Service Desk" }];
  const ends: string[] = [];
  for (let seed = 0; seed < seeds; seed++) {
    // A joiner of the service desk, who is an agent already.
    const id = 5000 + seed;
    const address = `short${seed}@corp.example.com`;
    const names = {
      name: `Short ${seed}`,
      firstname: "Short",
      surname: `Number ${seed}`,
      emailaddress: address,
      login: "",
      initials: "SN",
    };
    users.set(id, { ...someone, ...names, customfields, id, linked_agent_id: id });
    agents.set(id, { id, name: names.name, email: address, isdisabled: false, isapiagent: false, team: "", teams: [], roles: [] });
    const [allUsers, allAgents] = [users.size, agents.size];
    const way = shorten(halo, seeded(seed + 1));
    const folder = join(w.home, `short-${seed}`);
    const preview = await w.run(["preview", "--out", folder]);
    const file = join(folder, "plan.json");
    if (existsSync(file)) {
      const { digest } = planSchema.parse(JSON.parse(readFileSync(file, "utf8")));
      ends.push(`${way}: ${(await w.run(["up", "--plan", folder, "--approve", digest])).code}`);
    }
    expect([way, preview.err.includes("    at "), users.size, agents.size]).toEqual([way, false, allUsers, allAgents]);
    unshorten(halo);
  }
  // Seen whole, everybody is taken over, and nobody was made a second time.
  await w.converge([0, 4]);
  const mine = [...agents.values()].filter((row) => String(row["email"]).startsWith("short"));
  expect(mine.map((row) => row["id"])).toEqual(Array.from({ length: seeds }, (_, seed) => 5000 + seed));
  const addresses = [...agents.values()].map((row) => String(row["email"])).filter((address) => address !== "");
  expect(addresses.toSorted()).toEqual([...new Set(addresses)].sort());
  expect(ends.length).toBeGreaterThan(0);
});
