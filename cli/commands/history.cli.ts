/** The words of `haloform history`. */
import type { Command } from "commander";
import { type Context, type StackOptions, stacked, wholeNumber } from "../context.ts";
import { exit } from "../exit.ts";

export function historyCommand(cli: Command, { open, voice, colour, answer, finish }: Context): void {
  stacked(cli, "history", "what earlier runs did: who applied which plan, each change and what came of it")
    .argument("[person]", "only this person: key (Halo user id) or full name")
    .option("--last <n>", "at most so many runs, the newest first", "20")
    .action(async (person: string | undefined, options: StackOptions & { last: string }) => {
      const { history } = await import("./history.ts");
      const { printHistory } = await import("../render/answers/history.ts");
      const last = wholeNumber(options.last, "--last", 1, 100_000);
      const { history: found, ok } = await history(open(options), { person, last, voice });
      answer(options, found, () => printHistory(found, colour));
      finish(ok ? exit.done : exit.failed);
    });
}
