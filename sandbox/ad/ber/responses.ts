/** LDAP responses (RFC 4511 §4) as bytes. */
import type { Value } from "../entry.ts";
import { BerWriter, tag } from "./ber.ts";

/** Tags of responses. */
export const response = {
  bind: 0x61,
  entry: 0x64,
  searchDone: 0x65,
  modify: 0x67,
  add: 0x69,
  delete: 0x6b,
  modifyDN: 0x6d,
  compare: 0x6f,
  reference: 0x73,
  extended: 0x78,
} as const;

function envelope(id: number, write: (writer: BerWriter) => void, control?: { type: string; value: Buffer }): Buffer {
  const writer = new BerWriter();
  if (control !== undefined) {
    writer.octets(control.value);
    writer.octets(control.type);
    writer.header(0, tag.sequence);
    writer.header(0, 0xa0);
  }
  write(writer);
  writer.integer(id);
  writer.header(0, tag.sequence);
  return writer.bytes();
}

/** A result of an operation. */
export interface Outcome {
  code: number;
  matchedDn?: string;
  message?: string;
  referral?: string[];
}

/** The response that ends an operation; `extra` is an extended response's name and value, or the notice's name. */
export function writeResult(
  id: number,
  kind: number,
  outcome: Outcome,
  more: { paging?: Buffer; control?: { type: string; value: Buffer }; extendedName?: string; extendedValue?: string } = {},
): Buffer {
  const control = more.paging === undefined ? more.control : { type: "1.2.840.113556.1.4.319", value: more.paging };
  return envelope(
    id,
    (writer) => {
      const before = writer.length;
      if (more.extendedValue !== undefined) writer.octets(more.extendedValue, 0x8b);
      if (more.extendedName !== undefined) writer.octets(more.extendedName, 0x8a);
      if (outcome.referral !== undefined && outcome.referral.length > 0) {
        const list = writer.length;
        for (const url of outcome.referral.toReversed()) writer.octets(url);
        writer.header(list, 0xa3);
      }
      writer.octets(outcome.message ?? "");
      writer.octets(outcome.matchedDn ?? "");
      writer.integer(outcome.code, tag.enumerated);
      writer.header(before, kind);
    },
    control,
  );
}

/** One attribute as it goes out. */
export interface OutAttribute {
  name: string;
  values: readonly Value[];
}

/** One found entry. */
export interface OutEntry {
  dn: string;
  attributes: readonly OutAttribute[];
}

/** Found entries, all messages in one buffer. `entryAt` is asked from the last to the first, as the writer works backwards. */
export function writeEntries(id: number, count: number, entryAt: (index: number) => OutEntry): Buffer {
  const writer = new BerWriter(count > 10 ? 65_536 : 4096);
  for (let index = count - 1; index >= 0; index -= 1) {
    const { dn, attributes } = entryAt(index);
    const start = writer.length;
    for (let at = attributes.length - 1; at >= 0; at -= 1) {
      const attribute = attributes[at];
      if (attribute === undefined) continue;
      const before = writer.length;
      for (let value = attribute.values.length - 1; value >= 0; value -= 1) writer.octets(attribute.values[value] ?? "");
      writer.header(before, tag.set);
      writer.octets(attribute.name);
      writer.header(before, tag.sequence);
    }
    writer.header(start, tag.sequence);
    writer.octets(dn);
    writer.header(start, response.entry);
    writer.integer(id);
    writer.header(start, tag.sequence);
  }
  return writer.bytes();
}

/** A continuation reference to another naming context. */
export function writeReference(id: number, url: string): Buffer {
  return envelope(id, (writer) => {
    writer.octets(url);
    writer.header(0, response.reference);
  });
}

/** The value of a paged results response; AD always says 0 for the estimate. */
export function writePaging(cookie: string): Buffer {
  const writer = new BerWriter(64);
  writer.octets(Buffer.from(cookie, "latin1"));
  writer.integer(0);
  writer.header(0, tag.sequence);
  return writer.bytes();
}
