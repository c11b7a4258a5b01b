/**
 * Writes what follows from the registry of mapping files: mappings/*.schema.json for editors and the reference page docs/mappings.md.
 * `node mappings/pages/generate.ts --check` writes nothing and exits 1 when one of them is stale.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { clientWords } from "../overrides/words.ts";
import { registry } from "../registry.ts";
import { type Chapter, referencePage } from "./reference.ts";
import type { JsonSchema } from "./rows.ts";

/** The generated files of a project: path relative to it → text. */
export async function generated(project: string): Promise<Map<string, string>> {
  const made = new Map<string, string>();
  const chapters: Chapter[] = [];
  for (const file of registry) {
    const { name } = file;
    const schema = z.toJSONSchema(file.schema, { io: "input" });
    chapters.push({ file, schema, example: await exampleOf(project, name) });
    made.set(`mappings/${name}.schema.json`, `${JSON.stringify({ title: `haloform: ${name}.yaml`, ...forClients(schema) }, null, 2)}\n`);
  }
  return made.set("docs/mappings.md", referencePage(chapters));
}

/** With the words of a client's file: one that says how it stands to the common file need not have what that one has. */
function forClients({ required, ...schema }: JsonSchema): JsonSchema {
  const words = z.toJSONSchema(clientWords, { io: "input" }).properties;
  const needed = required === undefined ? {} : { anyOf: [{ required }, { required: ["common"] }] };
  return { ...schema, properties: { ...schema.properties, ...words }, ...needed };
}

/** The sample organisation's own file; of what it does not use, the one in docs/examples. */
async function exampleOf(project: string, name: string): Promise<string> {
  const own = await readFile(join(project, "mappings", `${name}.yaml`), "utf8").catch(() => undefined);
  return own ?? readFile(join(project, "docs", "examples", `${name}.yaml`), "utf8");
}

/** Those of the generated files whose text on disk is another (or that are missing). */
export async function stale(project: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const [path, text] of await generated(project)) {
    const now = await readFile(join(project, path), "utf8").catch(() => undefined);
    if (now !== text) wrong.push(path);
  }
  return wrong;
}

if (import.meta.main) {
  const project = join(import.meta.dirname, "..", "..");
  const wrong = await stale(project);
  if (process.argv.includes("--check")) {
    for (const path of wrong) console.error(`${path} is stale: run npm run generate`);
    process.exitCode = wrong.length > 0 ? 1 : 0;
  } else {
    const made = await generated(project);
    for (const path of wrong) await writeFile(join(project, path), made.get(path) ?? "");
    console.log(wrong.length > 0 ? `Written: ${wrong.join(", ")}` : "Nothing to write: all generated files are up to date.");
  }
}
