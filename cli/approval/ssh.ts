/** Signatures of SSH keys, made and verified by ssh-keygen: keys of an agent and of FIDO tokens work as they do there. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigurationError, oneLine } from "../../base/errors.ts";

/** What our signatures are for: one that was made for git or a file is none of ours (PROTOCOL.sshsig). */
export const namespace = "haloform-approval";

interface Ran {
  code: number | null;
  out: string;
  err: string;
}

/** `isAsking`: it may ask for a passphrase or a touch, and what it says goes to the terminal. */
function keygen(args: readonly string[], input: string, env: NodeJS.ProcessEnv, isAsking = false): Promise<Ran> {
  return new Promise((done, fail) => {
    const child = spawn("ssh-keygen", args, { env, stdio: ["pipe", "pipe", isAsking ? "inherit" : "pipe"] });
    const ran: Ran = { code: null, out: "", err: "" };
    child.stdout?.on("data", (data: Buffer) => (ran.out += data));
    child.stderr?.on("data", (data: Buffer) => (ran.err += data));
    // Whoever does not read to the end has another reason to say.
    child.stdin?.on("error", () => undefined);
    child.once("error", (error: NodeJS.ErrnoException) =>
      fail(new ConfigurationError(`Could not start ssh-keygen (${error.code ?? error.message}); install OpenSSH's client, 8.9 or later.`)),
    );
    child.once("close", (code) => done({ ...ran, code }));
    child.stdin?.end(input);
  });
}

/**
 * The signature of a text. `key`: a private key's file, or a public one's, whose private half an agent or a token has.
 * @throws ConfigurationError where it cannot be had
 */
export async function signedWith(key: string, text: string): Promise<string> {
  const { code, out } = await keygen(["-q", "-Y", "sign", "-n", namespace, "-f", key], text, process.env, true);
  if (code === 0 && out.includes("BEGIN SSH SIGNATURE")) return out;
  throw new ConfigurationError(
    `Could not sign with ${key}: ssh-keygen ended with ${code}; give with --key the file of a private key, or a public one whose private half your agent has.`,
  );
}

/** A text and its signature, and whose it is said to be. */
export interface Signed {
  text: string;
  signature: string;
  approver: string;
}

/**
 * Whether the signature is the approver's, by the lines of `signers` that count at this time: the key, or why not, as a sentence goes on.
 * Times in that file are UTC, as all of ours.
 * @throws ConfigurationError where it cannot be looked at
 */
export async function verified(
  { text, signature, approver }: Signed,
  signers: string,
  now: Date,
): Promise<{ key: string } | { why: string }> {
  if (!existsSync(signers))
    throw new ConfigurationError(`Could not verify an approval: there is no ${signers}, which haloform:approvers.signers names.`);
  const folder = mkdtempSync(join(tmpdir(), "haloform-approval-"));
  const file = join(folder, "signature");
  // Nothing else of ours: it needs no secrets.
  const env = { PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" };
  try {
    writeFileSync(file, signature, { mode: 0o600 });
    const at = now.toISOString().slice(0, 19).replace(/\D/gu, "");
    const given = ["-n", namespace, "-s", file];
    const verify = ["-Y", "verify", "-f", signers, "-I", approver, ...given, "-O", `verify-time=${at}`];
    const { code, out, err } = await keygen(verify, text, env);
    const key = keyIn(out);
    if (code === 0 && key !== undefined) return { key };
    const own = await keygen(["-Y", "check-novalidate", ...given], text, env);
    const other = keyIn(own.out);
    if (own.code !== 0 || other === undefined) return { why: "its signature is not one of what it says: it was forged or changed" };
    const because = /(?:key has expired|key is not yet valid|not permitted for use in signature namespace)[^\n]*/u.exec(err)?.[0];
    return { why: `its key ${other} is none that may approve as ${approver}${because ? ` (${oneLine(because)})` : ""}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `Good "haloform-approval" signature for ada@example.com with ED25519 key SHA256:…` */
function keyIn(out: string): string | undefined {
  const [, kind, print] = /^Good "haloform-approval" signature (?:for \S+ )?with (\S+) key (SHA256:\S+)$/mu.exec(out) ?? [];
  return print === undefined ? undefined : `${kind} ${print}`;
}
