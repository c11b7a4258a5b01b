import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "ldapts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { organisation } from "../../../sandbox/organisation/index.ts";
import { hardNames } from "../../../sandbox/organisation/names.ts";
import { type Sandbox, startSandbox } from "../../../sandbox/start.ts";
import { ask, trust } from "./https.ts";

const dir = mkdtempSync(join(tmpdir(), "sandbox-"));
const main = join(import.meta.dirname, "..", "..", "..", "sandbox", "main.ts");
let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await startSandbox({ dir, syncDelay: 20, haloLimit: 0 });
  trust(sandbox.config.halo.ca);
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(dir, { recursive: true, force: true });
});

const graphUser = (name: string) => sandbox.snapshot().entra.users[name];
const steady = () => {
  const person = sandbox.organisation.people.find((one) => one.situation === "steady" && one.post.department === "Finance");
  if (!person) throw new Error("the sample has nobody in Finance");
  return {
    ...person,
    dn: `CN=${person.cn},OU=${person.was.site},OU=Staff,${sandbox.config.ad.base}`,
    upn: `${person.login}@corp.example.com`,
  };
};

describe("the invented organisation", () => {
  it("is the same for the same seed, and another for another", () => {
    expect(organisation({ people: 60, seed: 7 })).toEqual(organisation({ people: 60, seed: 7 }));
    expect(organisation({ people: 60, seed: 7 }).people).not.toEqual(organisation({ people: 60, seed: 8 }).people);
  });
  it("has what the sample must have", () => {
    const { people, halo } = organisation();
    const count = (situation: string): number => people.filter((person) => person.situation === situation).length;
    expect({ all: people.length, joiner: count("joiner"), leaver: count("leaver"), absent: count("absent") }).toEqual({
      all: 252,
      joiner: 6,
      leaver: 4,
      absent: 2,
    });
    expect(halo.users.filter((row) => row["isserviceaccount"] === true).length).toBe(2);
    expect(halo.users.filter((row) => row["name"] === "General User").length).toBe(2);
    expect(people.filter((person) => person.name === "Anna Berg").map((person) => person.cn)).toEqual(["Anna Berg", "Anna Berg (2)"]);
    expect(halo.agents.length).toBeGreaterThanOrEqual(10);
    expect(people.every((person) => /^[a-z0-9.]+@corp\.example\.com$/u.test(person.email) && person.login.length <= 20)).toBe(true);
  });
  it("keeps logins, addresses and names in an OU apart, also in a large one, quickly", () => {
    const began = performance.now();
    const { people } = organisation({ people: 5000 });
    expect(performance.now() - began).toBeLessThan(3000);
    for (const key of [
      (p: (typeof people)[0]) => p.login,
      (p: (typeof people)[0]) => p.email,
      (p: (typeof people)[0]) => `${p.was.site}/${p.cn.toLowerCase()}`,
    ])
      expect(new Set(people.map(key)).size).toBe(people.length);
  });
  it("adds hard names as joiners on request", () => {
    const { people, halo } = organisation({ people: 30, hard: true });
    expect(
      people.filter((person) =>
        hardNames.some(([first, last]) => person.first === first && person.last === last && person.situation === "joiner"),
      ).length,
    ).toBe(hardNames.length);
    expect(halo.users.length).toBe(30 + hardNames.length + 4);
  });
});

describe("the assembled sandbox", () => {
  it("starts with nothing called, written or violated", () => {
    expect([sandbox.calls(), sandbox.writes(), sandbox.violations()]).toEqual([{ halo: 0, graph: 0, ldap: 0 }, 0, []]);
  });
  it("has synced users with the key of AD, licences and inherited ones", () => {
    const { graph, ad } = sandbox;
    const { upn, dn } = steady();
    const row = graph.state.users.current.get(graph.state.byName.get(upn) ?? "");
    expect(row?.["onPremisesImmutableId"]).toBe(ad.entries.get(dn)?.guidBytes.toString("base64"));
    const { users } = sandbox.snapshot().entra;
    expect(Object.values(users).filter((user) => String(user["inherited"]).includes("SPE_E3")).length).toBe(3);
    expect(users[upn]?.["licences"]).toContain("POWER_BI_STANDARD");
  });
  it("brings a change of AD to Graph a moment later: names, disabling, leaving and coming back", async () => {
    const { dn, upn } = steady();
    const before = graphUser(upn);
    sandbox.hand({ ad: { dn, replace: { title: "Purser", userAccountControl: 514 } } });
    expect(graphUser(upn)?.["jobTitle"]).not.toBe("Purser");
    await sandbox.connect.settled();
    expect(graphUser(upn)).toMatchObject({ jobTitle: "Purser", accountEnabled: false });
    const away = `CN=Away,OU=Service,${sandbox.config.ad.base}`;
    sandbox.hand({ ad: { dn, moveTo: away } });
    await sandbox.connect.settled();
    expect(graphUser(upn)).toBeUndefined();
    sandbox.hand({ ad: { dn: away, moveTo: dn } });
    await sandbox.connect.settled();
    expect(graphUser(upn)).toEqual({ ...before, jobTitle: "Purser", accountEnabled: false });
    sandbox.connect.paused = true;
    sandbox.hand({ ad: { dn, replace: { title: "Clerk" } } });
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(graphUser(upn)?.["jobTitle"]).toBe("Purser");
    sandbox.connect.paused = false;
    await sandbox.connect.settled();
    expect(graphUser(upn)?.["jobTitle"]).toBe("Clerk");
  });
  it("changes Halo and Graph by hand", () => {
    const { id, upn } = steady();
    sandbox.hand({ halo: { table: "users", id, set: { site_id: 20, inactive: true }, custom: { CFDepartment: "Sales" } } });
    expect(sandbox.halo.state.users.get(id)).toMatchObject({
      site_name: "Lab",
      inactive: true,
      customfields: [{ value: 2, display: "Sales" }, {}, {}],
    });
    sandbox.hand({
      graph: {
        user: upn,
        addLicences: ["SPE_E5"],
        group: "SG-Intranet",
        removeMembers: ["auditor@northwind.example.com"],
        addMembers: ["breakglass@northwind.example.com"],
      },
    });
    expect(graphUser(upn)?.["licences"]).toEqual(["POWER_BI_STANDARD", "SPE_E5"]);
    expect(() => sandbox.hand({ graph: { user: "nobody@example.org" } })).toThrow("Graph has no user nobody@example.org.");
    expect(sandbox.writes()).toBe(0);
  });
  it("lets the writer write where it was delegated, and the reader nowhere", async () => {
    const { dn } = steady();
    const bound = async (bind: string, password: string): Promise<Client> => {
      const client = new Client({ url: sandbox.config.ad.url[0] ?? "", tlsOptions: { ca: [readFileSync(sandbox.config.ad.ca)] } });
      await client.bind(bind, password);
      return client;
    };
    const { Attribute, Change } = await import("ldapts");
    const change = new Change({ operation: "replace", modification: new Attribute({ type: "title", values: ["Bosun"] }) });
    const reader = await bound(sandbox.readerConfig.ad.bind, sandbox.readerEnv.AD_BIND_PASSWORD);
    expect((await reader.search(dn, { scope: "base" })).searchEntries.length).toBe(1);
    await expect(reader.modify(dn, change)).rejects.toMatchObject({ code: 50 });
    await reader.unbind();
    const writer = await bound(sandbox.config.ad.bind, sandbox.env.AD_BIND_PASSWORD);
    await writer.modify(dn, change);
    await expect(writer.modify(sandbox.config.ad.bind, change)).rejects.toMatchObject({ code: 50 });
    await writer.unbind();
    expect([sandbox.writes(), sandbox.calls().ldap]).toEqual([1, 4]);
  });
  it("answers the preview identity everywhere but writes nothing for it", async () => {
    const { readerConfig: config, readerEnv: env } = sandbox;
    const form = { grant_type: "client_credentials", client_id: config.halo.clientId };
    const halo = String(
      (
        await ask(`${config.halo.resourceServer}/auth/token`, {
          form: { ...form, client_secret: env.HALO_CLIENT_SECRET, scope: config.halo.scope },
        })
      ).json.access_token,
    );
    expect((await ask(`${config.halo.resourceServer}/api/Agent`, { token: halo })).status).toBe(200);
    expect((await ask(`${config.halo.resourceServer}/api/Agent`, { token: halo, body: [{ name: "x" }] })).status).toBe(403);
    const graph = String(
      (
        await ask(`${config.entra.authority}/${config.entra.tenantId}/oauth2/v2.0/token`, {
          form: { ...form, client_secret: env.ENTRA_CLIENT_SECRET, scope: "https://graph.microsoft.com/.default" },
        })
      ).json.access_token,
    );
    expect((await ask(`${config.entra.graph}/v1.0/users`, { token: graph })).status).toBe(200);
    expect((await ask(`${config.entra.graph}/v1.0/groups`, { token: graph, body: { displayName: "x" } })).status).toBe(403);
    expect(sandbox.writes()).toBe(1);
    expect(sandbox.calls()).toMatchObject({ halo: 2, graph: 2 });
  });
  it("has a snapshot without ids, times and passwords, and the same for the same sandbox", async () => {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
    const options = { people: 30, haloLimit: 0, dir: folder };
    const [one, two] = [await startSandbox(options), await startSandbox({ ...options, dir: join(folder, "two") })];
    const text = JSON.stringify(one.snapshot());
    expect(JSON.stringify(two.snapshot())).toBe(text);
    expect(text).not.toContain(one.env.AD_BIND_PASSWORD);
    expect(text).not.toMatch(/[\da-f]{8}-[\da-f]{4}-|objectGUID|whenCreated|20\d\d-\d\d-\d\dT/u);
    await Promise.all([one.stop(), two.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });
});

describe("the sandbox as a process", () => {
  interface Started {
    file: { pid: number; control: { url: string; token: string }; config: { ad: { base: string } } };
    path: string;
    ended: Promise<number | null>;
    kill(signal: NodeJS.Signals): void;
  }
  async function start(more: string[] = []): Promise<Started> {
    const folder = mkdtempSync(join(tmpdir(), "sandbox-"));
    const child = spawn(process.execPath, [main, "--dir", folder, "--people", "12", ...more], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve)).finally(() =>
      rmSync(folder, { recursive: true, force: true }),
    );
    await new Promise<void>((resolve, reject) => {
      child.stdout.once("data", () => resolve());
      child.once("exit", () => reject(new Error("the sandbox ended before it was ready")));
    });
    const path = join(folder, "sandbox.json");
    return { file: JSON.parse(readFileSync(path, "utf8")), path, ended, kill: (signal) => void child.kill(signal) };
  }
  it("writes its settings for its owner only, obeys its control, and stops when told", async () => {
    const { file, path, ended } = await start(["--json"]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const { url, token } = file.control;
    expect((await ask(`${url}/calls`)).status).toBe(401);
    expect((await ask(`${url}/calls`, { token })).json).toEqual({ halo: 0, graph: 0, ldap: 0 });
    expect((await ask(`${url}/writes`, { token })).json).toEqual({ writes: 0 });
    expect((await ask(`${url}/violations`, { token })).json).toEqual([]);
    const dn = `CN=Conor O'Neil,OU=${(await ask(`${url}/snapshot`, { token })).text.match(/CN=Conor O'Neil,OU=(\w+)/u)?.[1]},OU=Staff,${file.config.ad.base}`;
    expect((await ask(`${url}/hand`, { token, body: { ad: { dn, replace: { title: "Purser" } } } })).status).toBe(200);
    await ask(`${url}/settle`, { token, body: {} });
    expect((await ask(`${url}/snapshot`, { token })).text).toContain('"jobTitle":"Purser"');
    expect((await ask(`${url}/faults`, { token, body: { halo: { recordcount: 1 } } })).status).toBe(400);
    expect((await ask(`${url}/faults`, { token, body: { halo: { recordCount: 3 }, connect: { paused: true } } })).text).toContain(
      '"recordCount":3',
    );
    expect((await ask(`${url}/faults`, { token, body: { reset: true } })).text).toContain('"recordCount":0');
    await ask(`${url}/stop`, { token, body: {} });
    expect(await ended).toBe(0);
    expect(existsSync(path)).toBe(false);
  });
  it("ends with SIGTERM, and with the process it was started for", async () => {
    const parent = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60000)"]);
    const [one, two] = await Promise.all([start(), start(["--with", String(parent.pid)])]);
    one.kill("SIGTERM");
    parent.kill("SIGKILL");
    expect(await Promise.all([one.ended, two.ended])).toEqual([0, 0]);
  });
  it("says how it is used", async () => {
    const child = spawn(process.execPath, [main, "--people", "many", "--dir", "x"], { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data: Buffer) => (said += data));
    expect(await new Promise((resolve) => child.once("close", resolve))).toBe(64);
    expect(said).toMatch(/^--people must be a whole number, not many; usage: .*\n$/u);
  });
});
