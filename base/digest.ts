/** Digests over JSON: the same contents give the same digest whatever the order of keys. */
import { createHash } from "node:crypto";

/** Characters that are handed to the hash at a time: of a state of a hundred megabytes there is never a second one, nor its text. */
const block = 1 << 16;
/** Such names come first in any object, by their numbers. */
const isIndex = (name: string): boolean => /^(?:0|[1-9]\d{0,9})$/u.test(name) && Number(name) < 2 ** 32 - 1;
const mayBeIndex = (name: string): boolean => name.charCodeAt(0) <= 0x39 && isIndex(name);

/** Names in the order in which a digest has them. */
function namesIn(object: object): string[] {
  const names = Object.keys(object).sort();
  if (!names.some(mayBeIndex)) return names;
  return [...names.filter(isIndex).sort((a, b) => Number(a) - Number(b)), ...names.filter((name) => !isIndex(name))];
}

/** JSON with names in that order, a block at a time. */
class Writer {
  readonly #hash = createHash("sha256");
  /** Names are few, and each stands in thousands of objects. */
  readonly #names = new Map<string, string>();
  #text = "";

  digest(): string {
    return this.#hash.update(this.#text).digest("hex");
  }

  /** As JSON.stringify would: undefined and the like are left out of objects, and null in arrays. */
  write(value: unknown): void {
    if (value === null || typeof value !== "object") this.#text += JSON.stringify(value) ?? "null";
    else if (Array.isArray(value)) this.#array(value);
    else this.#object(value as { [name: string]: unknown });
    if (this.#text.length < block) return;
    this.#hash.update(this.#text);
    this.#text = "";
  }

  #array(all: readonly unknown[]): void {
    this.#text += "[";
    for (let index = 0; index < all.length; index += 1) {
      if (index > 0) this.#text += ",";
      this.write(all[index]);
    }
    this.#text += "]";
  }

  #object(object: { readonly [name: string]: unknown }): void {
    let lead = "{";
    for (const name of namesIn(object)) {
      const value = object[name];
      if (isLeftOut(value)) continue;
      this.#text += lead + this.#named(name);
      this.write(value);
      lead = ",";
    }
    this.#text += lead === "{" ? "{}" : "}";
  }

  #named(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    const text = `${JSON.stringify(name)}:`;
    if (this.#names.size < 10_000) this.#names.set(name, text);
    return text;
  }
}

const isLeftOut = (value: unknown): boolean => value === undefined || typeof value === "function" || typeof value === "symbol";

/** The first so many hexadecimal digits of a digest. */
export const shortened = (digest: string, length: number): string => digest.slice("sha256:".length, "sha256:".length + length);

/** The same of the digest of something. */
export const shortDigest = (value: unknown, length: number): string => shortened(digestOf(value), length);

/** `sha256:<hex>` */
export function digestOf(value: unknown): string {
  const writer = new Writer();
  if (!isLeftOut(value)) writer.write(value);
  return `sha256:${writer.digest()}`;
}
