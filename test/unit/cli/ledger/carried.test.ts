/** What one machine's run leaves for the next, which may be on another machine. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newKey } from "../../../../base/ed25519.ts";
import { writePrivate } from "../../../../base/private-file.ts";
import { bring, carry } from "../../../../cli/ledger/carried.ts";
import { appended, journalTag, written } from "../../../../cli/ledger/journal.ts";
import { Ledger } from "../../../../cli/ledger/ledger.ts";
import { appendRecord, type Begin, readRecords, recordFile } from "../../../../cli/ledger/record.ts";
import { refuseUnsignable } from "../../../../cli/ledger/record-of.ts";
import { signedFile } from "../../../../cli/ledger/seen.ts";
import type { Beside, Carried, Exported, Place, Shelf } from "../../../../cli/ledger/shelf.ts";
import { digestOfState, keyVariable, ownKey, withSignature } from "../../../../cli/ledger/signature.ts";

const key = newKey();
const at = new Date("2027-01-04T08:00:00Z");
const begin = (plan: string): Begin => ({ event: "begin", plan, made: at.toISOString(), summary: {}, people: [], shared: [] });

let root: string;
let kept: Carried;
const beside: Beside = { read: async () => kept, write: async (all) => void (kept = all) };
const place = (machine: string): Place => ({ home: join(root, machine), stack: "test", config: { keys: [key.public] } });
const on = (machine: string, plan: string): string =>
  appendRecord(recordFile(place(machine)), begin(plan), { at, stack: "test", by: machine, key: ownKey() }).digest;
const ledger = (record?: string) => ({ beside, known: { losses: [], due: [], used: [], record } });
const plans = (machine: string): string[] =>
  readRecords(recordFile(place(machine))).entries.map((entry) => (entry.event === "sync" ? "" : entry.plan));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "haloform-carried-"));
  kept = {};
  vi.stubEnv(keyVariable, key.private);
  vi.stubEnv("HALOFORM_HISTORY", "");
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe("the run record goes from machine to machine", () => {
  it("a home that has none goes on with the one that was carried", async () => {
    const head = on("a", "one");
    await carry(place("a"), ledger());
    await bring(place("b"), ledger(head));
    on("b", "two");
    await carry(place("b"), ledger());
    await bring(place("a"), ledger());
    expect([plans("a"), plans("b")]).toEqual([
      ["one", "two"],
      ["one", "two"],
    ]);
  });

  it("an entry that could not be carried is given up: nothing was done by it", async () => {
    const head = on("a", "one");
    await carry(place("a"), ledger());
    on("a", "lost");
    await bring(place("a"), ledger(head));
    expect(plans("a")).toEqual(["one"]);
  });

  it.each([
    ["changed", (text: string) => text.replace("one", "two")],
    ["cut", () => ""],
    ["nothing of ours", () => "x\n"],
  ])(
    "one that somebody has %s there does not take the place of a whole one, and is not believed where there is no other",
    async (_what, change) => {
      const head = on("a", "one");
      await carry(place("a"), ledger());
      kept = { record: change(kept["record"] ?? "") };
      await bring(place("a"), ledger(head));
      expect(plans("a")).toEqual(["one"]);
      await bring(place("b"), ledger(head));
      expect(readFileSync(recordFile(place("b")), "utf8")).toBe(kept["record"]);
    },
  );

  it("one that a record does not go on with is kept beside it, once", async () => {
    on("a", "one");
    await carry(place("a"), ledger());
    const first = kept["record"];
    on("b", "new");
    for (const _time of [1, 2]) await carry(place("b"), ledger());
    const { record, ...others } = kept;
    expect([JSON.parse(record ?? "").plan, Object.values(others)]).toEqual(["new", [first]]);
  });

  it("before a run is asked for by any way, a home without it goes on with it", async () => {
    const record = on("a", "one");
    await carry(place("a"), ledger());
    const run = { ...ledger(record), refuseWithoutKey: () => undefined } as unknown as Ledger;
    await refuseUnsignable(place("b"), run, false);
    expect(plans("b")).toEqual(["one"]);
    kept = {};
    await expect(refuseUnsignable(place("c"), run, false)).rejects.toThrow(/the run record .* is not whole/u);
  });

  it("one in a folder that somebody has named stays there", async () => {
    vi.stubEnv("HALOFORM_HISTORY", join(root, "named"));
    on("a", "one");
    await carry(place("a"), ledger());
    expect(kept).toEqual({});
    kept = { record: "another\n" };
    await bring(place("b"), ledger());
    expect(plans("b")).toEqual(["one"]);
  });
});

describe("what deleted accounts had", () => {
  it("is there on every machine, and what others have carried stays", async () => {
    for (const machine of ["a", "b"]) {
      writePrivate(join(root, machine, "deleted", `2027-01-04-${machine}-41.json`), machine);
      await carry(place(machine), ledger());
    }
    await bring(place("c"), ledger());
    expect(["a", "b"].map((one) => readFileSync(join(root, "c", "deleted", `2027-01-04-${one}-41.json`), "utf8"))).toEqual(["a", "b"]);
  });

  it.each(["deleted/../seen/test.json", "deleted/a/b.json", "seen/test.json", "deleted/..json/x"])(
    "a name such as %s writes nothing",
    async (name) => {
      kept = { [name]: "{}" };
      await bring(place("c"), ledger());
      expect(existsSync(join(root, "c"))).toBe(false);
    },
  );
});

describe("a run that was cut off between writing and signing, on a machine that is gone", () => {
  const before: Exported = { deployment: { resources: [{ urn: "before" }] } };
  const shelf = (left: Exported): Shelf & { state: Exported } => {
    const signedBy = ownKey();
    if (!signedBy) throw new Error("no key");
    const journal = appended(undefined, { event: "base", losses: [], due: [], used: [] }, at);
    const statement = { stack: "test", serial: 4, at: at.toISOString(), ...digestOfState(before.deployment, undefined), running: "plan" };
    const made = {
      ...{ state: left, patience: 0, beside, setTag: async () => undefined },
      tags: async () => ({ [journalTag]: written(withSignature(journal, statement, signedBy)) }),
      exported: async () => made.state,
      putBack: async (state: Exported) => void (made.state = state),
    };
    return made;
  };
  const left: Exported = { deployment: { resources: [{ urn: "left" }] } };

  it("is gone on with from the state that was carried; another state that lies there is not", async () => {
    writePrivate(signedFile(place("a")), JSON.stringify(before));
    await carry(place("a"), ledger());
    const whole = shelf(left);
    await Ledger.open(place("b"), whole, { tell: () => undefined });
    expect(whole.state).toEqual(before);
    kept = { signed: JSON.stringify({ deployment: { resources: [{ urn: "other" }] } }) };
    const other = shelf(left);
    await expect(Ledger.open(place("c"), other, { tell: () => undefined })).rejects.toThrow("has not signed what it left");
    expect(other.state).toEqual(left);
  });
});
