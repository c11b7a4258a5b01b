/** Handing a new password to the administrator's own command: JSON on its stdin, nothing of it ever shown. */

import { oneLine, RefusedError } from "../../base/errors.ts";
import { failureOf, runCommand, variables } from "./command.ts";
import { secretsOf } from "./mask.ts";

export interface Handed {
  person: string;
  name: string;
  sAMAccountName: string;
  userPrincipalName: string;
  password: string;
}

/** What every command gets of our environment; anything else must be named in the mapping. */
const passed = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SystemRoot"];

/**
 * Runs the command; done means it ended with 0. Throws RefusedError with how it ended and nothing of what it wrote: a command
 * that fails tends to print what it was given. `after` says what has become of the account.
 */
export async function handOver(
  handover: { command: readonly string[]; timeout: number; env: readonly string[] },
  handed: Handed,
  after: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const timeoutMs = handover.timeout * 1000;
  const [program = ""] = handover.command;
  const failed = (how: string): RefusedError =>
    new RefusedError(
      oneLine(
        `Could not hand the new password of ${handed.name} over: ${program} ${how}; ${after}. Mend the command: the next run sets another password and tries again.`,
      ),
      "handover",
    );
  const result = await runCommand({
    argv: handover.command,
    input: `${JSON.stringify(handed)}\n`,
    timeoutMs,
    env: variables(environment, [...passed, ...handover.env]),
    maxOutputBytes: 0,
    secrets: [handed.password, ...secretsOf(environment)],
  }).catch((error: unknown) => {
    // Not the error itself as a cause: what could not be started was about to be given the password.
    throw failed(error instanceof RefusedError ? `could not be started (${error.code})` : "could not be started");
  });
  const how = failureOf({ ...result, stderr: "" }, timeoutMs);
  if (how !== undefined) throw failed(how);
}
