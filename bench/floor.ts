/**
 * The engine's floor, as a process of its own: the same engine, settings, launcher and `__provider` line, with as
 * many resources of the same inputs whose provider does nothing. `node bench/floor.ts up|preview|refresh FOLDER`, where
 * FOLDER holds resources.json and becomes the home of the stack.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Values } from "../base/json.ts";
import { engineOptions, selectStack } from "../cli/engine/automation.ts";
import { checkout } from "../cli/engine/project.ts";
import { telling } from "../stacks/register/tell.ts";

const [what, folder = ""] = process.argv.slice(2);
const resources = JSON.parse(readFileSync(join(folder, "resources.json"), "utf8")) as { name: string; inputs: Record<string, unknown> }[];
// As haloform tells the engine: a floor by the SDK's way would be easy to stay near.
const program = async (): Promise<void> => {
  const tell = await telling();
  await Promise.all(resources.map(({ name, inputs }) => tell({ type: "bench:Nothing", name, inputs: inputs as Values })));
};
const stack = await selectStack({ folder: checkout, stack: "floor", home: folder }, () => undefined, join(checkout, "bench", "noop.ts"));
const options = { ...engineOptions, program };
if (what === "up") await stack.up(options);
else if (what === "preview") await stack.preview(options);
else if (what === "refresh") await stack.refresh({ suppressProgress: true, suppressOutputs: true, color: "never" });
else throw new Error("usage: node bench/floor.ts up|preview|refresh FOLDER");
process.exit(0);
