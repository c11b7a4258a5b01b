/** The rules of the house refuse what they are there for: every pair of folders, in a small project made for it. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { imports, judged, lengths } from "../../../../cli/dev/house.ts";

/** Who may import whom, by hand: the picture of the house. Everybody may import within themselves. */
const may: { readonly [folder: string]: readonly string[] } = {
  base: [],
  clients: ["base"],
  "providers/core": ["clients", "base"],
  "providers/ad": ["providers/core", "clients", "base"],
  "providers/entra": ["providers/core", "clients", "base"],
  mappings: ["clients", "base"],
  sources: ["mappings", "providers/core", "providers/ad", "providers/entra", "clients", "base"],
  stacks: ["sources", "mappings", "providers/core", "providers/ad", "providers/entra", "clients", "base"],
  "cli/answers": ["cli/ledger", "cli/engine"],
  "cli/ledger": ["cli/answers", "cli/engine"],
  "cli/engine": ["cli/answers", "cli/ledger"],
  "cli/render": ["cli/answers", "cli/ledger", "cli/engine"],
  "cli/commands": ["cli/answers", "cli/ledger", "cli/engine", "cli/render"],
  engine: ["base"],
  sandbox: [],
};
const product = Object.keys(may).filter((one) => !one.startsWith("cli/") && one !== "sandbox");
const allowed = (from: string, to: string): boolean =>
  from === to || may[from]?.includes(to) === true || (from.startsWith("cli/") && product.includes(to));
const all = Object.keys(may);
const pairs = all.flatMap((from) => all.flatMap((to) => (from === to ? [] : [[from, to] as const])));

let found: string[];
let root: string;
const write = (file: string, text: string): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};
const name = (to: string, kind: string): string => `${kind}-${to.replace("/", "-")}.ts`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "haloform-house-"));
  write("package.json", "{}");
  for (const folder of all) write(`${folder}/thing.ts`, "export type Thing = string;\nexport const thing = 1;\n");
  for (const [from, to] of pairs) {
    const place = join(relative(from, to), "thing.ts");
    write(`${from}/${name(to, "value")}`, `import { thing } from "${place}";\nexport const other = thing;\n`);
    write(`${from}/${name(to, "type")}`, `import type { Thing } from "${place}";\nexport type Other = Thing;\n`);
    write(`${from}/${name(to, "later")}`, `export const later = (): Promise<unknown> => import("${place}");\n`);
  }
  write("mappings/tables.ts", 'import { thing } from "../providers/ad/values/syntax.ts";\nexport const other = thing;\n');
  write("providers/ad/values/syntax.ts", "export const thing = 1;\n");
  for (const folder of ["sandbox", "bench", "test", "stacks"]) {
    write(`${folder}/circle/one.ts`, 'import type { Two } from "./two.ts";\nexport type One = Two;\n');
    write(`${folder}/circle/two.ts`, 'import type { One } from "./one.ts";\nexport type Two = One[];\n');
  }
  found = await imports(root);
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const refused = (from: string, file: string): boolean => found.some((line) => line.includes(`: ${from}/${file} → `));

test.each(["value", "type", "later"])("providers-B18: each folder imports only what the picture has below it, by %s", (kind) => {
  const wrong = pairs.filter(([from, to]) => {
    const free = allowed(from, to) || (from === "sandbox" && kind === "type");
    return refused(from, name(to, kind)) === free;
  });
  expect(wrong).toEqual([]);
});

test("mappings may import the tables of values of a system", () => {
  expect(refused("mappings", "tables.ts")).toBe(false);
});

test("a circle is refused wherever it is, also one of types alone", () => {
  for (const folder of ["sandbox", "bench", "test", "stacks"])
    expect(found.filter((line) => line.startsWith(`no circle: ${folder}/circle/`))).toHaveLength(1);
});

test("a file of the product has at most 300 lines and a function 80; tests may have more", () => {
  copyFileSync(join(import.meta.dirname, "../../../../biome.json"), join(root, "biome.json"));
  const lines = (count: number): string => Array.from({ length: count }, (_, at) => `export const line${at} = ${at};\n`).join("");
  const body = (count: number): string => `export function long(): void {\n${"  console.log(1);\n".repeat(count)}}\n`;
  for (const folder of ["base", "clients", "providers", "mappings", "sources", "stacks", "cli", "engine", "test"]) {
    write(`${folder}/lengths/file-300.ts`, lines(300));
    write(`${folder}/lengths/file-301.ts`, lines(301));
    write(`${folder}/lengths/function-78.ts`, body(78));
    write(`${folder}/lengths/function-81.ts`, body(81));
  }
  expect(lengths(root).sort()).toEqual(
    ["base", "clients", "providers", "mappings", "sources", "stacks", "cli", "engine"]
      .flatMap((folder) => [
        `${folder}/lengths/file-301.ts: This file has too many lines. Maximum allowed is 300.`,
        `${folder}/lengths/function-81.ts: This function has too many lines. Maximum allowed is 80.`,
      ])
      .sort(),
  );
});

test("a known exception lets its lines through, and fails the check once it is no longer needed", () => {
  const lines = ["no circle: a/b.ts → a/c.ts", "no circle: d/e.ts → d/f.ts"];
  expect(judged(lines, [])).toEqual(lines);
  expect(judged(lines, ["no circle: a/"])).toEqual(["no circle: d/e.ts → d/f.ts"]);
  expect(judged(["no circle: a/b.ts → a/c.ts"], ["no circle: a/", "no circle: d/"])).toEqual([
    "no longer needed among the known exceptions of house.config.ts: no circle: d/",
  ]);
});
