/** Values as gRPC carries them: whatever is written is read by the library as it was meant. */
import fc from "fast-check";
import structs from "google-protobuf/google/protobuf/struct_pb.js";
import { expect, it } from "vitest";
import { structField } from "../../../base/wire.ts";

/** A Value whose struct_value is field 5, so that it can be read alone. */
const read = (values: object): unknown => structs.Value.deserializeBinary(structField(5, { ...values })).toJavaScript();
/** Half of a letter cannot be written in UTF-8. */
const clean = (value: unknown): object => JSON.parse(JSON.stringify(value).toWellFormed()) as object;

it("any JSON is read as it was written", () => {
  const values = fc.dictionary(
    fc.string({ unit: "grapheme" }).filter((key) => key !== "__proto__"),
    // The library's own reader loses this key.
    fc.jsonValue().filter((one) => !JSON.stringify(one).includes("__proto__")),
  );
  fc.assert(
    fc.property(values, (given) => void expect(clean(read(given))).toEqual(clean(given))),
    { numRuns: 2000, examples: [[{ "": { "": [] } }], [{ a: [null, [null, {}], -1e-300, 1e300] }]] },
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
