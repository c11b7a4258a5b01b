/** The lock of a stack: one run at a time, and what a killed run left of it. */
import type { Stack } from "@pulumi/pulumi/automation/index.js";
import { onPath } from "../../base/on-path.ts";
import { passphrase } from "../../providers/core/password-rules.ts";
import { Refusal } from "../exit.ts";
import type { Voice } from "../say.ts";
import { withoutLogins } from "./backend.ts";
import { claim, holdersFolder, holding, isGone, released } from "./holders.ts";

const locked = /currently locked by \d+ lock/u;
const owner = /created by ([^\s@]+)@(\S+) \(pid (\d+)\) at (\S+)/u;

/**
 * Runs `apply`; where the stack is locked by an engine that haloform has started here and that is gone (a killed run), releases the
 * lock, once, and runs it again. A lock that may be alive is refused, with its owner.
 */
export async function unlocked<T>(stack: Stack, home: string, { tell }: Pick<Voice, "tell">, apply: () => Promise<T>): Promise<T> {
  const holders = holdersFolder(home, stack.workspace.envVars["PULUMI_BACKEND_URL"], stack.workspace.workDir);
  const held = () => holding(holders, "up", apply);
  try {
    return await held();
  } catch (error) {
    const text = String((error as Error).message);
    if (!locked.test(text)) throw error;
    const [, user, host, pid, at] = owner.exec(text) ?? [];
    // Of two runs that find it one releases it: the engine takes all locks away, also the one that the other has taken since.
    if (pid !== undefined && isGone(holders, { host, pid: Number(pid), at }) && claim(holders, Number(pid))) {
      tell(`The last run (process ${pid}, ${at}) was cut off; its lock is released.`);
      await stack.cancel();
      released(holders, Number(pid));
      return held();
    }
    throw new Refusal([
      `another run holds the stack: ${user ?? "somebody"} on ${host ?? "another machine"} (process ${pid ?? "unknown"}) since ${at ?? "unknown"}. Wait for it to end; if it is surely dead, release the stack: ${cancelCommand(stack)}`,
    ]);
  }
}

/** What an administrator can paste to release a stack: the engine is often not on PATH, and does not know the backend. */
function cancelCommand(stack: Stack): string {
  const { PULUMI_BACKEND_URL: backend } = stack.workspace.envVars;
  const engine = onPath("pulumi") ?? "pulumi";
  return `PULUMI_BACKEND_URL='${withoutLogins(backend ?? "")}' ${passphrase() === undefined ? "PULUMI_CONFIG_PASSPHRASE= " : ""}${engine} cancel --stack organization/haloform/${stack.name} --yes`;
}
