/** Drift by cause (issue 15, point 8): told together, kept by a line of the mappings, by the real command line on the sandbox. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift } from "../../cli/answers/drift.ts";
import { type World, world } from "./support.ts";

describe("the drift inbox", () => {
  let w: World;
  const people = () =>
    w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.post.department === "Engineering").slice(0, 8);
  const dnOf = (key: number): string => w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(key))[0]?.dn ?? "";
  const groupDn = (name: string): string => w.sandbox.ad.entries.account(name)?.dn ?? "";
  const drift = async (...more: string[]): Promise<Drift> => JSON.parse((await w.run(["drift", "--json", ...more])).out) as Drift;

  beforeAll(async () => {
    w = await world({ people: 60 });
    await w.converge();
  });
  afterAll(() => w?.stop());

  it("one person's changes are one cause; what an administrator did to many is one; what is nobody's is the system's", async () => {
    const [first, ...others] = people();
    if (!first || others.length < 5) throw new Error("too few");
    w.sandbox.hand({ ad: { dn: groupDn("GG-Sales"), add: { member: [dnOf(first.id), groupDn("GG-Finance")] } } });
    w.sandbox.hand({ ad: { dn: dnOf(first.id), replace: { title: "Acting Captain" } } });
    for (const one of others) w.sandbox.hand({ ad: { dn: dnOf(one.id), replace: { department: "Moved" } } });
    const { causes, found } = await drift();
    expect(causes.map(({ id, things }) => [id, things.length])).toEqual([
      ["change:ad:User:attributes.department", others.length],
      [`person:${first.id}`, 2],
      ["system:ad", 1],
    ]);
    expect(found).toHaveLength(others.length + 2);
    const text = (await w.run(["drift"])).out;
    expect(text).toContain(`attributes.department of ${others.length} accounts of Active Directory`);
    expect(text).toContain(`haloform drift --keep person:${first.id}`);
  });

  it("a cause that no line can keep is refused with why, and one that is not there is not found", async () => {
    const refused = await w.run(["drift", "--keep", "change:ad:User:attributes.department"]);
    expect([refused.code, refused.out]).toEqual([3, ""]);
    expect(refused.err).toContain("its value comes from records or from lines for many");
    const unknown = await w.run(["drift", "--keep", "person:nobody"]);
    expect(unknown.code).toBe(64);
    expect(unknown.err).toContain("system:ad");
  });

  it("a cause that is tolerated is none until its day, is told, and is put back by a plan all the same", async () => {
    const until = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    const tolerate = (...more: string[]) => w.run(["drift", "--tolerate", "system:ad", ...more]);
    expect((await tolerate("--until", until)).code).toBe(64);
    const done = await tolerate("--until", until, "--why", "until the audit is over");
    expect([done.code, done.out]).toEqual([0, expect.stringContaining("1 of system:ad: until the audit is over")]);
    const { causes, tolerated } = await drift();
    expect(causes.map(({ id }) => id)).not.toContain("system:ad");
    expect(tolerated).toMatchObject([{ cause: "system:ad", things: 1, why: "until the audit is over" }]);
    expect((await w.run(["drift"])).out).toContain(`Tolerated until `);
  });

  it("the patch of --keep makes it wished: applied, it is drift no more, and the rest is put back", async () => {
    const [first] = people();
    const { code, out } = await w.run(["drift", "--keep", `person:${first?.id}`]);
    expect(code).toBe(0);
    const folder = dirname(w.mappings);
    writeFileSync(join(folder, "keep.patch"), out);
    // In a checkout of its own: within another one git would leave out what lies elsewhere, without a word.
    for (const args of [
      ["init", "-q"],
      ["apply", "keep.patch"],
    ])
      execFileSync("git", args, { cwd: folder, stdio: "pipe" });
    expect(readFileSync(join(w.mappings, "ad.yaml"), "utf8")).toContain(`person: [ ${first?.id} ]`);
    await w.converge();
    const group = w.sandbox.ad.entries.account("GG-Sales")?.values("member").map(String) ?? [];
    expect(group).toContain(dnOf(first?.id ?? 0));
    expect(group).not.toContain(groupDn("GG-Finance"));
    expect(await drift()).toMatchObject({ found: [], causes: [] });
  });
});
