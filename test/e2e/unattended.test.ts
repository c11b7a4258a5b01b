/**
 * 15.5: a month of unattended runs in compressed time. Two machines run at every hour named below on one state; people come,
 * change and go, feeds are doubted, systems are out, somebody approves or does not. What is told is counted to the message.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Unattended } from "../../cli/answers/answers.ts";
import type { Message } from "../../cli/messages/message.ts";
import { certificates } from "../../sandbox/tls.ts";
import { type Call, serve, type WebServer } from "../../sandbox/web/server.ts";
import { long, sized } from "../sizes.ts";
import { configure, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];
type Env = NodeJS.ProcessEnv;

const days = 30;
/** Hours of the runs of every day, the first of which is the whole one; the usual profile has the others where something happens in them. */
const hours = [0, 3, 6, 9, 12, 15, 18, 21];
const always = sized([0, 12], hours);
const begun = Date.parse("2027-03-01T00:10:00Z");

describe("a month of unattended runs", () => {
  let w: World;
  let hook: WebServer;
  let isDown = false;
  const posted: { when: string; message: Message }[] = [];
  const lost: string[] = [];
  let now = "";
  let when = "";
  /** Variables of a run that are wrong while a system is out. */
  let out: Env = {};
  let steady: Person[];
  let joiners: Person[];
  const machines = () => [w.home, join(w.home, "second")];
  const account = (person: Person | undefined) =>
    w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person?.id))[0];
  const halo = (person: Person | undefined, set: { [field: string]: unknown }): void =>
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set } });
  const ad = (person: Person | undefined, replace: { [name: string]: string | null }): void =>
    w.sandbox.hand({ ad: { dn: account(person)?.dn ?? "", replace } });
  const tickets = () =>
    [...w.sandbox.halo.state.tickets.values()].filter((one) => String(one["third_party_id_string"]).startsWith("haloform//"));

  const run = async (home: string, late = 0): Promise<{ code: number | null; report: Unattended; err: string }> => {
    const at = new Date(Date.parse(now) + late * 1000).toISOString();
    const done = await w.run(["unattended", "--json"], { HALOFORM_NOW: at, HALOFORM_HOME: home, ...out });
    return { code: done.code, report: JSON.parse(done.out) as Unattended, err: done.err };
  };
  /** As the administrator does it: the command of the last message, pasted on the machine that keeps the plan. */
  const approve = async (): Promise<void> => {
    const approval = posted.at(-1)?.message.items.find((one) => one.approval)?.approval;
    const args = approval?.approve.split(" ").slice(1) ?? [];
    const home = machines().find((one) => args.some((arg) => arg.startsWith(`${one}/unattended`)));
    const done = await w.run(args, { HALOFORM_NOW: now, HALOFORM_HOME: home });
    expect(done.code, `${when}: ${done.err}`).toBeOneOf([0, 4]);
    await w.sandbox.connect.settled();
  };

  beforeAll(async () => {
    w = await world({ people: 40 });
    mkdirSync(join(w.home, "second"));
    mkdirSync(join(w.home, "state"), { recursive: true });
    symlinkSync(join(w.home, "state"), join(w.home, "second", "state"));
    const { ca, tls } = await certificates(join(w.home, "hook"));
    const handle = ({ body }: Call) => {
      const message = JSON.parse(body) as Message;
      if (isDown) lost.push(message.id);
      else posted.push({ when, message });
      return { status: isDown ? 403 : 204 };
    };
    hook = await serve({ tls, handle });
    const messages = {
      webhook: { ca },
      ticket: { type: "Service request", client: 12, site: 18, status: { open: "In progress", done: "Closed" } },
    };
    configure(w, (config: Record<string, unknown>) => (config["haloform:messages"] = messages));
    w.env["HALOFORM_WEBHOOK_URL"] = `${hook.url}/hook`;
    w.edit("people", (people) => Object.assign(people["people"] as object, { zone: "UTC", starts: "other1" }));
    const all = w.sandbox.organisation.people;
    steady = all.filter((one) => one.situation === "steady" && one.id > 112 && one.post.title !== "Team Lead" && account(one)?.enabled);
    joiners = all.filter((one) => one.situation === "joiner");
    // They come in the course of the month.
    for (const one of joiners) halo(one, { inactive: true });
  });
  afterAll(async () => {
    await hook?.stop();
    await w?.stop();
  });

  it("every change by somebody's word, nothing twice, each message once", { timeout: 900_000 }, async () => {
    const waits = "1 waits for approval";
    const settled = "settled, nothing waits any more";
    /** What happens before the runs of an hour, and what is told in them. */
    const calendar: { [hour: string]: [act: () => unknown, told: string[]] } = {
      "0 0": [() => undefined, [waits]],
      "0 6": [approve, [settled]],
      // Somebody comes; nobody approves until the next day, whose first look makes another plan of it.
      "2 6": [() => halo(joiners[0], { inactive: false }), [waits]],
      "3 0": [() => undefined, [waits]],
      "3 12": [approve, [settled]],
      // Somebody moves, and is moved back before anybody approves.
      "5 6": [() => halo(steady[0], { title: "Bosun" }), [waits]],
      "5 12": [() => halo(steady[0], { title: steady[0]?.post.title }), [settled]],
      // A feed that does not add up.
      "7 6": [() => (w.sandbox.halo.faults.recordCount = 3), ["1 doubted"]],
      "7 18": [() => w.sandbox.halo.faults.reset(), [settled]],
      // A leaver, and while nobody approves Active Directory is out: what waits is not settled by that.
      "9 6": [() => halo(steady[1], { inactive: true }), [waits]],
      "9 12": [() => (out = { AD_BIND_PASSWORD: "wrong" }), ["1 failed"]],
      "9 18": [() => (out = {}), [waits]],
      "10 0": [() => undefined, [waits]],
      "10 6": [approve, [settled]],
      // Halo is out for a day and a half, without anything that waits.
      "12 0": [() => (out = { HALO_CLIENT_SECRET: "wrong" }), ["1 failed"]],
      "13 12": [() => (out = {}), [settled]],
      // The channel is down when somebody comes; told the next time, and once.
      "15 6": [
        () => {
          halo(joiners[1], { inactive: false });
          isDown = true;
        },
        [],
      ],
      "15 12": [() => (isDown = false), [waits]],
      "15 18": [approve, [settled]],
      // Somebody changes a title by hand.
      "18 6": [() => ad(steady[2], { title: "By hand" }), [waits]],
      "18 12": [approve, [settled]],
      // A first day that is no day, and is mended two days later.
      "20 6": [() => halo(steady[2], { other1: "soon" }), ["1 parked"]],
      "22 6": [() => halo(steady[2], { other1: "2020-01-06" }), [settled]],
      // Comes back.
      "25 6": [() => halo(steady[1], { inactive: false }), [waits]],
      "25 12": [approve, [settled]],
    };
    const expected = Object.entries(calendar).flatMap(([hour, [, told]]) => told.map((title) => `${hour} ${title}`));
    const looked: { [how: string]: number } = {};
    for (let day = 0; day < days; day += 1)
      for (const hour of hours) {
        when = `${day} ${hour}`;
        if (!always.includes(hour) && !(when in calendar)) continue;
        now = new Date(begun + (day * 24 + hour) * 3_600_000).toISOString();
        const [act, told] = calendar[when] ?? [() => undefined, []];
        await act();
        const before = { writes: w.sandbox.writes(), tickets: tickets().length };
        // The two take turns; where something happens, both come. Before the first plan was applied there is no journal to remember by.
        const both = [await run(machines()[day % 2] ?? "")];
        if ((when in calendar || long) && !(day === 0 && hour < 6)) both.push(await run(machines()[(day + 1) % 2] ?? "", 90));
        for (const { code, report, err } of both) {
          looked[report.looked] = (looked[report.looked] ?? 0) + 1;
          expect(code, `${when}: ${err}`).toBe(Object.keys(out).length > 0 ? 1 : 0);
        }
        // Quiet: no request that writes to any system but for the ticket, and nothing said.
        if (told.length === 0 && !isDown) {
          expect(w.sandbox.writes(), when).toBe(before.writes);
          expect(
            both.flatMap(({ report }) => report.message?.title ?? []),
            when,
          ).toEqual([]);
        }
      }
    expect(posted.map(({ when: hour, message }) => `${hour} ${message.title.replace("haloform test: ", "")}`)).toEqual(expected);
    expect(new Set(posted.map(({ message }) => message.id)).size).toBe(posted.length);
    // What could not be told is the message that was told next, tried by both machines.
    const late = posted.find(({ when: hour }) => hour === "15 12");
    expect(new Set(lost)).toEqual(new Set([late?.message.id]));
    expect(late?.message.text).toContain("Not told before: by webhook, ");
    // Nobody is named in a channel.
    const said = JSON.stringify(posted);
    for (const { name } of [...joiners, ...steady]) expect(said).not.toContain(name);
    // One ticket at a time, each closed; none of the time in which Halo itself was out.
    expect(tickets().length).toBe(expected.filter((one) => one.endsWith(settled)).length - 1);
    expect(tickets().filter((one) => one["hasbeenclosed"] !== true)).toEqual([]);
    // A look at which nothing has moved costs no plan.
    expect(looked["nothing moved"] ?? 0).toBeGreaterThan(long ? 150 : 10);
  });

  it("each approval was one run, in order; who came has an account, who went has none; no plan is left over", async () => {
    const records = readFileSync(join(w.home, "history", "test.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((one) => JSON.parse(one) as { event: string; plan: string });
    const begins = records.filter(({ event }) => event === "begin");
    expect(new Set(begins.map(({ plan }) => plan)).size).toBe(begins.length);
    for (const one of [joiners[0], joiners[1], steady[1]]) expect(account(one)?.enabled, String(one?.id)).toBe(true);
    expect(account(joiners[2])).toBeUndefined();
    expect(account(steady[2])?.text("title")).toBe(steady[2]?.post.title);
    for (const home of machines()) {
      expect(readdirSync(join(home, "unattended", "test")).length).toBeLessThanOrEqual(1);
      rmSync(join(home, "unattended"), { recursive: true, force: true });
    }
  });
});
