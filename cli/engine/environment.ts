/** What the engine runs in: its variables, its home, and the work folder that is ours and not git's. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Home } from "../../base/home.ts";
import { privateFolder } from "../../base/private-file.ts";
import { settle } from "../../engine/settle.ts";
import { keyVariable } from "../ledger/signature.ts";
import { folderIn, removeCutOff, withoutAttributes } from "./backend.ts";
import type { Project } from "./project.ts";

/** Where the state is: PULUMI_BACKEND_URL, or a folder of the home. */
export function backendOf({ home }: Pick<Project, "home">): string {
  // `||`: a workflow hands over a variable that is not set as an empty one.
  return process.env["PULUMI_BACKEND_URL"] || `file://${join(home, "state")}`;
}

/** The folder that the project's state is in; undefined where it is elsewhere. */
export const stateFolder = (project: Home): string | undefined => folderIn(backendOf(project), folderOf(project));

/** Environment of the engine, and so of the provider process. */
export function environment(project: Home & Partial<Pick<Project, "config">>, backend = backendOf(project)): Record<string, string> {
  // What lies in the home is closed to others with it; a folder that somebody else named has the rights that they gave it.
  privateFolder(project.home);
  const folder = folderIn(backend, folderOf(project));
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    removeCutOff(folder);
  }
  return {
    PULUMI_BACKEND_URL: withoutAttributes(backend),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    // A state may name the plugin of any resource, and where it is to be had: the engine fetches none.
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Nothing secret is in the state unless passwords are handed over by it, under the passphrase; Pulumi asks for one all the same.
    ...(project.config?.passwords !== undefined ||
    (process.env["PULUMI_CONFIG_PASSPHRASE"] === undefined && process.env["PULUMI_CONFIG_PASSPHRASE_FILE"] === undefined)
      ? { PULUMI_CONFIG_PASSPHRASE: "" }
      : {}),
    // Neither the engine nor what it starts signs anything.
    [keyVariable]: "",
    // The state is written once, at the end: writing it at each step costs the square of the people (docs/decisions/0005).
    PULUMI_SKIP_CHECKPOINTS: "true",
    // The engine then compares equal inputs itself and does not ask the provider: our rule exactly.
    PULUMI_ENABLE_LEGACY_DIFF: "true",
    // What a refresh found is in our own plan; the engine need not ask the provider once more to word it.
    PULUMI_ENABLE_LEGACY_REFRESH_DIFF: "true",
    ...withoutDebugLog(project),
    // A copy of the whole state at every run is the backend's business (versioned buckets), not ours.
    PULUMI_DISABLE_CHECKPOINT_BACKUPS: "true",
    PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS: "true",
  };
}

/** The same for who only reads. In a place without any state the engine writes down which layout begins there, unless it is the one of long ago. */
export const readingAt = (env: Record<string, string>): Record<string, string> => ({
  ...env,
  PULUMI_DIY_BACKEND_LEGACY_LAYOUT: "true",
  PULUMI_DIY_BACKEND_IGNORE_DEPRECATION_WARNING: "true",
});

/**
 * The engine keeps a debug log of every run in its home (`logs`): all inputs of all people, 13 KB a person, for a third of its
 * CPU time, encrypted with the stack's passphrase, which is empty here. No setting turns it off, but it goes without where it
 * cannot make the folder (docs/decisions/0013). So it gets a home of its own whose `logs` is a file; logins stay where they are.
 */
function withoutDebugLog(project: Pick<Project, "home">): Record<string, string> {
  if (process.env["HALOFORM_ENGINE_LOG"] === "1") return {};
  const home = join(project.home, "engine");
  privateFolder(home);
  const logs = join(home, "logs");
  if (!existsSync(logs))
    writeFileSync(logs, "This is a file so that the engine keeps no debug log of people's data; HALOFORM_ENGINE_LOG=1 lets it.\n");
  const credentials = process.env["PULUMI_CREDENTIALS_PATH"] ?? process.env["PULUMI_HOME"] ?? join(homedir(), ".pulumi");
  return { PULUMI_HOME: home, PULUMI_CREDENTIALS_PATH: credentials };
}

const folderOf = (project: Home): string => join(project.home, "work", project.stack);
const stackFile = (project: Home): string => join(folderOf(project), `Pulumi.${project.stack}.yaml`);

const stackNamed = ({ stack }: Home) => ({ config: { "haloform:stack": stack } });

/** What of an exported state says the salt of its passphrase. */
const salted = z.object({
  deployment: z.object({ secrets_providers: z.object({ type: z.literal("passphrase"), state: z.object({ salt: z.string() }) }) }),
});

/** A work folder of our own: Pulumi writes its salt into the stack file it finds, and Pulumi.<stack>.yaml is git's. */
export function workFolder(project: Pick<Project, "folder" | "home" | "stack">): string {
  const folder = folderOf(project);
  privateFolder(folder);
  // Not by the Automation API's projectSettings: it empties the file first, under the eyes of a second run.
  settle(join(folder, "Pulumi.yaml"), stringify({ name: "haloform", runtime: "nodejs", main: relative(folder, project.folder) }));
  return folder;
}

/**
 * Puts the stack's name into its configuration as Pulumi has it: so it stands in the state beside the provider, which finds
 * the settings by it when nobody hands them over (the stock `pulumi refresh` asks no program). Not the settings themselves:
 * the identity that previews has others than the one that applies, and the engine holds a plan to its configuration.
 */
export function nameStack(project: Home): void {
  const file = stackFile(project);
  const content = (existsSync(file) ? (parse(readFileSync(file, "utf8")) ?? {}) : {}) as Record<string, unknown>;
  settle(file, stringify({ ...content, ...stackNamed(project) }));
}

/**
 * Before the engine writes: gives it the salt of the state that is there, as it writes the one of the work folder into the state,
 * whatever becomes of its run. So a stack has one, whichever machine writes it: it is part of what is signed (docs/decisions/0095).
 */
export async function useSalt(project: Home, readState: () => Promise<unknown>): Promise<void> {
  const { data } = salted.safeParse(await readState());
  if (!data) return;
  settle(stackFile(project), stringify({ encryptionsalt: data.deployment.secrets_providers.state.salt, ...stackNamed(project) }));
}

/** The salt that the engine has written there. */
export function saltOf(project: Home): string {
  return z.looseObject({ encryptionsalt: z.string() }).parse(parse(readFileSync(stackFile(project), "utf8"))).encryptionsalt;
}

/** The configuration without Pulumi's salt, so that the engine makes a new one, for the passphrase that is set now. */
export function forgetSalt(project: Home): void {
  settle(stackFile(project), stringify(stackNamed(project)));
}
