/**
 * What people sign with their SSH keys (`ssh-keygen -Y`), and whose signature it is: by a file of allowed signers in git
 * (`haloform:signers`), in the format of ssh-keygen(1). Its `namespaces=` says what a key may sign, `valid-before=` until when.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";
import { oneLine } from "../../base/errors.ts";
import type { Project } from "../engine/project.ts";
import { UsageError } from "../exit.ts";

/** What a signature is for: one that was given for something else is none. Also what `namespaces=` of an allowed signer names. */
export type Namespace = `haloform-${"approve" | "stop" | "go" | "emergency" | "review" | "tolerate"}`;

export interface Signer {
  /** The name in the file of allowed signers: `ada@example.com`. */
  name: string;
  /** The key's fingerprint, `SHA256:…`. */
  key: string;
}

/** The file of allowed signers; undefined: the settings name none. */
export function signersFile({ folder, config }: Pick<Project, "folder" | "config">): string | undefined {
  const { signers } = config;
  return signers === undefined || isAbsolute(signers) ? signers : join(folder, signers);
}

/**
 * Who has signed a text, or why that counts for nobody. `signature`: as ssh-keygen writes it, `-----BEGIN SSH SIGNATURE-----`. `now`: the
 * moment that a line's `valid-after` and `valid-before` are held against; times in the file are UTC, as all of ours.
 */
export async function signerOf(
  text: string,
  signature: string,
  namespace: Namespace,
  signers: string | undefined,
  now: Date = new Date(),
): Promise<Signer | { why: string }> {
  if (signers === undefined) return { why: "the stack's settings name no file of allowed signers (haloform:signers)" };
  const at = ["-O", `verify-time=${now.toISOString().slice(0, 19).replace(/\D/gu, "")}`];
  return inFolder(signature, async (file) => {
    const found = await keygen(["find-principals", ...at, "-s", file, "-f", signers], "", verifying());
    const names = found.out.split("\n").filter((line) => line !== "");
    const [name = ""] = names;
    if (found.code !== 0 || name === "") return { why: `its key is none of ${signers}${because(found.err)}` };
    // One key is one person: whom a pattern names is not known.
    if (names.length > 1 || /[*?!\s]/u.test(name)) return { why: `its key stands in ${signers} for several names (${names.join(", ")})` };
    const checked = await keygen(["verify", ...at, "-f", signers, "-I", name, "-n", namespace, "-s", file], text, verifying());
    const [, key] = /\bkey (SHA256:\S+)/u.exec(checked.out) ?? [];
    if (checked.code === 0 && key !== undefined)
      return isTouched(signature) ? { name, key } : { why: `the token of ${name} was not touched for it` };
    return { why: `it is no signature of ${name} for this (${oneLine(checked.err) || "the text is another"})` };
  });
}

/**
 * Whether a FIDO token was touched for a signature, which ssh-keygen does not ask; true of every other key. What it says of that is signed, and
 * verified before (PROTOCOL.sshsig, PROTOCOL.u2f of OpenSSH).
 */
function isTouched(signature: string): boolean {
  const bytes = Buffer.from(signature.replace(/-----[^-]*-----|\s/gu, ""), "base64");
  const after = (at: number): number => at + 4 + bytes.readUInt32BE(at);
  // SSHSIG and its version; the public key, what it is for, something reserved, the digest's name; then the signature.
  const own = after(after(after(after(10)))) + 4;
  const kind = bytes.toString("latin1", own + 4, after(own));
  return !/sk-/u.test(kind) || ((bytes[after(after(own))] ?? 0) & 1) === 1;
}

/** Whoever verifies needs no secrets, and no zone of this machine. */
const verifying = (): NodeJS.ProcessEnv => ({ PATH: process.env["PATH"], LC_ALL: "C", TZ: "UTC" });

/** What ssh-keygen says of the lines of the file: ` (allowed_signers:3: key has expired …)`. */
function because(said: string): string {
  const line = oneLine(said.replace(/^No principal matched\.$/mu, ""));
  return line === "" ? "" : ` (${line})`;
}

/**
 * Signs a text with an SSH key: a private key's file, or a public one's whose private key the agent has. A passphrase is asked for on
 * the terminal. Throws UsageError where it cannot be signed.
 */
export async function signWith(key: string, namespace: Namespace, text: string): Promise<string> {
  const { code, out, err } = await keygen(["sign", "-q", "-f", key, "-n", namespace], text);
  if (code === 0 && out.startsWith("-----BEGIN SSH SIGNATURE-----")) return out;
  throw new UsageError(`Could not sign with ${key}: ${oneLine(err) || `ssh-keygen ended with ${code}`}.`);
}

async function inFolder<T>(signature: string, work: (file: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "haloform-signature-"));
  try {
    const file = join(folder, "signature");
    writeFileSync(file, signature, { mode: 0o600 });
    return await work(file);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Throws UsageError where there is no ssh-keygen. */
function keygen(args: readonly string[], input = "", env = process.env): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve, reject) => {
    // The words of an agent or a terminal's question are none of a text that is signed: only these streams are ours.
    const child = spawn("ssh-keygen", ["-Y", ...args], { env, stdio: ["pipe", "pipe", "pipe"] });
    let [out, err] = ["", ""];
    child.stdout.on("data", (data: Buffer) => (out += String(data)));
    child.stderr.on("data", (data: Buffer) => {
      err += String(data);
      // A token wants to be touched now, and not when it is over.
      if (args[0] === "sign" && process.stderr.isTTY) process.stderr.write(data);
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", () => reject(new UsageError("Could not find ssh-keygen: install OpenSSH (8.9 or newer), which signs and verifies.")));
    child.on("close", (code) => resolve({ code, out, err }));
  });
}
