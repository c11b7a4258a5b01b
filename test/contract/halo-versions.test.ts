/** The sandbox's HaloITSM in its three releases, each judged by its own contract, and what the client knows of each. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectHalo, type HaloClient } from "../../clients/halo/client.ts";
import { deprecatedOf, type HaloAbility, instanceAt, instanceOf } from "../../clients/halo/instance.ts";
import { haloContract } from "../../sandbox/contracts/halo.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { startHalo } from "../../sandbox/halo/server.ts";
import { haloVersions, has } from "../../sandbox/halo/versions.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { certificates } from "../../sandbox/tls.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "haloform-halo-versions-"));
const before = tls.getCACertificates("default");
let pair: Awaited<ReturnType<typeof certificates>>["tls"];

beforeAll(async () => {
  const made = await certificates(folder);
  pair = made.tls;
  tls.setDefaultCACertificates([...before, readFileSync(made.ca, "utf8")]);
});

afterAll(() => {
  tls.setDefaultCACertificates(before);
  rmSync(folder, { recursive: true, force: true });
});

const written: readonly { ability: HaloAbility; path: string; row: object }[] = [
  { ability: "add_members", path: "CAB", row: { id: 1, add_members: [{ user_id: 101, is_mandatory: true }] } },
  { ability: "add_teams", path: "Agent", row: { id: 2, add_teams: [{ team_id: 1, team_name: "First line" }] } },
  { ability: "_remove_license_id", path: "Users", row: { id: 101, _remove_license_id: 1 } },
];

describe.each(haloVersions)("Halo %s", (version) => {
  let halo: HaloServer;
  let client: HaloClient;

  beforeAll(async () => {
    halo = await startHalo({
      ...{ tls: pair, tenant: "northwind", version, contract: haloContract(contracts, version) },
      seed: organisation({ people: 20 }).halo,
      clients: [{ id: "haloform", secret: "invented", write: true, scopes: ["all"], key: "an invented key" }],
    });
    halo.state.boards.set(1, { id: 1, name: "Harbour board", members: [{ id: 7, user_id: 102, agent_id: 0, is_mandatory: false }] });
    const config = { resourceServer: halo.url, clientId: "haloform", scope: "all", limit: 10_000, window: 300 };
    client = connectHalo(config, "invented", { sleep: async () => {} });
  });

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
