/** Row C6: the log of syncs stays small, whole and without secrets, and stops nothing. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { syncsOf } from "../../../../cli/commands/history/history.ts";
import type { Project } from "../../../../cli/engine/project.ts";
import { Refusal } from "../../../../cli/exit.ts";
import { appendRecord, broken, type Entry, readRecords, type Sync } from "../../../../cli/ledger/record.ts";
import { readSyncs, synced } from "../../../../cli/ledger/syncs.ts";
import { silent } from "../../../../cli/say.ts";

const stamp = { at: new Date("2027-01-04T08:00:00Z"), stack: "test", by: "ada@example" };
const sync = (changes = 0, more: Partial<Sync> = {}): Sync => ({
  ...{ event: "sync", command: "preview", seconds: 1.5, found: { changes }, result: "done", code: 0, said: [] },
  ...more,
});

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "haloform-syncs-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));
const project = (): Project => ({ home, stack: "test" }) as Project;
const now = new Date("2027-01-04T08:00:00Z");

describe("the log of syncs (C6)", () => {
  it("is bounded: two files of a given size at most, and the chain goes on from one to the other", () => {
    const [file, older] = [join(home, "x.jsonl"), join(home, "x.older.jsonl")];
    for (let count = 0; count < 200; count += 1) appendRecord(file, sync(count), stamp, { most: 4096, older });
    expect(readdirSync(home).sort()).toEqual(["x.jsonl", "x.older.jsonl"]);
    for (const one of [file, older]) expect(statSync(one).size).toBeLessThan(5000);
    const entries = [...readRecords(older).entries, ...readRecords(file).entries];
    expect(entries.at(-1)?.seq).toBe(200);
    expect(entries.length).toBeLessThan(40);
    expect(broken(entries, undefined, true)).toEqual([]);
    // Only what is older than all that is kept may be missing.
    expect(broken(entries, undefined)).toHaveLength(1);
    expect(broken(entries.toSpliced(3, 1), undefined, true)).toHaveLength(1);
  });

  it("a kill between the two files, or within a line, loses nothing that was told", () => {
    const [file, older] = [join(home, "x.jsonl"), join(home, "x.older.jsonl")];
    const keep = { most: 1_000_000, older };
    appendRecord(file, sync(1), stamp, keep);
    // Renamed, and killed before the new file was there.
    writeFileSync(older, readFileSync(file));
    rmSync(file);
    appendRecord(file, sync(2), stamp, keep);
    writeFileSync(file, `${readFileSync(file, "utf8")}{"format":"haloform.rec`);
    appendRecord(file, sync(3), stamp, keep);
    const entries = [...readRecords(older).entries, ...readRecords(file).entries];
    expect(entries.map((one) => one.seq)).toEqual([1, 2, 3]);
    expect(broken(entries, undefined, true)).toEqual([]);
  });

  it("notes what was read also where the work throws, and throws the same", async () => {
    const read = { source: "halo.users", records: 3, accounts: { ad: 2 }, calls: { halo: 1 } };
    const failing = synced(
      project(),
      { command: "preview", now, voice: silent },
      async (syncing): Promise<number> => {
        syncing.read(read, ["HaloITSM says /Users has 4 rows but gave 3"]);
        throw new Refusal(["nothing is done"]);
      },
      () => ({ found: {} }),
    );
    await expect(failing).rejects.toThrow("nothing is done");
    const [entry] = readSyncs(project()).entries as (Entry & Sync)[];
    expect(entry).toMatchObject({ command: "preview", result: "refused", code: 3, read, at: now.toISOString() });
    expect(entry?.said).toEqual(["Refused: nothing is done", "HaloITSM says /Users has 4 rows but gave 3"]);
  });

  it("keeps a few sentences, cut, on one line and without secrets", async () => {
    process.env["X_TEST_SECRET"] = "hunter2-hunter2";
    try {
      const doubts = Array.from({ length: 9 }, (_, index) => `doubt ${index} with hunter2-hunter2\n${"long ".repeat(200)}`);
      await synced(
        project(),
        { command: "drift", now, voice: silent },
        async () => 1,
        () => ({ found: {}, doubts }),
      );
    } finally {
      delete process.env["X_TEST_SECRET"];
    }
    const [entry] = readSyncs(project()).entries as (Entry & Sync)[];
    expect(entry?.result).toBe("doubted");
    expect(entry?.said).toHaveLength(5);
    for (const line of entry?.said ?? []) {
      expect(line.length).toBeLessThanOrEqual(300);
      expect(line).not.toMatch(/hunter2|\n/u);
    }
  });

  it("leaves what another record tells, and a log that cannot be written stops nothing", async () => {
    await synced(
      project(),
      { command: "up", now, voice: silent },
      async (syncing) => syncing.leave(),
      () => ({ found: {} }),
    );
    expect(readSyncs(project()).entries).toEqual([]);
    mkdirSync(join(home, "history", "test.syncs.jsonl"), { recursive: true });
    const told: string[] = [];
    const voice = { ...silent, tell: (line: string) => void told.push(line) };
    expect(
      await synced(
        project(),
        { command: "check", now, voice },
        async () => 7,
        () => ({ found: {} }),
      ),
    ).toBe(7);
    expect(told.join()).toMatch(/This run is not in the log of syncs/u);
  });

  it("is told newest first, and what repeats itself once", () => {
    const at = (minute: number) => ({ ...stamp, at: new Date(Date.UTC(2027, 0, 4, 8, minute)) });
    const file = join(home, "x.jsonl");
    for (const [minute, one] of [sync(), sync(), sync(2), sync(), sync(0, { seconds: 9 })].entries()) appendRecord(file, one, at(minute));
    const told = syncsOf(readRecords(file).entries).map(({ times, first, at: when, found }) => [
      times,
      first?.slice(11, 16),
      when.slice(11, 16),
      found["changes"],
    ]);
    expect(told).toEqual([
      [2, "08:03", "08:04", 0],
      [1, undefined, "08:02", 2],
      [2, "08:00", "08:01", 0],
    ]);
  });
});
