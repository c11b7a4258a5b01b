import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stateDigest } from "../../../../stacks/model/state-digest.ts";

const line = "exports.handler = () => undefined";
const urn = (type: string, name: string): string => `urn:pulumi:test::haloform::${type}::${name}`;
const deployment = {
  manifest: { time: "2027-01-04T08:00:00Z", magic: "a".repeat(64), version: "3.250.0" },
  secrets_providers: { type: "passphrase", state: { salt: "v1:nBTdgUzRQX0=:v1:k+zr:pXXx" } },
  resources: [
    {
      urn: urn("pulumi:pulumi:Stack", "haloform-test"),
      custom: false,
      type: "pulumi:pulumi:Stack",
      outputs: {
        memory: { format: "haloform.memory/1", source: { count: 40, filled: { email: 39 } }, people: { 41: { name: "Ada Example" } } },
        passwords: { 41: { login: "ada", password: { "4dabf18193072939515e22adb298388d": "1b47", ciphertext: "v1:AAAA:BBBB" } } },
      },
    },
    {
      urn: urn("pulumi-nodejs:dynamic/ad:Group", "GG-Sales"),
      custom: true,
      id: "0b8a",
      type: "pulumi-nodejs:dynamic/ad:Group",
      inputs: { __provider: line, name: "GG-Sales", members: ["person:41", "person:42"], exact: false },
      outputs: { __provider: line, name: "GG-Sales", members: ["person:41", "person:42"], computed: { sid: "S-1-5-21-7" } },
      parent: urn("pulumi:pulumi:Stack", "haloform-test"),
      dependencies: [urn("pulumi-nodejs:dynamic/ad:User", "person-41")],
      propertyDependencies: { members: null },
      retainOnDelete: true,
      created: "2027-01-04T08:00:00Z",
      modified: "2027-01-04T08:00:00Z",
    },
  ],
  pending_operations: [{ type: "updating", resource: { urn: urn("pulumi-nodejs:dynamic/ad:User", "person-42"), inputs: { members: [] } } }],
  metadata: {},
};

type Place = { holder: { [key: string]: unknown }; key: string; path: string };

function places(holder: { [key: string]: unknown }, path = ""): Place[] {
  return Object.entries(holder).flatMap(([key, value]) => {
    const here = `${path}.${key}`;
    const below = value !== null && typeof value === "object" ? places(value as { [key: string]: unknown }, here) : [];
    return [{ holder, key, path: here }, ...below];
  });
}

describe("the digest of a state", () => {
  it("security-1: is another one when any single place is changed, taken out or put in", () => {
    const before = stateDigest(deployment);
    const count = places(structuredClone(deployment)).length;
    fc.assert(
      fc.property(fc.nat(count - 1), fc.constantFrom("change", "remove", "add"), fc.jsonValue(), (index, how, value) => {
        const copy = structuredClone(deployment);
        const { holder, key, path } = places(copy)[index] as Place;
        fc.pre(path !== ".manifest.time");
        const was = JSON.stringify(copy);
        if (how === "change") holder[key] = value;
        else if (how === "remove") delete holder[key];
        else if (Array.isArray(holder)) holder.push(value);
        else holder[`${key}x`] = value;
        // JSON: what was taken out of a list left a gap.
        const now: unknown = JSON.parse(JSON.stringify(copy));
        fc.pre(JSON.stringify(now) !== was);
        expect(stateDigest(now), `${how} ${path}`).not.toBe(before);
      }),
      { numRuns: 2000 },
    );
  });

  it("security-1: the order of a list counts", () => {
    const copy = structuredClone(deployment);
    copy.resources.reverse();
    expect(stateDigest(copy)).not.toBe(stateDigest(deployment));
  });

  it("is the same whenever the engine wrote it, and in whatever order the keys are", () => {
    const copy = structuredClone(deployment);
    copy.manifest.time = "2028-02-29T00:00:00Z";
    expect(stateDigest(Object.fromEntries(Object.entries(copy).reverse()))).toBe(stateDigest(deployment));
  });

  it("has one for what is no state", () => {
    expect(new Set([undefined, null, {}, [], { manifest: null }, { manifest: {} }].map(stateDigest)).size).toBe(6);
  });
});
