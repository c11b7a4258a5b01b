/** C4: a Halo ticket for each person's change, and H15: devices as assets, by the real command line against the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

let w: World;
beforeAll(async () => {
  w = await world();
  w.edit("halo", (content) => {
    content["tickets"] = {
      type: "Service request",
      client: 12,
      site: 18,
      team: "First line",
      status: { open: "In progress", parked: "With user", done: "Closed" },
    };
  });
});
afterAll(async () => {
  await w.stop();
});

const people = (situation: Person["situation"]): Person[] => w.sandbox.organisation.people.filter((one) => one.situation === situation);
const tickets = () => [...w.sandbox.halo.state.tickets.values()];
const of = (person: Person | undefined) => tickets().filter((one) => String(one["third_party_id_string"]).endsWith(`/${person?.id}`));
/** People whose posts make nobody an agent. */
const office = (): Person[] =>
  people("steady").filter((one) => one.id > 115 && !["Service Desk", "Engineering"].includes(one.post.department));
const closed = 9;
const parked = 23;

describe("a ticket for each person's change", () => {
  it("C4: a preview makes none; up opens one for each change and closes it; the second time there is none", async () => {
    const before = tickets().length;
    const made = await w.plan();
    expect(tickets().length).toBe(before);
    const lines = made.plan.people.flatMap((one) => one.changes.filter((change) => change.type === "halo:Ticket"));
    const [joiner] = people("joiner");
    expect(lines.length).toBeGreaterThanOrEqual(people("joiner").length + people("leaver").length);
    expect(lines.every((one) => one.op === "create")).toBe(true);
    expect(made.ended.out).toMatch(/[Tt]icket Joiner: \S+.* is created/u);

    const done = await w.up(made);
    expect(done.code, `${done.out}\n${done.err}`).toBe(0);
    await w.sandbox.connect.settled();
    expect(of(joiner)).toHaveLength(1);
    expect(of(joiner)[0]).toMatchObject({ tickettype_id: 42, client_id: 12, user_id: joiner?.id, team: "First line" });
    expect(String(of(joiner)[0]?.["details"])).toContain("Active Directory: User");
    // What waits for Entra Connect keeps a joiner's ticket open; the next run does the rest, and closes it.
    await w.converge();
    expect(tickets().filter((one) => one["hasbeenclosed"] !== true)).toEqual([]);
    expect(tickets().filter((one) => !String(one["details"]).includes("\n\nResult: done\n"))).toEqual([]);
    const all = tickets().map((one) => one["third_party_id_string"]);
    expect(new Set(all).size).toBe(all.length);
    expect(of(people("leaver")[0])[0]).toMatchObject({ status_id: closed });

    const again = await w.plan();
    expect(changeCount(again.plan), JSON.stringify(real(again.plan))).toBe(0);
    expect((await w.run(["drift"])).code).toBe(0);
  });

  it("C4: the ticket of somebody who is parked says why and stays open; once it is mended the same ticket is closed", async () => {
    const [mover] = office();
    const id = mover?.id ?? 0;
    w.sandbox.hand({ halo: { table: "users", id, set: { title: "Field Engineer" } } });
    // Halo refuses the agent that goes with the new title.
    w.sandbox.halo.faults.refuse = ['"email":'];
    await w.converge([4]);
    expect(of(mover)).toHaveLength(1);
    const [mine] = of(mover);
    expect(mine).toMatchObject({ status_id: parked, hasbeenclosed: false });
    expect(String(mine?.["details"])).toMatch(/title: .+ → Field Engineer\n/u);
    expect(String(mine?.["details"])).toMatch(/\n\nResult: parked: .*locked by another process/u);
    // It goes on with the same ticket, and has nothing else to say.
    await w.converge([4]);
    expect(of(mover)).toHaveLength(1);
    w.sandbox.halo.faults.refuse = [];
    await w.converge();
    expect(of(mover)).toHaveLength(1);
    expect(of(mover)[0]).toMatchObject({ id: mine?.["id"], status_id: closed });
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });

  it("C4: a ticket whose closing was lost is closed by the next run, and then nothing is left", async () => {
    const [, mover] = office();
    w.sandbox.hand({ halo: { table: "users", id: mover?.id ?? 0, set: { title: "Payroll Lead" } } });
    const made = await w.plan();
    // Whatever is said about closing is refused by Halo.
    w.sandbox.halo.faults.refuse = ["Result: done"];
    const done = await w.up(made);
    w.sandbox.halo.faults.refuse = [];
    expect(done.code, `${done.out}\n${done.err}`).toBe(4);
    expect(of(mover).at(-1)).toMatchObject({ hasbeenclosed: false });
    const { plan } = await w.converge();
    expect(real(plan).map((one) => `${one.who} ${one.type} ${one.op}`)).toEqual([`${mover?.id} halo:Ticket update`]);
    expect(of(mover)).toHaveLength(1);
    expect(of(mover)[0]).toMatchObject({ hasbeenclosed: true });
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});
