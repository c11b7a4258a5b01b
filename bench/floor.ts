/**
 * The engine's floor, as a process of its own: the same engine, settings, launcher and `__provider` line, with as
 * many resources of the same inputs whose provider does nothing. `node bench/floor.ts up|preview|refresh FOLDER`, where
 * FOLDER holds resources.json and becomes the home of the stack.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { engineOptions, selectStack } from "../cli/engine/automation.ts";
import { checkout } from "../cli/engine/project.ts";
import { dynamicPrefix, providerLine } from "../providers/core/urn.ts";
import { withoutTraces } from "../stacks/register/program.ts";

class Nothing extends pulumi.CustomResource {
  constructor(name: string, inputs: Record<string, unknown>) {
    const type = "bench:Nothing";
    super(`${dynamicPrefix}${type}`, name, { ...inputs, __provider: providerLine(type), computed: undefined }, { retainOnDelete: true });
  }
}

const [what, folder = ""] = process.argv.slice(2);
const resources = JSON.parse(readFileSync(join(folder, "resources.json"), "utf8")) as { name: string; inputs: Record<string, unknown> }[];
// Without the SDK's traces, as haloform has it: a floor with them would be easy to stay near.
const program = (): Promise<void> =>
  withoutTraces(async () => {
    const made = resources.map(({ name, inputs }) => new Nothing(name, inputs));
    await Promise.all(made.map((one) => (one.urn as unknown as { promise(): Promise<string> }).promise()));
  });
const stack = await selectStack({ folder: checkout, stack: "floor", home: folder }, () => undefined, join(checkout, "bench", "noop.ts"));
const options = { ...engineOptions, program };
if (what === "up") await stack.up(options);
else if (what === "preview") await stack.preview(options);
else if (what === "refresh") await stack.refresh({ suppressProgress: true, suppressOutputs: true, color: "never" });
else throw new Error("usage: node bench/floor.ts up|preview|refresh FOLDER");
process.exit(0);
