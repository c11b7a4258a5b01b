/** The words of `haloform password`: its subcommands, and what they print. */
import type { Command } from "commander";
import { openProject, type ProjectOptions } from "../../engine/project.ts";
import { exit, UsageError } from "../../exit.ts";
import { renderJson } from "../../render/answers/json.ts";
import { moment, plural } from "../../render/plan/words.ts";
import { voice } from "../../say.ts";
import { withStack } from "../../stack-options.ts";
import type { Shown, WaitingOne } from "./password.ts";

type Options = ProjectOptions & { json?: boolean };

const ways = { created: "made with the account", rotated: "made by rotation", reset: "reset" } as const;
const names = { ad: "Active Directory", entra: "Entra ID" } as const;
const doubt = ({ system }: WaitingOne): string =>
  `; the run that made it was cut off, and whether ${names[system]} took it could not be asked`;

function line(one: WaitingOne): string {
  return `${one.name} (${one.key}), login ${one.login}${one.system === "entra" ? " in Entra ID" : ""}: ${ways[one.why]} ${moment(one.since)}${one.confirmed ? "" : doubt(one)}`;
}

/** stdout gets the password and nothing else, so that it can be piped; the rest is said on stderr. */
function printShown(shown: Shown, json: boolean): void {
  const { password, ...rest } = shown;
  if (json) process.stdout.write(renderJson({ ...rest, password }));
  else process.stdout.write(`${password}\n`);
  process.stderr.write(`${line(shown)}. It is not kept any more: this was the only time it was shown.\n`);
}

/** A Temporary Access Pass lives 10 minutes to 30 days (Graph's own limits). */
function minutesOf(given: string | true): number {
  const minutes = given === true ? 60 : Number(given);
  if (!Number.isInteger(minutes) || minutes < 10 || minutes > 43_200)
    throw new UsageError(`--temporary-access-pass: expected minutes from 10 to 43200, found ${String(given)}.`);
  return minutes;
}

/** stdout gets the pass and nothing else, so that it can be piped. */
function printPass({ pass, minutes }: { pass: string; minutes: number }, who: string): void {
  process.stdout.write(`${pass}\n`);
  process.stderr.write(
    `Temporary Access Pass of ${who}: for one sign-in within ${plural(minutes, "minute")}. It is kept nowhere: this was the only time it was shown.\n`,
  );
}

export function passwordCommands(cli: Command, finish: (code: number) => void): void {
  const group = cli.command("password").description("new passwords: who waits for one, show it once, give another").exitOverride();
  group.action(() => {
    throw new UsageError("password: say show PERSON, list, or reset PERSON.");
  });
  const sub = (name: string, description: string): Command => withStack(group.command(name).description(description));

  sub("show", "print the password that waits for one person; it is then gone from the state")
    .argument("<person>", "key (Halo user id), name or login")
    .option("--entra", "that of the account that is made in Entra ID, where one waits for each")
    .action(async (person: string, options: Options & { entra?: boolean }) => {
      const { show } = await import("./password.ts");
      printShown(await show(openProject(options), { person, entra: options.entra ?? false, voice: voice() }), options.json ?? false);
      finish(exit.done);
    });

  sub("list", "say for whom passwords wait; shows none").action(async (options: Options) => {
    const { list } = await import("./password.ts");
    const all = await list(openProject(options), voice());
    if (options.json) process.stdout.write(renderJson({ format: "haloform.passwords/1", waiting: all }));
    else
      process.stdout.write(
        all.length === 0
          ? "No password waits to be read.\n"
          : `${plural(all.length, "password waits", "passwords wait")} to be read:\n${all.map((one) => `  ${line(one)}\n`).join("")}`,
      );
    finish(exit.done);
  });

  sub("reset", "give one person a new password; writes nothing else")
    .argument("<person>", "key (Halo user id), name, e-mail address or login")
    .option("-y, --yes", "do not ask for confirmation")
    .option("--unlock", "also end a lockout after wrong passwords")
    .option("--entra", "the account that is made in Entra ID, not the one in Active Directory; its sessions end too")
    .option("--temporary-access-pass [minutes]", "print a pass for one sign-in to Entra ID instead of making a password (60 minutes)")
    .action(
      async (
        person: string,
        options: Options & { yes?: boolean; unlock?: boolean; entra?: boolean; temporaryAccessPass?: string | true },
      ) => {
        const { reset } = await import("./password.ts");
        const done = await reset(openProject(options), {
          person,
          yes: options.yes ?? false,
          unlock: options.unlock ?? false,
          entra: options.entra ?? false,
          ...(options.temporaryAccessPass === undefined ? {} : { pass: minutesOf(options.temporaryAccessPass) }),
          now: new Date(),
          voice: voice(),
        });
        if (options.json) process.stdout.write(renderJson(done));
        else if (done.pass) printPass(done.pass, `${done.name} (${done.key}, ${done.login})`);
        else
          process.stdout.write(
            `${done.name} (${done.key}, login ${done.login}) has a new password${done.unlocked ? " and is not locked out" : ""}. ${done.handover === "output" ? `Read it once: haloform password show ${done.key}${options.entra ? " --entra" : ""}` : "The command has it."}\n`,
          );
        finish(exit.done);
      },
    );
}
