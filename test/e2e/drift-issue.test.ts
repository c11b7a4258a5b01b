/** 15.8: when an issue of drift is closed, and when it must not be: the nightly script by itself, on a GitHub of this test. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Drift, DriftCause } from "../../cli/answers/drift.ts";
import { type FakeGitHub, fakeGitHub } from "./github.ts";
import { root } from "./support.ts";

let hub: FakeGitHub;
let home: string;
const causeOf = (key: string, system: "ad" | "entra", at: number): DriftCause => ({
  ...{ id: `person:${key}`, kind: "person", said: `Ada (${key})`, systems: [system], things: [{ at, paths: ["attributes.title"] }] },
  keep: { cannot: ["because"] },
});
const driftOf = (causes: DriftCause[], more: Partial<Drift> = {}): Drift => ({
  ...{ format: "haloform.drift/1", causes, waiting: 0, checked: 9, doubts: [], calls: { halo: 0, graph: 0, ldap: 0 } },
  found: causes.map(({ systems: [system] }) => ({
    ...{ type: `${system}:User`, resource: "person-41", label: "aexample", gone: false },
    fields: [{ path: "attributes.title", wanted: "Lead", found: "Boss" }],
  })),
  ...more,
});
const night = (drift: Drift | undefined, code = drift && drift.causes.length === 0 ? 0 : 2): Promise<number> => {
  const file = join(home, "drift.json");
  writeFileSync(file, drift ? JSON.stringify(drift) : "");
  const env = { PATH: process.env["PATH"], GITHUB_TOKEN: hub.token, GITHUB_REPOSITORY: hub.repository, GITHUB_API_URL: hub.url };
  return new Promise((done) => {
    const child = execFile(process.execPath, [join(root, ".github/scripts/drift-issue.ts"), file], {
      ...{ cwd: root, env: { ...env, HALOFORM_STACK: "northwind", CODE: String(code) } },
    });
    child.on("close", (ended) => done(ended ?? 1));
  });
};
const states = (): string[] => hub.issues.map(({ title, state }) => `${title.replace("Drift in northwind: ", "")} ${state}`);

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "haloform-issues-"));
  hub = await fakeGitHub();
});
afterAll(async () => {
  await hub?.stop();
  rmSync(home, { recursive: true, force: true });
});

it("is closed when its cause is not found any more, and not while its system was not read, or nobody could look", async () => {
  expect(await night(driftOf([causeOf("41", "ad", 0), causeOf("42", "entra", 1)]))).toBe(0);
  expect(states()).toEqual(["person 41 open", "person 42 open"]);
  // Active Directory was not believed: what was drift there may still be, and none of it is found.
  expect(await night(driftOf([], { unread: ["ad"] }))).toBe(0);
  expect(states()).toEqual(["person 41 open", "person 42 closed"]);
  for (const code of [1, 3, 64]) expect(await night(undefined, code)).toBe(code);
  expect(states()).toEqual(["person 41 open", "person 42 closed"]);
  expect(await night(driftOf([]))).toBe(0);
  expect(states()).toEqual(["person 41 closed", "person 42 closed"]);
  expect(hub.comments.map(({ issue, body }) => [issue, body.startsWith("The drift is gone")])).toEqual([
    [2, true],
    [1, true],
  ]);
  // It is found again: an issue of its own.
  await night(driftOf([causeOf("41", "ad", 0)]));
  expect(states()).toEqual(["person 41 closed", "person 42 closed", "person 41 open"]);
});
