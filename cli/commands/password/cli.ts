/** The words of `haloform password`: its subcommands, and what they print. */
import type { Command } from "commander";
import { systemOf } from "../../../providers/systems.ts";
import { type Context, type StackOptions, stacked } from "../../context.ts";
import { UsageError } from "../../exit.ts";
import { moment, plural } from "../../render/plan/words.ts";
import type { WaitingOne } from "./password.ts";
import type { Reset } from "./reset.ts";

const ways = { created: "made with the account", rotated: "made by rotation", reset: "reset" } as const;
const doubt = ({ system }: WaitingOne): string =>
  `; the run that made it was cut off, and whether ${systemOf(system).title} took it could not be asked`;

function line(one: WaitingOne): string {
  return `${one.name} (${one.key}), login ${one.login}${one.system === "entra" ? " in Entra ID" : ""}: ${ways[one.why]} ${moment(one.since)}${one.confirmed ? "" : doubt(one)}`;
}

/** A Temporary Access Pass lives 10 minutes to 30 days (Graph's own limits). */
function minutesOf(given: string | true): number {
  const minutes = given === true ? 60 : Number(given);
  if (!Number.isInteger(minutes) || minutes < 10 || minutes > 43_200)
    throw new UsageError(`--temporary-access-pass: expected minutes from 10 to 43200, found ${String(given)}.`);
  return minutes;
}

export function passwordCommands(cli: Command, context: Context): void {
  const group = cli.command("password").description("new passwords: who waits for one, show it once, give another");
  group.action(() => {
    throw new UsageError("password: say show PERSON, list, reset PERSON, or new-key FILE.");
  });
  showCommand(group, context);
  listCommand(group, context);
  resetCommand(group, context);
  newKeyCommand(group, context);
}

/** stdout gets the password and nothing else, so that it can be piped; the rest is said on stderr. */
function showCommand(group: Command, { open, voice, answer, tell, stdin, stderr }: Context): void {
  stacked(group, "show", "print the password that waits for one person; it is then gone from the state")
    .argument("<person>", "key, name or login")
    .option("--entra", "that of the account that is made in Entra ID, where one waits for each")
    .option("--identity <file>", "the identity file (age) of a recipient of haloform:passwords; else HALOFORM_IDENTITY names it")
    .action(async (person: string, options: StackOptions & { entra?: boolean; identity?: string }) => {
      const [{ show }, { readIdentity }] = await Promise.all([import("./password.ts"), import("./identity.ts")]);
      const identity = () => readIdentity(options.identity, { stdin, stderr });
      const { password, ...rest } = await show(open(options), { person, entra: options.entra ?? false, voice, identity });
      answer(options, { ...rest, password }, () => `${password}\n`);
      tell(`${line(rest)}. It is not kept any more: this was the only time it was shown.`);
    });
}

function listCommand(group: Command, { open, voice, answer }: Context): void {
  stacked(group, "list", "say for whom passwords wait; shows none").action(async (options: StackOptions) => {
    const { list } = await import("./password.ts");
    const all = await list(open(options), voice);
    answer(options, { format: "haloform.passwords/1", waiting: all }, () =>
      all.length === 0
        ? "No password waits to be read.\n"
        : `${plural(all.length, "password waits", "passwords wait")} to be read:\n${all.map((one) => `  ${line(one)}\n`).join("")}`,
    );
  });
}

/** stdout gets the recipient and nothing else: the line for the stack's settings. */
function newKeyCommand(group: Command, { print, tell, stdin, stderr }: Context): void {
  group
    .command("new-key")
    .description("make a key (age) that new passwords are read with, and print the public one for haloform:passwords")
    .argument("<file>", "where the secret key goes, for its owner alone")
    .option("--passphrase", "ask for a passphrase (or take HALOFORM_IDENTITY_PASSPHRASE), and encrypt the file with it")
    .action(async (file: string, options: { passphrase?: boolean }) => {
      const { makeIdentity } = await import("./identity.ts");
      print(`${await makeIdentity(file, options.passphrase ?? false, new Date(), { stdin, stderr })}\n`);
      tell(
        `${file} is the secret key: whoever has it reads new passwords, and without it they cannot be read. Keep it away from every job.`,
      );
      tell("Add the line above to `recipients` of haloform:passwords in Pulumi.<stack>.yaml.");
    });
}

interface ResetFlags extends StackOptions {
  yes?: boolean;
  unlock?: boolean;
  entra?: boolean;
  temporaryAccessPass?: string | true;
}

function resetCommand(group: Command, { open, voice, answer, tell, stdin, stderr }: Context): void {
  stacked(group, "reset", "give one person a new password; writes nothing else")
    .argument("<person>", "key, name, e-mail address or login")
    .option("-y, --yes", "do not ask for confirmation")
    .option("--unlock", "also end a lockout after wrong passwords")
    .option("--entra", "the account that is made in Entra ID, not the one in Active Directory; its sessions end too")
    .option("--temporary-access-pass [minutes]", "print a pass for one sign-in to Entra ID instead of making a password (60 minutes)")
    .action(async (person: string, options: ResetFlags) => {
      const { reset } = await import("./reset.ts");
      const project = open(options);
      const { yes = false, unlock = false, entra = false, temporaryAccessPass } = options;
      const pass = temporaryAccessPass === undefined ? {} : { pass: minutesOf(temporaryAccessPass) };
      const done = await reset(project, { person, yes, unlock, entra, ...pass, now: new Date(), voice, stdin, stderr });
      // stdout gets the pass and nothing else, so that it can be piped.
      answer(options, done, () => (done.pass ? `${done.pass.pass}\n` : given(done, entra)));
      if (done.pass && !options.json) tell(passLine(done, done.pass.minutes));
    });
}

function given({ name, key, login, unlocked, handover }: Reset, entra: boolean): string {
  const where = handover === "output" ? `Read it once: haloform password show ${key}${entra ? " --entra" : ""}` : "The command has it.";
  return `${name} (${key}, login ${login}) has a new password${unlocked ? " and is not locked out" : ""}. ${where}\n`;
}

function passLine({ name, key, login }: Reset, minutes: number): string {
  return `Temporary Access Pass of ${name} (${key}, ${login}): for one sign-in within ${plural(minutes, "minute")}. It is kept nowhere: this was the only time it was shown.`;
}
