/** SSH keys of a test, made by ssh-keygen as an approver has them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SshKey {
  /** Path of the private key. */
  file: string;
  /** `ssh-ed25519 AAAA…` */
  public: string;
}

export function newSshKey(folder: string, name: string): SshKey {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
  return { file, public: readFileSync(`${file}.pub`, "utf8").trim() };
}

/** A line of allowed_signers. `options`: `valid-before="20270101"`. */
export const signer = (name: string, key: SshKey, options = ""): string => `${name}${options === "" ? "" : ` ${options}`} ${key.public}\n`;
