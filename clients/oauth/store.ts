/** Where the refresh token of `haloform source login` is kept: an encrypted file of this user, never the state, never git. */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import { writePrivate } from "../../base/private-file.ts";
import { open, seal } from "../../base/seal.ts";

const stored = z.object({ format: z.literal("haloform.token/1"), salt: z.string(), iv: z.string(), tag: z.string(), data: z.string() });
/** 64 MiB, a quarter of a second. */
const cost = 2 ** 16;

/** Encrypts under a key made from the passphrase, and puts the file in place in one step (0600). */
export function saveToken(file: string, token: string, passphrase: string): void {
  const { nonce: iv, ...parts } = seal(token, { phrase: passphrase, cost });
  writePrivate(file, JSON.stringify({ format: "haloform.token/1", ...parts, iv }));
}

/** The token; undefined where nobody has logged in. Throws ConfigurationError for a wrong passphrase or a file that is not ours. */
export function loadToken(file: string, passphrase: string, variable: string): string | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { iv: nonce, ...parts } = stored.parse(JSON.parse(readFileSync(file, "utf8")));
    return open({ ...parts, nonce }, { phrase: passphrase, cost });
  } catch {
    throw new ConfigurationError(
      `Could not open the stored login ${file}: ${variable} is not the passphrase it was made with, or the file was changed; log in again.`,
    );
  }
}
