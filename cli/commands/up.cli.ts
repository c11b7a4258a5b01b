/** The words of `haloform up`. */
import type { Command } from "commander";
import { clock } from "../clock.ts";
import { type Context, type StackOptions, stacked } from "../context.ts";

export function upCommand(cli: Command, context: Context): void {
  const { open, voice, colour, answer, tell, finish } = context;
  stacked(cli, "up", "apply an approved plan, and nothing else")
    .option("-p, --plan <folder>", "the plan bundle that `preview --out` wrote")
    .option("-a, --approve <digest>", "the digest of the plan that was approved (sha256:…)")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .action(async (options: StackOptions & { plan?: string; approve?: string; full?: boolean }) => {
      const project = open(options);
      const now = clock();
      const { approved } = await import("./approve.ts");
      const { up } = await import("./up.ts");
      const { printUp } = await import("../render/answers/printed.ts");
      const plan = await approved(project, options, now, context);
      const { code, result } = await up(project, { ...plan, full: options.full, now, voice });
      answer(options, result, () => printUp(result, colour));
      if (result.failure) tell(`Failed: ${result.failure}`);
      finish(code);
    });
}
