/** Drift that is let be: exactly what was found, until a day, by somebody who may (issue 15, point 8). */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test, vi } from "vitest";
import { newKey } from "../../../../../base/ed25519.ts";
import type { Drift } from "../../../../../cli/answers/drift.ts";
import { causesOf } from "../../../../../cli/commands/drift/causes.ts";
import { tolerancesOf, tolerate, withoutTolerated } from "../../../../../cli/commands/drift/tolerate.ts";
import { known } from "../../../../../cli/ledger/journal.ts";
import { keyVariable } from "../../../../../cli/ledger/signature.ts";
import { begun, type Stack, stated } from "../../../../../cli/ledger/statements.ts";
import { leaveBeside } from "../../../../../cli/ledger/stops.ts";
import { newSshKey, signer } from "../../../../ssh.ts";
import { homeEach } from "../../home.ts";

const now = new Date("2027-01-04T08:00:00.000Z");
const later = (days: number): Date => new Date(now.getTime() + days * 86_400_000);
const home = homeEach();

const stack = (config: object = {}): Stack => ({ folder: home(), home: home(), stack: "test", config: config as Stack["config"] });
const account = (title: string, more: Drift["found"][number]["fields"] = []): Drift["found"][number] => ({
  ...{ type: "ad:User", resource: "person-41", label: "aexample", gone: false },
  fields: [{ path: "attributes.title", wanted: "Lead", found: title }, ...more],
});
const gone = { ...account("x"), resource: "person-42", gone: true, fields: [] };
const driftOf = (found: Drift["found"]): Drift => ({
  ...{ format: "haloform.drift/1", found, waiting: 0, checked: 9, doubts: [], calls: { halo: 0, graph: 0, ldap: 0 } },
  causes: causesOf(found, [{ type: "ad:User", name: "person-41", inputs: { person: "41" } } as never], (key) => key).map((one) => ({
    ...one,
    keep: { cannot: [] },
  })),
});
const asked = { cause: "person:41", until: "2027-01-31", why: "until the move", now, ledger: async () => ({ known: known() }) };
const left = async (found: Drift["found"], at = now, config: object = {}) => {
  const { tolerances, odd } = await tolerancesOf(stack(config), at);
  return { ...withoutTolerated(found, tolerances), odd };
};

describe("drift that is tolerated", () => {
  test("is none until the day is over, and what is found otherwise is", async () => {
    const made = await tolerate(stack(), driftOf([account("Boss"), gone]), asked);
    expect(made).toMatchObject({ cause: "person:41", until: "2027-02-01T00:00:00.000Z", why: "until the move", things: 1 });
    expect(await left([account("Boss"), gone])).toMatchObject({
      found: [gone],
      tolerated: [{ cause: "person:41", things: 1, by: made.by }],
      odd: [],
    });
    const phone = { path: "attributes.mobile", wanted: null, found: "1" };
    expect((await left([account("Boss", [phone])])).found).toEqual([{ ...account("Boss"), fields: [phone] }]);
    for (const other of [account("Chief"), { ...account("Boss"), resource: "person-43" }, { ...gone, resource: "person-41" }])
      expect((await left([other])).found).toEqual([other]);
    expect((await left([account("Boss")], later(27.6))).found).toEqual([]);
    expect((await left([account("Boss")], later(27.7))).found).toEqual([account("Boss")]);
  });

  test("15.8: another wish is another finding, and both that and another value are told with whose word it was", async () => {
    const made = await tolerate(stack(), driftOf([account("Boss")]), asked);
    const [field] = account("Boss").fields;
    const wished = { ...account("Boss"), fields: [{ ...(field as NonNullable<typeof field>), wanted: "Master" }] };
    for (const other of [wished, account("Chief")])
      expect(await left([other])).toMatchObject({
        ...{ found: [other], tolerated: [] },
        over: [`1 of person:41, which ${made.by} tolerates ("until the move"), is wanted or found otherwise now: that is drift again.`],
      });
    expect((await left([account("Boss")])).over).toEqual([]);
  });

  test("15.8: a word of an earlier version, which did not say what was wanted, does not count, and is told", async () => {
    const said = { ...begun(stack(), now), event: "tolerate", why: "x", cause: "person:41", until: "2027-02-01T00:00:00.000Z" } as const;
    await leaveBeside(stack(), await stated(stack(), { ...said, of: ["0123456789abcdef"] }), asked.ledger);
    const { found, odd } = await left([account("Boss")]);
    expect(found).toHaveLength(1);
    expect(odd).toEqual([expect.stringMatching(/tolerates person:41 \(.*\) does not count: it does not say what was wanted/u)]);
  });

  test("what is about power over others is never let be: not by the command, and not by a word that lies there", async () => {
    await tolerate(stack(), driftOf([account("Boss")]), asked);
    const power = { ...account("Boss"), privileged: true as const };
    await expect(tolerate(stack(), driftOf([power]), asked)).rejects.toThrow(/has aexample, which is about power over others/u);
    expect(await left([power])).toMatchObject({ found: [power], tolerated: [] });
  });

  test("says nobody's values where it lies, and goes with the next one when it is over", async () => {
    await tolerate(stack(), driftOf([account("Boss")]), asked);
    const folder = join(home(), "state", ".haloform-said", "test");
    const [name = ""] = readdirSync(folder);
    expect(readFileSync(join(folder, name), "utf8")).not.toMatch(/Boss|aexample/u);
    await tolerate(stack(), driftOf([account("Chief")]), { ...asked, until: "2027-03-01", now: later(40) });
    expect(readdirSync(folder)).toHaveLength(1);
    expect((await left([account("Chief")], later(41))).found).toEqual([]);
  });

  test("needs a reason, a day within a year, and a cause that there is", async () => {
    const drift = driftOf([account("Boss")]);
    for (const [wrong, why] of [
      [{ why: undefined }, /--why/u],
      [{ why: "x".repeat(301) }, /--why/u],
      [{ until: undefined }, /--until is missing/u],
      [{ until: "2027-01-03" }, /--until 2027-01-03/u],
      [{ until: "2028-02-01" }, /within a year/u],
      [{ until: "2027-02-30x" }, /expected a day/u],
      [{ cause: "person:42" }, /there is person:41/u],
    ] as const)
      await expect(tolerate(stack(), drift, { ...asked, ...wrong })).rejects.toThrow(why);
    const many = driftOf(Array.from({ length: 501 }, (_, index) => ({ ...account("Boss"), resource: `person-${index}` })));
    await expect(tolerate(stack(), many, { ...asked, cause: "change:ad:User:attributes.title" })).rejects.toThrow(/at most 500/u);
  });

  test("where the settings name keys, by production's key alone; a forged, altered or other stack's one does not count, and is told", async () => {
    const key = newKey();
    const keys = { keys: [key.public] };
    await expect(tolerate(stack(keys), driftOf([account("Boss")]), asked)).rejects.toThrow(/it is not signed/u);
    await tolerate(stack(), driftOf([account("Boss")]), asked);
    const unsigned = await left([account("Boss")], now, keys);
    expect([unsigned.found.length, unsigned.odd]).toEqual([1, [expect.stringContaining("does not count: it is not signed")]]);
    vi.stubEnv(keyVariable, key.private);
    expect((await tolerate(stack(keys), driftOf([account("Boss")]), asked)).by).toMatch(/^production's key [0-9a-f]{8}$/u);
    expect((await left([account("Boss")], now, keys)).found).toEqual([]);
    expect((await left([account("Boss")], now, { keys: [newKey().public] })).found).toHaveLength(1);
    const folder = join(home(), "state", ".haloform-said", "test");
    for (const name of readdirSync(folder)) {
      const text = readFileSync(join(folder, name), "utf8");
      writeFileSync(join(folder, name), text.replace("2027-02-01", "2027-12-01"));
    }
    expect((await left([account("Boss")], now, keys)).found).toHaveLength(1);
  });

  test("by an allowed signer, whose name it has then, and by nobody else's key", async () => {
    const [ada, eve] = [newSshKey(home(), "ada"), newSshKey(home(), "eve")];
    writeFileSync(join(home(), "signers"), signer("ada@example.com", ada, 'namespaces="haloform-tolerate"'));
    const signed = { signers: "signers" };
    await expect(tolerate(stack(signed), driftOf([account("Boss")]), { ...asked, signWith: eve.file })).rejects.toThrow(
      /its key is none of/u,
    );
    expect((await tolerate(stack(signed), driftOf([account("Boss")]), { ...asked, signWith: ada.file })).by).toBe("ada@example.com");
    expect((await left([account("Boss")], now, signed)).tolerated).toMatchObject([{ by: "ada@example.com" }]);
  });
});
