/** The words of `haloform shards`. */
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { plural } from "../../render/plan/words.ts";
import type { Shown } from "./shards.ts";

export function shardsCommands(cli: Command, { open, voice, answer }: Context): void {
  const group = stacked(cli, "shards", "show in which parts the state lies; changes nothing").action(async (options: StackOptions) => {
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
