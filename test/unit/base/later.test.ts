import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

/** In a process of its own: what a process has loaded is what this is about. */
const script = `
import { createRequire } from "node:module";
import { loadLater } from ${JSON.stringify(new URL("../../../base/later.ts", import.meta.url).href)};
loadLater();
await import("@pulumi/pulumi/automation/index.js");
const sdk = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const arborist = () => Object.keys(sdk.cache).filter((file) => /arborist.lib.(?!index)/.test(file)).length;
const before = arborist();
const typescript = sdk("typescript");
const { Arborist } = sdk("@npmcli/arborist");
console.log(JSON.stringify({
  before, after: arborist() > 0, version: typescript.version, kind: "SyntaxKind" in typescript,
  keys: Object.keys(typescript).length > 1000, again: sdk("typescript").version, arborist: new Arborist({ path: "." }).path !== "",
}));
`;

it("loads what Pulumi's SDK alone uses when it is used, and whole", () => {
  const stdout = execFileSync(process.execPath, ["--input-type=module", "--eval", script], { encoding: "utf8" });
  const { version, again, ...rest } = JSON.parse(stdout) as Record<string, unknown>;
  expect(rest).toEqual({ before: 0, after: true, kind: true, keys: true, arborist: true });
  expect(version).toMatch(/^6\./u);
  expect(again).toBe(version);
});
