/** Which stack a command, and a workflow's script, means. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openProject, stackName } from "../../../../cli/engine/project.ts";

const before = process.env["HALOFORM_STACK"];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-project-"));
  delete process.env["HALOFORM_STACK"];
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before !== undefined) process.env["HALOFORM_STACK"] = before;
});
const stacks = (...names: string[]): void => {
  for (const name of names) writeFileSync(join(folder, `Pulumi.${name}.yaml`), "");
};

test("middle Smaller: without a name it is the only stack beside the sandbox's, as in a workflow that names none", () => {
  expect(stackName(folder)).toBe("sandbox");
  stacks("sandbox", "northwind");
  expect(stackName(folder)).toBe("northwind");
  process.env["HALOFORM_STACK"] = "";
  expect(stackName(folder)).toBe("northwind");
});

test("a name that is given comes first; of several stacks one has to be named", () => {
  stacks("northwind", "southwind");
  expect(() => stackName(folder)).toThrow("Which stack? Say --stack with one of: northwind, southwind, sandbox.");
  process.env["HALOFORM_STACK"] = "southwind";
  expect([stackName(folder), stackName(folder, "northwind")]).toEqual(["southwind", "northwind"]);
});

test("security-15: a plan may be applied for 7 days at most; more is refused with file and line", () => {
  const file = join(folder, "Pulumi.long.yaml");
  const given = (hours: number) => {
    writeFileSync(
      file,
      `config:\n  "haloform:halo": { resourceServer: "https://halo.example.org", clientId: x }\n  "haloform:expires": ${hours}\n`,
    );
    return openProject({ stack: "long", configFile: file }).config.expires;
  };
  expect(given(168)).toBe(168);
  expect(() => given(169)).toThrow(
    "Pulumi.long.yaml:3 haloform:expires: a whole number from 1 to 168: a plan may be applied for 7 days at most",
  );
});
