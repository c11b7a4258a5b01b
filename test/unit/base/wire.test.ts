/** Values as gRPC carries them: whatever is written is read by the library as it was meant. */
import fc from "fast-check";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, it } from "vitest";
import { fieldsOf, structField, structIn } from "../../../base/wire.ts";

/** A Value whose struct_value is field 5, so that it can be read alone. */
const read = (values: object): unknown => structs.Value.deserializeBinary(structField(5, { ...values })).toJavaScript();
const values = fc.dictionary(
  fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"),
  // The library's own reader loses this key.
  fc.jsonValue().filter((one) => !JSON.stringify(one).includes("__proto__")),
);
/** Half of a letter cannot be written in UTF-8. */
const clean = (value: unknown): object => JSON.parse(JSON.stringify(value).toWellFormed()) as object;

it("any JSON is read as it was written", () => {
  fc.assert(
    fc.property(values, (given) => void expect(clean(read(given))).toEqual(clean(given))),
    { numRuns: 300, examples: [[{ "": { "": [] } }], [{ a: [null, [null, {}], -1e-300, 1e300] }]] },
  );
});

it("what is undefined is left out, and large values have room", () => {
  const long = "ü".repeat(200_000);
  expect(read({ left: undefined, long, list: Array.from({ length: 5000 }, (_, at) => `person:${at}`) })).toEqual({
    long,
    list: Array.from({ length: 5000 }, (_, at) => `person:${at}`),
  });
  expect(read({ after: "a large one" })).toEqual({ after: "a large one" });
});

it("what the library has written is read as it was meant, with keys in order", () => {
  const written = (given: object): Buffer => Buffer.from(structs.Struct.fromJavaScript(given as never).serializeBinary());
  fc.assert(
    fc.property(values, (given) => {
      const found = structIn(written(given));
      expect(clean(found)).toEqual(clean(given));
      expect(Object.keys(found)).toEqual(
        Object.keys(
          Object.fromEntries(
            Object.keys(given)
              .sort()
              .map((key) => [key, 0]),
          ),
        ),
      );
      // And what this one has written, by itself.
      expect(clean(structIn(fieldsOf(structField(2, given)).get(2)))).toEqual(clean(given));
    }),
    { numRuns: 300 },
  );
  expect(structIn(undefined)).toEqual({});
});

it("a message that is cut anywhere is refused, or is another one, and never holds us up", () => {
  const whole = structField(3, { name: "GG-A", members: ["person:1", 2, null, { a: true }] });
  for (let length = 0; length < whole.length; length += 1)
    try {
      structIn(fieldsOf(whole.subarray(0, length)).get(3));
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
    }
});
