/** The words of the daily work: `haloform preview`, `up`, `drift`, `why` and `why-not`, `source`. */
import { type Command, Option } from "commander";
import { clock } from "../clock.ts";
import { type Context, type StackOptions, stacked } from "../context.ts";
import type { Project } from "../engine/project.ts";
import { exit, UsageError } from "../exit.ts";
import type { PreviewOptions } from "./preview.ts";
import type { WhyOptions } from "./why/why.ts";

type PreviewFlags = StackOptions & Partial<Omit<PreviewOptions, "now" | "voice">> & { format: string };

export function previewCommand(cli: Command, { env, open, voice, colour, print, tell, finish }: Context): void {
  stacked(cli, "preview", "show who would change, how and why; changes nothing")
    .option("-o, --out <folder>", "write the plan bundle there (plan.json, plan.md, plan.html)")
    .addOption(new Option("--format <format>", "what to print").choices(["text", "markdown", "html"]).default("text"))
    .option("--from <file>", "records captured by `source pull`, instead of asking the source")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .option("--redact", "leave names and values of people out of plan.md (and of --format markdown)")
    .option("--detailed-exitcode", "exit 2 when there are changes")
    .option("--check", "warn of lines of the mapping files as `check` does; in a GitHub job as annotations")
    .action(async (options: PreviewFlags) => {
      const { preview } = await import("./preview.ts");
      const { cameOfPlan } = await import("./came.ts");
      const { synced } = await import("../ledger/syncs.ts");
      const { printPlan } = await import("../render/plan/print.ts");
      const project = open(options);
      const now = clock();
      const {
        plan,
        code,
        warnings = [],
      } = await synced(
        project,
        { command: "preview", now, voice },
        (syncing) => preview(project, { ...options, now, voice, syncing }),
        cameOfPlan,
      );
      print(printPlan(plan, options.json ? "json" : formatOf(options), { colour, redact: options.redact ?? false, out: options.out }));
      for (const breach of plan.guard.breaches) tell(`Refused: ${breach}`);
      if (warnings.length > 0) {
        const { annotations, printWarnings } = await import("../render/answers/check.ts");
        const { placeIn } = await import("./check.ts");
        // On stderr, so that a document on stdout stays alone there; a job reads annotations from both.
        const isJob = env["GITHUB_ACTIONS"] === "true" || options.redact;
        tell((isJob ? annotations(warnings, placeIn(project)) : printWarnings(warnings, false)).trimEnd());
      }
      finish(code);
    });
}

/** `--redact` is asked for where others read along (a job's log): the text has names, so the redacted comment is printed. */
function formatOf(options: PreviewFlags): string {
  return options.redact && options.format === "text" ? "markdown" : options.format;
}

export function upCommand(cli: Command, context: Context): void {
  const { open, voice, colour, answer, tell, finish } = context;
  stacked(cli, "up", "apply an approved plan, and nothing else")
    .option("-p, --plan <folder>", "the plan bundle that `preview --out` wrote")
    .option("-a, --approve <digest>", "the digest of the plan that was approved (sha256:…)")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .action(async (options: StackOptions & { plan?: string; approve?: string; full?: boolean }) => {
      const project = open(options);
      const now = clock();
      const { approved } = await import("./approve.ts");
      const { cameOfUp } = await import("./came.ts");
      const { up } = await import("./up.ts");
      const { synced } = await import("../ledger/syncs.ts");
      const { printUp } = await import("../render/answers/applied.ts");
      const plan = await approved(project, options, now, context);
      // What is applied stands in the run record; what is refused before that, only here.
      const { code, result } = await synced(
        project,
        { command: "up", now, voice },
        (syncing) => up(project, { ...plan, full: options.full, now, voice, syncing }),
        cameOfUp,
      );
      answer(options, result, () => printUp(result, colour));
      if (result.failure) tell(`Failed: ${result.failure}`);
      finish(code);
    });
}

interface DriftFlags extends StackOptions {
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
    .action(async (options: DriftFlags) => {
      const systems = systemsOf(options);
      const { drift } = options.since ? await import("./drift/since.ts") : await import("./drift/drift.ts");
      const { cameOfDrift } = await import("./came.ts");
      const { synced } = await import("../ledger/syncs.ts");
      const { printDrift } = await import("../render/answers/printed.ts");
      const [project, now] = [open(options), clock()];
      const how = options.full ? "full" : options.fromNow ? "from-now" : "last";
      const { code, drift: found } = await synced(
        project,
        { command: options.since ? `drift --since ${options.since}` : "drift", now, voice },
        (syncing) => drift(project, { now, voice, how, systems, full: options.full, syncing }),
        cameOfDrift,
      );
      answer(options, found, () => printDrift(found, colour));
      finish(code);
    });
}

/** Which systems `--since` is about; undefined = the stack says. Throws UsageError where options do not go together. */
function systemsOf(options: DriftFlags): ("ad" | "entra")[] | undefined {
  if (!options.since && (options.fromNow || options.systems)) throw new UsageError("--from-now and --systems go with --since last.");
  const systems = options.systems?.split(",").map((name) => {
    if (name === "ad" || name === "entra") return name;
    throw new UsageError(`--systems ${options.systems}: expected ad, entra, or ad,entra.`);
  });
  if (options.full && options.fromNow) throw new UsageError("--full and --from-now exclude each other.");
  return systems;
}

type Explained<A> = [ask: (project: Project, options: WhyOptions) => Promise<A>, print: (answer: A, colour: boolean) => string];

export function whyCommands(cli: Command, { open, voice, colour, answer }: Context): void {
  const explained = <A extends object>(name: string, description: string, only: string, load: () => Promise<Explained<A>>): void => {
    stacked(cli, name, description)
      .argument("<person>", "key, name, e-mail address or login")
      .argument("[thing]", only)
      .option("--from <file>", "records captured by `source pull`, instead of asking the source")
      .action(async (person: string, thing: string | undefined, options: StackOptions & { from?: string }) => {
        const [ask, print] = await load();
        const { synced } = await import("../ledger/syncs.ts");
        const [project, now] = [open(options), clock()];
        const found = await synced(project, { command: name, now, voice }, (syncing) =>
          ask(project, { person, thing, from: options.from, now, voice, syncing }),
        );
        answer(options, found, () => print(found, colour));
      });
  };
  explained(
    "why",
    "explain one person: the record, the rules that matched, what each system has now",
    "only this: a group, a licence, an attribute, a role",
    async () => [(await import("./why/why.ts")).why, (await import("../render/answers/why.ts")).printWhy],
  );
  explained(
    "why-not",
    "explain which rules did not match one person, and on what",
    "only this: a group, a licence, an OU; then also the rules that match",
    async () => [(await import("./why/why-not.ts")).whyNot, (await import("../render/answers/why.ts")).printWhyNot],
  );
}

interface CheckFlags extends StackOptions {
  person?: string;
  from?: string;
  strict?: boolean;
  annotations?: boolean;
}

export function checkCommand(cli: Command, { env, open, voice, colour, print, answer, finish }: Context): void {
  stacked(cli, "check", "for how many people each line of the mapping files holds, and what looks wrong; with a person: all of it for one")
    .argument("[person]", "key, name, e-mail address or login")
    .option("--person <key>", "the same as the argument")
    .option("--from <file>", "a capture by `source pull`, instead of asking anybody")
    .option("--strict", "exit 2 when there are warnings")
    .option("--annotations", "warnings as annotations of a pull request, without what few people have; so in a GitHub job anyway")
    .action(async (argument: string | undefined, options: CheckFlags) => {
      const { check, checkPerson, placeIn } = await import("./check.ts");
      const { annotations, printCheck, printCheckPerson, printLines } = await import("../render/answers/check.ts");
      const { cameOfCheck } = await import("./came.ts");
      const { synced } = await import("../ledger/syncs.ts");
      const project = open(options);
      const given = { from: options.from, now: clock(), voice };
      const about = { ...given, command: "check" };
      const person = argument ?? options.person;
      if (person !== undefined) {
        const found = await synced(project, about, () => checkPerson(project, { ...given, person }));
        answer(options, found, () => printCheckPerson(found, colour));
        return;
      }
      const report = await synced(
        project,
        about,
        () => check(project, given),
        (one) => cameOfCheck(one, options.from),
      );
      if ((options.annotations || env["GITHUB_ACTIONS"] === "true") && !options.json)
        print(`${printLines(report, false)}\n${annotations(report.warnings, placeIn(project))}`);
      else answer(options, report, () => printCheck(report, colour));
      finish(options.strict && report.warnings.length > 0 ? exit.changes : exit.done);
    });
}

interface PullFlags extends StackOptions {
  out: string;
  systems?: boolean;
  type?: string[];
  client?: string[];
  inactive?: boolean;
}

export function sourceCommands(cli: Command, { open, voice, colour, answer, stdin }: Context): void {
  const source = cli.command("source").description("look at where people come from; changes nothing");
  const sub = (name: string, description: string): Command =>
    stacked(source, name, description).argument(
      "[source]",
      "a source of sources.yaml, or halo.users; where people.yaml says people come from when left out",
    );
  const asked = (name: string | undefined) => ({ name, now: new Date(), voice });

  sub("test", "read it, show its elements as a table and what the mapping makes of three records")
    .option("--raw", "show the first answer as it came, without secrets")
    .option("--schema", "of `tickets`: Halo's ticket types, statuses, priorities and fields")
    .option("--token", "only ask for a token, and say what it is good for: scopes, end, whether it can be renewed; never the token")
    .action(async (name: string | undefined, options: StackOptions & { raw?: boolean; schema?: boolean; token?: boolean }) => {
      if (options.schema) {
        const { sourceSchema } = await import("./source-schema.ts");
        const { printSchema } = await import("../render/answers/schema.ts");
        const schema = await sourceSchema(open(options), { name, voice });
        return answer(options, schema, () => printSchema(schema, colour));
      }
      if (options.token) {
        const { tokenTest } = await import("./source-login.ts");
        const { printToken } = await import("../render/answers/source.ts");
        const token = await tokenTest(open(options), asked(name));
        return answer(options, token, () => printToken(token, colour));
      }
      const { sourceTest } = await import("./source.ts");
      const { cameOfTest } = await import("./came.ts");
      const { synced } = await import("../ledger/syncs.ts");
      const { printSourceTest } = await import("../render/answers/source.ts");
      const [project, given] = [open(options), asked(name)];
      const test = await synced(
        project,
        { ...given, command: "source test" },
        () => sourceTest(project, { ...given, raw: options.raw ?? false }),
        cameOfTest,
      );
      answer(options, test, () => printSourceTest(test, colour));
    });

  sub(
    "pull",
    "capture its records in a file, which preview, check, why and why-not read again by --from; `pull assets`, `pull software`: Halo's own as JSON or CSV",
  )
    .requiredOption("-o, --out <file>", "the file to write")
    .option("--systems", "what the systems hold as well, for `check --from` and `inventory --from`")
    .option("--type <type...>", "of assets: only these types by name; of software: these kinds by Halo's number")
    .option("--client <client...>", "of assets and software: only of these customers, by name or number")
    .option("--inactive", "of assets and software: also what is switched off")
    .action(async (name: string | undefined, options: PullFlags) => {
      const { pullOf } = await import("./source-things.ts");
      const [pull, what] = pullOf(name, options);
      const { synced } = await import("../ledger/syncs.ts");
      const [project, given] = [open(options), asked(name)];
      const { records, file, doubts } = await synced(
        project,
        { ...given, command: `source pull${name === undefined ? "" : ` ${name}`}` },
        () => pull(project, { ...options, ...given, systems: options.systems ?? false }),
        (one) => ({ found: { [what]: one.records }, doubts: one.doubts }),
      );
      const said = `${records} ${what} are in ${file}; they are people's data, readable by you alone.\n`;
      const doubted = (doubts ?? []).map((one) => `Doubt: ${one}\n`).join("");
      answer(options, { format: "haloform.pull/1", records, file, doubts }, () => `${said}${doubted}`);
    });

  sub("login", "log in to it once in a browser (authorization code with PKCE)")
    .option("--paste", "the browser is on another machine: paste the address that it ends at")
    .action(async (name: string | undefined, options: StackOptions & { paste?: boolean }) => {
      const { sourceLogin } = await import("./source-login.ts");
      const file = await sourceLogin(open(options), { ...asked(name), stdin, paste: options.paste ?? false });
      answer(options, { format: "haloform.login/1", file }, () => `Logged in; the refresh token is stored encrypted in ${file}.\n`);
    });
}
