/** The words of `haloform drift`. */
import { type Command, Option } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { exit, UsageError } from "../../exit.ts";

interface DriftFlags extends StackOptions {
  since?: "last";
  full?: boolean;
  fromNow?: boolean;
  systems?: string;
  keep?: string;
  pullRequest?: boolean;
  tolerate?: string;
  until?: string;
  why?: string;
  signWith?: string;
}

export function driftCommand(cli: Command, { env, open, voice, colour, answer, finish }: Context): void {
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
    .option("--keep <cause>", "print the patch of the mapping files that makes a cause wished, for git apply; exit 3 where there is none")
    .option("--pull-request", "with --keep: propose the patch on GitHub, with your GITHUB_TOKEN, instead of printing it")
    .option("--tolerate <cause>", "let a cause be as it is now: it is drift again when it is otherwise, or after a day")
    .option("--until <day>", "with --tolerate: the last day (UTC), 2027-01-31")
    .option("--why <reason>", "with --tolerate: why")
    .option("--sign-with <key>", "with --tolerate: sign it with this SSH key, of somebody in the file of haloform:signers")
    .action(async (options: DriftFlags) => {
      const systems = systemsOf(options);
      const { drift } = options.since ? await import("./since.ts") : await import("./drift.ts");
      const { cameOfDrift } = await import("../came.ts");
      const { openToRead } = await import("../../engine/automation.ts");
      const { refuseStoppedBeside, saidOf, stopsOf } = await import("../../ledger/stops.ts");
      const { synced } = await import("../../ledger/syncs.ts");
      const { printDrift } = await import("../../render/answers/printed.ts");
      const [project, now] = [open(options), clock()];
      const ledger = async () => (await openToRead(project, voice)).ledger();
      const how = options.full ? "full" : options.fromNow ? "from-now" : "last";
      const { code, drift: found } = await synced(
        project,
        { command: options.since ? `drift --since ${options.since}` : "drift", now, voice },
        async (syncing) => {
          // Before minutes of reading, and again right before it is written.
          const before = await ledger();
          if (options.tolerate !== undefined) await refuseStoppedBeside(project, before);
          for (const line of saidOf(project, await stopsOf(project, before))) voice.tell(`${line}.`);
          return drift(project, { now, voice, how, systems, full: options.full, syncing });
        },
        cameOfDrift,
      );
      const { keep, tolerate: cause, until, why, signWith } = options;
      if (keep !== undefined && options.pullRequest) {
        const { propose } = await import("./propose.ts");
        const { printProposed } = await import("../../render/answers/printed.ts");
        const made = await propose(project, found, keep, env);
        answer(options, made, () => printProposed(made));
      } else if (keep !== undefined) {
        const { patchOf } = await import("./inbox.ts");
        answer({}, found, () => patchOf(found, keep));
      } else if (cause !== undefined) {
        const { tolerate } = await import("./tolerate.ts");
        const { printTolerated } = await import("../../render/answers/printed.ts");
        const made = await tolerate(project, found, { cause, until, why, signWith, now, ledger });
        answer(options, made, () => printTolerated([made]));
      } else answer(options, found, () => printDrift(found, colour));
      finish(keep === undefined && cause === undefined ? code : exit.done);
    });
}

/** Which systems `--since` is about; undefined = the stack says. Throws UsageError where options do not go together. */
function systemsOf(options: DriftFlags): ("ad" | "entra")[] | undefined {
  if (!options.since && (options.fromNow || options.systems)) throw new UsageError("--from-now and --systems go with --since last.");
  const systems = options.systems?.split(",").map((name) => {
    if (name === "ad" || name === "entra") return name;
    throw new UsageError(`--systems ${options.systems}: expected ad, entra, or ad,entra.`);
  });
  if (options.pullRequest && options.keep === undefined) throw new UsageError("--pull-request goes with --keep.");
  if (options.full && options.fromNow) throw new UsageError("--full and --from-now exclude each other.");
  return systems;
}
