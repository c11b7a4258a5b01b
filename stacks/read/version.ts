/** Which haloform this is. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { once } from "../../base/once.ts";

const root = resolve(import.meta.dirname, "..", "..");
/** Folders of the product; what only tests, builds or shows it changes no plan. */
const folders = ["base", "cli", "clients", "engine", "mappings", "providers", "sources", "stacks"];

export interface Version {
  /** Of package.json. */
  version: string;
  /** Over the product's source files and the lock of what it depends on. */
  sum: string;
}

/** As package.json says it. */
export function packageVersion(): string {
  return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
}

/**
 * The version alone would not do: a checkout changes between releases. Nor the commit: it moves with every mapping file and document, is
 * not there in a copy without git, and says nothing of a file that was changed since.
 */
export const versionHere = once(async (): Promise<Version> => {
  const found = await Promise.all(
    folders.map(async (folder) => {
      const all = await readdir(join(root, folder), { recursive: true, withFileTypes: true });
      return all.filter((one) => one.isFile() && /\.(?:ts|mjs)$/u.test(one.name)).map((one) => join(one.parentPath, one.name));
    }),
  );
  const sum = createHash("sha256");
  // Small files, one after the other: many at once take three times the processor's time.
  for (const file of [...found.flat().sort(), join(root, "package-lock.json")]) {
    const content = readFileSync(file);
    sum.update(`${file.slice(root.length)}\n${content.length}\n`).update(content);
  }
  return { version: packageVersion(), sum: `sha256:${sum.digest("hex")}` };
});
