/** The words of `haloform shards`. */
import { type Command, Option } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked, wholeNumber } from "../../context.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { plural } from "../../render/plan/words.ts";
import { type Matrix, matrices, matrixOf } from "../matrix.ts";
import type { Shown } from "./shards.ts";

export function shardsCommands(cli: Command, { open, voice, answer, print }: Context): void {
  const group = stacked(cli, "shards", "show in which parts the state lies; changes nothing")
    .addOption(
      new Option("--matrix <ci>", "print jobs that apply a plan one after the other (`up --shard`), as the matrix of a CI").choices(
        matrices,
      ),
    )
    .option("--jobs <n>", "with --matrix: so many; left out: as many as shards")
    .action(async (options: StackOptions & { matrix?: Matrix; jobs?: string }) => {
      if (options.matrix !== undefined) return print(matrixOf(jobsOf(open(options), options.jobs), options.matrix, "shard"));
      const { shardsOf } = await import("./shards.ts");
      const found = await shardsOf(open(options), voice);
      answer(options, found, () => told(found));
    });
  stacked(group, "set", "have the state lie as haloform:shards of the settings says; touches nobody").action(
    async (_: object, command: Command) => {
      const { setShards } = await import("./shards.ts");
      const options: StackOptions = command.optsWithGlobals();
      const found = await setShards(open(options), { now: clock(), voice });
      answer(options, found, () => told(found));
    },
  );
}

/** `1/16`, `2/16`, … */
function jobsOf({ stack, config }: Project, asked: string | undefined): string[] {
  if (!config.shards) throw new UsageError(`haloform shards --matrix: the settings of ${stack} have no haloform:shards (docs/scale.md).`);
  const count = asked === undefined ? config.shards.count : wholeNumber(asked, "--jobs", 1, config.shards.count);
  return Array.from({ length: count }, (_, index) => `${index + 1}/${count}`);
}

function told({ stack, settings, lies, head, ahead, shards }: Shown): string {
  const wished = settings && `${plural(settings.count, "shard", "shards")} by ${settings.by}`;
  const is = lies ? `${plural(lies.count, "shard", "shards")} by ${lies.by}` : "one";
  return [
    `The state of the stack ${stack} lies in ${is}${wished === undefined || wished === is ? "" : `; the settings say ${wished}: \`haloform shards set\``}.`,
    `${plural(head, "resource", "resources")} in the stack itself, of which ${ahead} ${ahead === 1 ? "is" : "are"} people's${settings ? ` (up to ${settings.ahead} wait there)` : ""}.`,
    ...shards.map((one) => `  ${String(one.shard).padStart(2, "0")}  ${one.stack}  ${plural(one.resources, "resource", "resources")}`),
    "",
  ].join("\n");
}
