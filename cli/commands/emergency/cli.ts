/** The words of `haloform emergency`. */
import type { Command } from "commander";
import { longestEmergency } from "../../../stacks/plan/emergency.ts";
import type { EmergencyMade } from "../../answers/stops.ts";
import { clock } from "../../clock.ts";
import { type Context, type StackOptions, stacked, wholeNumber } from "../../context.ts";
import { UsageError } from "../../exit.ts";

export function emergencyCommands(cli: Command, context: Context): void {
  const group = cli.command("emergency").description("break the glass: widen limits for a few hours, signed; and look at what was done");
  group.action(() => {
    throw new UsageError("emergency: say new --out FILE, show FILE, or review [ID].");
  });
  newCommand(group, context);
  showCommand(group, context);
  reviewCommand(group, context);
}

const also = (value: string, before: string[] = []): string[] => [...before, ...value.split(",").map((one) => one.trim())];

function words({ emergency, signer, file }: EmergencyMade): string {
  const { who, why, ticket, from, until, limits, scope } = emergency;
  const wider = Object.entries(limits).flatMap(([name, fields]) =>
    Object.entries(fields).map(([field, value]) => `limits.${name}.${field} ${value}`),
  );
  return [
    `${file}: ${who} (signed, ${signer.key}), ${ticket}: ${why}`,
    `  from ${from} until ${until}`,
    `  widens ${wider.join(", ")}`,
    `  in ${scope.systems.join(", ")}${scope.people ? `, people ${scope.people.join(", ")}` : ""}${scope.groups ? `, groups ${scope.groups.join(", ")}` : ""}`,
    `\`haloform preview --emergency ${file} --out DIR\` makes a plan with it; it is for one run.`,
    "",
  ].join("\n");
}

interface NewFlags extends StackOptions {
  who: string;
  why: string;
  ticket: string;
  hours: string;
  limit: string[];
  system: string[];
  person?: string[];
  group?: string[];
  out: string;
  signWith: string;
}

function newCommand(group: Command, { open, answer }: Context): void {
  stacked(group, "new", "write and sign the file that widens limits; changes nothing by itself")
    .requiredOption("--who <name>", "your name in the file of haloform:signers")
    .requiredOption("--why <text>", "the reason")
    .requiredOption("--ticket <number>", "where it is told")
    .requiredOption("--limit <name.field=number>", "what is widened, such as disabled.most=200; may be said again", also)
    .requiredOption("--system <name>", "only for changes in this system; may be said again", also)
    .option("--person <key>", "only for these people; may be said again", also)
    .option("--group <name>", "only for these groups; may be said again", also)
    .option("--hours <n>", `how long, 1 to ${longestEmergency}`, "4")
    .requiredOption("--out <file>", "where it is written; it must not be there yet")
    .requiredOption("--sign-with <key>", "your SSH key")
    .action(async (options: NewFlags) => {
      const { newEmergency } = await import("./emergency.ts");
      const { limit: limits, system: systems, person: people, group: groups, hours, who, why, ticket, out, signWith } = options;
      const said = { who, why, ticket, out, signWith, limits, systems, people, groups };
      const made = await newEmergency(open(options), {
        ...said,
        hours: wholeNumber(hours, "--hours", 1, longestEmergency),
        now: clock(),
      });
      answer(options, made, () => words(made));
    });
}

function showCommand(group: Command, { open, answer }: Context): void {
  stacked(group, "show", "say what such a file widens, and who signed it")
    .argument("<file>", "what `emergency new` wrote")
    .action(async (file: string, options: StackOptions) => {
      const { showEmergency } = await import("./emergency.ts");
      const shown = await showEmergency(open(options), file, clock());
      answer(options, shown, () => words(shown));
    });
}

function reviewCommand(group: Command, { open, voice, answer, stdin, stderr }: Context): void {
  stacked(group, "review", "sign off what somebody else did in an emergency")
    .argument("[id]", "which, where several wait")
    .requiredOption("--found <text>", "what you found")
    .requiredOption("--sign-with <key>", "your SSH key, of another person than who broke the glass")
    .option("-y, --yes", "do not ask for confirmation")
    .action(async (id: string | undefined, options: StackOptions & { found: string; signWith: string; yes?: boolean }) => {
      const { review } = await import("./emergency.ts");
      const { found, signWith, yes = false } = options;
      const done = await review(open(options), { id, found, signWith, yes, now: clock(), voice, stdin, stderr });
      const waits = done.waits === undefined ? "" : ` The journal takes it over with the next run (now it could not: ${done.waits}).`;
      answer(options, done, () => `Signed off by ${done.review?.name}: ${done.ticket}.${waits}\n`);
    });
}
