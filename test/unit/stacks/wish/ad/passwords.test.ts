/** Whose password a key of the mapping sets: nobody's by adoption, nobody's twice, nobody's who is held, protected or gone. */
import { describe, expect, it } from "vitest";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { SourceRecord } from "../../../../../stacks/model/types.ts";
import { parseHanded, secretValue, stored } from "../../../../../stacks/read/handed.ts";
import { parseExport } from "../../../../../stacks/read/previous.ts";
import { type World, wish } from "../../../../../stacks/wish/wish.ts";
import { account, adDefault, apply, find, mappings, next, record, world } from "../../world.ts";

type Rotate = { key: string; for?: { [field: string]: string } };
const given = (rotate: Rotate | undefined, safety = {}) =>
  mappings({
    entra: null,
    halo: null,
    safety,
    ad: { ...adDefault, groups: [], passwords: { handover: "output", ...(rotate ? { rotate } : {}) } },
  });

function start(records: SourceRecord[], live: Live[], rotate: Rotate | undefined, safety = {}): World {
  return world({ records, mappings: given(rotate, safety), live: { "ad:User": live } });
}
const users = (of: World) => wish(of).resources.filter((one) => one.type === "ad:User");
const keys = (of: World): { [person: string]: unknown } =>
  Object.fromEntries(users(of).map((one) => [one.person, one.inputs["passwordKey"]]));
const notes = (of: World): { [person: string]: unknown } =>
  Object.fromEntries(users(of).map((one) => [one.person, one.because["passwordKey"]?.note]));
/** The world after a run, with another mapping. */
const then = (before: World, rotate: Rotate | undefined, more: Partial<World> = {}): World => ({
  ...next(before, apply(before, wish(before))),
  mappings: given(rotate),
  ...more,
});

describe("the key of passwords", () => {
  const records = [record(41), record(42, { "custom.CFDepartment": "Finance" }), record(43)];
  const live = [account(41), account(42)];

  it("is noted for new and adopted accounts, and asked for where an account is managed already", () => {
    const first = start(records, live, { key: "a" });
    expect(keys(first)).toEqual({ 41: "a", 42: "a", 43: "a" });
    expect(notes(first)).toEqual({
      41: "taken over with the password it has",
      42: "taken over with the password it has",
      43: "the first password is made under this key",
    });
    const second = then(first, { key: "b" });
    expect(keys(second)).toEqual({ 41: "b", 42: "b", 43: "b" });
    expect(new Set(Object.values(notes(second)))).toEqual(new Set(["password rotated because the key changed"]));
    expect(users(second).find((one) => one.person === "41")?.because["passwordKey"]?.rule).toBe("mappings/ad.yaml:passwords.rotate.key");
  });

  it("goes only to whom it selects; the others keep theirs, and so does everybody when it is taken out", () => {
    const first = start(records, live, { key: "a" });
    expect(keys(then(first, { key: "b", for: { "custom.CFDepartment": "Finance" } }))).toEqual({ 41: "a", 42: "b", 43: "a" });
    expect(keys(then(first, undefined))).toEqual({ 41: "a", 42: "a", 43: "a" });
    expect(keys(start(records, live, undefined))).toEqual({ 41: undefined, 42: undefined, 43: undefined });
    expect(keys(start(records, live, { key: "a", for: { "custom.CFDepartment": "Finance" } }))).toEqual({
      41: undefined,
      42: "a",
      43: undefined,
    });
  });

  it("passes leavers, protected people, AD's protected accounts, and whom a doubted read holds, by", () => {
    const first = start(records, live, { key: "a" });
    const left = then(first, { key: "b" }, { records: [record(41, { inactive: true }), record(42), record(43)] });
    expect(keys(left)["41"]).toBe("a");
    const guarded = { ...then(first, { key: "b" }), mappings: given({ key: "b" }, { protected: { people: [42] } }) };
    expect(keys(guarded)).toEqual({ 41: "b", 42: "a", 43: "b" });
    const after = then(first, { key: "b" });
    const admin = {
      ...after,
      live: {
        ...after.live,
        "ad:User": (after.live["ad:User"] ?? []).map((one) =>
          one.id === account(41).id ? { ...one, values: { ...one.values, protected: true } } : one,
        ),
      },
    };
    // such an account is nobody's business: it is left as it was, and nobody looks
    expect(keys(admin)["41"]).toBe("a");
    expect(find(wish(admin), "ad:User", "person-41")?.untouched).toBe(true);
    const gone = then(
      first,
      { key: "b" },
      { records: [record(42), record(43)], trust: { verdict: "doubted", doubts: ["x"], memory: { count: 3, filled: {} } } },
    );
    expect(keys(gone)["41"]).toBe("a");
  });
});

describe("the stack output", () => {
  it("is read from an export with secrets shown, and nothing else is taken for it", () => {
    const note = { login: "ada", since: "2026-11-21T08:00:00Z", why: "created" };
    const handed = { 41: { ...note, password: secretValue('Pass"word2\\') }, 42: { ...note, why: "reset", password: "bare" } };
    expect(parseHanded(handed)).toEqual({ 41: { ...note, password: 'Pass"word2\\' }, 42: { ...note, why: "reset", password: "bare" } });
    for (const other of [undefined, {}, { 41: { password: 3 } }, "x", { 41: { ...note, password: { ciphertext: "v1:x" } } }])
      expect(parseHanded(other)).toBeUndefined();
    // security-2: for recipients it is no secret, and goes back as it is.
    const theirs = { ...note, why: "created" as const, age: "-----BEGIN AGE ENCRYPTED FILE-----\n…" };
    expect(parseHanded({ ...handed, 43: theirs })).toMatchObject({ 42: { password: "bare" }, 43: theirs });
    expect(parseHanded({ 43: theirs })).toEqual({ 43: theirs });
    expect(stored(theirs)).toEqual(theirs);
    expect(stored({ ...note, why: "created", password: "bare" })).toEqual({ ...note, password: secretValue("bare") });
    const urn = "urn:pulumi:t::haloform::pulumi:pulumi:Stack::haloform-t";
    const exported = { deployment: { resources: [{ urn, type: "pulumi:pulumi:Stack", outputs: { passwords: handed } }] } };
    expect(Object.keys(parseExport(exported).handed ?? {})).toEqual(["41", "42"]);
    expect(parseExport({ deployment: {} })).not.toHaveProperty("handed");
  });
});
