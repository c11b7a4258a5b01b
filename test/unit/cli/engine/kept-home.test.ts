import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lostHome } from "../../../../cli/engine/kept-home.ts";

let folder: string;
let workspace: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-home-"));
  workspace = join(folder, "work");
  mkdirSync(workspace);
  vi.stubEnv("GITHUB_ACTIONS", "true");
  vi.stubEnv("GITHUB_WORKSPACE", workspace);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

test("security-6: a home in the workspace of a job is lost, also one that a link leads there", () => {
  const said = /lies in the job's workspace, which the next checkout cleans: .* Set HALOFORM_HOME/u;
  for (const home of [workspace, join(workspace, ".haloform"), join(workspace, "haloform", ".haloform")])
    expect(lostHome({ home })).toMatch(said);
  symlinkSync(workspace, join(folder, "link"));
  expect(lostHome({ home: join(folder, "link", "home") })).toMatch(said);
});

test("a home beside it is kept, and outside of a job any", () => {
  for (const home of [join(folder, "home"), `${workspace}-home`, "/var/lib/haloform"]) expect(lostHome({ home })).toBeUndefined();
  vi.stubEnv("GITHUB_ACTIONS", "");
  expect(lostHome({ home: join(workspace, ".haloform") })).toBeUndefined();
});
