/** `haloform history`: declared, and told where it goes. */
import type { Command } from "commander";
import { type Context, type StackOptions, stacked, wholeNumber } from "../../context.ts";
import { exit } from "../../exit.ts";

interface HistoryFlags extends StackOptions {
  last: string;
  command?: string;
  result?: string;
  since?: string;
}

export function historyCommand(cli: Command, { open, voice, colour, answer, finish }: Context): void {
  stacked(cli, "history", "what earlier runs read and did: who ran which command, what it found, each change and what came of it")
    .argument("[person]", "only this person: key or full name; then only runs that changed something of theirs")
    .option("--last <n>", "at most so many runs, the newest first", "20")
    .option("--command <list>", "only these: up, preview, drift, check, inventory, source …")
    .option("--result <list>", "only these: done, doubted, refused, failed, parked, cut-off")
    .option("--since <day>", "only from this day or moment on: 2027-01-31, 2027-01-31T15:00:00Z")
    .action(async (person: string | undefined, options: HistoryFlags) => {
      const { history, filterOf } = await import("./history.ts");
      const { printHistory } = await import("../../render/answers/history.ts");
      const last = wholeNumber(options.last, "--last", 1, 100_000);
      const { history: found, ok } = await history(open(options), { person, last, filter: filterOf(options), voice });
      answer(options, found, () => printHistory(found, colour));
      finish(ok ? exit.done : exit.failed);
    });
}
