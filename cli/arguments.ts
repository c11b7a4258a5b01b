/** The haloform command: arguments in, one subcommand each, an exit code out. Each command is loaded when it is chosen. */
import { Command, CommanderError } from "commander";
import { refuseUnverified } from "../base/certificates.ts";
import { packageVersion } from "../stacks/read/version.ts";
import { approveCommand } from "./commands/approval/cli.ts";
import { checkCommand, previewCommand, showCommand, upCommand, whyCommands } from "./commands/cli.ts";
import { driftCommand } from "./commands/drift/cli.ts";
import { emergencyCommands } from "./commands/emergency/cli.ts";
import { fleetCommands } from "./commands/fleet/cli.ts";
import { historyCommand } from "./commands/history/cli.ts";
import { inventoryCommand } from "./commands/inventory/cli.ts";
import { keysCommands } from "./commands/keys/cli.ts";
import { passwordCommands } from "./commands/password/cli.ts";
import { doctorCommand, initCommand, quickstartCommand, sandboxCommand } from "./commands/setup/cli.ts";
import { shardsCommands } from "./commands/shards/cli.ts";
import { sourceCommands } from "./commands/source/cli.ts";
import { stopCommands } from "./commands/stop/cli.ts";
import { unattendedCommand } from "./commands/unattended/cli.ts";
import { type Context, contextOf, type Surroundings } from "./context.ts";
import { withCredentials } from "./credentials.ts";
import { stopOnSignals } from "./engine/stop.ts";
import { endingOf, exit } from "./exit.ts";
import { harmless } from "./say.ts";

/** In the order of the help. */
const commands = [
  ...[
    previewCommand,
    showCommand,
    approveCommand,
    upCommand,
    unattendedCommand,
    driftCommand,
    checkCommand,
    whyCommands,
    inventoryCommand,
    sourceCommands,
    historyCommand,
    fleetCommands,
  ],
  ...[
    doctorCommand,
    initCommand,
    sandboxCommand,
    passwordCommands,
    keysCommands,
    shardsCommands,
    stopCommands,
    emergencyCommands,
    quickstartCommand,
  ],
];

function program({ stdout, stderr }: Surroundings): Command {
  return new Command("haloform")
    .description("People, access and licences follow HaloITSM, by pull request.")
    .version(packageVersion())
    .showHelpAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void stdout.write(harmless(text, false)),
      writeErr: (text) => void stderr.write(harmless(text, false)),
    });
}

/** The whole of the command line: every command with its options. */
export function declared(context: Context): Command {
  const cli = program(context);
  for (const declare of commands) declare(cli, context);
  return cli;
}

/**
 * Runs one command line and returns its exit code; what went wrong has been said on stderr. Left out of `given`: the process's
 * own, and then signals end the command cleanly. One at a time in a process: settings and connections are the process's.
 */
export async function run(argv: readonly string[], given?: Partial<Surroundings>): Promise<number> {
  const surroundings: Surroundings = { env: process.env, stdin: process.stdin, stdout: process.stdout, stderr: process.stderr, ...given };
  const own = process.env;
  if (surroundings.env !== own) process.env = { ...surroundings.env };
  let code: number = exit.done;
  const context = contextOf(surroundings, (ended) => (code = ended));
  try {
    if (!given) Object.assign(own, withCredentials(own));
    refuseUnverified(surroundings.env);
    const cli = declared(context);
    if (!given)
      cli.hook("preAction", (_cli, command) => {
        if (["preview", "report", "up", "unattended", "drift"].includes(command.name())) stopOnSignals();
      });
    await cli.parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
    const ending = endingOf(error);
    for (const line of ending.lines) context.tell(line);
    return ending.code;
  } finally {
    if (process.env !== own) process.env = own;
  }
}
