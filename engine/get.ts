/**
 * `node engine/get.ts FOLDER`: puts the engine that haloform is tested with at FOLDER/pulumi, for whoever hands it to other
 * machines (.github/workflows). What is on PATH is not asked.
 */
import { copyFileSync, mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { pinnedEngine } from "./find.ts";

const [folder = "."] = process.argv.slice(2);
const engine = await pinnedEngine((line) => process.stderr.write(`${line}\n`));
mkdirSync(folder, { recursive: true });
copyFileSync(engine.path, join(folder, basename(engine.path)));
process.stdout.write(`${engine.version} (${engine.from})\n`);
