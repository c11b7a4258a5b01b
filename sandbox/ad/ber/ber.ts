/** The part of ASN.1 BER that LDAP uses (RFC 4511 §5.1), of our own: it must not share a mistake with the client library that is tested against it. */

/** The bytes are no LDAP message; the connection cannot go on. */
export class BerError extends Error {}

/** Universal tags. */
export const tag = { boolean: 0x01, integer: 0x02, octets: 0x04, enumerated: 0x0a, sequence: 0x30, set: 0x31 } as const;

/** Length of the first element in a buffer, header included; undefined while its header is not complete. */
export function elementLength(bytes: Buffer, at: number): number | undefined {
  const first = bytes[at + 1];
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const count = first & 0x7f;
  if (count === 0 || count > 4) throw new BerError("a length of a form that LDAP does not have");
  if (bytes.length < at + 2 + count) return undefined;
  return 2 + count + bytes.readUIntBE(at + 2, count);
}

/** Reads elements one after the other. */
export class BerReader {
  readonly bytes: Buffer;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  peek(): number | undefined {
    return this.done ? undefined : this.bytes[this.#at];
  }

  /** The content of the next element, whatever its tag is. */
  next(): { tag: number; content: Buffer } {
    const found = this.peek();
    const total = elementLength(this.bytes, this.#at);
    if (found === undefined || total === undefined || this.#at + total > this.#end) throw new BerError("an element that ends too early");
    const first = this.bytes[this.#at + 1] ?? 0;
    const content = this.bytes.subarray(this.#at + (first < 0x80 ? 2 : 2 + (first & 0x7f)), this.#at + total);
    this.#at += total;
    return { tag: found, content };
  }

  octets(expected: number = tag.octets): Buffer {
    if (this.peek() !== expected) throw new BerError(`tag ${this.peek()} in the place of ${expected}`);
    return this.next().content;
  }

  text(expected: number = tag.octets): string {
    return this.octets(expected).toString("utf8");
  }

  integer(expected: number = tag.integer): number {
    const content = this.octets(expected);
    if (content.length < 1 || content.length > 4) throw new BerError("an integer of a size that LDAP does not have");
    return content.readIntBE(0, content.length);
  }

  boolean(expected: number = tag.boolean): boolean {
    const content = this.octets(expected);
    if (content.length !== 1) throw new BerError("a boolean of more than one byte");
    return content[0] !== 0;
  }

  inside(expected: number = tag.sequence): BerReader {
    return new BerReader(this.octets(expected));
  }
}

/** Writes elements from the last to the first, so that every length is known when its header is written. */
export class BerWriter {
  #bytes: Buffer;
  #at: number;

  constructor(size = 1024) {
    this.#bytes = Buffer.allocUnsafe(size);
    this.#at = size;
  }

  /** What is written so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** Everything written; the writer is not used any more afterwards. */
  bytes(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  #room(count: number): void {
    if (this.#at >= count) return;
    const grown = Buffer.allocUnsafe(this.#bytes.length * 2 + count);
    const used = this.length;
    this.#bytes.copy(grown, grown.length - used, this.#at);
    this.#at = grown.length - used;
    this.#bytes = grown;
  }

  /** The header of the content written since `before` (an earlier `length`). */
  header(before: number, kind: number): void {
    const size = this.length - before;
    this.#room(6);
    if (size < 0x80) this.#bytes[--this.#at] = size;
    else {
      let rest = size;
      let count = 0;
      for (; rest > 0; rest = Math.floor(rest / 256), count += 1) this.#bytes[--this.#at] = rest & 0xff;
      this.#bytes[--this.#at] = 0x80 | count;
    }
    this.#bytes[--this.#at] = kind;
  }

  octets(value: string | Buffer, kind: number = tag.octets): void {
    const before = this.length;
    const size = typeof value === "string" ? Buffer.byteLength(value) : value.length;
    this.#room(size);
    this.#at -= size;
    if (typeof value === "string") this.#bytes.write(value, this.#at);
    else value.copy(this.#bytes, this.#at);
    this.header(before, kind);
  }

  integer(value: number, kind: number = tag.integer): void {
    const size = value >= -0x80 && value < 0x80 ? 1 : value >= -0x8000 && value < 0x8000 ? 2 : 4;
    const before = this.length;
    this.#room(size);
    this.#at -= size;
    this.#bytes.writeIntBE(value, this.#at, size);
    this.header(before, kind);
  }
}
