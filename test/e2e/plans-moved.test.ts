/**
 * A plan is stale where its world has moved since the preview (design.md, promise 1): as processes, under the real engine. Every
 * refusal: exit code 3, nothing written, one plain sentence that names what moved.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import { accountOf, again, during, type Made, of, refused, someone, title } from "./refusals.ts";
import { type World, world } from "./support.ts";

describe("a plan whose world has moved since the preview", () => {
  let w: World;
  let made: Made;
  let person: Person;
  beforeAll(async () => {
    w = await world({ people: 40 });
    await w.converge();
    made = await w.processes.plan("made");
    person = someone(w);
  });
  afterAll(() => w?.stop());

  const stale = (said: RegExp) => refused(w, of(made), said, { by: w.processes });

  it("somebody changed an account by hand in Active Directory", async () => {
    const change = { dn: accountOf(w, person), was: { title: person.post.title }, now: { title: "Acting Captain" } };
    await during(
      {
        begin: () => w.sandbox.hand({ ad: { dn: change.dn, replace: change.now } }),
        end: () => w.sandbox.hand({ ad: { dn: change.dn, replace: change.was } }),
      },
      () => stale(new RegExp(`the plan is stale: somebody has changed ad:User of ${person.name} \\(${person.id}\\)\\. ${again}$`, "u")),
    );
  });

  it("somebody changed a group and took a licence", async () => {
    const group = w.sandbox.ad.entries.account("GG-AllStaff");
    if (!group) throw new Error("GG-AllStaff is missing");
    const member = { member: [accountOf(w, person)] };
    const user = `${person.login}@corp.example.com`;
    const sku = [person.post.department === "Engineering" ? "SPE_E5" : "SPE_E3"];
    await during(
      {
        begin: () => w.sandbox.hand({ ad: { dn: group.dn, remove: member }, graph: { user, removeLicences: sku } }),
        end: () => w.sandbox.hand({ ad: { dn: group.dn, add: member }, graph: { user, addLicences: sku } }),
      },
      () =>
        stale(
          new RegExp(
            `the plan is stale: somebody has changed ad:Group \\S+, entra:Licence of ${person.name} \\(${person.id}\\)\\. ${again}$`,
            "u",
          ),
        ),
    );
  });

  it("a record in Halo changed", async () => {
    await during(title(w, person, "Ballast Keeper"), () =>
      stale(new RegExp(`the plan is stale: what is wanted has changed for ad:User of ${person.name} \\(${person.id}\\)\\. ${again}$`, "u")),
    );
  });

  it.each([
    ["by a remark", (text: string) => `${text}\n# a remark\n`, "made from\\."],
    [
      "by a rule",
      (text: string) => text.replace("{{ client_name }}", "{{ client_name }} Ltd"),
      "made from; what is wanted has changed for .* and \\d+ more\\.",
    ],
  ])("a mapping file changed %s", async (_what, change, said) => {
    const file = join(w.mappings, "ad.yaml");
    const text = readFileSync(file, "utf8");
    expect(change(text)).not.toBe(text);
    await during({ begin: () => writeFileSync(file, change(text)), end: () => writeFileSync(file, text) }, () =>
      stale(new RegExp(`the plan is stale: the mapping files are not the ones the plan was ${said} ${again}$`, "u")),
    );
  });

  it("all put back, and a field changed that no rule looks at: the plan still holds, and writes nothing", async () => {
    w.sandbox.hand({ halo: { table: "users", id: person.id, set: { notes: "has a parrot" } } });
    await w.sandbox.connect.settled();
    const writes = w.sandbox.writes();
    const done = await w.processes.up(made);
    expect(done.code, done.err).toBe(0);
    expect(w.sandbox.writes()).toBe(writes);
  });
});
