/**
 * What is written into arrays of Halo, in its three releases, each judged by its own contract: single rows where it has them, whole
 * arrays of rows as they came where it has not. Facts: Halo's contracts of 2024, March 2025 and late 2026; UNAMESECTION in its database.
 */
import { beforeEach, describe, expect, it } from "vitest";
import { taken } from "../../base/notes.ts";
import { connectHalo, type HaloClient } from "../../clients/halo/client.ts";
import { instanceOf } from "../../clients/halo/instance.ts";
import { agent } from "../../providers/halo/agent/agent.ts";
import { licence } from "../../providers/halo/licence.ts";
import { board } from "../../providers/halo/team/board.ts";
import { team } from "../../providers/halo/team/team.ts";
import { ticket } from "../../providers/halo/ticket/ticket.ts";
import { user } from "../../providers/halo/user/user.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { setTicketRule } from "../../sandbox/halo/tickets.ts";
import { haloVersions, has } from "../../sandbox/halo/versions.ts";
import type { Row } from "../../sandbox/web/json.ts";
import { trusted } from "../trusted.ts";
import { listed, memoryContext, update } from "./context.ts";
import { application, clientOf, ended, haloOf } from "./halo.ts";

const tls = trusted();

describe.each(haloVersions)("Halo %s", (version) => {
  let halo: HaloServer;
  const accounts = { halo: { "41": "4", "42": "6", "43": "7" } };
  const connect = (): HaloClient => clientOf(halo);
  const context = () => memoryContext(async () => [], accounts);
  /** What was sent to a path since the test began. */
  const sent = (path: string): Row[] =>
    halo.log.filter((entry) => entry.write && entry.path === `/api/${path}`).flatMap(({ body }) => body as Row[]);
  const teamRow = (id: number, name: string): Row =>
    ((halo.state.agents.get(id)?.["teams"] as Row[] | undefined) ?? []).find((row) => row["team_name"] === name) ?? {};

  beforeEach(async () => {
    halo = await haloOf(120, { tls, version, clients: [{ ...application, agent: 2 }] });
    taken();
    return () => ended(halo);
  });

  /** Agent 4 with rows that others made: one of a team, one that is access alone, one by a role. */
  const prepared = (): { teams: Row[]; names: string[] } => {
    const [first, second, third] = [...halo.state.teams.values()] as [Row, Row, Row];
    const own = halo.state.agents.get(4) ?? {};
    const [role] = own["roles"] as string[];
    const flags = has(version, "add_teams")
      ? { excludeautoassign: true, isintegration: true, exclude_from_team_resource_booking: true }
      : {};
    const row = (id: number, one: Row, more: Row): Row => ({
      id,
      agent_id: 4,
      team_id: one["id"],
      team_name: one["name"],
      in_section: true,
      is_manager: true,
      ...more,
    });
    const teams = [row(77_001, first, flags), row(77_002, second, { in_section: false }), row(77_003, third, { role_id: role })];
    halo.state.agents.set(4, { ...own, teams });
    return { teams, names: [first, second, third].map((one) => String(one["name"])) };
  };

  it("halo-real-1.10: rows of others stay as they came, access alone is no membership, and what comes is in the section", async () => {
    const { teams, names } = prepared();
    const [first = "", second = "", third = ""] = names;
    const live = await agent.get(connect(), "4");
    expect(live?.values["teams"]).toEqual([first, third].sort());
    const wished = agent.inputs.parse({
      ...{ person: "41", name: live?.values["name"], email: live?.values["email"], enabled: true, roles: [] },
      ...{ teams: [second, first], of: { roles: [], teams: [first, second] } },
    });
    if (!live) throw new Error("no agent 4");
    await update(agent, connect(), "4", wished, agent.view(live, wished, {}, context()), context());
    expect(teamRow(4, second)).toMatchObject({ id: 77_002, in_section: true, is_manager: true });
    expect(teamRow(4, first)).toMatchObject({ ...teams[0] });
    expect(teamRow(4, third)).toMatchObject({ ...teams[2] });
    const [change] = sent("Agent");
    expect(Object.keys(change ?? {}).sort()).toEqual(has(version, "add_teams") ? ["edit_teams", "id"] : ["id", "teams"]);
    const writes = halo.log.filter((entry) => entry.write).length;
    await update(agent, connect(), "4", wished, wished, context());
    expect(halo.log.filter((entry) => entry.write).length).toBe(writes);
  });

  it("halo-real-1.10: a team that goes with a role is told and left, never asked for again and again", async () => {
    const { names } = prepared();
    const third = names[2] ?? "";
    const live = await agent.get(connect(), "4");
    if (!live) throw new Error("no agent 4");
    const wished = agent.inputs.parse({
      ...{
        person: "41",
        name: live.values["name"],
        email: live.values["email"],
        enabled: true,
        roles: [],
        teams: [],
        of: { roles: [], teams: [third] },
      },
    });
    expect(agent.view(live, wished, {}, context()).teams).toEqual([]);
    expect(taken()).toEqual([expect.stringMatching(new RegExp(`is in Halo's team "${third}" by the role ".+", with which it goes`, "u"))]);
    await update(agent, connect(), "4", wished, wished, context());
    const one = (await listed(team, connect())).find(({ values }) => values["name"] === third);
    const exact = team.inputs.parse({ name: third, mode: "exact", members: [] });
    const others = one ? team.view(one, exact, {}, context()).members : [];
    expect(others).not.toContain("person:41");
    expect(taken()).toEqual([expect.stringContaining(`person:41 is in Halo's team "${third}" by a role of theirs`)]);
    expect(halo.log.filter((entry) => entry.write)).toEqual([]);
    // Without the role it is a membership like any other.
    halo.state.agents.set(4, { ...halo.state.agents.get(4), roles: [] });
    const bare = await agent.get(connect(), "4");
    expect(bare && agent.view(bare, wished, {}, context()).teams).toEqual([third]);
    if (bare) await update(agent, connect(), "4", wished, agent.view(bare, wished, {}, context()), context());
    expect(teamRow(4, third)).toEqual({});
  });

  it("a new role comes by add_roles in every release; where one goes, all are written", async () => {
    const [service, field] = [...halo.state.roles.values()].filter((role) => role["name"] !== "Administrator") as [Row, Row];
    halo.state.agents.set(6, { ...halo.state.agents.get(6), roles: [service["id"]] });
    const live = await agent.get(connect(), "6");
    const base = { person: "42", name: live?.values["name"], email: live?.values["email"], enabled: true, teams: [] };
    const of = { roles: [service["name"], field["name"]], teams: [] };
    const both = agent.inputs.parse({ ...base, roles: of.roles, of });
    await update(agent, connect(), "6", both, both, context());
    expect(sent("Agent")).toEqual([{ id: 6, add_roles: [{ id: field["id"], name: field["name"] }] }]);
    await update(agent, connect(), "6", agent.inputs.parse({ ...base, roles: [], of }), both, context());
    expect(sent("Agent").slice(1)).toEqual([{ id: 6, roles: [] }]);
    expect(halo.state.agents.get(6)?.["roles"]).toEqual([]);
  });

  it("members of a board come and go by rows, or all of them are written as they came", async () => {
    const places: Row[] = [
      {
        id: 901,
        cab_id: 9,
        agent_id: 0,
        user_id: 0,
        type: 3,
        emailaddress: "board@corp.example.com",
        member_name: "Board",
        is_mandatory: true,
        module_id: 26,
      },
      { id: 902, cab_id: 9, agent_id: 6, user_id: 0, type: 1, is_mandatory: false, emailaddress: "x", member_name: "y" },
    ];
    halo.state.boards.set(9, { id: 9, name: "Harbour board", all_must_approve: false, approvals_needed: 1, members: places });
    const inputs = (members: string[]) => board.inputs.parse({ name: "Harbour board", as: "agent", mode: "exact", members });
    await update(board, connect(), "9", inputs(["person:41"]), inputs(["person:42"]), context());
    const [change] = sent("CAB");
    if (has(version, "add_members"))
      expect(change).toEqual({ id: 9, add_members: [{ agent_id: 4, type: 1 }], delete_members: [places[1]] });
    else expect(change).toEqual({ id: 9, members: [places[0], { agent_id: 4, type: 1 }] });
    const now = halo.state.boards.get(9)?.["members"] as Row[];
    expect(now.map((row) => [row["agent_id"], row["module_id"]])).toEqual([
      [0, 26],
      [4, undefined],
    ]);
  });

  const wish = (more: object = {}) =>
    ticket.inputs.parse({
      ...{ person: "41", called: "Ada Example", step: "open", once: "o1", marker: "haloform/dev/41", type: "Service request" },
      ...{ statuses: { open: "In progress", parked: "With user", done: "Closed" }, team: "First line", client: 12 },
      ...{ summary: "Mover: Ada", details: "title: a to b", reasons: [], ...more },
    });
  const ticketRow = (): Row => [...halo.state.tickets.values()].at(-1) ?? {};

  it("halo-real-1.6: what rules and workflow make of a new ticket stays, told once, and nothing is written against it", async () => {
    setTicketRule(halo.state, { team: "Second line" });
    halo.state.ticketTypes.set(42, { ...halo.state.ticketTypes.get(42), initial_status: 1 });
    const client = connect();
    const { id } = await ticket.create(client, wish(), context());
    expect(sent("Tickets")).toEqual([expect.objectContaining({ dont_do_rules: false, team: "First line", status_id: 22 })]);
    expect(ticketRow()).toMatchObject({ team: "Second line", status_id: 1 });
    expect(taken()).toEqual([
      `Halo gave ticket ${id}, the ticket (Service request) of Ada Example (41), the team "Second line" instead of "First line" and another status than "In progress" by its rules or workflow: that stays`,
    ]);
    // The next run: nothing differs, nothing is written.
    const again = connect();
    const [live] = await ticket.list(again, { type: "Service request", done: "Closed", parked: "With user" });
    expect(live && ticket.view(live, wish(), {}, context())).toEqual(wish());
    await update(ticket, again, id, wish(), wish(), context());
    expect(sent("Tickets")).toHaveLength(1);
    // It waits, it is parked, it goes on, it is done: each status is the mapping's once haloform sets it.
    const told = (reasons: string[], waits?: string) =>
      ticket.create(again, wish({ step: "result", reasons }), { ...context(), waiting: () => waits } as ReturnType<typeof context>);
    await expect(told([], "for Entra Connect")).rejects.toThrow(/stays open \(waiting/u);
    expect(ticketRow()).toMatchObject({ team: "Second line", status_id: 1 });
    await expect(told(["no such team"])).rejects.toThrow(/stays open \(parked/u);
    expect(ticketRow()).toMatchObject({ status_id: 23 });
    await update(ticket, connect(), id, wish({ details: "title: b to c" }), wish(), context());
    expect(ticketRow()).toMatchObject({ team: "Second line", status_id: 22 });
    await told([]);
    expect(ticketRow()).toMatchObject({ team: "Second line", hasbeenclosed: true });
    expect(taken()).toEqual([]);
  });

  it("halo-real-1.6: a workflow that begins with the status of what is parked is left at it, too", async () => {
    halo.state.ticketTypes.set(42, { ...halo.state.ticketTypes.get(42), initial_status: 23 });
    await ticket.create(connect(), wish(), context());
    expect(sent("Tickets")).toHaveLength(1);
    expect(ticketRow()).toMatchObject({ status_id: 23 });
    expect(taken()).toEqual([expect.stringContaining('another status than "In progress"')]);
  });

  it("halo-real-1.6: a ticket that is asked for without rules gets what was asked for", async () => {
    setTicketRule(halo.state, { team: "Second line" });
    await ticket.create(connect(), wish({ rules: "skip" }), context());
    expect(sent("Tickets")).toEqual([expect.objectContaining({ dont_do_rules: true })]);
    expect(ticketRow()).toMatchObject({ team: "First line", status_id: 22 });
    expect(taken()).toEqual([]);
  });

  it("halo-real-1.7: statuses of quotes and orders are none of tickets; of two the ticket type's is meant", async () => {
    halo.state.statuses.set(61, { id: 61, name: "In progress", type: "quote" });
    halo.state.statuses.set(62, { id: 62, name: "Closed", type: "project" });
    await ticket.create(connect(), wish(), context());
    expect(ticketRow()).toMatchObject({ status_id: 22 });
    halo.state.statuses.set(63, { id: 63, name: "In progress" });
    await expect(ticket.create(connect(), wish({ person: "42", marker: "haloform/dev/42" }), context())).rejects.toThrow(
      /Could not use the status "In progress": Halo has 2/u,
    );
    halo.state.ticketTypes.set(42, { ...halo.state.ticketTypes.get(42), allowed_status: [1, 9, 23, 63] });
    await ticket.create(connect(), wish({ person: "42", marker: "haloform/dev/42" }), context());
    expect(ticketRow()).toMatchObject({ status_id: 63 });
  });

  it("halo-real-1.2: a licence is taken away by its number, or by whole rows as they came; never by rows that are not whole", async () => {
    const client = connect();
    const users = [...halo.state.users.keys()].slice(0, 2);
    const inputs = (sku: string, all: readonly number[]) =>
      licence.inputs.parse({ client: 12, sku, count: 5, users: all.map((id) => `id:${id}`) });
    const kept = await licence.create(client, inputs("KEPT", users), context());
    const { id } = await licence.create(client, inputs("GOES", users), context());
    const others = (): Row[] => [...halo.state.links.values()].filter((row) => String(row["licence_id"]) === kept.id);
    for (const row of others()) Object.assign(row, { cost: 99.95, role_id: 4 });
    const before = others();
    await update(licence, client, id, inputs("GOES", users.slice(1)), inputs("GOES", users), context());
    expect(others()).toEqual(before);
    const single = has(version, "_remove_license_id");
    expect(sent("Users")).toEqual([
      {
        id: users[0],
        ...(single ? { _remove_license_id: Number(id) } : { software: [expect.objectContaining({ cost: 99.95, role_id: 4 })] }),
      },
    ]);
    if (single) halo.version = "2.196";
    for (const row of others()) delete row["count"];
    await expect(update(licence, client, id, inputs("GOES", []), inputs("GOES", users.slice(1)), context())).rejects.toThrow(
      /cannot be read whole \(row \d+ has no count\), and would be lost/u,
    );
    expect(others()).toHaveLength(2);
  });

  it("S2: the department of a user is written by its row, what they manage stays, and a second look wants nothing", async () => {
    const [client, ctx] = [connect(), context()];
    const [first, second] = ["IT", "Harbour"];
    halo.state.teams.set(990, { ...[...halo.state.teams.values()][0], id: 990, name: "Quay", department_id: 2, department_name: second });
    const asked = { fields: ["department"] };
    const wished = (department: string) =>
      user.inputs.parse({ person: "900", name: "Dee Part", site: "Northwind Ferries/Main", enabled: true, fields: { department } });
    const { id } = await user.create(client, wished(first.toLowerCase()), ctx);
    const row = (): Row => halo.state.users.get(Number(id)) ?? {};
    const names = (): unknown[] => (row()["departments"] as Row[]).map((one) => [one["department_name"], one["is_manager"]]);
    expect(names()).toEqual([[first, false]]);
    const live = async () => (await user.get(client, id, asked)) ?? { id, values: {} };
    for (const name of [first, first.toLowerCase()])
      expect(user.view(await live(), wished(name), {}, ctx).fields).toEqual({ department: name });
    // Somebody made them a manager by hand.
    halo.state.users.set(Number(id), {
      ...row(),
      departments: [...(row()["departments"] as Row[]), { id: 9, department_id: 1, department_name: first, is_manager: true }],
    });
    const from = sent("Users").length;
    await update(user, client, id, wished(second), wished(first), ctx);
    expect(names()).toEqual(
      expect.arrayContaining([
        [first, true],
        [second, false],
      ]),
    );
    expect(names()).toHaveLength(2);
    const [write] = sent("Users").slice(from);
    expect(Object.keys(write ?? {}).sort()).toEqual(
      has(version, "add_departments") ? ["add_departments", "delete_departments", "id"] : ["departments", "id"],
    );
    await update(user, client, id, wished(""), wished(second), ctx);
    expect(names()).toEqual([[first, true]]);
    expect(user.view(await live(), wished(""), {}, ctx).fields).toEqual({ department: "" });
    await expect(update(user, client, id, wished("Nowhere"), wished(""), ctx)).rejects.toThrow(
      /Could not put the user of person 900 into the department "Nowhere": no team of Halo is in it.*mappings\/halo-users\.yaml/u,
    );
    expect([...halo.violations]).toEqual([]);
  });

  it("S2: a Halo that adds rows of departments to those it has, where whole ones are written, is not believed, and nothing comes twice", async () => {
    const client = connect();
    const [first, second] = ["IT", "Harbour"];
    halo.state.teams.set(990, { ...[...halo.state.teams.values()][0], id: 990, name: "Quay", department_id: 2, department_name: second });
    const wished = (department: string) =>
      user.inputs.parse({ person: "900", name: "Dee Part", site: "Northwind Ferries/Main", enabled: true, fields: { department } });
    const { id } = await user.create(client, wished(first), context());
    const rows = (): Row[] => halo.state.users.get(Number(id))?.["departments"] as Row[];
    // No recording says whether the array is replaced: here its rows are added, or changed by their ids.
    const added = (given: readonly Row[]): Row[] => [...rows().filter(({ id: own }) => !given.some((one) => one["id"] === own)), ...given];
    const adding: HaloClient = {
      ...client,
      post: (path, { departments, ...record }) =>
        client.post(path, Array.isArray(departments) ? { ...record, departments: added(departments) } : record),
    };
    const from = sent("Users").length;
    const moves = () => update(user, adding, id, wished(second), wished(first), context());
    const single = has(version, "add_departments");
    for (const _again of [1, 2]) {
      if (single) await moves();
      else await expect(moves()).rejects.toThrow(/Could not save the user .*Halo did not store departments/u);
      expect(rows().map((one) => one["department_name"])).toEqual(single ? [second] : [first, second]);
    }
    expect(sent("Users").length - from).toBe(single ? 1 : 2);
    expect([...halo.violations]).toEqual([]);
  });

  it("an API key writes as an application does, where the release knows keys", async () => {
    const [first] = halo.options.clients;
    if (first) first.key = "invented-key";
    const client = connectHalo(
      { resourceServer: halo.url, scope: "all", limit: 10_000, window: 300 },
      { key: "invented-key" },
      { sleep: async () => {} },
    );
    const made = ticket.create(client, wish(), context());
    if (has(version, "apiKeys")) await made;
    else await expect(made).rejects.toThrow(/answers 401 to the API key .*since its release 2\.212/u);
    expect(halo.log.some(({ path }) => path === "/auth/token")).toBe(false);
    expect(sent("Tickets")).toHaveLength(has(version, "apiKeys") ? 1 : 0);
  });

  it("a team takes agents in and out by their rows, and is asked again by whole arrays where single ones are not taken", async () => {
    const [first] = [...halo.state.teams.values()] as [Row];
    const name = String(first["name"]);
    for (const id of [4, 6])
      halo.state.agents.set(id, {
        ...halo.state.agents.get(id),
        teams: id === 4 ? [] : [{ id: 66_001, agent_id: 6, team_id: first["id"], team_name: name, in_section: true }],
      });
    const inputs = (members: string[]) => team.inputs.parse({ name, mode: "exact", members });
    const run = () =>
      update(
        team,
        connect(),
        String(first["id"]),
        inputs(["person:41"]),
        inputs(["person:42"]),
        memoryContext(() => listed(team, connect()), accounts),
      );
    await run();
    expect([teamRow(4, name)["in_section"], teamRow(6, name)]).toEqual([true, {}]);
    const keys = sent("Agent").map((row) => Object.keys(row).filter((key) => key !== "id"));
    const single = has(version, "add_teams");
    expect(keys).toEqual(single ? [["add_teams"], ["delete_teams"]] : [["teams"], ["teams"]]);
    // It said that it has them, and does not take them.
    const client = connect();
    await instanceOf(client);
    halo.version = "2.196";
    const back = [inputs(["person:42"]), inputs(["person:41"])] as const;
    await update(
      team,
      client,
      String(first["id"]),
      ...back,
      memoryContext(() => listed(team, client), accounts),
    );
    expect([teamRow(4, name), teamRow(6, name)["in_section"]]).toEqual([{}, true]);
    const member = await agent.get(client, "4");
    const wished = agent.inputs.parse({
      ...{ person: "41", name: member?.values["name"], email: member?.values["email"], enabled: true, roles: [], teams: [name] },
      of: { roles: [], teams: [name] },
    });
    await update(agent, client, "4", wished, wished, context());
    expect(teamRow(4, name)["in_section"]).toBe(true);
    expect(
      sent("Agent")
        .slice(-2)
        .map((row) => Object.keys(row).filter((key) => key !== "id")),
    ).toEqual(single ? [["add_teams"], ["teams"]] : [["teams"], ["teams"]]);
  });
});
