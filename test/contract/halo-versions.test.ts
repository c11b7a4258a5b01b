/** The sandbox's HaloITSM in its three releases, each judged by its own contract, and what the client knows of each. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HaloClient } from "../../clients/halo/client.ts";
import { deprecatedOf, type HaloAbility, instanceAt, instanceOf } from "../../clients/halo/instance.ts";
import { definition } from "../../providers/registry.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { haloVersions, has } from "../../sandbox/halo/versions.ts";
import { readPeople } from "../../sources/halo/people.ts";
import { trusted } from "../trusted.ts";
import { application, clientOf, haloOf } from "./halo.ts";

const tls = trusted();

const written: readonly { ability: HaloAbility; path: string; row: object }[] = [
  { ability: "add_members", path: "CAB", row: { id: 1, add_members: [{ user_id: 101, is_mandatory: true }] } },
  { ability: "add_teams", path: "Agent", row: { id: 2, add_teams: [{ team_id: 1, team_name: "First line" }] } },
  { ability: "_remove_license_id", path: "Users", row: { id: 101, _remove_license_id: 1 } },
];

describe.each(haloVersions)("Halo %s", (version) => {
  let halo: HaloServer;
  let client: HaloClient;

  beforeAll(async () => {
    halo = await haloOf(20, { tls, version, clients: [{ ...application, key: "an invented key" }] });
    halo.state.boards.set(1, { id: 1, name: "Harbour board", members: [{ id: 7, user_id: 102, agent_id: 0, is_mandatory: false }] });
    client = connect();
  });

  const connect = (): HaloClient => clientOf(halo);

  /** The answer as it is, asked for with a token of its own. */
  async function plain(path: string): Promise<{ status: number; text: string }> {
    const form = new URLSearchParams({ grant_type: "client_credentials", client_id: "haloform", client_secret: "invented", scope: "all" });
    const granted = await fetch(`${halo.url}/auth/token`, { method: "POST", body: form });
    const { access_token } = (await granted.json()) as { access_token: string };
    const answer = await fetch(`${halo.url}/api/${path}`, { headers: { authorization: `Bearer ${access_token}` } });
    return { status: answer.status, text: await answer.text() };
  }

  afterAll(() => halo.stop());

  it("says which release it is, asked once, and what of it is deprecated where it can", async () => {
    const [instance, again] = [await instanceOf(client), await instanceOf(client)];
    expect(again).toBe(instance);
    expect(instance.version).toMatch(new RegExp(`^${version.replace(".", "\\.")}\\.\\d+$`, "u"));
    expect(halo.log.filter(({ path }) => path === "/api/InstanceInfo")).toHaveLength(1);
    halo.state.deprecated.push({ table: "Users", field: "other5" });
    expect(await deprecatedOf(client)).toEqual(has(version, "deprecatedFields") ? ["Users", "other5"] : undefined);
  });

  it("is known for what it has, and for no more", async () => {
    const instance = await instanceOf(client);
    for (const ability of ["add_members", "delete_teams", "_remove_license_id", "listedEntraId", "apiKeys", "deprecatedFields"] as const)
      expect(instance.has(ability), ability).toBe(has(version, ability));
  });

  it.each(written)("takes $ability where it has it, and ignores it else", async ({ ability, path, row }) => {
    halo.violations.clear();
    await client.post(path, { ...row });
    const judged = [...halo.violations].filter((line) => line.includes(`no property ${ability}`));
    // Without the contracts nothing is judged, but nothing is done either.
    if (halo.options.contract) expect(judged).toHaveLength(has(version, ability) ? 0 : 1);
    if (ability === "add_members") {
      const members = halo.state.boards.get(1)?.["members"] as { user_id: number }[];
      expect(members.map((one) => one.user_id)).toEqual(has(version, ability) ? [102, 101] : [102]);
    }
    halo.violations.clear();
  });

  it("halo-real-1.9: gives the Entra id in lists under its name, other addresses since 2.236; nobody is asked for who need not be", async () => {
    const [ada, bob] = [halo.state.users.get(101) ?? {}, halo.state.users.get(102) ?? {}];
    Object.assign(ada, { azureoid: "5f0c2f4e-0000-4000-8000-000000000101", email2: "ada@home.example.com" });
    const read = async () => {
      const from = halo.log.length;
      const { records, read: report } = await readPeople(connect(), { fields: ["azureoid", "azure_id", "email2", "email3"] });
      const single = halo.log.slice(from).filter(({ path }) => /^\/api\/Users\/\d+$/u.test(path)).length;
      expect([report.complete, records.length], report.doubts.join()).toEqual([true, halo.state.users.size - 2]);
      return { single, fields: records.find(({ ref }) => ref === "halo.users 101")?.fields };
    };
    const listed = has(version, "listedEntraId");
    const everybody = halo.state.users.size - 2;
    const first = await read();
    expect(first.fields).toMatchObject({ azureoid: ada["azureoid"], azure_id: ada["azureoid"], email2: "ada@home.example.com" });
    // email3 is nobody's: where the release gives it, that is an answer.
    expect(first.single).toBe(listed ? 0 : everybody);
    expect(first.fields).not.toHaveProperty("email3");
    // The writer's own list alike.
    const from = halo.log.length;
    const live = await definition("halo:User").list(connect(), { fields: ["azureoid", "email2", "email3"] } as never);
    expect(live.find(({ id }) => id === "101")?.values["fields"]).toMatchObject({ azureoid: ada["azureoid"], email2: ada["email2"] });
    expect(halo.log.slice(from).filter(({ path }) => /^\/api\/Users\/\d+$/u.test(path)).length).toBe(listed ? 0 : everybody);
    bob["email3"] = "bob@home.example.com";
    expect((await read()).single).toBe(listed ? 0 : everybody);
    for (const one of [ada, bob]) for (const name of ["azureoid", "email2", "email3"]) delete one[name];
    expect((await read()).single).toBe(listed ? 0 : everybody);
  });

  it("halo-real-2: leaves out what is null or was never filled, in lists and in details", async () => {
    for (const path of [
      "Users?pageinate=true&page_size=100",
      "Users/101?includedetails=true",
      "Agent?includeroles=true",
      "Asset",
      "CAB/1",
    ]) {
      const { status, text } = await plain(path);
      expect([status, text.length > 20], path).toEqual([200, true]);
      expect(text, path).not.toMatch(/:(?:null|"")[,}]/u);
    }
  });

  it("takes an API key in a header since 2.212", async () => {
    const ask = (key: string) => fetch(`${halo.url}/api/Roles`, { headers: { "X-Halo-Api-Key": key } });
    expect((await ask("an invented key")).status).toBe(has(version, "apiKeys") ? 200 : 401);
    expect((await ask("another")).status).toBe(401);
  });
});

it("takes a Halo that does not say its release for one that has nothing new", async () => {
  for (const version of [undefined, "", "beta", "two.three"]) {
    expect(instanceAt(version).version).toBeUndefined();
    expect(instanceAt(version).has("apiKeys")).toBe(false);
  }
  expect(instanceAt("2.212.1").has("apiKeys")).toBe(true);
  expect(instanceAt("2.211.9").has("apiKeys")).toBe(false);
  expect(instanceAt("3.0").has("add_members")).toBe(true);
  expect(instanceAt("2.3").has("apiKeys")).toBe(false);
});
