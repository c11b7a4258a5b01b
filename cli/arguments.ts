/** The haloform command: arguments in, one subcommand each, an exit code out. Each command is loaded when it is chosen. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Argument, Command, CommanderError, Option } from "commander";
import { clock } from "./clock.ts";
import { passwordCommands } from "./commands/password/cli.ts";
import type { WhyOptions } from "./commands/why/why.ts";
import { checkout, openProject, type Project, type ProjectOptions } from "./engine/project.ts";
import { stopOnSignals } from "./engine/stop.ts";
import { endingOf, exit, UsageError } from "./exit.ts";
import { renderJson } from "./render/answers/json.ts";
import { colour, voice } from "./say.ts";
import { withStack } from "./stack-options.ts";

const version = (JSON.parse(readFileSync(join(checkout, "package.json"), "utf8")) as { version: string }).version;

/** Prints one document on stdout. */
function document(value: object): void {
  process.stdout.write(renderJson(value));
}

function program(finish: (code: number) => void): Command {
  const cli = new Command("haloform")
    .description("People, access and licences follow HaloITSM, by pull request.")
    .version(version)
    .showHelpAfterError()
    .exitOverride()
    .hook("preAction", (_cli, command) => {
      if (["preview", "up", "drift"].includes(command.name())) stopOnSignals();
    });
  const stacked = (name: string, description: string): Command => withStack(cli.command(name).description(description));

  stacked("preview", "show who would change, how and why; changes nothing")
    .option("-o, --out <folder>", "write the plan bundle there (plan.json, plan.md, plan.html)")
    .addOption(new Option("--format <format>", "what to print").choices(["text", "markdown", "html"]).default("text"))
    .option("--from <file>", "records captured by `source pull`, instead of asking the source")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .option("--redact", "leave names and values of people out of plan.md (and of --format markdown)")
    .option("--detailed-exitcode", "exit 2 when there are changes")
    .action(
      async (
        options: ProjectOptions & {
          out?: string;
          json?: boolean;
          format: string;
          redact?: boolean;
          detailedExitcode?: boolean;
          from?: string;
          full?: boolean;
        },
      ) => {
        const { preview } = await import("./commands/preview.ts");
        const { printPlan } = await import("./render/answers/print.ts");
        const project = openProject(options);
        const result = await preview(project, {
          now: clock(),
          voice: voice(),
          ...pick(options, "out", "redact", "detailedExitcode", "from", "full"),
        });
        process.stdout.write(
          printPlan(result.plan, options.json ? "json" : formatOf(options), { colour, redact: options.redact ?? false, out: options.out }),
        );
        for (const breach of result.plan.guard.breaches) process.stderr.write(`Refused: ${breach}\n`);
        finish(result.code);
      },
    );

  stacked("up", "apply an approved plan, and nothing else")
    .option("-p, --plan <folder>", "the plan bundle that `preview --out` wrote")
    .option("-a, --approve <digest>", "the digest of the plan that was approved (sha256:…)")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .action(async (options: ProjectOptions & { plan?: string; approve?: string; full?: boolean; json?: boolean }) => {
      const project = openProject(options);
      const now = clock();
      const { approved } = await import("./commands/approve.ts");
      const { up } = await import("./commands/up.ts");
      const { printUp } = await import("./render/answers/print.ts");
      const plan = await approved(project, options, now, voice());
      const { code, result } = await up(project, { ...plan, ...pick(options, "full"), now, voice: voice() });
      if (options.json) document(result);
      else process.stdout.write(printUp(result, colour));
      if (result.failure) process.stderr.write(`Failed: ${result.failure}\n`);
      finish(code);
    });

  stacked("drift", "find what was changed by hand since the last run; exit 2 when there is something")
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
    .action(async (options: ProjectOptions & { since?: "last"; full?: boolean; fromNow?: boolean; systems?: string; json?: boolean }) => {
      if (!options.since && (options.fromNow || options.systems)) throw new UsageError("--from-now and --systems go with --since last.");
      const systems = options.systems?.split(",").map((name) => {
        if (name === "ad" || name === "entra") return name;
        throw new UsageError(`--systems ${options.systems}: expected ad, entra, or ad,entra.`);
      });
      if (options.full && options.fromNow) throw new UsageError("--full and --from-now exclude each other.");
      const { drift } = options.since ? await import("./commands/drift/since.ts") : await import("./commands/drift/drift.ts");
      const { printDrift } = await import("./render/answers/print.ts");
      const how = options.full ? "full" : options.fromNow ? "from-now" : "last";
      const { code, drift: found } = await drift(openProject(options), {
        now: clock(),
        voice: voice(),
        how,
        ...pick(options, "full"),
        ...(systems ? { systems } : {}),
      });
      if (options.json) document(found);
      else process.stdout.write(printDrift(found, colour));
      finish(code);
    });

  /** A command that answers a question about one person. */
  const explained = <A extends object>(
    command: Command,
    thing: string,
    load: () => Promise<{ ask: (project: Project, options: WhyOptions) => Promise<A>; print: (answer: A, colour: boolean) => string }>,
  ): Command =>
    command
      .argument("<person>", "key (Halo user id), name, e-mail address or login")
      .argument("[thing]", thing)
      .option("--from <file>", "records captured by `source pull`, instead of asking the source")
      .action(async (person: string, thing: string | undefined, options: ProjectOptions & { json?: boolean; from?: string }) => {
        const { ask, print } = await load();
        const answer = await ask(openProject(options), {
          person,
          now: clock(),
          voice: voice(),
          ...(thing === undefined ? {} : { thing }),
          ...pick(options, "from"),
        });
        if (options.json) document(answer);
        else process.stdout.write(print(answer, colour));
        finish(exit.done);
      });
  explained(
    stacked("why", "explain one person: the record, the rules that matched, what each system has now"),
    "only this: a group, a licence, an attribute, a role",
    async () => ({ ask: (await import("./commands/why/why.ts")).why, print: (await import("./render/answers/print.ts")).printWhy }),
  );
  explained(
    stacked("why-not", "explain which rules did not match one person, and on what"),
    "only this: a group, a licence, an OU; then also the rules that match",
    async () => ({
      ask: (await import("./commands/why/why-not.ts")).whyNot,
      print: (await import("./render/answers/why-not.ts")).printWhyNot,
    }),
  );

  const source = cli.command("source").description("look at where people come from; changes nothing").exitOverride();
  const sourced = (name: string, description: string): Command =>
    withStack(source.command(name).description(description)).argument(
      "[source]",
      "a source of sources.yaml, or halo.users; where people.yaml says people come from when left out",
    );
  sourced("test", "read it, show its elements as a table and what the mapping makes of three records").action(
    async (name: string | undefined, options: ProjectOptions & { json?: boolean }) => {
      const { sourceTest } = await import("./commands/source.ts");
      const { printSourceTest } = await import("./render/answers/source.ts");
      const test = await sourceTest(openProject(options), { now: new Date(), voice: voice(), ...(name === undefined ? {} : { name }) });
      if (options.json) document(test);
      else process.stdout.write(printSourceTest(test, colour));
      finish(exit.done);
    },
  );
  sourced(
    "pull",
    "capture its records in a file, which preview, why and why-not read again by --from; `pull assets`: Halo's assets as JSON or CSV",
  )
    .requiredOption("-o, --out <file>", "the file to write")
    .action(async (name: string | undefined, options: ProjectOptions & { out: string; json?: boolean }) => {
      const { assetsPull, sourcePull } = await import("./commands/source.ts");
      if (name === "assets") {
        const { doubts, ...pulled } = await assetsPull(openProject(options), { out: options.out, now: new Date(), voice: voice() });
        if (options.json) document({ format: "haloform.pull/1", ...pulled, doubts });
        else
          process.stdout.write(
            `${pulled.records} assets are in ${pulled.file}; they are people's data, readable by you alone.\n${doubts.map((one) => `Doubt: ${one}\n`).join("")}`,
          );
        finish(exit.done);
        return;
      }
      const pulled = await sourcePull(openProject(options), {
        out: options.out,
        now: new Date(),
        voice: voice(),
        ...(name === undefined ? {} : { name }),
      });
      if (options.json) document({ format: "haloform.pull/1", ...pulled });
      else process.stdout.write(`${pulled.records} records are in ${pulled.file}; they are people's data, readable by you alone.\n`);
      finish(exit.done);
    });
  sourced("login", "log in to it once in a browser (authorization code with PKCE)").action(
    async (name: string | undefined, options: ProjectOptions & { json?: boolean }) => {
      const { sourceLogin } = await import("./commands/source.ts");
      const file = await sourceLogin(openProject(options), { now: new Date(), voice: voice(), ...(name === undefined ? {} : { name }) });
      if (options.json) document({ format: "haloform.login/1", file });
      else process.stdout.write(`Logged in; the refresh token is stored encrypted in ${file}.\n`);
      finish(exit.done);
    },
  );

  stacked("history", "what earlier runs did: who applied which plan, each change and what came of it")
    .argument("[person]", "only this person: key (Halo user id) or full name")
    .option("--last <n>", "at most so many runs, the newest first", "20")
    .action(async (person: string | undefined, options: ProjectOptions & { last: string; json?: boolean }) => {
      const { history } = await import("./commands/history.ts");
      const { printHistory } = await import("./render/answers/history.ts");
      const last = number(options.last, "--last", 1, 100_000);
      const found = await history(openProject(options), { last, voice: voice(), ...(person === undefined ? {} : { person }) });
      if (options.json) document(found.history);
      else process.stdout.write(printHistory(found.history, colour));
      finish(found.ok ? exit.done : exit.failed);
    });

  stacked("doctor", "ask each system whether it can be reached, as whom and with which rights; clocks; certificates")
    .option("--read-only", "for the identity of preview and drift: ask for no right that only up needs")
    .option("--permissions", "only list the permissions of Microsoft Graph that the mappings need, and which of them are granted")
    .action(async (options: ProjectOptions & { json?: boolean; readOnly?: boolean; permissions?: boolean }) => {
      if (options.permissions) {
        const { permissions, printPermissions } = await import("./commands/setup/permissions.ts");
        const listed = await permissions(openProject(options), options.readOnly ?? false);
        if (options.json) document(listed);
        else process.stdout.write(printPermissions(listed));
        finish(listed.ok ? exit.done : exit.failed);
        return;
      }
      const { doctor } = await import("./commands/setup/doctor.ts");
      const { printDoctor } = await import("./render/answers/print.ts");
      const report = await doctor(openProject(options), { now: new Date(), voice: voice(), ...pick(options, "readOnly") });
      if (options.json) document(report);
      else process.stdout.write(printDoctor(report, colour));
      finish(report.ok ? exit.done : exit.failed);
    });

  stacked("init", "print what has to be made by hand before haloform can work, for what the mappings turn on; makes nothing")
    .addArgument(new Argument("<system>", "where").choices(["halo"]))
    .option("--print", "print it (the only thing there is to do)")
    .action(async (_system: string, options: ProjectOptions & { json?: boolean }) => {
      const { initHalo, printInitHalo } = await import("./commands/setup/init.ts");
      const found = await initHalo(openProject(options));
      if (options.json) document(found);
      else process.stdout.write(printInitHalo(found));
      finish(exit.done);
    });

  cli
    .command("sandbox")
    .description("start a HaloITSM, a Microsoft Graph and an Active Directory on loopback, with an invented organisation")
    .option("--people <n>", "how many people", "250")
    .option("--json", "print one JSON document when ready")
    .action(async (options: { people: string; json?: boolean }) => {
      const { sandbox } = await import("./commands/setup/sandbox.ts");
      finish(await sandbox(number(options.people, "--people", 1, 100_000), options.json ?? false));
    });

  passwordCommands(cli, finish);

  cli
    .command("quickstart")
    .description("the main job on the sandbox, from beginning to end (npm start)")
    .option("--people <n>", "how many people", "250")
    .option("--json", "print one JSON document and nothing else on stdout")
    .action(async (options: { people: string; json?: boolean }) => {
      const { quickstart } = await import("./commands/setup/quickstart.ts");
      finish(await quickstart({ people: number(options.people, "--people", 10, 100_000), json: options.json ?? false }));
    });
  return cli;
}

/** `--redact` is asked for where others read along (a job's log): the text has names, so the redacted comment is printed. */
function formatOf(options: { format: string; redact?: boolean }): string {
  return options.redact && options.format === "text" ? "markdown" : options.format;
}

function number(text: string, option: string, least: number, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least || value > most)
    throw new UsageError(`${option} ${text}: expected a whole number from ${least} to ${most}.`);
  return value;
}

function pick<T extends object, K extends keyof T>(from: T, ...keys: K[]): { [P in K]: NonNullable<T[P]> } {
  return Object.fromEntries(keys.filter((key) => from[key] !== undefined).map((key) => [key, from[key]])) as {
    [P in K]: NonNullable<T[P]>;
  };
}

/** Runs one command line and returns its exit code; what went wrong has been said on stderr. */
export async function run(argv: readonly string[]): Promise<number> {
  let code: number = exit.done;
  try {
    await program((ended) => (code = ended)).parseAsync(argv);
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exit.done : exit.usage;
    const ending = endingOf(error);
    for (const line of ending.lines) process.stderr.write(`${line}\n`);
    return ending.code;
  }
}
