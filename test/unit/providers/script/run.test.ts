/** script:Run: what the command is told, what it gets of the environment, and which files may be run. */
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { PendingError, RefusedError } from "../../../../base/errors.ts";
import type { Command, CommandResult } from "../../../../providers/core/command.ts";
import { makeContext } from "../../../../providers/core/context.ts";
import { programOf } from "../../../../providers/script/program.ts";
import { type RunInputs, run, type ScriptClient } from "../../../../providers/script/run.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "haloform-run-")));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const project = join(folder, "project");
mkdirSync(project);
const file = (path: string, mode = 0o755): string => {
  writeFileSync(join(folder, path), "#!/bin/sh\n");
  chmodSync(join(folder, path), mode);
  return join(folder, path);
};
const welcome = file("project/welcome.sh");

const good: CommandResult = { code: 0, signal: null, timedOut: false, stdout: "sent", stderr: "", truncated: false, ms: 1 };
const inputs = (more: Partial<RunInputs> = {}): RunInputs =>
  run.inputs.parse({
    once: "abc",
    name: "welcome",
    person: "41",
    called: "Ada Example",
    stack: "test",
    when: "after",
    event: "joiner",
    at: "2026-03-01T08:00:00.000Z",
    key: "",
    run: ["./welcome.sh", "--quiet"],
    timeout: 60,
    env: [],
    secrets: [],
    fields: { login: "aexample" },
    late: [],
    ...more,
  });
const context = makeContext(undefined, async () => []);

describe("a command's run", () => {
  let commands: Command[];
  let result: CommandResult;
  let client: ScriptClient;
  beforeEach(() => {
    commands = [];
    result = good;
    client = {
      project,
      environment: {
        PATH: "/usr/bin",
        HOME: "/root",
        HALO_CLIENT_SECRET: "halo-secret",
        SCRIPT_MAIL_TOKEN: "mail-4711",
        SCRIPT_EXTRA: "x",
      },
      ran: new Map(),
      async run(command) {
        commands.push(command);
        return result;
      },
    };
  });

  it("tells it everything as JSON, and gives it only what is listed", async () => {
    const known = {
      ...context,
      account: (system: string) => (system === "ad" ? "guid-1" : undefined),
      secretsFor: () => ({ pin: "0815" }),
    };
    const made = await run.create(
      client,
      inputs({ late: ["pin", "objectGUID"], env: ["SCRIPT_EXTRA"], secrets: ["SCRIPT_MAIL_TOKEN"] }),
      known,
    );
    expect(made).toEqual({ id: "abc", outputs: {}, said: "sent" });
    expect(commands).toHaveLength(1);
    expect(commands[0]).toMatchObject({
      argv: [welcome, "--quiet"],
      timeoutMs: 60_000,
      cwd: project,
      env: { PATH: "/usr/bin", HOME: "/root", SCRIPT_EXTRA: "x", SCRIPT_MAIL_TOKEN: "mail-4711" },
    });
    expect(Object.keys(commands[0]?.env ?? {}).sort()).toEqual(["HOME", "PATH", "SCRIPT_EXTRA", "SCRIPT_MAIL_TOKEN"]);
    expect(commands[0]?.secrets).toEqual(expect.arrayContaining(["halo-secret", "mail-4711", "0815"]));
    expect(JSON.parse(commands[0]?.input ?? "")).toEqual({
      format: "haloform.script/1",
      id: "abc",
      script: "welcome",
      stack: "test",
      when: "after",
      event: "joiner",
      at: "2026-03-01T08:00:00.000Z",
      person: { key: "41", name: "Ada Example" },
      fields: { login: "aexample", pin: "0815", objectGUID: "guid-1" },
      accounts: { ad: "guid-1" },
    });
  });

  it("is not repeated in one process", async () => {
    await run.create(client, inputs(), context);
    await run.create(client, inputs(), context);
    expect(commands).toHaveLength(1);
  });

  it("that fails is refused with what it said last, masked, and may be tried again", async () => {
    result = { ...good, code: 3, stderr: "one\nno: 0815\n" };
    const known = { ...context, secretsFor: () => ({ pin: "0815" }) };
    const failed = run.create(client, inputs({ when: "before" }), known);
    await expect(failed).rejects.toThrow(RefusedError);
    await expect(failed).rejects.toThrow("The command welcome (before joiner) ended with exit code 3: no: •••");
    result = good;
    await run.create(client, inputs({ when: "before" }), known);
    expect(commands).toHaveLength(2);
  });

  it("waits where the objectGUID it asks for is not known yet", async () => {
    await expect(run.create(client, inputs({ late: ["objectGUID"] }), context)).rejects.toThrow(PendingError);
    await run.create(client, inputs({ late: ["objectGUID"], when: "before" }), context);
    expect(JSON.parse(commands[0]?.input ?? "").fields.objectGUID).toBeNull();
  });

  it("that asks for a variable that is not set is refused", async () => {
    await expect(run.create(client, inputs({ env: ["SCRIPT_NOT_SET"] }), context)).rejects.toThrow(/SCRIPT_NOT_SET, which is not set/u);
    expect(commands).toEqual([]);
  });

  describe("security-10: a command gets no variable but its own", () => {
    // haloform's, its engine's, its backend's, its sources', and those of what it runs in.
    const others = ["HALO_CLIENT_SECRET", "FILES_PASSWORD", "SOURCE_HR_TOKEN", "GITHUB_TOKEN", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"];
    it.each([...others, "AZURE_FEDERATED_TOKEN_FILE", "IDENTITY_HEADER", "AWS_SECRET_ACCESS_KEY", "PULUMI_CONFIG_PASSPHRASE", "XSCRIPT_A"])(
      "%s, also where an earlier version has noted the command",
      async (name) => {
        for (const given of [{ env: [name] }, { secrets: [name] }])
          await expect(run.create(client, inputs(given), context)).rejects.toThrow(
            `asks for the environment variable ${name}, and a command gets only`,
          );
        expect(commands).toEqual([]);
      },
    );
  });
});

describe("the file of a command", () => {
  it("may be in the project, or anywhere by its absolute path", () => {
    const outside = file("outside.sh");
    expect(programOf("welcome.sh", project)).toBe(welcome);
    expect(programOf(outside, project)).toBe(outside);
    expect(programOf(process.execPath, project)).toBe(process.execPath);
  });

  it.each([
    ["missing.sh", /there is no such file in the project/u],
    ["/nowhere/at-all", /there is no such file;/u],
    ["../outside.sh", /leads out of the project/u],
    ["link.sh", /leads out of the project/u],
    ["plain.sh", /may not be executed/u],
    ["open.sh", /everybody on this machine may write to .*open\.sh/u],
    ["folder/inside.sh", /everybody on this machine may write to .*folder;/u],
    [".", /leads out of the project/u],
  ])("is refused: %s", (path, why) => {
    file("outside.sh");
    file("project/plain.sh", 0o644);
    file("project/open.sh", 0o757);
    mkdirSync(join(project, "folder"), { recursive: true });
    chmodSync(join(project, "folder"), 0o777);
    file("project/folder/inside.sh");
    rmSync(join(project, "link.sh"), { force: true });
    symlinkSync(join(folder, "outside.sh"), join(project, "link.sh"));
    expect(() => programOf(path, project)).toThrow(why);
    expect(() => programOf(path, project)).toThrow(RefusedError);
  });
});
