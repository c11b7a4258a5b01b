/** The words of `haloform preview`. */
import { type Command, Option } from "commander";
import { clock } from "../clock.ts";
import { type Context, type StackOptions, stacked } from "../context.ts";
import type { PreviewOptions } from "./preview.ts";

type Options = StackOptions & Partial<Omit<PreviewOptions, "now" | "voice">> & { format: string };

export function previewCommand(cli: Command, { open, voice, colour, print, tell, finish }: Context): void {
  stacked(cli, "preview", "show who would change, how and why; changes nothing")
    .option("-o, --out <folder>", "write the plan bundle there (plan.json, plan.md, plan.html)")
    .addOption(new Option("--format <format>", "what to print").choices(["text", "markdown", "html"]).default("text"))
    .option("--from <file>", "records captured by `source pull`, instead of asking the source")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .option("--redact", "leave names and values of people out of plan.md (and of --format markdown)")
    .option("--detailed-exitcode", "exit 2 when there are changes")
    .action(async (options: Options) => {
      const { preview } = await import("./preview.ts");
      const { printPlan } = await import("../render/plan/print.ts");
      const project = open(options);
      const { plan, code } = await preview(project, { ...options, now: clock(), voice });
      print(printPlan(plan, options.json ? "json" : formatOf(options), { colour, redact: options.redact ?? false, out: options.out }));
      for (const breach of plan.guard.breaches) tell(`Refused: ${breach}`);
      finish(code);
    });
}

/** `--redact` is asked for where others read along (a job's log): the text has names, so the redacted comment is printed. */
function formatOf(options: Options): string {
  return options.redact && options.format === "text" ? "markdown" : options.format;
}
