/** A question that a person answers on a terminal with yes. */
import { createInterface } from "node:readline/promises";
import { Refusal, UsageError } from "../exit.ts";
import type { Input, Output } from "../say.ts";

/** Where somebody is asked. */
export interface Terminal {
  stdin: Input;
  stderr: Output;
}

/** Whether there is anybody to ask. */
export const isTerminal = ({ stdin, stderr }: Terminal): boolean => Boolean(stdin.isTTY && stderr.isTTY);

export interface Asked extends Terminal {
  /** Do not ask. */
  yes: boolean;
}

/** To be called before anything else is done. Throws UsageError where the question could not be asked. */
export function refuseUnasked(asked: Asked, what: string): void {
  if (!asked.yes && !isTerminal(asked)) throw new UsageError(`${what}; there is none here: say --yes.`);
}

/** Throws Refusal where the answer is another. `question`: what yes would mean. */
export async function confirmed({ yes, stdin, stderr }: Asked, question: string): Promise<void> {
  if (yes) return;
  const ask = createInterface({ input: stdin, output: stderr });
  const answer = await ask.question(`${question} Type yes: `);
  ask.close();
  if (answer.trim().toLowerCase() !== "yes") throw new Refusal(["not confirmed; nothing was changed."]);
}
