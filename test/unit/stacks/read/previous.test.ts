/** What the last run left, from an exported stack. */
import { expect, test } from "vitest";
import { providerLine } from "../../../../providers/core/urn.ts";
import { baselineOf, parseExport } from "../../../../stacks/read/previous.ts";

const type = "pulumi-nodejs:dynamic/ad:Group";
const urn = (name: string): string => `urn:pulumi:test::haloform::${type}::${name}`;
const group = (name: string, members: string[]) => ({
  urn: urn(name),
  type,
  id: name,
  inputs: { name, mode: "additive", members, __provider: providerLine("ad:Group") },
});

test("outside O1: whom a run was putting in when it was killed is whom haloform put in", () => {
  const pending = (operation: string, name: string, members: string[]) => ({ type: operation, resource: group(name, members) });
  const { resources } = parseExport({
    deployment: {
      resources: [group("GG-A", ["person:1"]), group("GG-B", ["person:1"])],
      pending_operations: [pending("updating", "GG-A", ["person:2", "person:1"]), pending("refreshing", "GG-B", ["person:9"])],
    },
  });
  expect(resources.map((one) => [one.name, one.inputs["members"]])).toEqual([
    ["GG-A", ["person:1", "person:2"]],
    ["GG-B", ["person:1"]],
  ]);
});

test("security-16: a state without the memory that every run leaves at its end says that there is no baseline", () => {
  const resources = [group("GG-A", [])];
  expect(baselineOf(parseExport({ deployment: null }))).toBe("none");
  expect(baselineOf(parseExport({ deployment: { resources } }))).toBe("none");
  const memory = { format: "haloform.memory/1", source: { count: 1, filled: {} }, people: {} };
  const stack = { urn: "urn:pulumi:t::haloform::pulumi:pulumi:Stack::haloform-t", type: "pulumi:pulumi:Stack", outputs: { memory } };
  expect(baselineOf(parseExport({ deployment: { resources: [stack] } }))).toBeUndefined();
});

test("security-15: the digest is over the whole state, but the passwords that wait in it and what they are under", () => {
  const stack = (outputs: object) => ({
    urn: "urn:pulumi:t::haloform::pulumi:pulumi:Stack::haloform-t",
    type: "pulumi:pulumi:Stack",
    outputs,
  });
  const under = (salt: string, type = "passphrase") => ({ secrets_providers: { type, state: { salt } } });
  const digest = (resources: object[], more: object = under("v1:w")): string =>
    parseExport({ deployment: { manifest: { time: "2026-01-01", version: "v3" }, resources, ...more } }).digest;
  const before = digest([stack({ memory: {} }), group("GG-A", ["person:1"])]);
  expect(digest([stack({ memory: {} }), group("GG-A", ["person:2"])]), "inputs").not.toBe(before);
  const wrote = { ...group("GG-A", ["person:1"]), outputs: { __provider: providerLine("ad:Group"), computed: { id: "x" } } };
  expect(digest([stack({ memory: {} }), wrote]), "outputs").not.toBe(before);
  expect(digest([stack({ memory: { format: "x" } }), group("GG-A", ["person:1"])]), "memory").not.toBe(before);
  const waiting = digest([stack({ memory: {}, passwords: { "ad:1": { login: "a" } } }), group("GG-A", ["person:1"])], under("v1:x"));
  expect(waiting, "a password that waits, or was read").toBe(before);
  expect(digest([stack({ memory: {} }), group("GG-A", ["person:1"])], under("v1:w", "cloud")), "another kind of secrets").not.toBe(before);
});
