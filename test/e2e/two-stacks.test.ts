/** H14: two tenants, a stack each, on one Halo, by the real command line: neither puts out the other's agents. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { blankGroup, blankUser, join as joinGroup, leave, putUser } from "../../sandbox/graph/state.ts";
import { real, type World, world } from "./support.ts";

type Row = Record<string, unknown>;
let north: World;
let south: World;
const desk: Record<string, string> = {};
const member: Record<string, string> = {};

const write = (w: World, file: string, content: unknown): void => writeFileSync(join(w.mappings, `${file}.yaml`), stringify(content));
const halo = () => north.sandbox.halo.state;

/** Three people of a tenant, two of them in the group of its desk. */
function tenant(w: World, name: string): void {
  const { state } = w.sandbox.graph;
  const ids = ["Ada", "Bo", "Cy"].map((givenName) => {
    const mail = `${givenName}@${name}.example.com`.toLowerCase();
    const more = { givenName, surname: name, displayName: `${givenName} ${name}`, mail, userPrincipalName: mail, companyName: "Imported" };
    const row = blankUser(state, { id: crypto.randomUUID(), ...more });
    putUser(state, row);
    return String(row["id"]);
  });
  const group = blankGroup(state, { id: crypto.randomUUID(), displayName: "SG-Desk", mailNickname: "desk" });
  state.groups.put(String(group["id"]), group);
  for (const id of ids.slice(0, 2)) joinGroup(state, String(group["id"]), id);
  [desk[name], member[name]] = [String(group["id"]), ids[1] ?? ""];
  for (const file of ["ad", "entra"]) rmSync(join(w.mappings, `${file}.yaml`));
  write(w, "people", { people: { source: "entra.users", for: { companyName: "Imported" }, login: { is: "{{ userPrincipalName }}" } } });
  write(w, "halo-users", {
    users: {
      fields: { name: "{{ displayName }}", emailaddress: "{{ mail }}" },
      links: true,
      sites: {
        first: [
          { sequence: 1, site: "*agent*", for: { entraGroup: "SG-Desk" } },
          { sequence: 2, site: "Northwind Ferries/Main" },
        ],
      },
    },
    agents: { roles: ["Service Desk"] },
  });
  rules(w, "keep");
}
function rules(w: World, others?: string): void {
  const line = { for: { entraGroup: "SG-Desk" }, ...(others === undefined ? {} : { others }) };
  write(w, "halo", {
    roles: [{ name: "Service Desk" }],
    teams: [{ name: "Both desks", ...line }],
    boards: [{ name: "Both CAB", ...line }],
  });
}

beforeAll(async () => {
  north = await world({ people: 12, stack: "north" });
  south = await world({ people: 12, stack: "south" });
  // The other stack's Halo is the first one's, as whom it likes to sign in.
  const config = parse(readFileSync(south.stackFile, "utf8")) as { config: Row };
  const other = parse(readFileSync(north.stackFile, "utf8")) as { config: Row };
  config.config["haloform:halo"] = other.config["haloform:halo"];
  writeFileSync(south.stackFile, stringify(config));
  south.env["HALO_CLIENT_SECRET"] = north.env["HALO_CLIENT_SECRET"];
  tenant(north, "north");
  tenant(south, "south");
});
afterAll(async () => {
  await north?.stop();
  await south?.stop();
});

const agents = (): Map<unknown, string> => new Map([...halo().agents.values()].map((one) => [one["id"], String(one["email"])]));
function inside(): { board: string[]; team: string[] } {
  const board = [...halo().boards.values()].find((one) => one["name"] === "Both CAB");
  const named = agents();
  const of = (ids: unknown[]): string[] => ids.map((id) => named.get(id) ?? `? ${String(id)}`).sort();
  const team = [...halo().agents.values()].filter((one) =>
    ((one["teams"] ?? []) as Row[]).some((row) => row["team_name"] === "Both desks"),
  );
  return { board: of(((board?.["members"] ?? []) as Row[]).map((one) => one["agent_id"])), team: of(team.map((one) => one["id"])) };
}
const all = ["ada@north.example.com", "ada@south.example.com", "bo@north.example.com", "bo@south.example.com"];

describe("H14: two tenants and two stacks on one Halo", () => {
  it("with others: keep each brings its own agents into a board and a team of both, and nothing is left for either", async () => {
    await north.converge([0, 4]);
    expect(inside()).toEqual({ board: all.filter((one) => one.includes("north")), team: all.filter((one) => one.includes("north")) });
    await south.converge([0, 4]);
    expect(inside()).toEqual({ board: all, team: all });
    await north.nothingIsLeft();
    await south.nothingIsLeft();
    // Each made its own users and agents, and knows nobody of the other.
    const users = [...halo().users.values()].filter((one) => /@(?:north|south)\.example\.com$/u.test(String(one["emailaddress"])));
    expect(users).toHaveLength(6);
  });

  it("who leaves the group in one tenant leaves the board and the team; the other's stay", async () => {
    leave(south.sandbox.graph.state, desk["south"] ?? "", member["south"] ?? "");
    const { plan } = await south.converge([0, 4]);
    expect(real(plan).filter((one) => one.who !== "" && one.who !== member["south"])).toEqual([]);
    const left = all.filter((one) => one !== "bo@south.example.com");
    expect(inside()).toEqual({ board: left, team: left });
    await north.nothingIsLeft();
    await south.nothingIsLeft();
  });

  it("without the word an exact board is exact: the plan says whom it would put out before anybody is", async () => {
    rules(north);
    const { plan } = await north.plan();
    const put = plan.shared.flatMap((one) => one.fields.filter(({ path }) => /^members\.id:/u.test(path)).map(() => one.type));
    expect(put.sort()).toEqual(["halo:ChangeAdvisoryBoard", "halo:Team"]);
    rules(north, "keep");
    await north.nothingIsLeft();
  });
});
