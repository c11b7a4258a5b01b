/**
 * 15.5: a month of unattended runs by rules of people, in compressed time. Two machines on one state; who joins or moves goes
 * through, everything else waits for Ada, who signs now and then. Every change is by its rule, nothing twice, messages are counted.
 */
import { mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Unattended } from "../../cli/answers/answers.ts";
import type { Message } from "../../cli/messages/message.ts";
import { certificates } from "../../sandbox/tls.ts";
import { type Call, serve, type WebServer } from "../../sandbox/web/server.ts";
import { sized } from "../sizes.ts";
import { newSshKey, type SshKey, signer } from "../ssh.ts";
import { allow, configure, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];
interface Begin {
  event: "begin";
  plan: string;
  approvals?: { approver: string; digest: string }[];
  parts?: { id: string; digest: string }[];
  people: { key: string; event: string; changes: { type: string; resource: string; op: string }[] }[];
}

const days = 30;
const hours = sized([0, 12], [0, 3, 6, 9, 12, 15, 18, 21]);
const begun = Date.parse("2027-03-01T00:10:00Z");
const waits = "1 waits for approval";
const settled = "settled, nothing waits any more";

describe("a month of unattended runs, by rules of people", () => {
  let w: World;
  let hook: WebServer;
  let ada: SshKey;
  let joiners: Person[];
  let steady: Person[];
  let now = "";
  let when = "";
  let out: NodeJS.ProcessEnv = {};
  const posted: { when: string; message: Message }[] = [];
  /** Days on which somebody's account appeared or was disabled, seen after each look. */
  const seen: { [what: string]: string } = {};
  const machines = () => [w.home, join(w.home, "second")];
  const approvals = () => join(w.home, "signed");
  const account = (person: Person | undefined) =>
    w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person?.id))[0];
  const halo = (person: Person | undefined, set: { [field: string]: unknown }): void =>
    w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set } });
  const isOn = (person: Person | undefined): boolean => account(person)?.enabled === true;

  const look = async (home: string, late: number): Promise<{ code: number | null; report: Unattended; err: string }> => {
    const at = new Date(Date.parse(now) + late * 1000).toISOString();
    const done = await w.run(["unattended", "--json", "--approvals", approvals()], { HALOFORM_NOW: at, HALOFORM_HOME: home, ...out });
    await w.sandbox.connect.settled();
    return { code: done.code, report: JSON.parse(done.out) as Unattended, err: done.err };
  };
  /** Ada pastes the command of the last message, on the machine that keeps the plan; every approval of hers lies there for good. */
  const sign = async (): Promise<void> => {
    const told = posted.at(-1)?.message.items.find((one) => one.approval)?.approval;
    const args = told?.approve.split(" ").slice(1) ?? [];
    const home = machines().find((one) => args.some((arg) => arg.startsWith(`${one}/unattended`)));
    const done = await w.run([...args, "--key", ada.file, "--as", "ada@example.com", "--out", approvals(), "--yes"], {
      ...{ HALOFORM_NOW: now, HALOFORM_HOME: home },
    });
    expect(done.code, `${when}: ${done.err}`).toBe(0);
  };

  beforeAll(async () => {
    w = await world({ people: 40 });
    for (const folder of ["second", "signed", "state"]) mkdirSync(join(w.home, folder), { recursive: true });
    symlinkSync(join(w.home, "state"), join(w.home, "second", "state"));
    ada = newSshKey(w.home, "ada");
    allow(w, signer("ada@example.com", ada));
    const { ca, tls } = await certificates(join(w.home, "hook"));
    const handle = ({ body }: Call) => {
      posted.push({ when, message: JSON.parse(body) as Message });
      return { status: 204 };
    };
    hook = await serve({ tls, handle });
    configure(w, (config: Record<string, unknown>) => (config["haloform:messages"] = { webhook: { ca } }));
    w.env["HALOFORM_WEBHOOK_URL"] = `${hook.url}/hook`;
    w.edit("people", (people) => Object.assign(people["people"] as object, { zone: "UTC" }));
    const all = w.sandbox.organisation.people;
    steady = all.filter((one) => one.situation === "steady" && one.id > 112 && one.post.title !== "Team Lead" && account(one)?.enabled);
    joiners = all.filter((one) => one.situation === "joiner");
    for (const one of joiners) halo(one, { inactive: true });
    await w.converge([0, 4]);
    w.edit("approvals", (content) => {
      content["rules"] = { first: [{ kinds: ["joiner", "mover"], approvers: "nobody" }] };
      content["otherwise"] = { one: ["ada@example.com"] };
    });
  });
  afterAll(async () => {
    await hook?.stop();
    await w?.stop();
  });

  it("what a rule lets through goes by itself, what waits for somebody waits; each message once", { timeout: 900_000 }, async () => {
    const other = w.sandbox.organisation.people.find(
      ({ post }) => /^(?:Main|Harbour)$/u.test(post.site) && post.site !== steady[0]?.post.site,
    );
    const site_id = w.sandbox.halo.state.users.get(other?.id ?? 0)?.["site_id"];
    expect(site_id).toBeDefined();
    const calendar: { [hour: string]: [act: () => unknown, told: string[], then?: () => unknown] } = {
      // The rules themselves are new.
      "0 0": [() => undefined, [waits]],
      "0 6": [sign, [settled]],
      // Somebody comes: nobody is asked, nobody is told.
      "2 6": [() => halo(joiners[0], { inactive: false }), [], () => expect(isOn(joiners[0])).toBe(true)],
      // A leaver waits; meanwhile somebody else comes, and is not held up. What waits is another plan by that, and on another day.
      "4 6": [() => halo(steady[1], { inactive: true }), [waits], () => expect(isOn(steady[1])).toBe(true)],
      "4 12": [
        () => halo(joiners[1], { inactive: false }),
        [waits],
        () => expect([isOn(joiners[1]), isOn(steady[1])]).toEqual([true, true]),
      ],
      "5 0": [() => undefined, [waits]],
      "5 6": [sign, [settled], () => expect(isOn(steady[1])).toBe(false)],
      // A feed that does not add up.
      "7 6": [() => (w.sandbox.halo.faults.recordCount = 3), ["1 doubted"]],
      "7 18": [() => w.sandbox.halo.faults.reset(), [settled]],
      // Active Directory is out when somebody comes.
      "9 6": [() => (out = { AD_BIND_PASSWORD: "wrong" }), ["1 failed"]],
      "9 12": [() => halo(joiners[2], { inactive: false }), [], () => expect(account(joiners[2])).toBeUndefined()],
      "9 18": [() => (out = {}), [settled], () => expect(isOn(joiners[2])).toBe(true)],
      // Somebody moves to another site.
      "12 6": [() => halo(steady[0], { site_id }), [], () => expect(account(steady[0])?.dn).toContain(`OU=${other?.post.site}`)],
      // Somebody changes a title by hand: what is put back waits.
      "15 6": [() => w.sandbox.hand({ ad: { dn: account(steady[2])?.dn ?? "", replace: { title: "By hand" } } }), [waits]],
      "15 12": [sign, [settled], () => expect(account(steady[2])?.text("title")).toBe(steady[2]?.post.title)],
      // The same once more: the approval of before is no approval of it.
      "17 6": [() => w.sandbox.hand({ ad: { dn: account(steady[2])?.dn ?? "", replace: { title: "By hand" } } }), [waits]],
      "17 12": [() => undefined, [], () => expect(account(steady[2])?.text("title")).toBe("By hand")],
      "17 18": [sign, [settled]],
      // Signed, and then it was a mistake: nothing is done by an approval of what is no more.
      "20 6": [() => halo(steady[0], { inactive: true }), [waits]],
      "20 12": [
        async () => {
          await sign();
          halo(steady[0], { inactive: false });
        },
        [settled],
        () => expect(isOn(steady[0])).toBe(true),
      ],
      // Who left comes back: again a joiner.
      "23 6": [() => halo(steady[1], { inactive: false }), [], () => expect(isOn(steady[1])).toBe(true)],
      // Stopped: nothing goes by any rule, until somebody lets it go on.
      "26 6": [() => w.run(["stop", "leavers are wrong"]), ["1 refused"]],
      "26 12": [() => halo(joiners[3], { inactive: false }), [], () => expect(account(joiners[3])).toBeUndefined()],
      "26 18": [() => w.run(["go", "--sign-with", ada.file, "--yes"]), [settled], () => expect(isOn(joiners[3])).toBe(true)],
    };
    const looked: { [how: string]: number } = {};
    let isStopped = false;
    for (let day = 0; day < days; day += 1)
      for (const hour of [...new Set([...hours, 6, 12, 18])].sort((a, b) => a - b)) {
        when = `${day} ${hour}`;
        if (!hours.includes(hour) && !(when in calendar)) continue;
        now = new Date(begun + (day * 24 + hour) * 3_600_000).toISOString();
        const [act, told, then] = calendar[when] ?? [() => undefined, []];
        await act();
        if (when === "26 6" || when === "26 18") isStopped = when === "26 6";
        const writes = w.sandbox.writes();
        const both = [await look(machines()[day % 2] ?? "", 0)];
        if (when in calendar) both.push(await look(machines()[(day + 1) % 2] ?? "", 90));
        for (const { code, report, err } of both) {
          looked[report.looked] = (looked[report.looked] ?? 0) + 1;
          expect(code, `${when}: ${err}`).toBe(isStopped ? 3 : Object.keys(out).length > 0 ? 1 : 0);
        }
        if (!(when in calendar) || isStopped) expect(w.sandbox.writes(), when).toBe(writes);
        const titles = both.flatMap(({ report }) => report.message?.title.replace("haloform test: ", "") ?? []);
        expect(titles, when).toEqual(told);
        await then?.();
        for (const one of [...joiners, ...steady]) if (account(one)) seen[`${one.id} ${isOn(one)}`] ??= when;
      }
    const expected = Object.entries(calendar).flatMap(([hour, [, told]]) => told.map((title) => `${hour} ${title}`));
    expect(posted.map(({ when: hour, message }) => `${hour} ${message.title.replace("haloform test: ", "")}`)).toEqual(expected);
    expect(new Set(posted.map(({ message }) => message.id)).size).toBe(posted.length);
    expect(looked["nothing moved"] ?? 0).toBeGreaterThan(sized(10, 150));
  });

  it("every change by its rule, and each once: by the record of the runs, and whose approvals stand in it", () => {
    // Each machine keeps the record of its own runs.
    const lines = machines().flatMap((home) =>
      readFileSync(join(home, "history", "test.jsonl"), "utf8")
        .trimEnd()
        .split("\n"),
    );
    const begins = lines.map((one) => JSON.parse(one) as Begin).filter(({ event, parts }) => event === "begin" && parts !== undefined);
    const rule = /^(?:joiner|rejoiner|mover)$/u;
    const accounts: string[] = [];
    for (const { approvals: given = [], people } of begins) {
      const signed = given.map(({ approver }) => approver);
      expect(new Set(signed), JSON.stringify(given)).toEqual(new Set(signed.length > 0 ? ["ada@example.com"] : []));
      for (const { key, event, changes } of people) {
        if (signed.length === 0 && changes.length > 0) expect(event, `${key} in a run that nobody approved`).toMatch(rule);
        if (event === "leaver" && changes.length > 0) expect(signed, `${key} leaves`).toContain("ada@example.com");
        accounts.push(...changes.flatMap(({ type, op }) => (type === "ad:User" ? [`${key} ${op}`] : [])));
      }
    }
    const times = (what: string): number => accounts.filter((one) => one === what).length;
    for (const one of joiners.slice(0, 4)) expect(times(`${one.id} create`), String(one.id)).toBe(1);
    expect([times(`${steady[1]?.id} disable`), times(`${steady[1]?.id} enable`), times(`${steady[0]?.id} disable`)]).toEqual([1, 1, 0]);
    // A plan and its part are applied once, by whichever machine.
    const applied = begins.flatMap(({ plan, parts = [] }) => parts.map(({ digest }) => `${plan} ${digest}`));
    expect(new Set(applied).size).toBe(applied.length);
    expect(readdirSync(approvals()).length).toBe(5);
  });
});
