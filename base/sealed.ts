/** Text under a passphrase, for files of this machine: AES-256-GCM, the key by scrypt. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

/** What stands in the file, in base64. */
export interface Sealed {
  salt: string;
  nonce: string;
  tag: string;
  data: string;
}

/** scrypt's cost: 2 ** 15 is about 0.1 s and 32 MB. */
export interface Cost {
  N: number;
}

const keys = new Map<string, Buffer>();
const ownSalts = new Map<string, Buffer>();

/** Once a process, salt and passphrase. */
function keyOf(phrase: string, salt: Buffer, { N }: Cost): Buffer {
  const id = `${N} ${salt.toString("hex")} ${phrase}`;
  const key = keys.get(id) ?? scryptSync(phrase, salt, 32, { N, r: 8, p: 1, maxmem: 2 * 128 * 8 * N });
  keys.set(id, key);
  return key;
}

/** `about` stands in clear beside it and is held by the encryption: nothing can be given out as something else's. */
export function seal(text: string, phrase: string, about: string, cost: Cost): Sealed {
  const salt = ownSalts.get(phrase) ?? randomBytes(16);
  ownSalts.set(phrase, salt);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(phrase, salt, cost), nonce).setAAD(Buffer.from(about));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const base64 = (bytes: Buffer): string => bytes.toString("base64");
  return { salt: base64(salt), nonce: base64(nonce), tag: base64(cipher.getAuthTag()), data: base64(data) };
}

/** Throws where the passphrase is another one, or anything was altered. */
export function unseal({ salt, nonce, tag, data }: Sealed, phrase: string, about: string, cost: Cost): string {
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  const decipher = createDecipheriv("aes-256-gcm", keyOf(phrase, bytes(salt), cost), bytes(nonce));
  decipher.setAAD(Buffer.from(about)).setAuthTag(bytes(tag));
  return Buffer.concat([decipher.update(bytes(data)), decipher.final()]).toString("utf8");
}
