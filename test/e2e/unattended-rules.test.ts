/** 15.3 to 15.6 together, unattended: what needs nobody goes by itself, what needs somebody waits for their signature. */
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Unattended } from "../../cli/answers/answers.ts";
import { newSshKey, type SshKey, signer } from "../ssh.ts";
import { allow, configure, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

describe("unattended, with rules of approval", () => {
  let w: World;
  let ada: SshKey;
  let joiners: Person[];
  let steady: Person[];
  const run = async (): Promise<Unattended> => {
    const done = await w.run(["unattended", "--json"]);
    expect(done.code, done.err).toBe(0);
    await w.sandbox.connect.settled();
    return JSON.parse(done.out) as Unattended;
  };
  const approvalOf = ({ message }: Unattended) => message?.items.find((one) => one.approval)?.approval;
  const sign = async (report: Unattended): Promise<void> => {
    const args = approvalOf(report)?.approve.split(" ").slice(1) ?? [];
    const done = await w.run([...args, "--key", ada.file, "--as", "ada@example.com", "--yes"]);
    expect(done.code, done.err).toBe(0);
  };
  const inactive = (person: Person | undefined, is: boolean): void =>
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set: { inactive: is } } });
  const account = (person: Person | undefined) =>
    w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person?.id))[0];
  const titleOf = ({ message }: Unattended) => message?.title.replace("haloform test: ", "");

  beforeAll(async () => {
    w = await world({ people: 40 });
    ada = newSshKey(w.home, "ada");
    allow(w, signer("ada@example.com", ada));
    // A command that may be refused: it is part of what a joiner gets.
    const badge = join(w.home, "badge.sh");
    writeFileSync(badge, `#!/bin/sh\n[ ! -e "${join(w.home, "closed")}" ] || { echo "the badge printer is closed" >&2; exit 1; }\n`, {
      mode: 0o700,
    });
    w.edit("scripts", (content) => (content["scripts"] = [{ name: "badge", run: [badge], after: ["joiner"] }]));
    const all = w.sandbox.organisation.people;
    joiners = all.filter((one) => one.situation === "joiner");
    steady = all.filter((one) => one.situation === "steady" && one.id > 112 && one.post.title !== "Team Lead" && account(one)?.enabled);
    for (const one of joiners) inactive(one, true);
    await w.converge([0, 4]);
    w.edit("approvals", (content) => {
      content["rules"] = { first: [{ kinds: ["joiner"], approvers: "nobody" }] };
      content["otherwise"] = { one: ["ada@example.com"] };
    });
  });
  afterAll(() => w?.stop());

  it("the rules wait for who must approve them, and count once they are signed", async () => {
    const first = await run();
    expect(titleOf(first)).toBe("1 waits for approval");
    expect(approvalOf(first)).toMatchObject({ part: "mappings-1", needed: 1, of: ["ada@example.com"] });
    expect((await run()).message).toBeUndefined();
    await sign(first);
    expect(titleOf(await run())).toBe("settled, nothing waits any more");
  });

  it("who comes is made without a word; who leaves waits for a signature, and goes with the next run", async () => {
    inactive(joiners[0], false);
    expect((await run()).message).toBeUndefined();
    expect(account(joiners[0])?.enabled).toBe(true);
    inactive(joiners[1], false);
    inactive(steady[0], true);
    const both = await run();
    expect(account(joiners[1])?.enabled).toBe(true);
    expect(account(steady[0])?.enabled).toBe(true);
    expect(titleOf(both)).toBe("1 waits for approval");
    expect(both.message?.text).toContain(`leaves: ${w.sandbox.organisation.people.find(({ id }) => id === steady[0]?.id)?.first}`);
    expect((await run()).looked).toBe("everything");
    await sign(both);
    const done = await run();
    expect(account(steady[0])?.enabled).toBe(false);
    expect(titleOf(done)).toBe("settled, nothing waits any more");
    const writes = w.sandbox.writes();
    await run();
    expect((await run()).looked).toBe("nothing moved");
    expect(w.sandbox.writes()).toBe(writes);
  });

  it("what a system refuses is told once, and not tried again on the same day", async () => {
    const closed = join(w.home, "closed");
    writeFileSync(closed, "");
    inactive(joiners[2], false);
    const first = await run();
    // The command is no part of a joiner any more: what is left waits for who approves everything else.
    expect(titleOf(first)).toBe("1 waits for approval, 1 parked");
    expect(first.message?.text).toContain("the badge printer is closed");
    const runs = async () => (JSON.parse((await w.run(["history", "--json"])).out) as { runs: unknown[] }).runs.length;
    const before = await runs();
    for (let times = 0; times < 3; times += 1) expect((await run()).message).toBeUndefined();
    expect(await runs()).toBe(before);
    expect(account(joiners[2])?.enabled).toBe(true);
    rmSync(closed);
    await sign(first);
    expect(titleOf(await run())).toBe("settled, nothing waits any more");
    expect(await runs()).toBe(before + 1);
  });

  it("a stopped stack is told once, by no ticket, and nothing is read, planned or done until somebody lets it go", async () => {
    configure(w, (config) =>
      Object.assign(config, {
        "haloform:messages": { ticket: { type: "Service request", client: 12, site: 18, status: { open: "In progress", done: "Closed" } } },
      }),
    );
    inactive(joiners[3], false);
    expect((await w.run(["stop", "leavers are wrong"])).code).toBe(0);
    const writes = w.sandbox.writes();
    const plans = readdirSync(join(w.home, "unattended", "test"));
    const stopped = await w.run(["unattended", "--json", "--whole"]);
    const report = JSON.parse(stopped.out) as Unattended;
    expect([stopped.code, report.looked, titleOf(report)]).toEqual([3, "failed", "1 refused"]);
    expect(report.message?.text).toMatch(/the stack test is stopped by .*: "leavers are wrong"/u);
    expect(JSON.parse((await w.run(["unattended", "--json"])).out)).not.toHaveProperty("message");
    expect([w.sandbox.writes(), readdirSync(join(w.home, "unattended", "test"))]).toEqual([writes, plans]);
    expect((await w.run(["go", "--sign-with", ada.file, "--yes"])).code).toBe(0);
    await run();
    expect(account(joiners[3])?.enabled).toBe(true);
  });
});
