import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appended, future, isWhole, type Journal, type JournalEvent, known, readJournal, written } from "../../../../cli/ledger/journal.ts";
import type { Loss } from "../../../../stacks/model/types.ts";

const start = Date.parse("2027-01-04T08:00:00Z");
const hour = 3_600_000;
const at = (hours: number): Date => new Date(start + hours * hour);
const names = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `d${(from + index).toString(16).padStart(12, "0")}`);

function begin(hours: number, more: Partial<Extract<JournalEvent, { event: "begin" }>> = {}): JournalEvent {
  const moment = at(hours).toISOString();
  const losses: Loss = { at: moment, counted: [{ as: "disabled", of: names(hours * 1000, 1) }] };
  return { event: "begin", plan: `sha256:p${hours}`, expires: at(hours + 24).toISOString(), record: `r${hours}`, losses, ...more };
}

const all = (events: readonly (readonly [hours: number, event: JournalEvent])[]): Journal =>
  events.reduce<Journal | undefined>((journal, [hours, event]) => appended(journal, event, at(hours)), undefined) as Journal;

describe("the journal of a stack", () => {
  it("security-7: keeps every loss, due command and used approval, and which record is the newest", () => {
    const due = [{ person: "41", script: "vpn", event: "joiner", at: at(0).toISOString(), id: "x" }];
    const journal = all([
      [0, begin(0, { due })],
      [1, { event: "end", plan: "sha256:p0", record: "e0" }],
      [2, begin(2)],
      [3, { event: "end", plan: "sha256:p2", record: "e2", due: [] }],
    ]);
    expect(isWhole(journal)).toBe(true);
    expect(known(appended(undefined, begin(0, { due }), at(0))).due).toEqual(due);
    expect(known(journal)).toMatchObject({
      due: [],
      record: "e2",
      losses: [{ at: at(0).toISOString() }, { at: at(2).toISOString() }],
      used: [{ plan: "sha256:p0" }, { plan: "sha256:p2" }],
    });
  });

  it("security-7: forgets nothing of a week by being summed up, whatever clock the newest writer has", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 45, maxLength: 130 }), fc.integer({ min: -100_000, max: 100_000 }), (hours, wrong) => {
        const sorted = [...hours].sort((a, b) => a - b);
        const journal = all(sorted.map((one) => [one, begin(one)]));
        const jumped = appended(journal, begin(wrong), at(wrong));
        expect(jumped.entries.length).toBeLessThan(60);
        expect(isWhole(jumped)).toBe(true);
        const said = known(jumped);
        expect(said.losses).toHaveLength(sorted.length + 1);
        expect(said.used).toHaveLength(sorted.length + 1);
        expect(said.losses.map((one) => one.at)).toEqual([...sorted, wrong].map((one) => at(one).toISOString()));
      }),
      { numRuns: 50 },
    );
  });

  it("15.5: remembers what people were told last, whatever comes after it and however it is summed up", () => {
    const told = { id: "sha256:m", at: at(0).toISOString(), standing: ["a"], open: { webhook: "it answers 500" } };
    const journal = all([
      [0, { event: "told", told }],
      ...Array.from({ length: 90 }, (_, index) => [index + 1, begin(index + 1)] as const),
    ]);
    expect(journal.entries.length).toBeLessThan(50);
    expect(isWhole(journal)).toBe(true);
    expect(known(journal).told).toEqual(told);
    const later = { ...told, id: "sha256:n", standing: [] };
    expect(known(appended(journal, { event: "told", told: later }, at(99))).told).toEqual(later);
    expect(known(appended(journal, { event: "told", told: later }, at(99))).losses).toHaveLength(90);
  });

  it("lets go of what is older than a week and an approval that has expired, and stays small for years", () => {
    const journal = all(Array.from({ length: 2000 }, (_, index) => [index * 6, begin(index * 6)]));
    const { losses, used } = known(journal);
    expect(losses.length).toBeGreaterThan(4 * 8);
    expect(losses.length).toBeLessThan(4 * 8 + 45);
    expect(used.length).toBe(losses.length);
    expect(written(journal).length).toBeLessThan(20_000);
  });

  it("security-7: says that an entry has not come yet", () => {
    const journal = all([
      [0, begin(0)],
      [24, begin(24)],
    ]);
    expect(future(journal, at(1))).toBe(at(24).toISOString());
    expect(future(journal, at(25))).toBeUndefined();
  });

  it("fits into a tag whatever is lost: names go before counts do", () => {
    const big = (hours: number, count: number) =>
      begin(hours, {
        losses: { at: at(hours).toISOString(), counted: [{ as: "memberships", of: randomNames(hours, count) }] },
      });
    const journal = all([
      [0, big(0, 9000)],
      [1, big(1, 9000)],
      [2, big(2, 20_000)],
    ]);
    expect(written(journal).length).toBeLessThan(131_072);
    expect(isWhole(journal)).toBe(true);
    expect(known(journal).losses.map(({ counted: [one] }) => (one?.count ?? 0) + (one?.of ?? []).length)).toEqual([9000, 9000, 20_000]);
    expect(readJournal(written(journal))).toEqual(journal);
  });

  it("security-7: shows every entry that is changed, taken out, put in or moved", () => {
    const journal = all(Array.from({ length: 50 }, (_, index) => [index, begin(index)]));
    fc.assert(
      fc.property(fc.constantFrom("change", "remove", "swap", "repeat"), fc.nat(journal.entries.length - 2), (how, index) => {
        const copy = structuredClone(journal);
        const { entries } = copy;
        const one = entries[index] as Journal["entries"][number];
        if (how === "change") one.at = at(-1).toISOString();
        else if (how === "remove" && index > 0) entries.splice(index, 1);
        else if (how === "repeat") entries.splice(index, 0, structuredClone(one));
        else entries.splice(index, 2, ...entries.slice(index, index + 2).reverse());
        expect(isWhole(copy)).toBe(false);
      }),
    );
  });

  it("is no journal where a tag says something else", () => {
    for (const text of ["{}", "[]", "deflate:AAAA", '{"format":"haloform.journal/1","entries":[]}', "\u0000"])
      expect(readJournal(text)).toBeUndefined();
  });
});

/** As digests are: nothing that compresses. */
function randomNames(seed: number, count: number): string[] {
  let state = seed * 7919 + 1;
  const next = (): number => (state = (state * 48_271) % 2_147_483_647);
  return Array.from({ length: count }, () => `m${(next() * 65_536 + (next() % 65_536)).toString(16).padStart(12, "0").slice(-12)}`);
}
