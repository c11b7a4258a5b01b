/** The words of `haloform unattended`. */
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { silent } from "../../say.ts";

export function unattendedCommand(cli: Command, { open, print, answer, finish, voice }: Context): void {
  stacked(
    cli,
    "unattended",
    "one run of a timer: look whether anything has moved, apply what rules let through, tell whom it concerns what waits or went wrong, once",
  )
    .option("--whole", "look at everything, whatever has moved")
    .option("--approvals <folder>", "where `approve` has written approvals; left out: the folder approvals of the plan that waits")
    .option("--verbose", "say what is being done")
    .action(async (options: StackOptions & { whole?: boolean; approvals?: string; verbose?: boolean }) => {
      const { unattended } = await import("./unattended.ts");
      const given = {
        now: clock(),
        voice: options.verbose ? voice : { ...silent, tell: voice.tell },
        whole: options.whole,
        approvals: options.approvals,
      };
      const { code, report } = await unattended(open(options), given);
      // Quiet when nothing is new: then cron sends nothing either.
      if (options.json || report.message) answer(options, report, () => `${report.message?.text}\n`);
      else if (options.verbose) print(`${report.looked}${report.why === undefined ? "" : `: ${report.why}`}\n`);
      finish(code);
    });
}
