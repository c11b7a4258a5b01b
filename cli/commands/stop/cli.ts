/** The words of `haloform stop` and `haloform go`. */
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { plural } from "../../render/plan/words.ts";

type Flags = StackOptions & { signWith?: string; yes?: boolean };

const signing = ["--sign-with <key>", "sign it with this SSH key, of somebody in the file of haloform:signers"] as const;
const waiting = (waits: string | undefined): string =>
  waits === undefined
    ? "It stands in the journal."
    : `It counts already; the journal takes it over with the next run that may write it (now it could not: ${waits}).`;

export function stopCommands(cli: Command, { open, voice, answer, stdin, stderr }: Context): void {
  stacked(cli, "stop", "stop everything that writes, at once and also a run that is under way, until `haloform go`")
    .argument("<why>", "the reason, which whoever is refused reads")
    .option(...signing)
    .action(async (why: string, options: Flags) => {
      const { stopStack } = await import("./stop.ts");
      const done = await stopStack(open(options), { why, signWith: options.signWith, now: clock(), voice });
      answer(options, done, () =>
        [
          `The stack ${done.stack} is stopped: no run writes to any system or state any more, and one that is under way ends after what is in hand. Previews work. \`haloform go\` lifts it.`,
          waiting(done.waits),
          "",
        ].join("\n"),
      );
    });
  stacked(cli, "go", "lift the stop; needs production's key, or an allowed signer's")
    .argument("[why]", "what became of it")
    .option(...signing)
    .option("-y, --yes", "do not ask for confirmation")
    .action(async (why: string | undefined, options: Flags) => {
      const { goOn } = await import("./stop.ts");
      const { signWith, yes = false } = options;
      const done = await goOn(open(options), { why, signWith, yes, now: clock(), voice, stdin, stderr });
      answer(
        options,
        done,
        () => `${plural(done.lifted.length, "stop is", "stops are")} lifted: runs write again. ${waiting(done.waits)}\n`,
      );
    });
}
