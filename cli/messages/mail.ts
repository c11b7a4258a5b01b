/** A message by a command of the administrator's (mail, sendmail, msmtp, a script): no shell, the text on its stdin. */
import { failureOf, runCommand } from "../../providers/core/command.ts";
import { variables } from "../../providers/core/command-helper.ts";
import { secretsOf } from "../../providers/core/mask.ts";
import type { MessageSettings } from "../../providers/core/message-settings.ts";
import { programOf } from "../../providers/script/program.ts";
import type { Message } from "./message.ts";

type Mail = NonNullable<MessageSettings["mail"]>;
const passed = ["PATH", "HOME", "LANG", "TZ"];

/** Throws where the command may not be run, cannot be started, or does not end with 0. */
export async function toMail(message: Message, mail: Mail, project: string, env: NodeJS.ProcessEnv): Promise<void> {
  const [program = "", ...args] = mail.run;
  const timeoutMs = mail.timeout * 1000;
  const result = await runCommand({
    argv: [programOf(program, project), ...args],
    input: inputOf(message, mail.to),
    timeoutMs,
    env: variables(env, [...passed, ...mail.env]),
    maxOutputBytes: 4_096,
    secrets: secretsOf(env),
    cwd: project,
  });
  const failure = failureOf(result, timeoutMs);
  if (failure !== undefined) throw new Error(`the mail command ${failure}`);
}

/** The text; with receivers a mail of RFC 5322, whose lines are short and ASCII whatever stands in it. */
export function inputOf(message: Message, to: readonly string[] | undefined): string {
  if (!to) return `${message.text}\n`;
  return [
    `To: ${to.join(", ")}`,
    // Counts and the stack's name, which is ASCII.
    `Subject: ${message.title}`,
    `Date: ${new Date(message.at).toUTCString().replace("GMT", "+0000")}`,
    `X-Haloform-Message: ${message.id}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: base64",
    "",
    ...(Buffer.from(`${message.text}\n`)
      .toString("base64")
      .match(/.{1,76}/gu) ?? []),
    "",
  ].join("\n");
}
