/** Inputs that are taken for plain without the schema: the schema takes them too, and changes nothing of them. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json, Values } from "../../../base/json.ts";
import { definition } from "../../../providers/registry.ts";

const good = fc.constantFrom("ada", "Ada \u00d8rsted", "41", "GB", "SPE_E3", "SPE_E5", "TEAMS1", "person:41");
const bad = fc.oneof(
  fc.constantFrom("", " ", " ada", "ada ", "e\u0301", "a\u200b", "\ud800", "gb", "spe_e5", "dn:CN=x", "person:", "FALSE", "512"),
  fc.string({ unit: "binary", maxLength: 6 }),
);
const goodPlace = fc.constant("OU=Staff,DC=corp,DC=example,DC=com");
const badPlace = fc.constantFrom("ou=Staff, DC=corp", "OU=,DC=x", "OU=Staff,OU=A\\,B,DC=x", "OU=Staff,OU=A\\2CB,DC=x", "no place");
const attributeName = fc.constantFrom(
  ...["displayName", "displayname", "title", "Title", "mail", "manager", "proxyAddresses", "otherTelephone", "accountExpires"],
  ...["userWorkstations", "logonHours", "cn", "memberOf", "mobile", "employeeNumber", "nobodyKnowsThis", "not a name", "thumbnailPhoto"],
);
const value = fc.oneof({ weight: 3, arbitrary: good }, { weight: 1, arbitrary: bad });
const attributes = fc.dictionary(attributeName, fc.oneof(value, fc.array(value, { maxLength: 3 })), { maxKeys: 3, noNullPrototype: true });
const names = fc.array(value, { maxLength: 3 });
const sku = fc.record({ sku: good, without: names }, { noNullPrototype: true });
const odd: fc.Arbitrary<Json> = fc.oneof(
  ...[fc.constantFrom<Json>(null, 1, true, [], {}), good, bad, badPlace, names, attributes],
  fc.array(fc.oneof(sku, fc.constantFrom<Json>({ sku: "SPE_E3" }, { sku: "SPE_E3", without: [], more: 1 })), { maxLength: 3 }),
);

const account = fc.record(
  {
    person: good,
    name: good,
    path: goodPlace,
    enabled: fc.boolean(),
    sAMAccountName: good,
    attributes,
    userPrincipalName: good,
    passwordKey: good,
  },
  { noNullPrototype: true, requiredKeys: ["person", "name", "path", "enabled", "sAMAccountName", "attributes"] },
);
const licence = fc.record(
  { person: good, skus: fc.array(sku, { maxLength: 2 }), of: names, usageLocation: fc.constant("GB"), through: names, leaving: names },
  { noNullPrototype: true, requiredKeys: ["person", "skus", "of"] },
);
/** What is odd about them; `undefined`: the field is taken away. */
const changes = (fields: string[]) => fc.array(fc.tuple(fc.constantFrom(...fields), fc.option(odd, { nil: undefined })), { maxLength: 2 });

/** Both are asked of the JSON that the engine hands on. */
function compared(type: string, inputs: Values): { plain: boolean; same: boolean } {
  const { inputs: schema, isPlain } = definition(type);
  const parsed = schema.safeParse(inputs);
  return { plain: isPlain?.(inputs) === true, same: parsed.success && isDeepStrictEqual(parsed.data, inputs) };
}

describe.each([
  [
    "ad:User",
    account,
    ["person", "name", "path", "enabled", "sAMAccountName", "attributes", "passwordKey", "flags", "syntax", "deleted", "more"],
  ],
  ["entra:Licence", licence, ["person", "skus", "of", "usageLocation", "through", "leaving", "more"]],
] as const)("inputs of %s that are taken for plain", (type, usual, fields) => {
  it("are inputs that its schema takes, and gives back as they are", () => {
    let plain = 0;
    let refused = 0;
    fc.assert(
      fc.property(usual as fc.Arbitrary<Values>, changes([...fields]), (inputs, changed) => {
        const given: Values = { ...inputs };
        for (const [field, to] of changed)
          if (to === undefined) delete given[field];
          else given[field] = to;
        const found = compared(type, given);
        if (found.plain) plain += 1;
        if (!found.same) refused += 1;
        return !found.plain || found.same;
      }),
      { seed: 12, numRuns: 2000 },
    );
    expect(plain).toBeGreaterThan(100);
    expect(refused).toBeGreaterThan(100);
  });
});

it("what nearly everybody has is plain", () => {
  const attributes = {
    ...{ displayName: "Ada \u00d8rsted", title: "Engineer", mobile: "", manager: "person:7" },
    proxyAddresses: ["SMTP:ada@example.com", "smtp:a@example.com"],
  };
  const inputs = {
    person: "41",
    name: "Ada",
    path: "OU=Staff,DC=corp,DC=example,DC=com",
    enabled: true,
    sAMAccountName: "ada",
    attributes,
  };
  expect(compared("ad:User", { ...inputs, userPrincipalName: "ada@example.com" })).toEqual({ plain: true, same: true });
  const skus = [{ sku: "SPE_E3", without: ["KAIZALA", "YAMMER"] }];
  expect(compared("entra:Licence", { person: "41", usageLocation: "GB", skus, of: ["SPE_E3", "SPE_E5"] })).toEqual({
    plain: true,
    same: true,
  });
});
