/** SSH keys of a test, made by ssh-keygen as an approver has them. */
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, sign } from "node:crypto";
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

/**
 * A key as a FIDO token has it (`sk-ssh-ed25519@openssh.com`), made by software: the token's own formats (PROTOCOL.u2f, PROTOCOL.sshsig) around a
 * key that was invented here. `signed`: an armoured signature; `flags`: 1 the token was touched, 4 and a PIN was given.
 */
export function newToken(): { public: string; signed(namespace: string, text: string, flags?: number): string } {
  const [type, application] = ["sk-ssh-ed25519@openssh.com", "ssh:"];
  const { privateKey, publicKey } = generateKeyPairSync("ed25519");
  const string = (bytes: Buffer | string): Buffer => {
    const all = Buffer.from(bytes as Buffer);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(all.length);
    return Buffer.concat([length, all]);
  };
  const key = Buffer.concat([string(type), string(publicKey.export({ format: "der", type: "spki" }).subarray(-32)), string(application)]);
  const sum = (by: string, bytes: Buffer | string): Buffer => createHash(by).update(bytes).digest();
  return {
    public: `${type} ${key.toString("base64")}`,
    signed(namespace, text, flags = 1) {
      const about = [string(namespace), string(""), string("sha512")];
      const message = Buffer.concat([Buffer.from("SSHSIG"), ...about, string(sum("sha512", text))]);
      const seen = Buffer.from([flags, 0, 0, 0, 7]);
      const signature = sign(null, Buffer.concat([sum("sha256", application), seen, sum("sha256", message)]), privateKey);
      const whole = Buffer.concat([string(type), string(signature), seen]);
      const blob = Buffer.concat([Buffer.from("SSHSIG"), Buffer.from([0, 0, 0, 1]), string(key), ...about, string(whole)]);
      return `-----BEGIN SSH SIGNATURE-----\n${blob.toString("base64").replace(/.{70}/gu, "$&\n")}\n-----END SSH SIGNATURE-----\n`;
    },
  };
}
