/**
 * Values as gRPC carries them (google/protobuf/struct.proto). The library for it makes an object of each value and each key before it
 * writes one, which for thousands of resources is a seventh of a run (docs/decisions/0174); this writes the bytes.
 */
import type { Json, Values } from "./json.ts";

/** Kinds of what follows a field's number (protobuf.dev/programming-guides/encoding). */
const [varint, double, counted] = [0, 1, 2];

/** Writes from the end to the beginning: how long something is, is known once it stands there, and then goes in front of it. */
class Backwards {
  #bytes = Buffer.allocUnsafe(1 << 16);
  #at = this.#bytes.length;

  /** Bytes written so far. */
  get length(): number {
    return this.#bytes.length - this.#at;
  }

  /** A copy of what was written, for whoever keeps it; and from the beginning again. */
  taken(): Buffer {
    const bytes = Buffer.from(this.#bytes.subarray(this.#at));
    this.#at = this.#bytes.length;
    return bytes;
  }

  number(value: number): void {
    const room = this.#room(8);
    this.#bytes.writeDoubleLE(value, room);
  }

  text(value: string): void {
    const room = this.#room(Buffer.byteLength(value));
    this.#bytes.write(value, room);
  }

  /** A whole number, seven bits a byte, the last ones first. */
  whole(value: number): void {
    let rest = value;
    const parts: number[] = [];
    for (; rest > 127; rest = Math.floor(rest / 128)) parts.push((rest % 128) | 128);
    parts.push(rest);
    let at = this.#room(parts.length);
    for (const one of parts) {
      this.#bytes[at] = one;
      at += 1;
    }
  }

  /** In front of what was written since `before`: its field, and how long it is. */
  close(field: number, before: number): void {
    this.whole(this.length - before);
    this.field(field, counted);
  }

  field(field: number, kind: number | undefined): void {
    this.whole(field * 8 + (kind ?? 0));
  }

  #room(length: number): number {
    if (this.#at < length) {
      const larger = Buffer.allocUnsafe((this.#bytes.length + length) * 2);
      const at = larger.length - this.length;
      this.#bytes.copy(larger, at, this.#at);
      this.#bytes = larger;
      this.#at = at;
    }
    this.#at -= length;
    return this.#at;
  }
}

const out = new Backwards();

/** `google.protobuf.Struct` in a field of another message; what is undefined is left out, as JSON does. */
export function structField(field: number, values: { readonly [key: string]: unknown }): Buffer {
  struct(values as Values);
  out.close(field, 0);
  return out.taken();
}

function struct(values: Values): void {
  const keys = Object.keys(values);
  for (let index = keys.length - 1; index >= 0; index -= 1) {
    const key = keys[index] as string;
    const one = values[key];
    if (one === undefined) continue;
    const before = out.length;
    value(one, 2);
    const inside = out.length;
    out.text(key);
    out.close(1, inside);
    out.close(1, before);
  }
}

function value(one: Json, field: number): void {
  const before = out.length;
  content(one);
  out.close(field, before);
}

/** The one field of a Value that says what it is. */
function content(one: Json | undefined): void {
  const before = out.length;
  if (typeof one === "string") {
    out.text(one);
    out.close(3, before);
  } else if (typeof one === "number") {
    out.number(one);
    out.field(2, double);
  } else if (typeof one === "boolean") {
    out.whole(one ? 1 : 0);
    out.field(4, varint);
  } else if (one === null || one === undefined) {
    out.whole(0);
    out.field(1, varint);
  } else if (Array.isArray(one)) {
    for (let index = one.length - 1; index >= 0; index -= 1) value(one[index] as Json, 1);
    out.close(6, before);
  } else {
    struct(one);
    out.close(5, before);
  }
}
