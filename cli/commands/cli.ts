/** The words of the daily work: `haloform preview`, `up`, `drift`, `why` and `why-not`, `source`. */
import { type Command, Option } from "commander";
import { clock } from "../clock.ts";
import { type Context, type StackOptions, stacked, wholeNumber } from "../context.ts";
import type { Project } from "../engine/project.ts";
import { exit, UsageError } from "../exit.ts";
import { withEvents } from "../say.ts";
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
    .option("--limits", "a plan of nothing but limits of safety.yaml that were raised: they count once it is applied")
    .option("--drift <cause>", "a plan of nothing but one cause of `haloform drift`, which it puts back")
    .option("--emergency <file>", "limits are widened by this file, which `emergency new` wrote and somebody signed")
    .option("--detailed-exitcode", "exit 2 when there are changes")
    .option("--trusted <folder>", "mapping files that are approved: refuse others that have a source, a photo or a file asked elsewhere")
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

export function showCommand(cli: Command, { colour, print, finish }: Context): void {
  cli
    .command("show")
    .description("show the plan of a bundle as it would be applied, whatever plan.md and plan.html beside it say; asks nobody")
    .argument("<folder>", "the plan bundle that `preview --out` wrote")
    .option("--json", "print one JSON document and nothing else on stdout")
    .option("--md", "print the plan in Markdown")
    .option("--html <file>", "write the page there too")
    .option("--redact", "with --md: leave names and values of people out")
    .action(async (folder: string, options: { json?: boolean; md?: boolean; html?: string; redact?: boolean }) => {
      const { show } = await import("./show.ts");
      const { renderJson } = await import("../render/answers/json.ts");
      const { renderMarkdown } = await import("../render/plan/markdown.ts");
      const { printShown } = await import("../render/answers/printed.ts");
      if (options.redact && !options.md) throw new UsageError("--redact goes with --md.");
      const { code, plan, shown } = show(folder, clock(), options.html);
      if (options.json) print(renderJson(shown));
      else print(options.md ? renderMarkdown(plan, { redact: options.redact ?? false }) : printShown(shown, colour));
      finish(code);
    });
}

interface UpFlags extends StackOptions {
  plan?: string;
  approve?: string;
  drift?: string;
  part?: string[];
  shard?: string;
  byRule?: boolean;
  remember?: boolean;
  approvals?: string;
  pullRequest?: string;
  full?: boolean;
  redact?: boolean;
  newRecord?: boolean;
  events?: boolean;
}

export function upCommand(cli: Command, context: Context): void {
  const { open, voice, colour, answer, tell, finish } = context;
  stacked(cli, "up", "apply an approved plan, and nothing else")
    .option("-p, --plan <folder>", "the plan bundle that `preview --out` wrote")
    .option("-a, --approve <digest>", "the digest of the plan that was approved (sha256:…)")
    .option("--drift <cause>", "on a terminal: make a plan of nothing but this cause of `haloform drift`, and put it back")
    .option("--part <id...>", "only these parts of the plan, as mappings/approvals.yaml has cut it; left out: all of it")
    .option("--shard <job>", "one of several jobs that apply the plan, one after the other: 3/16, as `shards --matrix` has them")
    .option(
      "--by-rule",
      "make a plan and apply of it what needs nobody by mappings/approvals.yaml; exit 2 when something waits for somebody",
    )
    .option(
      "--remember",
      "apply nothing, and keep what was seen of people, as the day on which somebody left: that needs nobody's approval",
    )
    .option("--approvals <folder>", "where `approve` has written approvals; left out: the folder approvals of the plan")
    .option("--pull-request <number>", "whose reviews on GitHub count; left out: that of the job's commit")
    .option("--full", "read all of Halo's details, where people.incremental would remember them, and begin anew")
    .option("--new-record", "the run record is not the one that the stack remembers: begin a new one, which says so")
    .option("--redact", "name nobody in what is printed: for the log of a job, which others read")
    .option("--events", "say on stderr how far it is, every ten seconds and at the end, as a line of JSON")
    .action(async (options: UpFlags) => {
      const project = open(options);
      const now = clock();
      const { cameOfUp } = await import("./came.ts");
      const { synced } = await import("../ledger/syncs.ts");
      const { printUp } = await import("../render/answers/applied.ts");
      const { part, shard, approvals, full, redact, newRecord } = options;
      const heard = options.events ? withEvents(voice, (event) => tell(JSON.stringify(event))) : voice;
      const given = { full, redact, newRecord, now, voice: heard };
      const ofItsOwn = async (how: "--by-rule" | "--remember") => {
        const { upByRule, upOfMemory } = await import("./by-rule.ts");
        if ((options.plan ?? options.approve ?? part ?? shard ?? options.drift) || (options.byRule && options.remember))
          throw new UsageError(`${how} makes its own plan: without --plan, --approve, --part, --shard and --drift.`);
        const about = { command: `up ${how}`, now, voice };
        const run = how === "--remember" ? upOfMemory : upByRule;
        return synced(project, about, (syncing) => run(project, { ...given, syncing }), cameOfUp);
      };
      const ofPlan = async () => {
        const { approved } = await import("./approve.ts");
        const { up } = await import("./up.ts");
        const pull = options.pullRequest === undefined ? undefined : wholeNumber(options.pullRequest, "--pull-request", 1, 1e9);
        const { remove, ...plan } = await approved(project, options, now, context);
        // What is applied stands in the run record; what is refused before that, only here.
        const about = { command: "up", now, voice };
        const its = { ...given, ...plan, parts: part, shard, approvals, pull };
        return synced(project, about, (syncing) => up(project, { ...its, syncing }), cameOfUp).finally(remove);
      };
      const { code, result } = await (options.remember ? ofItsOwn("--remember") : options.byRule ? ofItsOwn("--by-rule") : ofPlan());
      answer(options, result, () => printUp(result, colour));
      if (result.failure) tell(`Failed: ${result.failure}`);
      finish(code);
    });
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
