/**
 * The passwords in the stack's state. They are put there and taken away by editing it (`pulumi stack export` and `import`):
 * as part of a run they would make every approved plan stale that was made before somebody read one. What is to be encrypted
 * goes to the engine through a pipe; the Automation API's own import would write it to a file first.
 */
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { z } from "zod";
import { ConfigurationError, oneLine } from "../../base/errors.ts";
import { passphrase } from "../../providers/core/password-rules.ts";
import type { Run } from "../../providers/core/run.ts";
import { type Note, openVault, slotOf } from "../../providers/core/vault.ts";
import { secretValue } from "../../stacks/read/handed.ts";
import { Refusal } from "../exit.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Exported } from "../ledger/shelf.ts";
import type { Voice } from "../say.ts";
import { forgetSalt } from "./environment.ts";
import type { Edit, Stored } from "./opened.ts";
import type { Project } from "./project.ts";

/** How the engine is run for the stack: its environment, its work folder, and the stack's name. */
export interface EngineAt {
  cwd: string;
  env: Readonly<Record<string, string>>;
  stack: string;
}

/** Runs the engine; resolves with stdout. The error has the engine's `error:` line and never what was written to it. */
export function engine(at: EngineAt, args: readonly string[], input = "", env: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", [...args, "--stack", at.stack, "--non-interactive", "--color", "never"], {
      cwd: at.cwd,
      env: { ...process.env, ...at.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    let err = "";
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => (err += String(data)));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else reject(new Error(oneLine(/error: (.*)/u.exec(err)?.[1] ?? `the engine ended with ${code}`)));
    });
  });
}

const resource = z.looseObject({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() });
const exported = z.looseObject({ deployment: z.looseObject({ resources: z.array(resource).nullish() }).nullish() });

const storedSchema = z.record(z.string(), z.unknown()).catch({});

/** The state as it is, secrets as ciphertexts. */
export async function exportPlain(at: EngineAt): Promise<Exported> {
  return JSON.parse(await engine(at, ["stack", "export"])) as Exported;
}

/** Puts a state in place. */
export async function importState(at: EngineAt, state: Exported): Promise<void> {
  await engine(at, ["stack", "import"], JSON.stringify(state));
}

/** The Edit (opened.ts) of the stack that the engine has; returns whether it changed anything. `book`: says whether the state is believed. */
export async function editPasswords(
  at: EngineAt,
  change: (stored: Stored) => boolean,
  book?: Pick<Ledger, "refuseOther">,
): Promise<boolean> {
  const text = await engine(at, ["stack", "export"]);
  const document = exported.parse(JSON.parse(text));
  book?.refuseOther(document);
  const stack = document.deployment?.resources?.find((one) => one.type === "pulumi:pulumi:Stack");
  if (!stack) throw new Error("there is no state yet: apply a plan first");
  const { passwords, ...outputs } = stack.outputs ?? {};
  const stored: Stored = { ...storedSchema.parse(passwords ?? {}) };
  if (!change(stored)) return false;
  stack.outputs = Object.keys(stored).length > 0 ? { ...outputs, passwords: stored } : outputs;
  if ((await engine(at, ["stack", "export"])) !== text) throw new Error("a run has changed the state just now; try again");
  await engine(at, ["stack", "import"], JSON.stringify(document));
  return true;
}

/** What the state keeps of a new password; the engine encrypts it on import. */
export function storable({ login, since, why }: Note, password: string): unknown {
  return { login, since, why, password: secretValue(password) };
}

/** After a run: new passwords that their systems have taken go from this machine into the state. Returns why they did not. */
export async function keepPasswords(edit: Edit, run: Run): Promise<string | undefined> {
  const folder = run.passwords?.vault ?? run.cloudPasswords?.vault;
  const phrase = folder === undefined ? undefined : passphrase();
  if (folder === undefined || phrase === undefined) return undefined;
  try {
    const vault = openVault(folder, phrase);
    const waiting = vault.all().filter((one) => one.taken);
    if (waiting.length > 0)
      await edit((stored) => {
        for (const one of waiting) stored[slotOf(one)] = storable(one, one.password);
        return true;
      });
    // Only now are they forgotten here.
    for (const one of waiting) vault.remove(slotOf(one), one.password);
    return undefined;
  } catch (error) {
    return `new passwords could not be put into the state (${oneLine((error as Error).message)}); they are kept, encrypted, on this machine (${folder}), where \`haloform password show\` finds them, and the next run puts them there`;
  }
}

/** The engine's words for a passphrase that does not open the state. */
const wrongPassphrase = /incorrect passphrase|failed to decrypt|PULUMI_CONFIG_PASSPHRASE/u;

/**
 * Puts a state that was kept under the empty passphrase (as haloform does where none is set) under the one that is set now:
 * read with the empty one, written with the new one. False where the empty one does not open it either.
 */
async function rekey(at: EngineAt, project: Pick<Project, "home" | "stack">): Promise<boolean> {
  let text: string;
  try {
    // Fails where the state has secrets, and they are under another passphrase; one without is nobody's loss.
    text = await engine(at, ["stack", "export", "--show-secrets"], "", { PULUMI_CONFIG_PASSPHRASE: "" });
  } catch {
    return false;
  }
  const document = exported.parse(JSON.parse(text));
  const { secrets_providers: _old, ...deployment } = document.deployment ?? {};
  forgetSalt(project);
  await engine(at, ["stack", "import"], JSON.stringify({ ...document, deployment }));
  return true;
}

/** Does `work`; where the state is still under the empty passphrase, puts it under the one that is set now, and does it again. */
export async function underPassphrase<T>(
  at: EngineAt,
  project: Pick<Project, "home" | "stack">,
  voice: Pick<Voice, "tell">,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal || passphrase() === undefined || !wrongPassphrase.test(String(error))) throw error;
    if (!(await rekey(at, project))) throw error;
    voice.tell("The state was kept without a passphrase; from now on PULUMI_CONFIG_PASSPHRASE is the one it is under.");
    return work();
  }
}

/** The exported state, secrets shown. Throws ConfigurationError where the passphrase does not open it. */
export async function exportState(stack: Stack): Promise<unknown> {
  try {
    return await stack.exportStack();
  } catch (error) {
    if (!wrongPassphrase.test(String(error))) throw error;
    throw new ConfigurationError(
      `Could not read the state of the stack ${stack.name}: PULUMI_CONFIG_PASSPHRASE ${passphrase() === undefined ? "is empty, and the state was encrypted with one" : "is not the passphrase it was encrypted with"}; set the one it was made with.`,
    );
  }
}

/** A bundle is kept and handed around: it has no passwords, also no encrypted ones. */
export function withoutPasswords(planFile: string): void {
  const plan = JSON.parse(readFileSync(planFile, "utf8")) as { resourcePlans?: Record<string, { state?: Record<string, unknown> }> };
  for (const one of Object.values(plan.resourcePlans ?? {})) delete one.state?.["passwords"];
  writeFileSync(planFile, JSON.stringify(plan), { mode: 0o600 });
}
