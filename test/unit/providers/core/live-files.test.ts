/** What a run has read, in files of which the provider process parses one object at a time. */
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { makeContext } from "../../../../providers/core/context.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { guardOf } from "../../../../providers/core/guard.ts";
import { liveIn, writeLive } from "../../../../providers/core/live-files.ts";
import { type Run, readRun, writeRun } from "../../../../providers/core/run.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-live-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (live: { [type: string]: Live[] }): Run => ({
  ...{
    format: "haloform.run/1",
    stack: "test",
    owner: process.pid,
    made: "2026-01-15T08:00:00.000Z",
    mode: "haloform",
    settings: {},
    live,
  },
  ...{ people: { ad: {}, entra: {}, halo: {} }, adopt: {}, spent: [], asked: {} },
});

it("gives back what was written, whatever ids and values hold and however long they are", () => {
  const long = fc.tuple(fc.string(), fc.integer({ min: 0, max: 300_000 })).map(([text, length]) => `${text}é${"x".repeat(length)}\t\n"`);
  const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.string()), fc.record({ a: fc.string() }), long);
  const objects = fc.uniqueArray(
    fc.record({ id: fc.oneof(fc.uuid(), fc.string()), values: fc.dictionary(fc.string(), value, { noNullPrototype: true }) }),
    { selector: ({ id }) => id, maxLength: 12 },
  );
  fc.assert(
    fc.property(objects, objects, (users, groups) => {
      // As they come from JSON.
      const live = JSON.parse(JSON.stringify({ "ad:User": users, "ad:Group": groups })) as { [type: string]: Live[] };
      writeLive(folder, live);
      const read = liveIn(folder);
      expect(Object.keys(read).sort()).toEqual(["ad:Group", "ad:User"]);
      for (const [type, all] of Object.entries(live)) {
        expect(read[type]?.all()).toEqual(all);
        for (const one of all.toReversed()) expect(read[type]?.get(one.id)).toEqual(one);
        expect(read[type]?.get("nobody's")).toBeUndefined();
      }
    }),
    { seed: 16, numRuns: 60 },
  );
});

it("a run is handed over without what was read, and finds each object and each mark all the same", async () => {
  const live: { [type: string]: Live[] } = {
    "ad:User": [
      { id: "u1", values: { name: "Ada", protected: true, protectedBecause: "it is the last administrator" } },
      { id: "u2", values: { name: "Ben" } },
    ],
    "ad:Group": [{ id: "g1", values: { name: "GG-Server-Ops", protected: true, protectedBy: "name", sid: "S-1-5-21-1" } }],
  };
  writeRun(folder, run(live));
  expect(readFileSync(join(folder, "run.json"), "utf8")).not.toContain("Ben");
  expect(statSync(join(folder, "live")).mode & 0o77).toBe(0);
  const read = readRun(folder);
  const context = makeContext(read, async () => []);
  expect((await context.liveById("ad:User")).get("u2")).toEqual(live["ad:User"]?.[1]);
  expect((await context.liveById("ad:User")).has("u3")).toBe(false);
  expect(await context.live("ad:User")).toEqual(live["ad:User"]);
  const marks = guardOf(run(live));
  expect(context.guard.of("ad:User", "u1")).toEqual(marks.of("ad:User", "u1"));
  expect(context.guard.of("ad:User", "u1")?.because).toBe("it is the last administrator");
  expect([...context.guard.sids]).toEqual([["S-1-5-21-1", "GG-Server-Ops"]]);
});

it("never takes what another run has written for what this one has read", () => {
  writeLive(folder, { "ad:User": [{ id: "u1", values: { name: "Ada" } }] });
  const read = liveIn(folder);
  expect(read["ad:User"]?.has("u1")).toBe(true);
  writeLive(folder, { "ad:User": [{ id: "another", values: { name: "Ben" } }] });
  expect(() => read["ad:User"]?.get("u1")).toThrow(/is no longer there/u);
});
