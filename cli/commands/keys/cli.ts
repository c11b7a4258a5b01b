/** The words of `haloform keys`. */
import { resolve } from "node:path";
import type { Command } from "commander";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { UsageError } from "../../exit.ts";
import { keyVariable } from "../../ledger/signature.ts";
import { plural } from "../../render/plan/words.ts";
import type { Found } from "./keys.ts";

export function keysCommands(cli: Command, context: Context): void {
  const group = cli.command("keys").description("keys that production signs the state with: make a pair, take over what is there");
  group.action(() => {
    throw new UsageError("keys: say new --out FILE, or adopt.");
  });
  newCommand(group, context);
  adoptCommand(group, context);
}

function newCommand(group: Command, { answer }: Context): void {
  group
    .command("new")
    .description("make a pair of keys: the private one goes to a file, the public one is printed")
    .requiredOption("--out <file>", "where the private key is written; it must not be there yet")
    .option("--json", "print one JSON document and nothing else on stdout")
    .action(async (options: { out: string; json?: boolean }) => {
      const { makeKeys } = await import("./keys.ts");
      const made = makeKeys(resolve(options.out));
      answer(options, made, () =>
        [
          `The private key ${made.id} is in ${made.file}: give it to production alone, as ${keyVariable}, and keep a copy where nobody else reads.`,
          "The public key is a line of haloform:keys in the stack's settings:",
          "",
          "  haloform:keys:",
          `    - ${made.public}`,
          "",
        ].join("\n"),
      );
    });
}

function adoptCommand(group: Command, { open, voice, answer, tell, stdin, stderr }: Context): void {
  stacked(
    group,
    "adopt",
    "show the state and the journal that are there, and go on with them as they are: sign them, with production's key",
  )
    .option("-y, --yes", "do not ask whether they are right")
    .action(async (options: StackOptions & { yes?: boolean }) => {
      const { adopt } = await import("./keys.ts");
      const given = { yes: options.yes ?? false, now: clock(), voice, stdin, stderr };
      const found = await adopt(open(options), { ...given, tell: (shown) => tell(told(shown)) });
      answer(options, found, () =>
        found.signed ? "Signed as it is.\n" : "Its journal begins. Nothing is signed: the settings name no keys.\n",
      );
    });
}

function told({ stack, state, resources, written, journal, serial, why }: Found): string {
  const { losses, due, used } = journal;
  const runs = `${plural(losses, "run", "runs")} that took something, ${plural(due, "command", "commands")} due, ${plural(used, "approval", "approvals")} used up`;
  return [
    `The state of the stack ${stack}: ${plural(resources, "resource", "resources")}, last written ${written ?? "never"}, ${state}.`,
    `Its journal: ${runs}. ${serial === undefined ? "It was never signed." : `Last signed under number ${serial}.`}`,
    ...(why === undefined ? [] : [`It is not believed as it is: ${why}.`]),
  ].join("\n");
}
