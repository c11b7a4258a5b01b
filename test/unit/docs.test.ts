/** The documentation against the code: what it names must exist, and what exists must be named. */
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { exit } from "../../cli/exit.ts";
import { dangers, operations } from "../../clients/graph/permissions.ts";
import { largest } from "../../docs/images/make.ts";
import { stackConfig } from "../../providers/systems.ts";

const root = resolve(import.meta.dirname, "..", "..");
const docs = join(root, "docs");

function filesIn(folder: string, extension: RegExp): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile() && extension.test(one.name))
    .map((one) => join(one.parentPath, one.name))
    .filter((file) => !file.includes("node_modules"));
}

const pages = [join(root, "README.md"), ...filesIn(docs, /\.md$/u)];
/** The pages about using haloform; decisions speak about its inside. */
const manual = pages.filter((page) => !page.includes(join("docs", "decisions")));
const texts = new Map(pages.map((page) => [page, readFileSync(page, "utf8")]));
const textOf = (page: string): string => texts.get(page) ?? "";
const named = (page: string): string => relative(root, page);
const everything = manual.map(textOf).join("\n");

/** As GitHub makes anchors of headings. */
function anchors(text: string): string[] {
  const headings = text.replace(/^```[\s\S]*?^```/gmu, "").match(/^#+ .*$/gmu) ?? [];
  return headings.map((line) =>
    line
      .replace(/^#+ /u, "")
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** The section below a heading, to the next one of its level or above. */
function section(page: string, heading: string): string {
  const text = textOf(join(root, page));
  const level = (/^#+/u.exec(heading) ?? ["#"])[0].length;
  const begin = text.indexOf(`\n${heading}\n`);
  if (begin < 0) throw new Error(`${page} has no heading "${heading}"`);
  const rest = text.slice(begin + heading.length + 2);
  const end = rest.search(new RegExp(`^#{1,${level}} `, "mu"));
  return end < 0 ? rest : rest.slice(0, end);
}

/** Cells of the rows of a Markdown table, without its head. */
function table(text: string): string[][] {
  const rows = text.split("\n").filter((line) => line.startsWith("|"));
  const line = rows.findIndex((row) => /^\|[\s|:-]+\|$/u.test(row));
  return rows.slice(line + 1).map((row) =>
    row
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim()),
  );
}

const quoted = (text: string): string[] => [...text.matchAll(/`([^`\n]+)`/gu)].map((found) => found[1] ?? "");

describe("links and pictures", () => {
  test.each(pages.map(named))("every link of %s leads somewhere", (name) => {
    const page = join(root, name);
    const targets = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/gu)]
      .map((found) => found[1] ?? "")
      .filter((target) => !/^https?:/u.test(target));
    const broken = targets.filter((target) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : resolve(dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchors(readFileSync(file, "utf8")).includes(anchor);
    });
    expect(broken).toEqual([]);
  });

  test("every page is reached from the README or the index", () => {
    const reached = [textOf(join(root, "README.md")), textOf(join(docs, "README.md"))].join("\n");
    const lost = filesIn(docs, /\.(?:md|yaml)$/u).filter((file) => !file.includes("decisions") && !reached.includes(relative(docs, file)));
    expect(lost.map(named)).toEqual([]);
  });

  test("the README has its picture, and no picture is too large", () => {
    expect(textOf(join(root, "README.md"))).toContain("(docs/images/plan.png)");
    const pictures = filesIn(join(docs, "images"), /\.png$/u);
    expect(pictures.length).toBeGreaterThan(0);
    for (const picture of pictures) {
      const data = readFileSync(picture);
      expect(data.subarray(1, 4).toString("latin1")).toBe("PNG");
      expect(data.readUInt32BE(16), "pixels across").toBe(1200);
      expect(statSync(picture).size).toBeLessThanOrEqual(largest);
    }
    expect(largest).toBe(400 * 1024);
  });
});

describe("commands", () => {
  const help = (...args: string[]): string => {
    const ended = spawnSync(process.execPath, [join(root, "cli", "main.ts"), ...args, "--help"], { encoding: "utf8", timeout: 60_000 });
    if (ended.status !== 0) throw new Error(`haloform ${args.join(" ")} --help ended with ${ended.status}: ${ended.stderr}`);
    return ended.stdout;
  };
  const commandsOf = (text: string): string[] =>
    [...text.slice(text.indexOf("Commands:")).matchAll(/^ {2}([a-z]+(?:-[a-z]+)*)/gmu)].map((found) => found[1] ?? "");
  const known = commandsOf(help()).filter((name) => name !== "help");
  const optionsIn = (text: string): string[] => text.match(/--[a-z-]+|(?<=[\s,])-[a-z](?=,)/gu) ?? [];
  /** A command's own options, and those of its subcommands (`source test`). */
  const options = new Map(
    known.map((name) => {
      const text = help(name);
      const below = text.includes("Commands:") ? commandsOf(text).filter((one) => one !== "help") : [];
      return [name, new Set([text, ...below.map((one) => help(name, one))].flatMap(optionsIn))];
    }),
  );

  /** Every `haloform …` of code, blocks and inline, with what follows on its line. */
  const shown = manual.flatMap((page) =>
    [...textOf(page).matchAll(/(?:^|[`\s])haloform ((?!sandbox\.yaml)[a-z]+(?:-[a-z]+)*)([^`\n|]*)/gmu)]
      .filter((found) => inCode(textOf(page), found.index))
      .map((found) => ({ page: named(page), command: found[1] ?? "", rest: found[2] ?? "" })),
  );

  test("there are commands in the documentation", () => {
    expect(shown.length).toBeGreaterThan(15);
    expect(known.length).toBeGreaterThan(5);
  });

  test("every command shown exists, with its options", () => {
    const wrong = shown.flatMap(({ page, command, rest }) => {
      const has = options.get(command);
      if (!has) return [`${page}: haloform ${command}`];
      return (rest.match(/(?<=\s)--?[a-z][a-z-]*/gu) ?? [])
        .filter((option) => !has.has(option))
        .map((option) => `${page}: haloform ${command} ${option}`);
    });
    expect(wrong).toEqual([]);
  });

  test("options named alone are some command's", () => {
    const all = new Set([...options.values()].flatMap((one) => [...one]));
    const others = new Set(["--help", "--people", "--only", "--repeat"]);
    const wrong = manual
      .filter((page) => !page.endsWith("mappings.md"))
      .flatMap((page) => quoted(textOf(page)).flatMap((code) => /^--[a-z-]+/u.exec(code)?.[0] ?? []))
      .filter((option) => !all.has(option) && !others.has(option) && option !== "--force");
    expect(wrong).toEqual([]);
    expect(all.has("--force"), "the documentation says there is no --force").toBe(false);
  });

  test("the README's table of commands is whole", () => {
    const listed = table(section("README.md", "## Commands")).flatMap(
      (row) => /^`haloform ([a-z]+(?:-[a-z]+)*)/u.exec(row[0] ?? "")?.[1] ?? [],
    );
    expect(listed.toSorted()).toEqual(known.toSorted());
  });

  test("the README's exit codes are those of the code", () => {
    const listed = table(section("README.md", "### Exit codes")).map((row) => Number(row[0]));
    expect(listed).toEqual(Object.values(exit).toSorted((a, b) => a - b));
  });

  test("npm scripts that are named exist", () => {
    const scripts = (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> }).scripts;
    const asked = [...everything.matchAll(/npm (?:run ([a-z]+)|(start|test)\b)/gu)].map((found) => found[1] ?? found[2] ?? "");
    expect(asked.filter((name) => scripts[name] === undefined)).toEqual([]);
    expect(asked).toContain("start");
  });
});

/** Whether a place of a Markdown text is inside a code block or inline code. */
function inCode(text: string, at: number): boolean {
  const before = text.slice(0, at + 1);
  if ((before.match(/^```/gmu) ?? []).length % 2 === 1) return true;
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return (line.match(/`/gu) ?? []).length % 2 === 1;
}

describe("settings", () => {
  test("the example stack file parses", () => {
    const file = parse(readFileSync(join(docs, "examples", "Pulumi.example.yaml"), "utf8")) as { config: Record<string, unknown> };
    expect(Object.keys(file.config).every((key) => key.startsWith("haloform:"))).toBe(true);
    const config = stackConfig.parse(
      Object.fromEntries(Object.entries(file.config).map(([key, value]) => [key.slice("haloform:".length), value])),
    );
    expect(config.ad?.url).toHaveLength(2);
    expect(config.entra?.tenantId).toBeDefined();
    expect(JSON.stringify(config)).not.toMatch(/secret|password/iu);
  });

  test("connect.md names every setting, and no other", () => {
    const listed = table(section("docs/connect.md", "## Settings")).map((row) => quoted(row[0] ?? "").join(" "));
    const { halo, entra, ad, files, ...rest } = stackConfig.shape;
    const shapes = { halo: halo.shape, ad: ad.unwrap().shape, entra: entra.unwrap().shape, files: files.unwrap().shape };
    const real = Object.entries(shapes).flatMap(([system, shape]) => Object.keys(shape).map((key) => `haloform:${system} ${key}`));
    expect(listed.toSorted()).toEqual([...real, ...Object.keys(rest).map((key) => `haloform:${key}`)].toSorted());
  });

  test("connect.md says the least and the most of every setting (outside O15)", () => {
    const rows = table(section("docs/connect.md", "## Settings")).map((row) => [quoted(row[0] ?? "").join(" "), row.join(" ")] as const);
    const { properties = {} } = z.toJSONSchema(stackConfig, { io: "input", unrepresentable: "any" });
    const bounds = Object.entries(properties).flatMap(([system, settings]) =>
      Object.entries((settings as z.core.JSONSchema.JSONSchema).properties ?? {}).map(([name, schema]) => {
        const { minimum = 0 } = schema as z.core.JSONSchema.JSONSchema;
        return [`haloform:${system} ${name}`, minimum] as const;
      }),
    );
    const told = bounds.filter(([, minimum]) => minimum > 1);
    expect(told.length).toBeGreaterThan(1);
    for (const [name, minimum] of told) expect(rows.find(([listed]) => listed === name)?.[1], name).toContain(`at least ${minimum}`);
  });

  test("security-18: connect.md warns of permissions in the words of `doctor --permissions`, of all of them and of no others", () => {
    const warned = [...section("docs/connect.md", "### Permissions").matchAll(/^- `([^`]+)` (.+)\.$/gmu)].map(([, name, said]) => [
      name,
      said,
    ]);
    expect(warned).toEqual(Object.entries(dangers));
    const used = new Set(operations.map(({ permission }) => permission));
    expect(Object.keys(dangers).filter((name) => !used.has(name))).toEqual([]);
  });

  test("connect.md has Graph's permissions as the code has them", () => {
    const rows = table(section("docs/connect.md", "## Entra ID")).filter((row) => row.length === 4 && /\.(?:All|Read)/u.test(row[1] ?? ""));
    const listed = rows.map((row) => [row[0], quoted(row[1] ?? "")[0], row[2] === "yes" ? "read" : "write"]);
    expect(listed).toEqual(operations.map((one) => [one.operation, one.permission, one.needed]));
  });
});

describe("environment variables", () => {
  const code = [
    "base",
    "cli",
    "clients",
    "engine",
    "providers",
    "sources",
    "stacks",
    "mappings",
    "sandbox",
    ".github/scripts",
    "test",
  ].flatMap((folder) => filesIn(join(root, folder), /\.(?:ts|mjs)$/u));
  const product = code.filter((file) => !file.includes(`${join(root, "test")}/`));
  const read = (file: string): string[] => {
    const text = readFileSync(file, "utf8");
    const asked = [...text.matchAll(/\benv\[?\.?"?([A-Z][A-Z0-9_]+)"?\]?/gu)].map((found) => found[1] ?? "");
    // The scripts of the workflows check theirs by a schema.
    const checked = file.includes(".github") ? [...text.matchAll(/^ {2}([A-Z][A-Z_]+): z\./gmu)].map((found) => found[1] ?? "") : [];
    return [...asked, ...checked];
  };
  /** What every program reads, and nobody sets for haloform. */
  const ordinary = new Set(["PATH", "HOME", "LANG"]);
  const listed = new Set(table(section("docs/connect.md", "## Environment variables")).flatMap((row) => quoted(row[0] ?? "")));

  test("every variable the code reads is in connect.md", () => {
    const names = [...new Set(product.flatMap(read))].filter((name) => !ordinary.has(name));
    expect(names).toContain("AD_BIND_PASSWORD");
    expect(names.filter((name) => !listed.has(name))).toEqual([]);
  });

  test("every variable the documentation names is in the code", () => {
    const all = [...code, ...filesIn(join(root, ".github", "workflows"), /\.yml$/u), join(root, ".ci", "run")]
      .filter((file) => !file.endsWith("docs.test.ts"))
      .map((file) => readFileSync(file, "utf8"))
      .join("\n");
    const said = [...everything.matchAll(/\b(?:HALOFORM|PULUMI|HALO|ENTRA|AD)_[A-Z\d_]+\b/gu)].map((found) => found[0]);
    const missing = [...new Set([...listed, ...said])].filter((name) => !new RegExp(`\\b${name}\\b`, "u").test(all));
    expect(missing).toEqual([]);
  });

  test("the workflows' variables and secrets are in ci.md", () => {
    const workflows = filesIn(join(root, ".github", "workflows"), /\.yml$/u);
    const used = new Set(
      workflows.flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/\b(?:vars|secrets)\.([A-Z\d_]+)/gu)].map((found) => found[1] ?? ""),
      ),
    );
    expect(used.size).toBeGreaterThan(3);
    expect([...used].filter((name) => !textOf(join(docs, "ci.md")).includes(`\`${name}\``))).toEqual([]);
    expect(
      workflows.map((file) => file.slice(file.lastIndexOf("/") + 1)).filter((name) => !textOf(join(docs, "ci.md")).includes(`\`${name}\``)),
    ).toEqual([]);
  });
});

describe("the text itself", () => {
  test.each(pages.map(named))("%s names no machine's paths", (name) => {
    const lines = textOf(join(root, name)).split("\n");
    const wrong = lines.filter(
      (line) => /(?:^|[\s"'`(=:])\/(?:work|root|home|tmp|Users)\//u.test(line) || /\b(?:localhost|127\.0\.0\.1):\d/u.test(line),
    );
    expect(wrong).toEqual([]);
  });

  test("sample addresses are of nobody's", () => {
    const all = `${everything}\n${readFileSync(join(docs, "examples", "Pulumi.example.yaml"), "utf8")}`;
    const addresses = [...all.matchAll(/[\w.+-]+@([\w-]+(?:\.[\w-]+)+)/gu)].map((found) => found[1] ?? "");
    expect(addresses.filter((domain) => !/(?:^|\.)example\.(?:org|com)$|\.test$/u.test(domain))).toEqual([]);
    const hosts = [...all.matchAll(/https?:\/\/([\w.-]+)/gu)].map((found) => found[1] ?? "");
    const real = new Set([
      "outlook.office365.com",
      "login.microsoftonline.us",
      "graph.microsoft.us",
      "token.actions.githubusercontent.com",
      "liquidjs.com",
      "age-encryption.org",
    ]);
    expect(hosts.filter((host) => !real.has(host) && !/(?:^|\.)example\.(?:org|com)$/u.test(host))).toEqual([]);
  });
});

test("each row of test/README.md has a test of its name in that file, and a page", () => {
  const text = readFileSync(join(root, "test", "README.md"), "utf8");
  const begin = text.indexOf("## Rows that were done in part");
  const rows = table(text.slice(begin, text.indexOf("\nLeft out on purpose", begin)));
  expect(rows.length).toBe(23);
  for (const [row = "", , test = "", page = ""] of rows) {
    const [file = "", anchor] = page.replaceAll("`", "").split("#");
    const titles = readFileSync(join(root, "test", test.replaceAll("`", "")), "utf8").match(/\b(?:it|describe)\(\s*"[^"]*"/gu) ?? [];
    expect(
      titles.some((title) => new RegExp(`\\b${row}\\b`, "u").test(title)),
      `${row} in ${test}`,
    ).toBe(true);
    if (anchor !== undefined) expect(anchors(textOf(join(docs, file))), `${page} of ${row}`).toContain(anchor);
    else expect(textOf(join(docs, file)), page).not.toBe("");
  }
});
