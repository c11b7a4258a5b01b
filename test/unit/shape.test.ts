/** The shape that was asked for: the language and the libraries (G1), and what stands at the top of the project (G2). */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..", "..");
/** Folders whose code is the product. */
const product = ["base", "cli", "clients", "engine", "mappings", "providers", "sources", "stacks"];
const filesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).flatMap((one) =>
    one.isFile() ? [join(one.parentPath, one.name)] : [],
  );
const code = product.flatMap(filesIn).filter((file) => /\.(?:[cm]?[jt]s|tsx|jsx)$/u.test(file));

test("G1: it is TypeScript, but for the two files that start Node and Pulumi before any type can be stripped", () => {
  const other = code.filter((file) => !file.endsWith(".ts")).map((file) => file.slice(root.length + 1));
  expect(other.sort()).toEqual(
    ["cli/haloform.mjs", "cli/setup.mjs", "stacks/index.mjs"].filter((file) => existsSync(join(root, file))).sort(),
  );
  const { compilerOptions } = JSON.parse(readFileSync(join(root, "tsconfig.json"), "utf8")) as { compilerOptions: { strict: boolean } };
  expect(compilerOptions.strict).toBe(true);
});

test("G1: the libraries that were asked for are dependencies, and the code imports them", () => {
  const { dependencies, devDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    [kind: string]: { [name: string]: string };
  };
  const text = code.map((file) => readFileSync(file, "utf8")).join("\n");
  for (const name of ["@pulumi/pulumi", "ldapts", "ky", "zod", "json-diff-ts"]) {
    expect(dependencies?.[name], name).toMatch(/^\d+\.\d+\.\d+$/u);
    expect(text.includes(`from "${name}`) || text.includes(`import("${name}`), name).toBe(true);
  }
  expect(devDependencies?.["vitest"]).toMatch(/^\d+\.\d+\.\d+$/u);
  // Microsoft's Graph client is the one that is not used, for the reasons that the decision gives.
  expect(dependencies?.["@microsoft/microsoft-graph-client"]).toBe(undefined);
  expect(readFileSync(join(root, "docs", "decisions", "0022-the-graph-client.md"), "utf8")).toContain("microsoft-graph-client");
});

test("G2: package.json, tsconfig.json, Pulumi.yaml, providers, stacks, mappings, test and .github stand at the top", () => {
  const files = ["package.json", "tsconfig.json", "Pulumi.yaml"];
  const folders = ["providers", "stacks", "mappings", "test", ".github"];
  const kinds = [...files, ...folders].map((name) => [name, statSync(join(root, name)).isDirectory()]);
  expect(kinds).toEqual([...files.map((name) => [name, false]), ...folders.map((name) => [name, true])]);
});
