/** A plan is for the systems that it was made from: one of a copy does not fit production, though all there looks the same (security-15). */
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Sandbox, startSandbox } from "../../sandbox/start.ts";
import { again, type Made, of } from "./refusals.ts";
import { type World, world, writeStack } from "./support.ts";

describe("security-15: a plan that was made from a restored copy", () => {
  let w: World;
  let copy: Sandbox;
  let made: Made;
  let own: Awaited<ReturnType<World["plan"]>>;
  beforeAll(async () => {
    w = await world({ people: 40 });
    copy = await startSandbox({ people: 40, dir: join(w.home, "copy"), haloLimit: 0, restored: true });
    writeStack(w.stackFile, copy.config);
    const folder = join(w.home, "of-the-copy");
    const done = await w.run(["preview", "--out", folder], { ...copy.env });
    expect(done.code, done.err).toBe(0);
    const { plan } = JSON.parse((await w.run(["show", folder, "--json"])).out) as Made;
    made = { plan, folder };
    writeStack(w.stackFile, w.sandbox.config);
    own = await w.plan();
  });
  afterAll(async () => {
    await copy?.stop();
    await w?.stop();
  });

  it("names its domain, tenant and Halo by their own ids", () => {
    expect(made.plan.targets).toEqual([
      { system: "ad", name: "corp.example.com", id: expect.stringMatching(/^S-1-5-21-\d+-\d+-\d+$/u) },
      { system: "entra", name: "Northwind Ferries", id: copy.config.entra.tenantId },
      { system: "halo", name: "northwind-restored", id: `${copy.halo.url}/auth` },
    ]);
  });

  it("is refused in production, by what each system says of itself; nothing is written", async () => {
    const done = await w.run(["up", ...of(made)]);
    expect(done.code, done.err).toBe(3);
    const said = done.err.split("\n").filter((line) => line.startsWith("Refused: "));
    expect(said).toHaveLength(1);
    const [theirs, ours] = [made, own].map(({ plan }) => plan.targets?.[0]?.id);
    expect(theirs).not.toBe(ours);
    expect(said[0]).toContain(
      `the plan is stale: it was made for the domain corp.example.com (${theirs}), this is the domain corp.example.com (${ours}); `,
    );
    expect(said[0]).toContain(`it was made for the tenant Northwind Ferries (${copy.config.entra.tenantId}), this is `);
    expect(said[0]).toContain("it was made for the Halo northwind-restored (");
    expect(said[0]).toMatch(new RegExp(`${again}$`, "u"));
    expect([w.sandbox.writes(), copy.writes()]).toEqual([0, 0]);
  });

  it("production's own plan says which one it is, and is applied", async () => {
    expect(own.ended.out).toContain(
      `\nFor      the domain corp.example.com (${own.plan.targets?.[0]?.id}); the tenant Northwind Ferries (`,
    );
    expect((await w.up(own)).code).toBe(0);
  });
});
