/** A sandbox of its own process, a stack of its own, and the real command line, measured. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { homeOf } from "../base/home.ts";
import { type RunningSandbox, startSandboxProcess } from "../cli/commands/setup/sandbox.ts";
import { checkout } from "../cli/engine/project.ts";
import { type Measured, measure } from "./measure.ts";
import { here, type Tree } from "./tree.ts";

export interface BenchWorld {
  sandbox: RunningSandbox;
  home: string;
  env: NodeJS.ProcessEnv;
  /** Arguments that lead a command to this world. */
  options: readonly string[];
  /** `haloform …`, measured. */
  run(args: readonly string[], codes?: readonly number[]): Promise<Measured>;
  /** preview, and up of what it showed, whose bundle gets that name; what the up did, and what waits. */
  apply(name: string, codes?: readonly number[]): Promise<Applied>;
  /** Requests the three servers have counted so far. */
  calls(): Promise<{ halo: number; graph: number; ldap: number }>;
  /** Gives the stack another setting; undefined: none of that name. */
  configure(name: string, setting: unknown): void;
  /** Bytes of the stack's state. */
  stateBytes(): number;
  stop(): Promise<void>;
}

export interface Applied {
  preview: Measured;
  up: Measured;
  done: { [op: string]: number };
  pending: unknown[];
}

/** High limits: what is measured is haloform, not the pauses that HaloITSM and Graph ask for. */
export const noLimit = 1_000_000;

export interface WorldOptions {
  /** AD has none of the people's accounts, and so Entra ID has none either. */
  emptied: boolean;
  /** Neither the settings nor the mappings speak of Entra ID or of agents. */
  adOnly?: boolean;
  /** Whose command line and mappings; this checkout's when left out. The sandbox is always this one's. */
  tree?: Tree;
}

/** Starts everything. */
export async function world(people: number, options: WorldOptions): Promise<BenchWorld> {
  const { tree = here } = options;
  // Within the tree, as the provider is found from there.
  const folder = join(tree === here ? homeOf(checkout) : join(tree.folder, ".haloform"), "bench");
  mkdirSync(folder, { recursive: true });
  const home = mkdtempSync(join(folder, "world-"));
  const sandbox = await startSandboxProcess({
    people,
    folder: join(home, "sandbox"),
    flags: ["--halo-limit", "0", "--graph-limit", "0", "--sync-delay", "20"],
  });
  const stackFile = join(home, "Pulumi.bench.yaml");
  const { halo, entra, ad } = sandbox.config;
  writeFileSync(
    stackFile,
    stringify({
      config: {
        "haloform:halo": { ...halo, limit: noLimit },
        ...(options.adOnly ? {} : { "haloform:entra": { ...entra, limit: noLimit, syncWait: 120 } }),
        "haloform:ad": ad,
      },
    }),
  );
  const mappings = join(home, "mappings");
  mkdirSync(mappings);
  for (const file of ["people", "ad", ...(options.adOnly ? [] : ["entra", "halo"]), "safety"])
    cpSync(join(tree.folder, "mappings", `${file}.yaml`), join(mappings, `${file}.yaml`));
  liftLimits(join(mappings, "safety.yaml"), tree.folder);
  if (options.emptied) await empty(sandbox, ad?.base ?? "");
  const env: NodeJS.ProcessEnv = { ...process.env, ...sandbox.env, HALOFORM_HOME: home, HALOFORM_STACK: "bench", NO_COLOR: "1" };
  delete env["PULUMI_BACKEND_URL"];
  const flags = ["--config-file", stackFile, "--mappings", mappings];
  const run: BenchWorld["run"] = (args, codes) =>
    measure([join(tree.folder, "cli", "main.ts"), ...args, ...flags], env, codes, tree.folder);
  return {
    sandbox,
    home,
    env,
    options: flags,
    run,
    async apply(name, codes) {
      const plan = join(home, name);
      const preview = await run(["preview", "--out", plan, "--json"]);
      const { digest } = JSON.parse(preview.out) as { digest: string };
      const up = await run(["up", "--plan", plan, "--approve", digest, "--json"], codes);
      return { preview, up, ...(JSON.parse(up.out) as Pick<Applied, "done" | "pending">) };
    },
    calls: async () => (await sandbox.control("GET", "/calls")) as { halo: number; graph: number; ldap: number },
    configure(name, setting) {
      const file = parse(readFileSync(stackFile, "utf8")) as { config: { [name: string]: unknown } };
      file.config[name] = setting;
      writeFileSync(stackFile, stringify(file, { keepUndefined: false }));
    },
    stateBytes: () => statSync(stateFile(home)).size,
    async stop() {
      await sandbox.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

function stateFile(home: string): string {
  return join(home, "state", ".pulumi", "stacks", "haloform", "bench.json");
}

/** The resources of the state, to make as many of the same size that do nothing. */
export function resourcesOf(home: string): { name: string; inputs: Record<string, unknown> }[] {
  const file = JSON.parse(readFileSync(stateFile(home), "utf8")) as {
    checkpoint: { latest: { resources: { urn: string; type: string; inputs: Record<string, unknown> }[] } };
  };
  return file.checkpoint.latest.resources
    .filter((one) => one.type.startsWith("pulumi-nodejs:dynamic/"))
    .map(({ urn, inputs: { __provider: _line, ...inputs } }, index) => ({ name: `${urn.split("::").at(-1)}-${index}`, inputs }));
}

/** The company's own limits on losses are for people who make plans, not for a measurement. Each by the name that the tree gives it. */
function liftLimits(file: string, tree: string): void {
  const content = parse(readFileSync(file, "utf8")) as { limits: Record<string, unknown> };
  const schema = JSON.parse(readFileSync(join(tree, "mappings", "safety.schema.json"), "utf8")) as {
    properties: { limits: { properties: object } };
  };
  content.limits = Object.fromEntries(Object.keys(schema.properties.limits.properties).map((name) => [name, { most: noLimit }]));
  writeFileSync(file, stringify(content));
}

/** Takes every account under OU=Staff away, past haloform. */
async function empty(sandbox: RunningSandbox, base: string): Promise<void> {
  const { ad } = (await sandbox.control("GET", "/snapshot")) as { ad: Record<string, Record<string, unknown>> };
  const staff = Object.keys(ad).filter((dn) => dn.toLowerCase().endsWith(`,ou=staff,${base.toLowerCase()}`) && /^cn=/iu.test(dn));
  for (const dn of staff) await sandbox.control("POST", "/hand", { ad: { dn, delete: "for good" } });
  await sandbox.control("POST", "/settle");
}
