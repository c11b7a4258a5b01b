/**
 * The one way to give an account a password, whatever the system: generated, kept before it is sent, written (once more where the
 * system's policy refuses the first), and then handed over: where a mapping says so, to the administrator's own command, as JSON on
 * its stdin, nothing of it ever shown.
 */
import { defined } from "../../base/defined.ts";
import { ConfigurationError, oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import { failureOf, runCommand } from "./command.ts";
import { variables } from "./command-helper.ts";
import { secretsOf } from "./mask.ts";
import { type DomainPolicy, generate } from "./password.ts";
import { type PasswordRules, passphrase } from "./password-rules.ts";
import { forget, keep, type Lock, type Note, taken } from "./vault.ts";

/** Whose password it is. */
export interface PasswordOwner {
  person: string;
  /** Of an account in Entra ID; left out for Active Directory. */
  system?: "entra";
  /** For messages and for the command: the account's common name, or its display name. */
  name: string;
  /** In Entra ID: what stands before the @. */
  sAMAccountName: string;
  userPrincipalName?: string | undefined;
  /** What must not be in it, besides the login and `name`: first name, surname and the like. */
  names: readonly string[];
}

export interface NewPassword<T> {
  owner: PasswordOwner;
  why: Note["why"];
  rules: PasswordRules;
  now: Date;
  /** What the system is known to ask for. */
  policy?: DomainPolicy | undefined;
  /** Resolves when the system has agreed. */
  write(password: string): Promise<T>;
  /** Whether that was refused because the password is not good enough: another one may be. */
  isPolicy(error: unknown): boolean;
  /** What has become of the account where the command did not take the password. */
  after: string;
}

/**
 * Gives an account a new password. Throws what `write` throws (the earlier password, where one waits to be read, waits on: all of
 * them where an UnreachableError leaves it open which one the system has), and RefusedError where the command did not take it.
 */
export async function givePassword<T>({ owner, why, rules, now, policy, write, isPolicy, after }: NewPassword<T>): Promise<T> {
  const { person, system, name, sAMAccountName, userPrincipalName = "" } = owner;
  const vault = rules.handover === "output" ? vaultOf(rules) : undefined;
  const login = system === "entra" ? userPrincipalName : sAMAccountName;
  const note = { person, login, since: now.toISOString(), why, taken: false, ...defined({ system }) };
  for (let attempt = 1; ; attempt += 1) {
    const password = generate(rules, { login: sAMAccountName, names: [name, ...owner.names] }, policy);
    const kept = vault && (await keep(vault.folder, vault.lock, note, password));
    let made: T;
    try {
      made = await write(password);
    } catch (error) {
      if (kept && !(error instanceof UnreachableError)) forget(kept);
      if (attempt === 1 && isPolicy(error)) continue;
      throw error;
    }
    if (kept) taken(kept);
    if (typeof rules.handover === "object")
      await handOver(rules.handover, { person, name, sAMAccountName, userPrincipalName, password }, after);
    return made;
  }
}

function vaultOf({ vault: folder, recipients }: PasswordRules): { folder: string; lock: Lock } {
  if (recipients && folder !== undefined) return { folder, lock: { recipients } };
  const phrase = passphrase();
  if (phrase === undefined || folder === undefined)
    throw new ConfigurationError(
      "Could not set a password: passwords.handover is output, and PULUMI_CONFIG_PASSPHRASE is empty; set it, since an empty one encrypts nothing.",
    );
  return { folder, lock: { phrase } };
}

/** What every command gets of our environment; anything else must be named in the mapping. */
const passed = ["PATH", "HOME", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR", "TEMP", "TMP", "SystemRoot"];

/**
 * Runs the command; done means it ended with 0. Throws RefusedError with how it ended and nothing of what it wrote: a command
 * that fails tends to print what it was given. `after` says what has become of the account.
 */
async function handOver(
  { command, timeout, env, sum }: Exclude<PasswordRules["handover"], string>,
  handed: { person: string; name: string; sAMAccountName: string; userPrincipalName: string; password: string },
  after: string,
): Promise<void> {
  const failed = (how: string): RefusedError =>
    new RefusedError(
      oneLine(
        `Could not hand the new password of ${handed.name} over: ${command[0] ?? ""} ${how}; ${after}. Mend the command: the next run sets another password and tries again.`,
      ),
      "handover",
    );
  const result = await runCommand({
    argv: command,
    input: `${JSON.stringify(handed)}\n`,
    timeoutMs: timeout * 1000,
    env: variables(process.env, [...passed, ...env]),
    maxOutputBytes: 0,
    secrets: [handed.password, ...secretsOf(process.env)],
    ...defined({ sum }),
  }).catch((error: unknown) => {
    // Not the error itself as a cause: what could not be started was about to be given the password.
    throw failed(error instanceof RefusedError ? `could not be started (${error.code})` : "could not be started");
  });
  const how = failureOf({ ...result, stderr: "" }, timeout * 1000);
  if (how !== undefined) throw failed(how);
}
