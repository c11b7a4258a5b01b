/** The passphrase provider of Pulumi's states (sdk/go/common/resource/config/crypt.go): what it wrote is read, and it reads this. */
import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";

const rounds = 1_000_000;
const probe = "pulumi";

/** The empty passphrase, as Pulumi wrote it once: most states have no secret, and its key takes a third of a second. */
const unset = "v1:nBTdgUzRQX0=:v1:k+zrti1hyxlVAVSl:pXXx1QTYgvN8aTlep1LZkFkvr34b0w==";

/** What a new state says about its passphrase. */
export function saltOf(phrase: string): string {
  return phrase === "" ? unset : Secrets.of(phrase).state;
}

const keys = new Map<string, Buffer>();

export class Secrets {
  /** `v1:<salt>:v1:<nonce>:<the probe, encrypted>`, as it stands in the state. */
  readonly state: string;
  readonly #key: Buffer;

  private constructor(state: string, key: Buffer) {
    this.state = state;
    this.#key = key;
  }

  /** Throws, in the engine's words, where the passphrase is not the one of the salt. */
  static of(phrase: string, state?: string): Secrets {
    const salt = state === undefined ? randomBytes(8) : Buffer.from(state.split(":")[1] ?? "", "base64");
    const name = `${phrase}\n${salt.toString("base64")}`;
    const key = keys.get(name) ?? pbkdf2Sync(phrase, salt, rounds, 32, "sha256");
    keys.set(name, key);
    const made = new Secrets(state ?? `v1:${salt.toString("base64")}:${sealed(key, probe)}`, key);
    if (state === undefined) return made;
    try {
      if (made.decrypt(state.split(":").slice(2).join(":")) === probe) return made;
    } catch {
      // said below
    }
    throw new Error("incorrect passphrase");
  }

  encrypt(text: string): string {
    return sealed(this.#key, text);
  }

  decrypt(text: string): string {
    const [, nonce = "", content = ""] = text.split(":");
    const bytes = Buffer.from(content, "base64");
    const cipher = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64"));
    cipher.setAuthTag(bytes.subarray(-16));
    return Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]).toString("utf8");
  }
}

function sealed(key: Buffer, text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const content = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${content.toString("base64")}`;
}
