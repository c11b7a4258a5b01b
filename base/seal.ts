/** Secrets in files: AES-256-GCM under a key that scrypt makes of a passphrase. Where the parts stand is the file's own format. */
import { createCipheriv, createDecipheriv, randomBytes, scryptSync } from "node:crypto";

const algorithm = "aes-256-gcm";

/** The parts, each in base64. */
export interface Sealed {
  salt: string;
  nonce: string;
  tag: string;
  data: string;
}

/** How a file is sealed; the same to open it. */
export interface Sealing {
  phrase: string;
  /** scrypt's N, a power of two: that many KiB of memory, and 0.1 s for 2 ** 15. */
  cost: number;
  /** What stands beside it in clear and must not be altered. */
  bound?: string;
}

const keys = new Map<string, Buffer>();
const ownSalts = new Map<string, Buffer>();

/** A key is worked out once a process and salt. */
function keyOf({ phrase, cost }: Sealing, salt: Buffer): Buffer {
  const id = `${cost} ${salt.toString("base64")} ${phrase}`;
  const key = keys.get(id) ?? scryptSync(phrase, salt, 32, { N: cost, r: 8, p: 1, maxmem: cost * 2048 });
  keys.set(id, key);
  return key;
}

/** Encrypts a text. This process has one salt for a passphrase, and a nonce for each text. */
export function seal(text: string, sealing: Sealing): Sealed {
  const salt = ownSalts.get(sealing.phrase) ?? randomBytes(16);
  ownSalts.set(sealing.phrase, salt);
  const nonce = randomBytes(12);
  const cipher = createCipheriv(algorithm, keyOf(sealing, salt), nonce).setAAD(Buffer.from(sealing.bound ?? ""));
  const data = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return { salt: base64(salt), nonce: base64(nonce), tag: base64(cipher.getAuthTag()), data: base64(data) };
}

/** The text. Throws where the passphrase is another one, or anything was altered. */
export function open(sealed: Sealed, sealing: Sealing): string {
  const bytes = (text: string): Buffer => Buffer.from(text, "base64");
  const decipher = createDecipheriv(algorithm, keyOf(sealing, bytes(sealed.salt)), bytes(sealed.nonce))
    .setAAD(Buffer.from(sealing.bound ?? ""))
    .setAuthTag(bytes(sealed.tag));
  return Buffer.concat([decipher.update(bytes(sealed.data)), decipher.final()]).toString("utf8");
}

const base64 = (bytes: Buffer): string => bytes.toString("base64");
