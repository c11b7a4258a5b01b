/** One command line run in this process, with an environment, streams and a stack that are handed in. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, expect, test } from "vitest";
import { run } from "../../../cli/arguments.ts";
import type { Surroundings } from "../../../cli/context.ts";
import type { Opened } from "../../../cli/engine/opened.ts";
import { exit } from "../../../cli/exit.ts";

const home = mkdtempSync(join(tmpdir(), "haloform-run-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

async function ran(args: readonly string[], given: Partial<Surroundings> = {}): Promise<{ code: number; out: string; err: string }> {
  const said = { out: "", err: "" };
  const into = (name: "out" | "err"): Writable =>
    new Writable({
      write(chunk: Buffer, _encoding, done) {
        said[name] += String(chunk);
        done();
      },
    });
  const code = await run(["node", "haloform", ...args], { stdout: into("out"), stderr: into("err"), ...given });
  return { code, ...said };
}

test("what a command says goes to the streams that were handed in, help and errors as well", async () => {
  expect((await ran(["--help"])).out).toMatch(/^Usage: haloform \[options\] \[command\]\n/u);
  const wrong = await ran(["drift", "--from-now"]);
  expect(wrong).toEqual({ code: exit.usage, out: "", err: "--from-now and --systems go with --since last.\n" });
  const unknown = await ran(["preview", "--nonsense"]);
  expect([unknown.code, unknown.out]).toEqual([exit.usage, ""]);
  expect(unknown.err).toContain("error: unknown option '--nonsense'");
});

test("a command sees the environment and the stack that were handed in, and this process its own again afterwards", async () => {
  const file = join(home, "Pulumi.given.yaml");
  const halo = { resourceServer: "https://halo.test", clientId: "x" };
  writeFileSync(file, JSON.stringify({ config: { "haloform:halo": halo } }));
  const own = process.env;
  const env = { ...own, HALOFORM_HOME: home, HALOFORM_STACK: "given", HALOFORM_CONFIG_FILE: file };
  const asked: string[] = [];
  const openStack: Surroundings["openStack"] = async (project) => {
    asked.push(`${project.stack} in ${project.home} of ${process.env["HALOFORM_HOME"]}`);
    return { ledger: async () => ({ known: { stops: [], emergencies: [] } }) } as unknown as Opened;
  };
  const listed = await ran(["history", "--json"], { env, openStack });
  expect(listed).toMatchObject({ code: exit.done, err: "" });
  expect(JSON.parse(listed.out)).toMatchObject({ stack: "given", records: 0, runs: [] });
  expect(asked).toEqual([`given in ${home} of ${home}`]);
  expect(process.env).toBe(own);
});
