/** Examples for administrators: the files of docs/examples load, and what pages show of mapping files has only words there are. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { load, mistakes } from "./helpers.ts";

const docs = join(import.meta.dirname, "../../../docs");
const example = (name: string): string => readFileSync(join(docs, "examples", `${name}.yaml`), "utf8");
const people = (source: string, field: string): string => `people:\n  source: ${source}\n  login: { is: "{{ ${field} }}" }\n`;

describe("docs/examples", () => {
  it.each([
    ["files", { files: example("files") }],
    ["halo-users", { "halo-users": example("halo-users"), people: people("entra.users", "userPrincipalName"), halo: "roles: []\n" }],
    ["sources", { sources: example("sources"), people: people("hr", "surname") }],
  ])("%s.yaml loads", async (_name, files) => {
    expect(await mistakes(files)).toEqual([]);
  });

  it("lines of examples decide in the words of the file, and are plain lists where they are used", async () => {
    const { files } = await load({ files: example("files") });
    expect(files?.homes.map((line) => line.for ?? {})).toEqual([{ site_name: "Lab" }, {}]);
  });
});

/** What a page shows of mapping files: `# mappings/ad.yaml` begins each. */
const shown = readdirSync(docs)
  .filter((name) => name.endsWith(".md") && name !== "mappings.md")
  .flatMap((page) =>
    [...readFileSync(join(docs, page), "utf8").matchAll(/```yaml\n(.*?)```/gsu)].flatMap(([, block = ""]) =>
      block.split(/^(?=# mappings\/)/mu).flatMap((text): [string, string, string][] => {
        const file = /^# mappings\/([\w-]+)\.yaml/u.exec(text)?.[1];
        return file === undefined ? [] : [[page, file, text]];
      }),
    ),
  );

describe("pages", () => {
  it("show mapping files", () => expect(shown.length).toBeGreaterThan(6));

  it.each(shown)("%s: %s.yaml has only words there are", async (_page, file, text) => {
    const lines = await mistakes({ [file]: text });
    // What a part of a file leaves out, or names elsewhere, is not shown.
    const isShape = (line: string): boolean =>
      /: expected (?:one of|a list|a map|text|a number|true or false|\{|at once|a time|per cent)/u.test(line);
    const own = lines.filter((line) => line.startsWith(`mappings/${file}.yaml`) && !line.includes("found nothing"));
    expect(own.filter(isShape)).toEqual([]);
  });
});

describe("docs/sources.md: examples of every kind", () => {
  const blocks = shown.filter(([page, file]) => page === "sources.md" && file === "sources").map(([, , text]) => text);

  it.each(blocks)("A20, A21, A22: loads without a mistake %#", async (text) => {
    const [name] = /^ {2}\w+(?=:)/mu.exec(text) ?? [];
    expect(await mistakes({ sources: text, people: people(name?.trim() ?? "", "surname") })).toEqual([]);
  });

  it("has every way of logging in, of paging, every message type, and every kind of file", async () => {
    const all = blocks.join("\n");
    const words = {
      kind: ["clientCredentials", "password", "authorizationCode", "header", "basic", "csv", "json"],
      by: ["parameter", "pageCount", "nextLink", "cursor"],
      type: ["json", "form", "text"],
      at: ["authorize", "token", "refresh", "request"],
      until: ["{ total", "{ short", "{ path"],
    };
    const missing = Object.entries(words).flatMap(([word, values]) => values.filter((value) => !all.includes(`${word}: ${value}`)));
    expect(missing).toEqual([]);
  });
});
