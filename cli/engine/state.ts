/** The stack's state and its passphrase, and what has to be kept out of a bundle. */
import { readFileSync, writeFileSync } from "node:fs";
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { ConfigurationError } from "../../base/errors.ts";
import { passphrase } from "../../providers/core/password-rules.ts";
import { Refusal } from "../exit.ts";
import type { Voice } from "../say.ts";
import { forgetSalt } from "./environment.ts";
import { type EngineAt, rekey, wrongPassphrase } from "./passwords.ts";
import type { Project } from "./project.ts";

/** Does `work`; where the state is still under the empty passphrase, puts it under the one that is set now, and does it again. */
export async function underPassphrase<T>(at: EngineAt, project: Project, voice: Pick<Voice, "tell">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal || passphrase() === undefined || !wrongPassphrase.test(String(error))) throw error;
    if (!(await rekey(at, () => forgetSalt(project)))) throw error;
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
