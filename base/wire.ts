/**
 * Values as gRPC carries them (google/protobuf/struct.proto). The library that the SDK has for it makes an object of each value and each
 * key before it writes one, which for thousands of resources is a seventh of a run (docs/decisions/0174); this writes and reads them
 * as they come, by protobufjs, which gRPC itself brings.
 */
import protobuf from "protobufjs/minimal.js";
import type { Json, Values } from "./json.ts";
import { order } from "./order.ts";

const { Reader, Writer } = protobuf;
type Reader = protobuf.Reader;
type Writer = protobuf.Writer;

/** Kinds of what follows a field's number (protobuf.dev/programming-guides/encoding). */
const [varint, double, counted] = [0, 1, 2] as const;
const tag = (field: number, kind: typeof varint | typeof double | typeof counted): number => field * 8 + kind;

/** `google.protobuf.Struct` in a field of another message; what is undefined is left out, as JSON does. */
export function structField(field: number, values: { readonly [key: string]: unknown }): Uint8Array {
  const writer = Writer.create().uint32(tag(field, counted)).fork();
  struct(writer, values as Values);
  return writer.ldelim().finish();
}

function struct(writer: Writer, values: Values): void {
  for (const [key, one] of Object.entries(values)) {
    if (one === undefined) continue;
    writer.uint32(tag(1, counted)).fork().uint32(tag(1, counted)).string(key).uint32(tag(2, counted)).fork();
    value(writer, one);
    writer.ldelim().ldelim();
  }
}

/** The one field of a Value that says what it is. */
function value(writer: Writer, one: Json | undefined): void {
  if (typeof one === "string") writer.uint32(tag(3, counted)).string(one);
  else if (typeof one === "number") writer.uint32(tag(2, double)).double(one);
  else if (typeof one === "boolean") writer.uint32(tag(4, varint)).bool(one);
  else if (one === null || one === undefined) writer.uint32(tag(1, varint)).int32(0);
  else if (Array.isArray(one)) {
    writer.uint32(tag(6, counted)).fork();
    for (const each of one) {
      writer.uint32(tag(1, counted)).fork();
      value(writer, each);
      writer.ldelim();
    }
    writer.ldelim();
  } else {
    writer.uint32(tag(5, counted)).fork();
    struct(writer, one);
    writer.ldelim();
  }
}

/** What a message has under each of its fields that holds bytes: text, values, a message; of several the last. Throws where it is none. */
export function fieldsOf(bytes: Uint8Array): Map<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  const reader = Reader.create(bytes);
  within(reader, reader.len, (field, kind) => {
    if (kind === counted) fields.set(field, reader.bytes());
    else reader.skipType(kind);
  });
  return fields;
}

/** `google.protobuf.Struct`, with keys in order: they come in any. */
export function structIn(bytes: Uint8Array | undefined): Values {
  if (!bytes) return {};
  const reader = Reader.create(bytes);
  return structBefore(reader, reader.len);
}

function structBefore(reader: Reader, end: number): Values {
  const entries: [string, Json][] = [];
  within(reader, end, () => {
    let [key, found]: [string, Json] = ["", null];
    within(reader, reader.uint32() + reader.pos, (field) => {
      if (field === 1) key = reader.string();
      else found = valueBefore(reader, reader.uint32() + reader.pos);
    });
    entries.push([key, found]);
  });
  return Object.fromEntries(entries.sort(([one], [other]) => order(one, other)));
}

function valueBefore(reader: Reader, end: number): Json {
  let found: Json = null;
  within(reader, end, (field, kind) => {
    if (field === 2) found = reader.double();
    else if (field === 3) found = reader.string();
    else if (field === 4) found = reader.bool();
    else if (field === 5) found = structBefore(reader, reader.uint32() + reader.pos);
    else if (field === 6) found = listBefore(reader, reader.uint32() + reader.pos);
    else reader.skipType(kind);
  });
  return found;
}

function listBefore(reader: Reader, end: number): Json[] {
  const list: Json[] = [];
  within(reader, end, () => void list.push(valueBefore(reader, reader.uint32() + reader.pos)));
  return list;
}

/** Walks through the fields of a message that ends there. */
function within(reader: Reader, end: number, told: (field: number, kind: number) => void): void {
  while (reader.pos < end) {
    const found = reader.uint32();
    told(found >>> 3, found & 7);
  }
  if (reader.pos !== end) throw new RangeError("A message of the engine ends in the middle.");
}
