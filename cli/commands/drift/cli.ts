/** The words of `haloform drift`. */
import { type Command, Option } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { UsageError } from "../../exit.ts";

interface Options extends StackOptions {
  since?: "last";
  full?: boolean;
  fromNow?: boolean;
  systems?: string;
}

export function driftCommand(cli: Command, { open, voice, colour, answer, finish }: Context): void {
  stacked(cli, "drift", "find what was changed by hand since the last run; exit 2 when there is something")
    .addOption(
      new Option(
        "--since <moment>",
        "Active Directory and Entra ID only, and there only what changed since the last drift --since",
      ).choices(["last"]),
    )
    .option("--systems <list>", "with --since last: ad, entra, or ad,entra; ad when left out and the stack has it")
    .option(
      "--full",
      "read everything: Halo's details that people.incremental would remember, or with --since last all of AD and Entra ID; and go on from there",
    )
    .option("--from-now", "with --since last: compare nothing, and go on from now")
    .action(async (options: Options) => {
      const systems = systemsOf(options);
      const { drift } = options.since ? await import("./since.ts") : await import("./drift.ts");
      const { printDrift } = await import("../../render/answers/printed.ts");
      const how = options.full ? "full" : options.fromNow ? "from-now" : "last";
      const { code, drift: found } = await drift(open(options), { now: clock(), voice, how, systems, full: options.full });
      answer(options, found, () => printDrift(found, colour));
      finish(code);
    });
}

/** Which systems `--since` is about; undefined = the stack says. Throws UsageError where options do not go together. */
function systemsOf(options: Options): ("ad" | "entra")[] | undefined {
  if (!options.since && (options.fromNow || options.systems)) throw new UsageError("--from-now and --systems go with --since last.");
  const systems = options.systems?.split(",").map((name) => {
    if (name === "ad" || name === "entra") return name;
    throw new UsageError(`--systems ${options.systems}: expected ad, entra, or ad,entra.`);
  });
  if (options.full && options.fromNow) throw new UsageError("--full and --from-now exclude each other.");
  return systems;
}
