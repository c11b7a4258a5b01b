/** Who is in: what inputs call them, what a system knows them by, and what has to be done so that both agree. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeContext } from "../../../../providers/core/context.ts";
import {
  byId,
  delta,
  type Ids,
  idIn,
  idsOf,
  joinLater,
  keyOf,
  knownIn,
  orLast,
  referenceOf,
  remember,
  resolve,
  view,
} from "../../../../providers/core/references.ts";

const everybody = Array.from({ length: 8 }, (_, n) => `id-${n}`);

/** A run that knows the accounts of some people; person N has the account id-N. */
function runOf(known: readonly number[]) {
  const context = makeContext(undefined, async () => []);
  for (const n of known) context.announce("entra", String(n), `id-${n}`);
  return context;
}
const person = fc.integer({ min: 0, max: 7 });
const people = fc.uniqueArray(person);
/** Anybody by key or by id. */
const reference = fc.tuple(person, fc.boolean()).map(([n, byKey]) => (byKey ? `person:${n}` : `id:id-${n}`));
/** Each at most once, by whichever name. */
const wishes = fc.uniqueArray(reference, { selector: (one) => one.replace(/^(?:person:|id:id-)/u, "") });
const mode = fc.constantFrom("exact", "additive");

describe("references", () => {
  it("are keys of people, names of what a mapping manages, or the system's own", () => {
    expect(["person:41", "group:Sales", "contact:Ann", "id:x", "dn:CN=Ann"].map(keyOf)).toEqual([
      "41",
      "group:Sales",
      "contact:Ann",
      undefined,
      undefined,
    ]);
    expect(["41", "group:Sales", "contact:Ann"].map(referenceOf)).toEqual(["person:41", "group:Sales", "contact:Ann"]);
    const idOf = idIn("entra", runOf([1]));
    expect([idOf("person:1"), idOf("person:2"), idOf("id:x"), idOf("dn:CN=Ann")]).toEqual(["id-1", undefined, "x", undefined]);
    expect(resolve(["person:2", "id:x", "person:1", "dn:CN=Ann"], idOf)).toEqual({
      ids: { "id:x": "x", "person:1": "id-1" },
      waiting: ["person:2"],
    });
    expect(idsOf({ resolved: { a: "1", b: 2 } })).toEqual({ a: "1" });
    expect([idsOf(undefined), idsOf({ resolved: [] }), idsOf({ owners: { a: "1" } }, "owners")]).toEqual([{}, {}, { a: "1" }]);
    expect([remember("exact", { "id:x": "x", "group:G": "g" }), remember("additive", { "id:x": "x" })]).toEqual([
      { "group:G": "g" },
      { "id:x": "x" },
    ]);
  });

  it("what is viewed and brought to the wish is the wish: all of it in exact mode, and nobody else's members in additive", () => {
    fc.assert(
      fc.property(people, people, wishes, wishes, mode, (known, live, wished, before, mode) => {
        const context = runOf(known);
        const idOf = idIn("entra", context);
        // What the last run remembered, as it was then.
        const last: Ids = Object.fromEntries(before.map((one) => [one, one.replace(/^(?:person:|id:id-)/u, "id-")]));
        const liveIds = live.map((n) => `id-${n}`);
        const was = view(liveIds, { mode, members: wished }, last, knownIn("entra", context), byId);
        const { ids, waiting } = resolve(wished, idOf);
        const { join, leave, unknown } = delta(wished, ids, was, idOf);
        // Whoever is shown by a name that the run does not know is wished by that name, and so never to leave.
        expect(unknown).toEqual([]);
        const after = new Set([...liveIds.filter((id) => !leave.includes(id)), ...join]);
        for (const id of Object.values(ids)) expect(after).toContain(id);
        expect(
          join.some((id) => liveIds.includes(id)),
          "nobody joins who is in",
        ).toBe(false);
        expect(
          leave.some((id) => Object.values(ids).includes(id)),
          "nobody leaves who is wished",
        ).toBe(false);
        const waits = waiting.flatMap((one) => last[one] ?? []);
        if (mode === "exact")
          expect([...after].filter((id) => !waits.includes(id)).sort()).toEqual(
            [...new Set(Object.values(ids))].filter((id) => !waits.includes(id)).sort(),
          );
        else
          expect(
            leave.every((id) => Object.values(last).includes(id)),
            "only whom haloform put there",
          ).toBe(true);
        // Seen again, it is as it was wished, but for those who still wait.
        const again = view([...after], { mode, members: wished }, { ...last, ...remember(mode, ids) }, knownIn("entra", context), byId);
        expect(delta(wished, ids, again, idOf)).toEqual({ join: [], leave: [], unknown: [] });
      }),
      { numRuns: 2000 },
    );
  });

  it("somebody who is only called otherwise is neither put in nor out", () => {
    const idOf = idIn("entra", runOf([1]));
    const { ids } = resolve(["person:1"], idOf);
    expect(delta(["person:1"], ids, ["id:id-1"], idOf)).toEqual({ join: [], leave: [], unknown: [] });
  });

  it("one whom the run knows by another account now is not taken for the one whom haloform put there", () => {
    const context = makeContext(undefined, async () => []);
    context.announce("entra", "1", "new");
    const last = { "person:1": "old" };
    const seen = (mode: string, live: string[]) => view(live, { mode, members: [] }, last, knownIn("entra", context), byId);
    // By hand: somebody put the new account in; haloform has only ever put the old one.
    expect(seen("additive", ["new", "old"])).toEqual(["id:old"]);
    expect(seen("exact", ["new", "old"])).toEqual(["id:old", "person:1"]);
  });

  it("whoever waits joins when the run gets to know them", async () => {
    const context = runOf([1]);
    const joined: string[] = [];
    await joinLater("entra", ["person:1", "person:2", "group:G"], context, async (id) => void joined.push(id));
    expect(joined).toEqual(["id-1"]);
    context.announce("entra", "2", "id-2");
    context.announce("entra", "group:G", "g");
    await context.settle();
    expect(joined).toEqual(["id-1", "id-2", "g"]);
    expect(orLast(idIn("entra", context), { "person:9": "id-9" })("person:9")).toBe("id-9");
    expect(everybody.slice(1, 3)).toEqual(joined.slice(0, 2));
  });
});
