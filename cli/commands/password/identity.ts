/** Identity files, as the command `age` has them: the secret keys of those whom new passwords are encrypted to. */
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { decryptUnder, encryptUnder, isEncrypted, newIdentity } from "../../../base/age.ts";
import { writePrivate } from "../../../base/private-file.ts";
import { UsageError } from "../../exit.ts";
import { isTerminal, type Terminal } from "../confirmed.ts";

export interface Identity {
  file: string;
  /** `AGE-SECRET-KEY-…` */
  keys: readonly string[];
}

/** Reads an identity file: `named`, else what HALOFORM_IDENTITY names. Throws UsageError; nothing of the file is ever in it. */
export async function readIdentity(named: string | undefined, terminal: Terminal): Promise<Identity> {
  const file = named || process.env["HALOFORM_IDENTITY"];
  if (!file)
    throw new UsageError(
      "The password is encrypted to the recipients of haloform:passwords: say --identity FILE with the identity file of one of them, or name the file in HALOFORM_IDENTITY.",
    );
  const content = read(file);
  const text = isEncrypted(content) ? await underPassphrase(file, content, terminal) : content.toString("utf8");
  const keys = text
    .split(/\r?\n/u)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (keys.length === 0 || keys.some((key) => !/^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/u.test(key)))
    throw new UsageError(`${file} is no identity file of age: expected lines AGE-SECRET-KEY-1…, and comments that begin with #.`);
  return { file, keys };
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`Could not read the identity file ${file}: ${(error as NodeJS.ErrnoException).code ?? "unknown error"}.`);
  }
}

async function underPassphrase(file: string, content: Buffer, terminal: Terminal): Promise<string> {
  const phrase = process.env["HALOFORM_IDENTITY_PASSPHRASE"] || (await hidden(terminal, `Passphrase of ${file}: `));
  try {
    return await decryptUnder(phrase, content);
  } catch {
    throw new UsageError(`Could not open the identity file ${file}: the passphrase is another one, or the file was altered.`);
  }
}

/**
 * Makes a pair of keys: the secret one goes into `file` (0600, under a passphrase where that is asked for), the public one is
 * returned. Throws UsageError where the file is there already: what is encrypted to it could never be read again.
 */
export async function makeIdentity(file: string, protect: boolean, now: Date, terminal: Terminal): Promise<string> {
  if (existsSync(file)) throw new UsageError(`${file} is there already, and is left as it is; name another file.`);
  const phrase = protect ? await newPassphrase(terminal) : undefined;
  const { identity, recipient } = await newIdentity();
  const text = `# created: ${now.toISOString()}\n# public key: ${recipient}\n${identity}\n`;
  writePrivate(file, phrase === undefined ? text : await encryptUnder(phrase, text));
  return recipient;
}

async function newPassphrase(terminal: Terminal): Promise<string> {
  const given = process.env["HALOFORM_IDENTITY_PASSPHRASE"];
  if (given) return given;
  const phrase = await hidden(terminal, "Passphrase of the new identity file: ");
  if (phrase === "" || phrase !== (await hidden(terminal, "Once more: ")))
    throw new UsageError("The passphrase was empty, or not the same twice; nothing was written.");
  return phrase;
}

/** Asks on the terminal, and shows nothing of the answer. Throws UsageError where there is none. */
async function hidden(terminal: Terminal, question: string): Promise<string> {
  if (!isTerminal(terminal))
    throw new UsageError(
      "The identity file is under a passphrase, and there is no terminal to ask for it: set HALOFORM_IDENTITY_PASSPHRASE.",
    );
  const { stdin, stderr } = terminal;
  stderr.write(question);
  const ask = createInterface({ input: stdin, output: new Writable({ write: (_text, _encoding, done) => done() }), terminal: true });
  const answer = await ask.question("");
  ask.close();
  stderr.write("\n");
  return answer;
}
