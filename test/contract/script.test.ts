/** script:Run with real commands: the life-cycle suite, and what a command leaves behind. Row A19. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "../../providers/core/command.ts";
import { type RunInputs, run, type ScriptClient } from "../../providers/script/run.ts";
import { lifecycle } from "./lifecycle.ts";

const project = mkdtempSync(join(tmpdir(), "haloform-scripts-"));
chmodSync(project, 0o755);
writeFileSync(join(project, "note.sh"), '#!/bin/sh\ncat >> "$SCRIPT_LOG"\n');
chmodSync(join(project, "note.sh"), 0o755);
afterAll(() => rmSync(project, { recursive: true, force: true }));
const log = join(project, "log");

function client(): ScriptClient {
  return {
    run: runCommand,
    project,
    environment: { PATH: process.env["PATH"], SCRIPT_LOG: log, SCRIPT_MORE: "1", SCRIPT_KEY: "s" },
    ran: new Map(),
  };
}

const created: RunInputs = {
  once: "once-1",
  name: "note",
  person: "41",
  called: "Ada Example",
  stack: "test",
  when: "after",
  event: "joiner",
  at: "2026-01-15T08:00:00.000Z",
  key: "",
  run: ["./note.sh"],
  timeout: 20,
  env: ["SCRIPT_LOG"],
  secrets: [],
  fields: { login: "aexample" },
  late: [],
};

lifecycle({
  definition: run as never,
  client,
  samples: () => ({
    create: created,
    updates: {
      "another occasion": { ...created, once: "once-2", at: "2026-02-15T08:00:00.000Z", event: "rejoiner", when: "before" },
      "another key and declaration": {
        ...created,
        once: "once-3",
        key: "2",
        run: ["./note.sh", "--again"],
        timeout: 10,
        env: ["SCRIPT_LOG", "SCRIPT_MORE"],
        secrets: ["SCRIPT_KEY"],
        fields: { login: "aexample2" },
        late: ["objectGUID"],
        called: "Ada Other",
      },
    },
  }),
  missing: "no-such-run",
  fixed: ["person", "name", "stack"],
  accounts: () => ({ ad: { "41": "6b3a0f5e-0000-4000-8000-000000000041" } }),
});

describe("script:Run", () => {
  it("A19: ran once for each occasion, whatever was asked twice", () => {
    const told = readFileSync(log, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; event: string });
    expect(told.map((one) => `${one.id} ${one.event}`)).toEqual(["once-1 joiner", "once-2 rejoiner", "once-3 joiner"]);
  });
});
