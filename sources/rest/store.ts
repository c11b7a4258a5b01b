/** Where the refresh token of `haloform source login` is kept: an encrypted file of this user, never the state, never git. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";

const stored = z.object({ format: z.literal("haloform.token/1"), salt: z.string(), iv: z.string(), tag: z.string(), data: z.string() });
/** scrypt: 64 MiB, a quarter of a second. */
const cost = { N: 2 ** 16, r: 8, p: 1, maxmem: 128 * 1024 * 1024 };

const bytes = (text: string): Buffer => Buffer.from(text, "base64");

/** Encrypts with AES-256-GCM under a key made from the passphrase, and puts the file in place in one step (0600). */
export function saveToken(file: string, token: string, passphrase: string): void {
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", scryptSync(passphrase, salt, 32, cost), iv);
  const data = Buffer.concat([cipher.update(token, "utf8"), cipher.final()]);
  const text = JSON.stringify({
    format: "haloform.token/1",
    salt: salt.toString("base64"),
    iv: iv.toString("base64"),
    tag: cipher.getAuthTag().toString("base64"),
    data: data.toString("base64"),
  });
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(`${file}.${process.pid}`, text, { mode: 0o600 });
  renameSync(`${file}.${process.pid}`, file);
}

/** The token; undefined where nobody has logged in. Throws ConfigurationError for a wrong passphrase or a file that is not ours. */
export function loadToken(file: string, passphrase: string, variable: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { salt, iv, tag, data } = stored.parse(JSON.parse(readFileSync(file, "utf8")));
    const decipher = createDecipheriv("aes-256-gcm", scryptSync(passphrase, bytes(salt), 32, cost), bytes(iv));
    decipher.setAuthTag(bytes(tag));
    return Buffer.concat([decipher.update(bytes(data)), decipher.final()]).toString("utf8");
  } catch {
    throw new ConfigurationError(
      `Could not open the stored login ${file}: ${variable} is not the passphrase it was made with, or the file was changed; log in again.`,
    );
  }
}
