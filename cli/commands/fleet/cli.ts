/** `haloform fleet`: declared, and told where it goes. */
import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { writePrivate } from "../../../base/private-file.ts";
import type { Fleet } from "../../answers/fleet.ts";
import { clock } from "../../clock.ts";
import { type Context, wholeNumber } from "../../context.ts";
import { exit, UsageError } from "../../exit.ts";
import { renderJson } from "../../render/answers/json.ts";
import { type Matrix, matrices, matrixOf } from "../matrix.ts";

interface FleetFlags {
  settings?: string;
  out?: string;
  atOnce: string;
  envCommand?: string;
  page?: string;
  csv?: string;
  json?: boolean;
  detailedExitcode?: boolean;
  one?: string;
}

export function fleetCommands(cli: Command, context: Context): void {
  const settings = ["--settings <folder>", "where the clients' settings are (Pulumi.<client>.yaml); left out: in the checkout"] as const;
  const fleet = cli
    .command("fleet")
    .description("many clients, a stack each: what waits, what is refused, drift, licences, the last run")
    .option(...settings)
    .addOption(new Option("--matrix <ci>", "print the clients as the matrix of a CI: a job for each").choices(matrices))
    .action(async (options: { settings?: string; matrix?: Matrix }) => {
      if (options.matrix === undefined) throw new UsageError("haloform fleet: expected preview, report, new, or --matrix.");
      const { clientsIn } = await import("./fleet.ts");
      context.print(matrixOf(clientsIn(options.settings), options.matrix, "stack"));
    });
  const declared = (of: Fleet["of"], description: string): Command =>
    fleet
      .command(of)
      .description(description)
      .argument("[client...]", "only these; all of them when left out")
      .option(...settings)
      .option("--at-once <n>", "so many clients at a time, each in a process of its own", "2")
      .option("--env-command <file>", "a command that prints the variables of a client: FILE CLIENT → lines NAME=value, or JSON")
      .option("--page <file>", "write the table there as a page, readable by you alone")
      .option("--csv <file>", "write the table there for a spreadsheet")
      .option("--json", "print one JSON document and nothing else on stdout")
      // What the command starts for each client.
      .addOption(new Option("--one <client>").hideHelp());
  declared("preview", "preview every client, and tell of all in one table; changes nothing")
    .option("-o, --out <folder>", "write the plan bundle of each client to a folder of its name there")
    .option("--detailed-exitcode", "exit 2 when something waits at any of them")
    .action((clients: string[], _: unknown, command: Command) => overAll("preview", clients, command, context));
  declared("report", "the same table of what is kept of earlier runs; asks no system").action(
    (clients: string[], _: unknown, command: Command) => overAll("report", clients, command, context),
  );
  fleet
    .command("new")
    .description("a new client from a template: its settings, and a folder of mapping files; keys and secrets are left to you")
    .argument("<name>", "the client's name, which its stack has too: northwind")
    .option("--template <folder>", "left out: fleet/template where it is there, else haloform's own")
    .option("--json", "print one JSON document and nothing else on stdout")
    .action(async (name: string, options: { template?: string; json?: boolean }) => {
      const { newClient } = await import("./new.ts");
      const { printNew } = await import("../../render/fleet/table.ts");
      const made = newClient(name, options.template);
      context.answer(options, made, () => printNew(made));
    });
}

async function overAll(of: Fleet["of"], clients: readonly string[], command: Command, context: Context): Promise<void> {
  // An option that the command above has too is taken there.
  const options: FleetFlags = command.optsWithGlobals();
  if (options.one !== undefined) return ofOne(of, options.one, options, context);
  const { codeOf, fleet } = await import("./fleet.ts");
  const { csvFleet, printFleet } = await import("../../render/fleet/table.ts");
  const { settings, out, envCommand, page, csv } = options;
  const atOnce = wholeNumber(options.atOnce, "--at-once", 1, 100);
  const found = await fleet({
    ...{ of, clients, settings, out, atOnce, envCommand: envCommand === undefined ? undefined : resolve(envCommand) },
    ...{ env: context.env, now: clock(), voice: context.voice },
  });
  if (page !== undefined) {
    const { fleetPage } = await import("../../render/fleet/page.ts");
    writePrivate(resolve(page), fleetPage(found));
  }
  if (csv !== undefined) writePrivate(resolve(csv), csvFleet(found));
  context.answer(options, found, () => printFleet(found, context.colour));
  context.finish(codeOf(found.clients, options.detailedExitcode ?? false));
}

/** The process of one client: its row, as one document. */
async function ofOne(of: Fleet["of"], client: string, { settings, out }: FleetFlags, context: Context): Promise<void> {
  const { previewRow, reportRow } = await import("./row.ts");
  const configFile = settings === undefined ? undefined : resolve(settings, `Pulumi.${client}.yaml`);
  const open = () => context.open({ stack: client, configFile });
  const made = await (of === "preview" ? previewRow : reportRow)(client, open, { now: clock(), voice: context.voice, out });
  context.print(renderJson(made));
  context.finish(made.code === exit.changes ? exit.done : made.code);
}
