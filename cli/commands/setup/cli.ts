/** The words of the commands that come before the daily work: `haloform doctor`, `init`, `sandbox` and `quickstart`. */
import { Argument, type Command } from "commander";
import { type Context, type StackOptions, stacked, wholeNumber } from "../../context.ts";
import { exit } from "../../exit.ts";

export function doctorCommand(cli: Command, { open, voice, colour, answer, finish }: Context): void {
  stacked(cli, "doctor", "ask each system whether it can be reached, as whom and with which rights; clocks; certificates")
    .option("--read-only", "for the identity of preview and drift: ask for no right that only up needs")
    .option("--permissions", "only list the permissions of Microsoft Graph that the mappings need, and which of them are granted")
    .action(async (options: StackOptions & { readOnly?: boolean; permissions?: boolean }) => {
      if (options.permissions) {
        const { permissions, printPermissions } = await import("./permissions.ts");
        const listed = await permissions(open(options), options.readOnly ?? false);
        answer(options, listed, () => printPermissions(listed));
        finish(listed.ok ? exit.done : exit.failed);
        return;
      }
      const { doctor } = await import("./doctor.ts");
      const { printDoctor } = await import("../../render/answers/printed.ts");
      const report = await doctor(open(options), { now: new Date(), voice, readOnly: options.readOnly ?? false });
      answer(options, report, () => printDoctor(report, colour));
      finish(report.ok ? exit.done : exit.failed);
    });
}

export function initCommand(cli: Command, { open, answer }: Context): void {
  stacked(cli, "init", "print what has to be made by hand before haloform can work, for what the mappings turn on; or a first mapping file")
    .addArgument(
      new Argument(
        "<what>",
        "halo: the applications to register there; halo-users: a first halo-users.yaml for people of Entra ID",
      ).choices(["halo", "halo-users"]),
    )
    .option("--print", "only print it (of halo the only thing there is to do)")
    .option("--site <Client/Site>", "of halo-users: the site of Halo that people are put into at first")
    .action(async (what: string, options: StackOptions & { print?: boolean; site?: string }) => {
      if (what === "halo-users") {
        const { initHaloUsers, printInitHaloUsers } = await import("./halo-users-file.ts");
        const made = await initHaloUsers(open(options), { site: options.site, print: options.print ?? false });
        answer(options, made, () => printInitHaloUsers(made));
        return;
      }
      const { initHalo, printInitHalo } = await import("./init.ts");
      const found = await initHalo(open(options));
      answer(options, found, () => printInitHalo(found));
    });
}

export function sandboxCommand(cli: Command, { print, finish }: Context): void {
  cli
    .command("sandbox")
    .description("start a HaloITSM, a Microsoft Graph and an Active Directory on loopback, with an invented organisation")
    .option("--people <n>", "how many people", "250")
    .option("--json", "print one JSON document when ready")
    .action(async (options: { people: string; json?: boolean }) => {
      const { sandbox } = await import("./sandbox.ts");
      finish(await sandbox(wholeNumber(options.people, "--people", 1, 100_000), options.json ?? false, print));
    });
}

export function quickstartCommand(cli: Command, context: Context): void {
  cli
    .command("quickstart")
    .description("the main job on the sandbox, from beginning to end (npm start)")
    .option("--people <n>", "how many people", "250")
    .option("--json", "print one JSON document and nothing else on stdout")
    .action(async (options: { people: string; json?: boolean }) => {
      const { quickstart } = await import("./quickstart.ts");
      const people = wholeNumber(options.people, "--people", 10, 100_000);
      context.finish(await quickstart({ people, json: options.json ?? false }, context));
    });
}
