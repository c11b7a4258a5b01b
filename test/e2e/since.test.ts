/** `drift --since last` through the real command line: the same findings as `drift`, for fewer requests. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/drift.ts";
import { type World, world } from "./support.ts";

describe("drift since the last time", () => {
  let made: World;
  beforeAll(async () => {
    made = await world();
    await made.converge([0, 4]);
  });
  afterAll(() => made?.stop());

  const drift = async (...more: string[]): Promise<Drift> => {
    const ended = await made.run(["drift", "--json", ...more]);
    expect([0, 2], ended.err).toContain(ended.code);
    return JSON.parse(ended.out) as Drift;
  };

  it("reads everything the first time, then only what changed, and finds what drift finds", async () => {
    const first = await drift("--since", "last");
    expect(first.since?.notes.join()).toContain("There is no earlier");
    const { entries } = made.sandbox.ad;
    const person = entries.list((entry) => entry.objectClass === "user" && entry.enabled && entry.dn.includes("OU=Staff"))[0];
    entries.modify(person?.dn ?? "", { title: "Changed by hand" });
    const since = await drift("--since", "last");
    expect(since.since).toMatchObject({ changed: 1, notes: [] });
    const full = await drift();
    const ad = full.found.filter((one) => one.type.startsWith("ad:"));
    expect(ad.length).toBeGreaterThan(0);
    expect(since.found).toEqual(ad);
    expect(since.calls).toMatchObject({ halo: 0, graph: 0 });
    const text = await made.run(["drift", "--since", "last"]);
    expect(text.out).toContain("Only Active Directory was compared: 0 objects changed there since ");
    expect(text.out).toContain("Changed by hand");
  });
});
