/** Ed25519 keys as haloform writes them: the public one as a line for the stack's settings, the private one as a line for the environment. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";

/** A key that signatures are held against. */
export interface PublicKey {
  /** The first 8 hexadecimal digits of the key's SHA-256: how sentences name it. */
  id: string;
  key: KeyObject;
}

/** A key that signs. */
export interface PrivateKey extends PublicKey {
  secret: KeyObject;
}

const line = /^ed25519:([0-9a-f]{8}):([A-Za-z0-9+/]{43}=)$/u;
/** What stands before the 32 bytes of a public key in DER (RFC 8410). */
const der = Buffer.from("302a300506032b6570032100", "hex");

const bytesOf = (key: KeyObject): Buffer => key.export({ format: "der", type: "spki" }).subarray(der.length);
const idOf = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex").slice(0, 8);

/** `ed25519:<id>:<the 32 bytes in base64>`, read; undefined where it is none, or the id is not the key's. */
export function publicKey(text: string): PublicKey | undefined {
  const [, id = "", base64 = ""] = line.exec(text) ?? [];
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== 32 || idOf(bytes) !== id) return undefined;
  return { id, key: createPublicKey({ key: Buffer.concat([der, bytes]), format: "der", type: "spki" }) };
}

/** The line of a public key, as the settings have it. */
export function publicLine({ id, key }: PublicKey): string {
  return `ed25519:${id}:${bytesOf(key).toString("base64")}`;
}

/** A private key: PKCS #8 as PEM (line ends may be written `\n`), or its DER in base64 in one line. Undefined where it is none of Ed25519. */
export function privateKey(text: string): PrivateKey | undefined {
  try {
    const plain = text.trim().replaceAll(String.raw`\n`, "\n");
    const secret = plain.startsWith("-----")
      ? createPrivateKey(plain)
      : createPrivateKey({ key: Buffer.from(plain, "base64"), format: "der", type: "pkcs8" });
    if (secret.asymmetricKeyType !== "ed25519") return undefined;
    const key = createPublicKey(secret);
    return { id: idOf(bytesOf(key)), key, secret };
  } catch {
    return undefined;
  }
}

/** A new pair: the private key as one line. */
export function newKey(): { private: string; public: string } {
  const { privateKey: secret, publicKey: key } = generateKeyPairSync("ed25519");
  return {
    private: secret.export({ format: "der", type: "pkcs8" }).toString("base64"),
    public: publicLine({ id: idOf(bytesOf(key)), key }),
  };
}

/** The signature of a text, in base64. */
export const signed = ({ secret }: PrivateKey, text: string): string => sign(null, Buffer.from(text), secret).toString("base64");

/** Whether a signature, in base64, is this key's of that text. */
export function fits({ key }: PublicKey, text: string, signature: string): boolean {
  const bytes = Buffer.from(signature, "base64");
  // Base64 of other spellings says the same bytes; only the one that is written counts.
  return bytes.length === 64 && bytes.toString("base64") === signature && verify(null, Buffer.from(text), key, bytes);
}
