import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { guidToText } from "../../../../base/guid.ts";
import { literal, memberReference, query } from "../../../../clients/graph/odata.ts";
import { operationOf, operations } from "../../../../clients/graph/permissions.ts";
import { mostTries, patience, pauseBefore } from "../../../../clients/graph/retry.ts";
import { retryAfterMs } from "../../../../clients/http/answer.ts";
import { group } from "../../../../providers/entra/group/group.ts";
import { licence } from "../../../../providers/entra/licence/licence.ts";
import { hint } from "../../../../providers/entra/licence/skus.ts";
import { immutableIdOfGuid } from "../../../../providers/entra/user/find.ts";

describe("immutable id", () => {
  it("is the base64 of the bytes as AD stores them", () => {
    // Bytes 00 … 0f: the first three parts are little-endian in AD.
    expect(immutableIdOfGuid("03020100-0504-0706-0809-0a0b0c0d0e0f")).toBe(Buffer.from([...Array(16).keys()]).toString("base64"));
    expect(immutableIdOfGuid("{03020100-0504-0706-0809-0A0B0C0D0E0F}")).toBe("AAECAwQFBgcICQoLDA0ODw==");
    expect(() => immutableIdOfGuid("CN=Ada")).toThrow(/not a GUID/u);
  });
  it("goes there and back", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const id = Buffer.from(bytes).toString("base64");
        expect(immutableIdOfGuid(guidToText(bytes))).toBe(id);
      }),
    );
  });
});

describe("licence inputs", () => {
  const sku = fc.record({
    sku: fc.constantFrom("SPE_E3", " spe_e3", "SPE_E5", "Microsoft_365_Copilot"),
    without: fc.array(fc.constantFrom("TEAMS1", "teams1 ", "YAMMER_ENTERPRISE")),
  });
  const raw = fc.record({ person: fc.constant("41"), skus: fc.array(sku), of: fc.array(fc.constantFrom("SPE_E3", "SPE_E5", "spe_e5")) });
  it("are canonical: parsing twice, in any order, gives the same", () => {
    fc.assert(
      fc.property(raw, fc.infiniteStream(fc.nat(100)), (inputs, order) => {
        const once = licence.inputs.parse(inputs);
        expect(licence.inputs.parse(once)).toEqual(once);
        const shuffled = [...inputs.skus].map((one) => [order.next().value, one] as const).sort((a, b) => a[0] - b[0]);
        expect(licence.inputs.parse({ ...inputs, skus: shuffled.map(([, one]) => one) })).toEqual(once);
        const names = once.skus.map((one) => one.sku.toLowerCase());
        expect(new Set(names).size).toBe(names.length);
      }),
    );
  });
  it("keep a plan that any of the entitlements gives", () => {
    const parsed = licence.inputs.parse({
      person: "1",
      of: [],
      skus: [
        { sku: "SPE_E3", without: ["TEAMS1", "YAMMER_ENTERPRISE"] },
        { sku: "SPE_E3", without: ["TEAMS1"] },
      ],
    });
    expect(parsed.skus).toEqual([{ sku: "SPE_E3", without: ["TEAMS1"] }]);
  });
  it("take a country in two letters only", () => {
    expect(licence.inputs.parse({ person: "1", usageLocation: " gb ", skus: [], of: [] }).usageLocation).toBe("GB");
    expect(() => licence.inputs.parse({ person: "1", usageLocation: "Britain", skus: [], of: [] })).toThrow(/ISO 3166-1/u);
    expect("usageLocation" in licence.inputs.parse({ person: "1", skus: [], of: [] })).toBe(false);
  });
});

describe("group inputs", () => {
  it("sort members and know people and ids only", () => {
    expect(group.inputs.parse({ name: " G ", members: ["person:2", "id:x", "person:2"] })).toEqual({
      name: "G",
      mode: "exact",
      members: ["id:x", "person:2"],
      create: true,
    });
    expect(() => group.inputs.parse({ name: "G", members: ["dn:CN=x"] })).toThrow(/person:<key>/u);
  });
});

describe("addresses", () => {
  it("remove members by reference, never the member itself", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (one, other) => {
        fc.pre(isWellFormed(one) && isWellFormed(other));
        expect(memberReference(one, other)).toMatch(/^\/groups\/[^/?#]+\/members\/[^/?#]+\/\$ref$/u);
      }),
    );
    expect(() => memberReference("g", "")).toThrow();
  });
  it("quote and encode what is asked", () => {
    expect(literal("O'Neil")).toBe("'O''Neil'");
    expect(query({ select: ["id", "mail"], filter: "a eq 'x+/=#&'", top: 5 })).toBe(
      "?$select=id,mail&$filter=a%20eq%20'x%2B%2F%3D%23%26'&$top=5",
    );
    expect(query({})).toBe("");
  });
});

const isWellFormed = (text: string): boolean => text.isWellFormed();

describe("trying again", () => {
  it.each([
    ["429", { status: 429, repeatable: false, tries: 1 }, true],
    ["503 with a time", { status: 503, retryAfter: "3", repeatable: false, tries: 1 }, true],
    ["503 without one", { status: 503, repeatable: false, tries: 1 }, false],
    ["no answer to what may not be repeated", { status: undefined, repeatable: false, tries: 1 }, false],
    ["no answer", { status: undefined, repeatable: true, tries: 1 }, true],
    ["400", { status: 400, repeatable: true, tries: 1 }, false],
    ["409", { status: 409, repeatable: true, tries: 1 }, false],
    ["the last try", { status: 503, repeatable: true, tries: mostTries }, false],
    ["429 once more, though it was tried often", { status: 429, retryAfter: "5", repeatable: false, tries: 100, waited: 500_000 }, true],
    ["429 after ten minutes", { status: 429, retryAfter: "5", repeatable: true, tries: 2, waited: patience }, false],
    ["a day", { status: 429, retryAfter: "86400", repeatable: true, tries: 1 }, false],
  ])("%s", (_name, failure, again) => {
    expect(pauseBefore(failure, 0, 0.5) !== undefined).toBe(again);
  });
  it("reads seconds, decimals and dates", () => {
    const now = Date.parse("2026-01-15T08:00:00Z");
    expect([
      retryAfterMs("2", now),
      retryAfterMs("0.25", now),
      retryAfterMs("Thu, 15 Jan 2026 08:00:30 GMT", now),
      retryAfterMs("soon", now),
      retryAfterMs("-5", now),
      retryAfterMs(null, now),
    ]).toEqual([2000, 250, 30_000, undefined, 0, undefined]);
  });
  it("waits longer each time without a time named", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (random) => {
        const pauses = [1, 2, 3, 4, 5].map((tries) => pauseBefore({ status: 503, repeatable: true, tries }, 0, random) ?? 0);
        expect(pauses.every((pause, i) => i === 0 || pause > (pauses[i - 1] ?? 0))).toBe(true);
        expect(Math.max(...pauses)).toBeLessThan(40_000);
      }),
    );
  });
});

describe("names", () => {
  it.each([
    ["SPE_E4", ["SPE_E3", "POWER_BI_STANDARD"], "; did you mean SPE_E3?"],
    ["power-bi-standard", ["SPE_E3", "POWER_BI_STANDARD"], "; did you mean POWER_BI_STANDARD?"],
    ["VISIOCLIENT", ["SPE_E3", "POWER_BI_STANDARD"], "; it has SPE_E3, POWER_BI_STANDARD"],
  ])("what is said of %s", (name, known, expected) => {
    expect(hint(name, known)).toBe(expected);
  });
});

describe("permissions", () => {
  it.each(operations.map((one) => [one.method, one.path.replaceAll("{id}", "0a-1b"), one.operation] as const))(
    "%s %s is: %s",
    (method, path, operation) => {
      expect(operationOf(method, `${path}?$select=id`)?.operation).toBe(operation);
    },
  );
  it("knows keys in brackets and single objects", () => {
    expect(operationOf("PATCH", "/groups(uniqueName='haloform-a/b')")?.operation).toBe("create or change a group");
    expect(operationOf("PATCH", "/groups/0a-1b")?.operation).toBe("create or change a group");
    expect(operationOf("GET", "/users/0a-1b?$select=id")?.operation).toBe("read users and their licence assignments");
    expect(operationOf("DELETE", "/users/0a-1b")?.operation).toBe("delete a leaver's account");
    expect(operationOf("DELETE", "/groups/0a-1b")).toBeUndefined();
  });
});
