/** 15.4 and 15.5: on which day somebody was seen to have left is kept on that day, whoever must approve what, and when. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../base/ed25519.ts";
import type { Unattended, UpResult } from "../../cli/answers/answers.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { newSshKey, signer } from "../ssh.ts";
import { allow, configure, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

describe("what is remembered of people", () => {
  let w: World;
  let people: Person[];
  const begun = Date.now();
  const on = (day: number): NodeJS.ProcessEnv => ({ HALOFORM_NOW: new Date(begun + day * 86_400_000).toISOString() });
  const leave = (person: Person | undefined, inactive = true): void =>
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set: { inactive } } });
  /** Key → the day on which they were seen to have left. */
  const seen = (): { [key: string]: string } => {
    const state = JSON.parse(readFileSync(join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json"), "utf8")) as {
      checkpoint: {
        latest: { resources: { type: string; outputs?: { memory?: { people: { [key: string]: { leaverSince?: string } } } } }[] };
      };
    };
    const stack = state.checkpoint.latest.resources.find(({ type }) => type === "pulumi:pulumi:Stack");
    return Object.fromEntries(
      Object.entries(stack?.outputs?.memory?.people ?? {}).flatMap(([key, { leaverSince }]) => (leaverSince ? [[key, leaverSince]] : [])),
    );
  };
  const unattended = async (day: number): Promise<Unattended> => {
    const done = await w.run(["unattended", "--json"], on(day));
    expect(done.code, done.err).toBe(0);
    return JSON.parse(done.out) as Unattended;
  };

  beforeAll(async () => {
    w = await world({ people: 25 });
    const ada = newSshKey(w.home, "ada");
    allow(w, signer("ada@example.com", ada));
    w.edit("safety", (content) => void (content["leaver"] = { disable: "7 days", strip: "7 days" }));
    people = w.sandbox.organisation.people.filter(
      ({ situation, id, post }) => situation === "steady" && id > 110 && post.title !== "Team Lead",
    );
  });
  afterAll(() => w?.stop());

  it("before the first run nothing is: it would begin a journal, and be no first run any more", async () => {
    const none = await w.run(["up", "--remember", "--json"]);
    expect([none.code, (JSON.parse(none.out) as UpResult).done]).toEqual([0, {}]);
    expect((await w.run(["history", "--json"])).out).toContain('"runs": []');
    await w.converge([0, 4]);
    configure(w, (config) => void (config["haloform:approvers"] = {}));
  });

  it("with approvers and without rules an unattended run keeps it on the day, asks nobody, and tells nobody", async () => {
    leave(people[0]);
    const writes = w.sandbox.writes();
    expect((await unattended(0)).message).toBeUndefined();
    const { [String(people[0]?.id)]: since } = seen();
    expect(since?.slice(0, 10)).toBe(new Date(begun).toISOString().slice(0, 10));
    expect(w.sandbox.writes()).toBe(writes);
    // The state is another one by that, and then nothing has moved.
    expect((await unattended(0)).looked).toBe("everything");
    expect((await unattended(0)).looked).toBe("nothing moved");
    expect((await unattended(8)).message?.title).toContain("1 waits for approval");
    expect(seen()[String(people[0]?.id)]).toBe(since);
  });

  it("also where another change waits, of which nobody approves anything", async () => {
    leave(people[1]);
    w.sandbox.hand({ halo: { table: "users", id: people[2]?.id ?? 0, set: { title: "Bosun" } } });
    expect((await unattended(9)).message?.title).toContain("1 waits for approval");
    expect(seen()[String(people[1]?.id)]?.slice(0, 10)).toBe(new Date(begun + 9 * 86_400_000).toISOString().slice(0, 10));
  });

  it("by a command of its own, which needs the key where the state is signed, and does nothing while the stack is stopped", async () => {
    leave(people[3]);
    const writes = w.sandbox.writes();
    expect((await w.run(["stop", "leavers are wrong"])).code).toBe(0);
    const stopped = await w.run(["up", "--remember"], on(10));
    expect([stopped.code, stopped.err]).toEqual([3, expect.stringContaining("is stopped by")]);
    expect((await w.run(["go", "--sign-with", join(w.home, "ada"), "--yes"])).code).toBe(0);
    const key = newKey();
    configure(w, (config) => void (config["haloform:keys"] = [key.public]));
    expect((await w.run(["keys", "adopt", "--config-file", w.stackFile, "--yes"], { [keyVariable]: key.private })).code).toBe(0);
    const unsigned = await w.run(["up", "--remember"], on(10));
    expect([unsigned.code, seen()[String(people[3]?.id)]]).toEqual([3, undefined]);
    const done = await w.run(["up", "--remember"], { ...on(10), [keyVariable]: key.private });
    expect([done.code, done.err]).toEqual([0, expect.any(String)]);
    expect(seen()[String(people[3]?.id)]).toBeDefined();
    expect(w.sandbox.writes()).toBe(writes);
    const both = await w.run(["up", "--remember", "--by-rule"]);
    expect(both.code).toBe(64);
  });
});
