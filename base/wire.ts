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

/** What a message has under each of its fields that holds bytes: text, values, a message; of several the last. Throws where it is none. */
export function fieldsOf(bytes: Buffer): Map<number, Buffer> {
  const fields = new Map<number, Buffer>();
  each(bytes, (field, kind, part) => kind === counted && fields.set(field, part));
  return fields;
}

/** `google.protobuf.Struct`, with keys in order: they come in any. */
export function structIn(bytes: Buffer | undefined): Values {
  const entries: [string, Json][] = [];
  each(bytes ?? Buffer.alloc(0), (_field, _kind, entry) => {
    let key = "";
    let found: Json = null;
    each(entry, (field, _, part) => {
      if (field === 1) key = part.toString("utf8");
      else found = valueIn(part);
    });
    entries.push([key, found]);
  });
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)));
}

function valueIn(bytes: Buffer): Json {
  let found: Json = null;
  each(bytes, (field, _kind, part) => {
    if (field === 2) found = part.readDoubleLE();
    else if (field === 3) found = part.toString("utf8");
    else if (field === 4) found = part[0] !== 0;
    else if (field === 5) found = structIn(part);
    else if (field === 6) found = listIn(part);
  });
  return found;
}

function listIn(bytes: Buffer): Json[] {
  const list: Json[] = [];
  each(bytes, (_field, _kind, part) => list.push(valueIn(part)));
  return list;
}

/** Walks through a message. `part`: what the field has, without how long it is. */
function each(bytes: Buffer, told: (field: number, kind: number, part: Buffer) => unknown): void {
  let at = 0;
  const whole = (): number => {
    let value = 0;
    for (let by = 1; ; by *= 128) {
      const byte = bytes[at];
      if (byte === undefined || by > 2 ** 63) throw new RangeError("A message of the engine ends in the middle.");
      at += 1;
      value += (byte & 127) * by;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = whole();
    const kind = tag & 7;
    const begin = kind === varint ? at : undefined;
    // 5: four bytes, in no message that is read here but allowed in any.
    const length = kind === counted ? whole() : kind === double ? 8 : kind === 5 ? 4 : 0;
    if (kind === varint) whole();
    else if (![double, counted, 5].includes(kind) || at + length > bytes.length)
      throw new RangeError("A message of the engine ends in the middle.");
    else at += length;
    told(Math.floor(tag / 8), kind, bytes.subarray(begin ?? at - length, at));
  }
}
