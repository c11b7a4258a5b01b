/** Parts of a plan on Pulumi's own engine, as processes: of a group that several parts change only the entries of the one that goes. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import { newSshKey, type SshKey, signer } from "../ssh.ts";
import { accountOf } from "./refusals.ts";
import { allow, real, type World, world } from "./support.ts";

describe("parts of a plan on the engine itself", () => {
  let w: World;
  let ada: SshKey;
  let gone: Person;
  let waits: Person;
  const members = (): readonly string[] => (w.sandbox.ad.entries.account("GG-AllStaff")?.values("member") ?? []).map(String);
  const approve = (folder: string) => w.processes.run(["approve", folder, "--key", ada.file, "--as", "ada@example.com", "--yes"]);
  const ends = async (args: readonly string[], code: number): Promise<string> => {
    const done = await w.processes.run(args);
    expect(done.code, done.err).toBe(code);
    await w.sandbox.connect.settled();
    return done.out;
  };

  beforeAll(async () => {
    w = await world({ people: 25 });
    [gone, waits] = w.sandbox.organisation.people.filter(({ situation, id }) => situation === "steady" && id > 110) as [Person, Person];
    ada = newSshKey(w.home, "ada");
    allow(w, signer("ada@example.com", ada));
    w.edit("approvals", (content) => {
      content["rules"] = { first: [{ kinds: ["leaver"], for: { person: [gone.id] }, approvers: "nobody" }] };
      content["otherwise"] = { one: ["ada@example.com"] };
    });
    const made = await w.processes.plan();
    await approve(made.folder);
    await ends(["up", "--plan", made.folder, "--approve", made.plan.digest], 0);
  });
  afterAll(() => w?.stop());

  it("what needs nobody goes, who waits is left as they are, and the rest is done once it is approved", async () => {
    const inAll = (): boolean[] => [gone, waits].map((person) => members().includes(accountOf(w, person)));
    expect(inAll()).toEqual([true, true]);
    for (const { id } of [gone, waits]) w.sandbox.hand({ halo: { table: "users", id, set: { inactive: true } } });
    const out = JSON.parse(await ends(["up", "--by-rule", "--json"], 2));
    expect(out.parts).toMatchObject({ applied: [{ id: "leavers-1" }], waiting: [{ id: "leavers-2" }] });
    expect(inAll()).toEqual([false, true]);
    const made = await w.processes.plan();
    expect(made.plan.parts?.map(({ id, people }) => [id, people])).toEqual([["leavers-1", [String(waits.id)]]]);
    await approve(made.folder);
    await ends(["up", "--plan", made.folder, "--approve", made.plan.digest, "--part", "leavers-1"], 0);
    expect(inAll()).toEqual([false, false]);
    expect(real((await w.processes.plan()).plan)).toEqual([]);
  });
});
