/** Issue 16.4: three clients by the real command line: one waits, one is refused, one cannot be reached; each process knows its own secrets only. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { clientSchema, type Fleet } from "../../cli/answers/fleet.ts";
import { type Ended, ended, root, type World, world } from "./support.ts";

let home: string;
let north: World;
let south: World;
/** Of the whole fleet: no secret by its plain name, and each client's by its prefix. */
let env: NodeJS.ProcessEnv;
const secretNames = ["HALO_CLIENT_SECRET", "AD_BIND_PASSWORD", "ENTRA_CLIENT_SECRET"];
const settingsOf = (name: string): string => join(home, "settings", `Pulumi.${name}.yaml`);

type Config = { config: Record<string, unknown> };
const write = (folder: string, file: string, content: unknown): void => {
  mkdirSync(join(home, folder), { recursive: true });
  writeFileSync(join(home, folder, `${file}.yaml`), stringify(content));
};

beforeAll(async () => {
  mkdirSync(join(root, ".haloform", "tests"), { recursive: true });
  home = mkdtempSync(join(root, ".haloform", "tests", "fleet-"));
  mkdirSync(join(home, "settings"));
  [north, south] = await Promise.all([
    world({ people: 40, stack: "north", limits: true }),
    world({ people: 40, stack: "south", limits: true }),
  ]);
  for (const file of ["people", "ad", "entra", "halo", "safety"])
    write("common", file, parse(readFileSync(join(root, "mappings", `${file}.yaml`), "utf8")));
  // The sample's own agents, roles and boards are no matter of this test.
  for (const name of ["north", "south", "west"]) write(name, "halo", { common: "none" });
  // Four leavers of forty are more than the common limits allow; north has said why it may.
  const limits = { disabled: { most: 20, share: "50 %" }, membershipsLost: { share: "50 %" }, licencesLost: { share: "50 %" } };
  write("north", "safety", { common: "extend", looser: "the yard closes", limits });
  const place = (w: World, name: string): Config => {
    const file = parse(readFileSync(w.stackFile, "utf8")) as Config;
    Object.assign(file.config, { "haloform:mappings": join(home, name), "haloform:common": join(home, "common") });
    return file;
  };
  writeFileSync(settingsOf("north"), stringify(place(north, "north")));
  writeFileSync(settingsOf("south"), stringify(place(south, "south")));
  const west = place(north, "west");
  // Nobody listens there.
  (west.config["haloform:halo"] as Record<string, unknown>)["resourceServer"] = "https://127.0.0.1:9";
  (west.config["haloform:halo"] as Record<string, unknown>)["authorisationServer"] = "https://127.0.0.1:9/auth";
  writeFileSync(settingsOf("west"), stringify(west));
  const plain = Object.entries(north.env).filter(([name]) => !/SECRET|PASSWORD|TOKEN|^HALOFORM_STACK$/u.test(name));
  const own = (w: World, prefix: string) => secretNames.map((name) => [`${prefix}__${name}`, w.env[name]] as const);
  env = {
    ...Object.fromEntries([...plain, ...own(north, "NORTH"), ...own(south, "SOUTH"), ...own(north, "WEST")]),
    HALOFORM_HOME: join(home, "home"),
  };
});
afterAll(async () => {
  await north?.stop();
  await south?.stop();
  rmSync(home, { recursive: true, force: true });
});

const run = (args: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Ended> =>
  ended(
    spawn(
      process.execPath,
      [join(root, "cli", "main.ts"), "fleet", ...args, ...(args[0] === "new" ? [] : ["--settings", join(home, "settings")])],
      {
        cwd: root,
        env: { ...env, ...more },
        stdio: ["ignore", "pipe", "pipe"],
      },
    ),
  );
const rows = (made: Ended) => new Map((JSON.parse(made.out) as Fleet).clients.map((row) => [row.client, clientSchema.parse(row)]));

describe("16.4: many clients", () => {
  it("a table over all: one waits, one is refused, one cannot be reached, and none stops another", async () => {
    const made = await run([
      "preview",
      "--at-once",
      "3",
      "--json",
      "--out",
      join(home, "plans"),
      "--page",
      join(home, "fleet.html"),
      "--csv",
      join(home, "fleet.csv"),
    ]);
    const found = rows(made);
    expect(
      [...found].map(([name, { state }]) => [name, state]),
      made.err,
    ).toEqual([
      ["north", "waits"],
      ["south", "refused"],
      ["west", "failed"],
    ]);
    // The worst of them is the exit code.
    expect(made.code).toBe(1);
    expect(found.get("north")?.waiting?.joiners).toBeGreaterThan(0);
    expect(found.get("north")?.looser[0]).toMatch(
      /^Looser than common\/safety\.yaml: limits\.disabled\.share is 50 % instead of 5 % \(north\/safety\.yaml:\d+\): the yard closes$/u,
    );
    expect(found.get("north")?.licences.map(({ sku }) => sku)).toContain("SPE_E3");
    expect(found.get("south")?.said.join()).toMatch(/would be disabled in 24 hours.*common\/safety\.yaml limits\.disabled\./u);
    expect(found.get("west")?.said.join()).toMatch(/127\.0\.0\.1/u);
    // The plan of a client names the common file and its own, and is one to be approved by itself.
    const plan = readFileSync(join(home, "plans", "north", "plan.json"), "utf8");
    expect(plan).toMatch(/"common\/ad\.yaml:\d+"/u);
    expect(JSON.parse(plan)).toMatchObject({ stack: "north", digest: found.get("north")?.plan?.digest });
    expect(readFileSync(join(home, "fleet.html"), "utf8")).toContain("<h1>All clients: what waits</h1>");
    expect(readFileSync(join(home, "fleet.csv"), "utf8").split("\r\n")).toHaveLength(5);
  });

  it("without the one that cannot be reached refused is the worst; without that one what waits is told where it is asked for", async () => {
    expect((await run(["preview", "north", "south"])).code).toBe(3);
    const text = await run(["preview", "north", "--detailed-exitcode"]);
    expect(text.code).toBe(2);
    expect(text.out).toMatch(/^1 client: 1 waits for approval\n\nClient\s+State\s+Changes/u);
    const odd = await run(["preview", "noth"]);
    expect([odd.code, odd.err]).toEqual([64, expect.stringContaining('There is no client noth; did you mean "north"?')]);
  });

  it("a report is of what is kept: no system is asked", async () => {
    const before = north.sandbox.calls();
    const made = await run(["report", "--json"]);
    expect(north.sandbox.calls()).toEqual(before);
    const found = rows(made);
    expect([...found.values()].map(({ client, state }) => [client, state])).toEqual([
      ["north", "waits"],
      ["south", "refused"],
      ["west", "failed"],
    ]);
    expect(found.get("west")?.said.join()).toMatch(/127\.0\.0\.1/u);
  });

  it("never one client's secrets in another's process: by prefixes, and by a command", async () => {
    const command = join(home, "secrets.sh");
    const log = join(home, "asked");
    writeFileSync(
      command,
      `#!/bin/sh\necho "$1" >> ${log}\n[ "$1" = west ] && { echo "no vault for you: hunter2-$1" >&2; exit 7; }\nprintf '%s\\n' "HALO_CLIENT_SECRET=$VAULT_HALO" "AD_BIND_PASSWORD=$VAULT_AD" "ENTRA_CLIENT_SECRET=$VAULT_ENTRA"\n`,
    );
    chmodSync(command, 0o700);
    const without = Object.fromEntries(
      Object.keys(env)
        .filter((name) => name.includes("__"))
        .map((name) => [name, undefined]),
    );
    const vault = {
      VAULT_HALO: north.env["HALO_CLIENT_SECRET"],
      VAULT_AD: north.env["AD_BIND_PASSWORD"],
      VAULT_ENTRA: north.env["ENTRA_CLIENT_SECRET"],
    };
    const made = await run(["preview", "north", "west", "--env-command", command, "--json"], { ...without, ...vault });
    const found = rows(made);
    expect(found.get("north")?.state, made.out).toBe("waits");
    expect(found.get("west")?.said).toEqual([`--env-command ${command} gave no variables for west: it ended with 7`]);
    expect(made.out + made.err).not.toContain("hunter2");
    expect(readFileSync(log, "utf8").split("\n").sort()).toEqual(["", "north", "west"]);
    // Without its own a client has none, whatever lies there for others and by the plain name.
    const { HALO_CLIENT_SECRET, AD_BIND_PASSWORD } = north.env;
    const none = rows(
      await run(["preview", "north", "--json"], {
        ...without,
        HALO_CLIENT_SECRET,
        AD_BIND_PASSWORD,
        SOUTH__HALO_CLIENT_SECRET: HALO_CLIENT_SECRET,
      }),
    );
    expect(none.get("north")).toMatchObject({ state: "failed", said: [expect.stringContaining("HALO_CLIENT_SECRET")] });
  });

  it("a client's plan is bound to the common files too; once it is applied, a report says so without asking anybody", async () => {
    const folder = join(home, "plans", "north");
    const { digest } = rows(await run(["preview", "north", "--json", "--out", join(home, "plans")])).get("north")?.plan ?? {};
    const up = () =>
      ended(
        spawn(
          process.execPath,
          [
            join(root, "cli", "main.ts"),
            "up",
            "--stack",
            "north",
            "--config-file",
            settingsOf("north"),
            "--plan",
            folder,
            "--approve",
            digest ?? "",
          ],
          {
            cwd: root,
            env: { ...north.env, HALOFORM_HOME: join(home, "home") },
            stdio: ["ignore", "pipe", "pipe"],
          },
        ),
      );
    const file = join(home, "common", "ad.yaml");
    const before = readFileSync(file, "utf8");
    writeFileSync(file, `${before}# another day\n`);
    const stale = await up();
    expect([stale.code, stale.err]).toEqual([3, expect.stringContaining("the mapping files are not the ones the plan was made from")]);
    writeFileSync(file, before);
    const done = await up();
    expect([0, 4], done.err).toContain(done.code);
    const calls = north.sandbox.calls();
    const row = rows(await run(["report", "north", "--json"])).get("north");
    expect(north.sandbox.calls()).toEqual(calls);
    expect(row).toMatchObject({ state: "applied", lastRun: { ended: expect.stringMatching(/^(?:done|parked)$/u) } });
    expect(row?.licences).toEqual(expect.arrayContaining([{ sku: "SPE_E3", given: expect.any(Number) }]));
    await north.sandbox.connect.settled();
  });

  it("cancelled, it leaves no process of a client behind", async () => {
    const child = spawn(process.execPath, [join(root, "cli", "main.ts"), "fleet", "preview", "--settings", join(home, "settings")], {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const over = ended(child);
    const children = (): string[] => readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").split(" ").filter(Boolean);
    while (children().length < 2) await new Promise((done) => setTimeout(done, 20));
    const started = children();
    child.kill("SIGTERM");
    expect((await over).code).toBe(1);
    const alive = (pid: string): boolean =>
      existsSync(`/proc/${pid}`) && !/^State:\s+Z/mu.test(readFileSync(`/proc/${pid}/status`, "utf8"));
    for (let times = 0; times < 100 && started.some(alive); times += 1) await new Promise((done) => setTimeout(done, 50));
    expect(started.filter(alive)).toEqual([]);
  });
});
