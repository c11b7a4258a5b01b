/**
 * The program that stock `pulumi preview`, `up` and `refresh` run (Pulumi.yaml). The same way through the code as the
 * `haloform` command; what is missing here are haloform's own approval and guard, so the guard's verdict ends the run.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { runFolder, writeRun } from "../providers/core/run.ts";
import { stackConfig } from "../providers/core/settings.ts";
import { prepare } from "./prepare.ts";
import { type Previous, parseExport } from "./previous.ts";
import { register } from "./program.ts";

const project = join(fileURLToPath(import.meta.url), "..", "..");

async function previous(stack: string): Promise<Previous> {
  const { stdout } = await promisify(execFile)("pulumi", ["stack", "export", "--stack", stack], { cwd: project, maxBuffer: 1 << 30 });
  return parseExport(JSON.parse(stdout));
}

export default async (): Promise<Record<string, unknown>> => {
  const settings = new pulumi.Config("haloform");
  const stack = pulumi.getStack();
  const given = ["halo", "entra", "ad", "expires"].map((key) => [key, settings.getObject(key)]).filter(([, value]) => value !== undefined);
  const mappings = settings.get("mappings");
  const config = stackConfig.parse({ ...Object.fromEntries(given), ...(mappings === undefined ? {} : { mappings }) });
  const prepared = await prepare({ project, stack, config, now: new Date(), previous: await previous(stack), mode: "stock" });
  if (prepared.wish.refused.length > 0) throw new Error(prepared.wish.refused.join("; "));
  for (const one of prepared.wish.parked) pulumi.log.warn(`${one.name} (${one.key}) is parked: ${one.reason}`);
  for (const note of [...prepared.source.doubts, ...prepared.wish.notes]) pulumi.log.info(note);
  const folder = runFolder(process.env["PULUMI_NODEJS_ENGINE"]);
  if (folder) writeRun(folder, { ...prepared.run, mode: "stock" });
  return register(prepared.wish.resources, prepared.wish.memory);
};
