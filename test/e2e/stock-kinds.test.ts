/**
 * The stock `pulumi` after every kind of change that haloform's own commands have applied: a refresh and a preview of the whole program find
 * what haloform's next preview finds, which is nothing, but for who is parked (docs/decisions/0120).
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { findEngine } from "../../engine/find.ts";
import { writeLauncher } from "../../engine/launcher.ts";
import { chance } from "../../sandbox/random.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { languageHostFolder } from "../language-host.ts";
import { kinds } from "./happenings.ts";
import { hoursLater, later } from "./refusals.ts";
import { type Ended, ended, root, type World, world } from "./support.ts";

const required = process.env["HALOFORM_REQUIRE_LANGUAGE_HOST"] === "1";
const engine = await findEngine();
const host = await languageHostFolder(engine.path, () => undefined).catch((error: unknown) => String(error));
if (!existsSync(host) && !required) console.log(`Skipped: the stock pulumi command line after every kind of change (${host}).`);

const day = 24;
const leaver = (w: World) => w.sandbox.organisation.people.find(({ situation, id }) => situation === "steady" && id > 110)?.id ?? 0;
const leaves = (w: World, inactive: boolean): void => w.sandbox.hand({ halo: { table: "users", id: leaver(w), set: { inactive } } });
const once = (kind: string, seed: number) => (w: World) => kinds[kind]?.(w, chance(seed));
const refuse = (all: boolean) => (w: World) => {
  w.sandbox.halo.faults.refuse = all ? w.sandbox.organisation.people.map(({ email }) => email) : [];
  w.edit("halo", (content) => void (content["agents"] = { every: [{ for: { site_id: { matches: "." } }, roles: ["Service Desk"] }] }));
};

interface Case {
  what: string;
  happens?: (w: World) => void;
  /** What haloform does then. */
  op?: string;
  /** So many days after the beginning. */
  days?: number;
  /** Something of it waits for a system. */
  parked?: true;
}

const table: readonly Case[] = [
  { what: "made and taken over", op: "create" },
  { what: "updated", happens: once("another title", 1), op: "update" },
  { what: "moved", happens: once("another site", 2), op: "move" },
  { what: "disabled", happens: (w) => leaves(w, true), op: "disable" },
  { what: "stripped", op: "strip", days: 8 },
  { what: "deleted", op: "delete", days: 91 },
  { what: "let go of, as a line of the mapping is removed", happens: once("a line of the mapping goes or comes", 1), days: 91 },
  { what: "parked", happens: refuse(true), days: 91, parked: true },
  { what: "parked again", days: 91, parked: true },
  { what: "made after all", happens: refuse(false), days: 91 },
  { what: "let go of, as a type is removed", happens: (w) => w.edit("halo", (content) => void delete content["agents"]), days: 91 },
];

describe.skipIf(!existsSync(host) && !required)("the stock pulumi after haloform's own up", { timeout: 600_000 }, () => {
  const stack = `stockkinds-${process.pid}`;
  const settings = join(root, `Pulumi.${stack}.yaml`);
  let w: World;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    w = await world({ people: 30, stack });
    w.edit("safety", (content) => {
      content["leaver"] = { when: ["inactive", "absent"], disable: "at once", strip: "after 7 days", delete: "after 90 days" };
      (content["limits"] as Record<string, unknown>)["deleted"] = { most: 10_000 };
    });
    const file = parse(readFileSync(w.stackFile, "utf8")) as { config: Record<string, unknown> };
    file.config["haloform:mappings"] = w.mappings;
    writeFileSync(settings, stringify(file));
    const path = [dirname(process.execPath), writeLauncher(join(w.home, "tools")), dirname(engine.path), host, process.env["PATH"] ?? ""];
    mkdirSync(join(w.home, "state"), { recursive: true });
    env = {
      ...w.env,
      ...{ PATH: path.join(delimiter), PULUMI_BACKEND_URL: `file://${join(w.home, "state")}` },
      ...{ PULUMI_CONFIG_PASSPHRASE: "", PULUMI_SKIP_UPDATE_CHECK: "true" },
    };
  });
  afterAll(async () => {
    rmSync(settings, { force: true });
    await w?.stop();
  });

  const pulumi = (more: NodeJS.ProcessEnv, ...args: string[]): Promise<Ended> =>
    ended(
      spawn(engine.path, [...args, "--stack", stack, "--non-interactive", "--color", "never"], {
        ...{ cwd: root, env: { ...env, ...more }, stdio: ["ignore", "pipe", "pipe"] },
      }),
    );

  it.each(table)("$what", async ({ happens, op, days = 0, parked }) => {
    happens?.(w);
    const { plan } = await hoursLater(days * day, () => w.converge([0, 4]));
    expect(changeCount(plan)).toBeGreaterThan(0);
    const ops = [...plan.people.flatMap(({ changes }) => changes), ...plan.shared].map((one) => one.op);
    if (op !== undefined) expect(ops).toContain(op);
    await w.sandbox.connect.settled();
    const left = changeCount((await hoursLater(days * day, () => w.plan(`after-${days}`))).plan);
    expect(left > 0).toBe(parked === true);
    const writes = w.sandbox.writes();
    const { code, out, err } = await pulumi(days > 0 ? later(days * day) : {}, "preview", "--refresh", "--expect-no-changes");
    if (parked) expect(out).toMatch(/\+ \d+ to create/u);
    else expect(code, out + err).toBe(0);
    expect(out).not.toMatch(/(?:~ \d+ to update|- \d+ to delete|\d+ to replace)/u);
    expect(w.sandbox.writes()).toBe(writes);
  });
});
