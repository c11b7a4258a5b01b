/**
 * The program that stock `pulumi preview`, `up` and `refresh` run (Pulumi.yaml). The same way through the code as the
 * `haloform` command. What is missing here are haloform's approval and its limits on lost access: stock `up` is Pulumi's own
 * business. What the trust gate or a protected group refuses is refused here as well.
 */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual, promisify } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { refuseUnverified } from "../base/certificates.ts";
import { oneLine } from "../base/errors.ts";
import { passphrase } from "../providers/core/password-rules.ts";
import { removeRun, runFolder, sweepRuns, writeRun } from "../providers/core/run.ts";
import { forget, heldBy, isUnderPhrase, type Kept, keptIn } from "../providers/core/vault.ts";
import { settingsFrom } from "../providers/systems.ts";
import { prepare } from "./prepare.ts";
import type { Handed, HandedOne } from "./read/handed.ts";
import { type Previous, parseExport } from "./read/previous.ts";
import { register } from "./register/program.ts";

const project = join(fileURLToPath(import.meta.url), "..", "..");

async function exported(...more: string[]): Promise<string> {
  return (await promisify(execFile)("pulumi", ["stack", "export", ...more], { cwd: project, maxBuffer: 1 << 30 })).stdout;
}

async function previous(stack: string): Promise<Previous> {
  const plain = await exported("--stack", stack);
  if (plain.includes('"haloform.shards/1"'))
    throw new Error(
      "the state of this stack is kept in shards (haloform:shards), of which the stock pulumi sees none: use `haloform preview` and `haloform up`.",
    );
  // Passwords that wait must be registered again, or they would be gone.
  return parseExport(JSON.parse(plain.includes('"passwords"') ? await exported("--show-secrets", "--stack", stack) : plain));
}

async function run(): Promise<Record<string, unknown>> {
  refuseUnverified();
  const settings = new pulumi.Config("haloform");
  const stack = pulumi.getStack();
  const config = settingsFrom((name) => settings.get(name));
  if (config.keys)
    throw new Error(
      "the state of this stack is signed (haloform:keys), which the stock pulumi can neither verify nor do: use `haloform preview` and `haloform up`.",
    );
  const last = await previous(stack);
  const prepared = await prepare({ project, stack, config, now: new Date(), previous: last, mode: "stock" });
  if (prepared.wish.refused.length > 0) throw new Error(prepared.wish.refused.join("; "));
  for (const one of prepared.wish.parked) await pulumi.log.warn(`${one.name} (${one.key}) is parked: ${one.reason}`);
  for (const note of [...prepared.source.doubts, ...prepared.wish.notes]) await pulumi.log.info(note);
  await refuseCommands(prepared.wish.noted?.length ?? 0);
  const adopted = prepared.wish.resources.filter((one) => one.adopt !== undefined).length;
  if (adopted > 0)
    await pulumi.log.info(
      `${adopted} of the resources to create exist already: they are adopted as they are, with the differences a \`haloform preview\` shows.`,
    );
  sweepRuns();
  const folder = runFolder(process.env["PULUMI_NODEJS_ENGINE"]);
  if (folder) {
    writeRun(folder, prepared.run);
    process.once("exit", () => removeRun(folder));
  }
  return register(
    prepared.wish.resources,
    prepared.wish.memory,
    waitingPasswords(last.handed, prepared.run.passwords?.vault ?? prepared.run.cloudPasswords?.vault),
  );
}

/**
 * Passwords that wait to be read: those of the state, and those made since. What the state has by now is forgotten here; what
 * this run makes is forgotten by the next one, as only then it is known that the state was saved.
 */
function waitingPasswords(last: Handed | undefined, folder: string | undefined): () => Handed | undefined {
  if (folder === undefined) return () => last;
  const phrase = passphrase();
  const made = (): [string, HandedOne, Kept][] =>
    // Without a passphrase, what one keeps stays where it is.
    keptIn(folder)
      .filter((one) => phrase !== undefined || !isUnderPhrase(one))
      .map((one) => [one.slot, { login: one.login, since: one.since, why: one.why, ...heldBy(one, phrase) }, one]);
  for (const [slot, one, kept] of made()) if (isDeepStrictEqual(last?.[slot], one)) forget(kept);
  if (pulumi.runtime.isDryRun()) return () => last;
  return () => ({ ...last, ...Object.fromEntries(made().flatMap(([slot, one, { taken }]) => (taken ? [[slot, one]] : []))) });
}

/** Stock `up` notes nothing beforehand: a run cut off between an account and its command would forget the command. */
async function refuseCommands(due: number): Promise<void> {
  if (due === 0) return;
  const said = `${due} command(s) of mappings/scripts.yaml are due, and the stock pulumi keeps no note of them: apply this with \`haloform up\`.`;
  if (!pulumi.runtime.isDryRun()) throw new Error(said);
  await pulumi.log.warn(said);
}

export default async (): Promise<Record<string, unknown>> => {
  try {
    return await run();
  } catch (error) {
    // A RunError is shown without a stack, as what went wrong is rarely in the code.
    throw new pulumi.RunError(oneLine(error instanceof Error ? error.message : String(error)));
  }
};
