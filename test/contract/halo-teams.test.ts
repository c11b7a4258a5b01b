/**
 * halo:Team and halo:ChangeAdvisoryBoard against the sandbox's HaloITSM, judged by ../shared/contracts/halo-openapi.json where that
 * is there: every path, parameter and property sent must be in it.
 */

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { HaloClient } from "../../clients/halo/client.ts";
import { UncertainError } from "../../clients/http/answer.ts";
import { agent } from "../../providers/halo/agent/agent.ts";
import { board } from "../../providers/halo/team/board.ts";
import { team } from "../../providers/halo/team/team.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import type { Row } from "../../sandbox/web/json.ts";
import { trusted } from "../trusted.ts";
import { listed, memoryContext, update } from "./context.ts";
import { application, clientOf, ended, haloOf } from "./halo.ts";
import { lifecycle } from "./lifecycle.ts";

const tls = trusted();
let halo: HaloServer;
/** Agents 1, 4, 6 and 7 are people; 2 and 3 are programs. */
const accounts = { halo: { "41": "4", "42": "6", "43": "7" } };
const context = () =>
  memoryContext(async (type) => {
    if (type === "halo:Agent") return listed(agent, connect());
    return type === "halo:Team" ? listed(team, connect()) : listed(board, connect());
  }, accounts);

beforeAll(async () => {
  halo = await haloOf(120, {
    tls,
    clients: [
      { ...application, agent: 2 },
      { ...application, id: "preview", agent: 3 },
    ],
  });
  expect(halo.state.agents.size).toBeGreaterThan(6);
  for (const id of [1, 4, 6, 7]) expect(halo.state.agents.has(id)).toBe(true);
});
afterEach(() => halo.faults.reset());
afterAll(() => ended(halo));

const connect = (clientId = "haloform"): HaloClient => clientOf(halo, { clientId });

const teamsOf = (id: number): string[] =>
  ((halo.state.agents.get(id)?.["teams"] as Row[]) ?? []).map((row) => String(row["team_name"])).sort();
const rowsOf = (name: string): Row[] =>
  ([...halo.state.boards.values()].find((one) => one["name"] === name)?.["members"] as Row[] | undefined) ?? [];
const posts = (path: string): number => halo.log.filter((entry) => entry.method === "POST" && entry.path === path).length;
const wishTeam = (name: string, members: string[], more: object = {}) => team.inputs.parse({ name, mode: "exact", members, ...more });
const wishBoard = (name: string, members: string[], more: object = {}) =>
  board.inputs.parse({ name, as: "agent", mode: "exact", members, ...more });

describe("a life in the sandbox's Halo", () => {
  lifecycle({
    definition: team,
    client: () => connect(),
    accounts: () => accounts,
    samples: () => ({
      create: { name: "Night watch", department: "IT", mode: "exact" as const, members: ["person:42", "person:41"] },
      updates: {
        members: { name: "Night watch", department: "IT", mode: "exact" as const, members: ["person:43", "person:41"] },
        nobody: { name: "Night watch", department: "IT", mode: "exact" as const, members: [] },
        name: { name: "Night's watch", department: "IT", mode: "exact" as const, members: ["id:1"] },
      },
    }),
    missing: "999999",
    fixed: ["mode", "department"],
  });
  lifecycle({
    definition: board,
    client: () => connect(),
    accounts: () => accounts,
    samples: () => {
      const base = { name: "Harbour changes", as: "agent" as const, mode: "exact" as const, allMustApprove: false, approvalsNeeded: 2 };
      return {
        create: { ...base, members: ["person:41"] },
        updates: {
          members: { ...base, members: ["person:42", "person:43"] },
          rules: { ...base, allMustApprove: true, approvalsNeeded: 1, members: ["person:42", "person:43"] },
          name: { ...base, name: "Quay changes", allMustApprove: true, approvalsNeeded: 1, members: [] },
        },
      };
    },
    missing: "999999",
    fixed: ["mode", "as"],
  });
});

describe("C3: halo:Team", () => {
  it("takes over a team of the name, writes members on the agents' side, and leaves their other teams alone", async () => {
    const others = teamsOf(6).filter((name) => name !== "Second line");
    await team.create(connect(), wishTeam("second line", ["person:42"]), context());
    expect(teamsOf(6)).toEqual([...others, "Second line"].sort());
    expect(posts("/api/Team"), "a team's name is changed, its members never by way of the team").toBe(
      halo.log.filter((one) => one.path === "/api/Team" && one.write && !JSON.stringify(one.body).includes('"agents"')).length,
    );
  });

  it("two teams that want the same agents at once lose nobody", async () => {
    const client = connect();
    const wished = ["person:41", "person:42", "person:43"];
    await Promise.all(["Red", "Green", "Blue"].map((name) => team.create(client, wishTeam(name, wished), context())));
    for (const id of [4, 6, 7]) expect(teamsOf(id)).toEqual(expect.arrayContaining(["Red", "Green", "Blue"]));
  });

  it("programs are no members: neither shown nor put out", async () => {
    const { id } = await team.create(connect(), wishTeam("First line", ["person:41"]), context());
    const live = await team.get(connect(), id);
    expect(live?.values["members"]).not.toContain("2");
    await update(team, connect(), id, wishTeam("First line", []), wishTeam("First line", ["person:41", "id:2"]), context());
    expect(teamsOf(2)).toContain("First line");
    expect(teamsOf(4)).not.toContain("First line");
  });

  it("somebody who becomes an agent later in the run follows then", async () => {
    const run = context();
    const { id, outputs } = await team.create(connect(), wishTeam("Late", ["person:77"]), run);
    expect(outputs).toEqual({ resolved: {}, waiting: ["person:77"] });
    run.announce("halo", "77", "6");
    await run.settle();
    expect(teamsOf(6)).toContain("Late");
    run.refresh();
    const live = await team.get(connect(), id);
    expect(live && team.view(live, wishTeam("Late", ["person:77"]), outputs, run)).toEqual(wishTeam("Late", ["person:77"]));
  });

  it("an additive team shows and loses only whom haloform put there", async () => {
    const wish = (members: string[]) => wishTeam("Open", members, { mode: "additive" });
    const { id, outputs } = await team.create(connect(), wish(["person:41"]), context());
    await agentJoins(7, "Open");
    const live = await team.get(connect(), id);
    expect(live && team.view(live, wish(["person:41"]), outputs, context()).members).toEqual(["person:41"]);
    await update(team, connect(), id, wish([]), wish(["person:41"]), context(), outputs);
    expect([teamsOf(4).includes("Open"), teamsOf(7).includes("Open")]).toEqual([false, true]);
  });

  it("is made once although its answer was lost, and not blindly again when nothing was done", async () => {
    halo.faults.cutWrites = 1;
    await team.create(connect(), wishTeam("Lost", []), context());
    halo.faults.dropWrites = 1;
    await expect(team.create(connect(), wishTeam("Dropped", []), context())).rejects.toBeInstanceOf(UncertainError);
    const named = (name: string) => [...halo.state.teams.values()].filter((one) => one["name"] === name).length;
    expect([named("Lost"), named("Dropped")]).toEqual([1, 0]);
  });

  it("says in one line what is in the way", async () => {
    await expect(team.create(connect(), wishTeam("Cellar", [], { department: "ITT" }), context())).rejects.toThrow(
      /no team of Halo is in it \(did you mean "IT"\?\)/u,
    );
    halo.faults.warn = ["Warned"];
    await expect(team.create(connect(), wishTeam("Warned", []), context())).rejects.toThrow("HaloITSM warns:");
    halo.faults.reset();
    await expect(team.create(connect("preview"), wishTeam("Forbidden", []), context())).rejects.toThrow("HaloITSM answers 403");
    expect([...halo.state.teams.values()].map((one) => one["name"])).not.toContain("Forbidden");
  });
});

/** Puts an agent into a team by hand. */
async function agentJoins(id: number, name: string): Promise<void> {
  const row = halo.state.agents.get(id);
  const found = [...halo.state.teams.values()].find((one) => one["name"] === name);
  row?.["teams"] && (row["teams"] as Row[]).push({ id: 55_000 + id, agent_id: id, team_id: found?.["id"], team_name: name });
}

describe("H6: halo:ChangeAdvisoryBoard", () => {
  it("adds and removes people, and keeps users, addresses and what else a row holds", async () => {
    const client = connect();
    const user = [...halo.state.users.keys()][0] ?? 0;
    await client.post("CAB", {
      name: "Emergency",
      members: [
        { agent_id: 1, type: 7, is_mandatory: true },
        { user_id: user, type: 8 },
        { emailaddress: "harbour@example.org", member_name: "Harbour office", type: 9 },
      ],
    });
    const [, second, third] = rowsOf("Emergency");
    const { id, outputs } = await board.create(client, wishBoard("emergency", ["id:1", "person:41"]), context());
    expect(rowsOf("emergency")).toMatchObject([{ agent_id: 1, is_mandatory: true }, second ?? {}, third ?? {}, { agent_id: 4, type: 7 }]);
    await update(
      board,
      client,
      id,
      wishBoard("emergency", ["person:42"]),
      wishBoard("emergency", ["id:1", "person:41"]),
      context(),
      outputs,
    );
    expect(rowsOf("emergency").map((row) => [row["agent_id"], row["user_id"]])).toEqual([
      [0, user],
      [0, 0],
      [6, 0],
    ]);
    const sent = posts("/api/CAB");
    await update(board, client, id, wishBoard("emergency", ["person:42"]), wishBoard("emergency", ["person:42"]), context(), outputs);
    expect(posts("/api/CAB"), "nothing to write").toBe(sent);
  });

  it("holds people as users by their own numbers", async () => {
    const user = String([...halo.state.users.keys()][3]);
    const wish = wishBoard("Customers", [`person:${user}`], { as: "user" });
    const { id, outputs } = await board.create(connect(), wish, context());
    expect(rowsOf("Customers")).toMatchObject([{ user_id: Number(user), agent_id: 0 }]);
    const live = await board.get(connect(), id);
    expect(live && board.view(live, wish, outputs, context())).toEqual(wish);
  });

  it("is made once although its answer was lost, finished where a run was killed, and refused where two have the name", async () => {
    halo.faults.cutWrites = 1;
    await board.create(connect(), wishBoard("Lost board", ["person:41"]), context());
    expect(rowsOf("Lost board")).toMatchObject([{ agent_id: 4 }]);
    halo.faults.cutWrites = 1;
    await connect()
      .post("CAB", { name: "Lost board 2" })
      .catch(() => undefined);
    await board.create(connect(), wishBoard("Lost board 2", ["person:42"]), context());
    expect([...halo.state.boards.values()].filter((one) => String(one["name"]).startsWith("Lost board")).length).toBe(2);
    await connect().post("CAB", { name: "Twin" });
    await connect().post("CAB", { name: "twin" });
    await expect(board.create(connect(), wishBoard("Twin", []), context())).rejects.toThrow("Halo has 2 of that name");
  });

  it("a warning is a failure, and an agent who is gone is said", async () => {
    halo.faults.warn = ["Warned board"];
    await expect(board.create(connect(), wishBoard("Warned board", []), context())).rejects.toThrow("HaloITSM warns:");
    halo.faults.reset();
    await expect(board.create(connect(), wishBoard("Ghosts", ["id:99999"]), context())).rejects.toThrow("does not exist");
  });
});

describe("an agent's seat", () => {
  it("is written as Halo numbers it, and left alone where the mapping does not say", async () => {
    const base = { person: "900", name: "Seat Example", email: "seat@corp.example.com", enabled: true, roles: [], teams: [] };
    const wish = (more: object) => agent.inputs.parse({ ...base, of: { roles: [], teams: [] }, ...more });
    const { id } = await agent.create(connect(), wish({ licenceType: 2 }), context());
    expect(halo.state.agents.get(Number(id))?.["licence_type"]).toBe(2);
    const live = await agent.get(connect(), id);
    expect(live && agent.view(live, wish({ licenceType: 1 }), {}, context())).toMatchObject({ licenceType: 2 });
    expect(live && agent.view(live, wish({}), {}, context())).toEqual(wish({}));
  });
});
