/** For whom and when the administrator's commands run; what is noted, what is told, and what never runs again. */
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import { type Script, scriptsFile } from "../../../../../mappings/schema/scripts.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import type { Noted, SourceRecord } from "../../../../../stacks/model/types.ts";
import { planOf } from "../../../../../stacks/plan/plan.ts";
import { worldKey } from "../../../../../stacks/plan/world.ts";
import { type Wish, type World, wish } from "../../../../../stacks/wish/wish.ts";
import { account, apply, doubted, group, mappings, next, now, record, world } from "../../world.ts";

const later = new Date("2026-03-02T08:00:00.000Z");

type Given = Partial<Script> & { name: string };
const every = ["joiner", "mover", "leaver", "rejoiner", "rename", "disable", "enable"] as const;
const all = (more: Partial<Script> = {}): Given => ({ name: "all", after: [...every], ...more });

function start(records: SourceRecord[], scripts: Given[], live: Live[] = [], more: Partial<World> = {}): World {
  const { scripts: declared } = scriptsFile.parse({ scripts: scripts.map((one) => ({ run: ["/bin/true"], ...one })) });
  return world({
    records,
    mappings: { ...mappings({ entra: null, halo: null }), scripts: declared },
    live: { "ad:User": live, "ad:Group": ["GG-Change", "GG-Sales", "GG-VPN"].map((name) => group(name)) },
    stack: "test",
    ...more,
  });
}

/** `41 all joiner` of what is due. */
const due = (wished: Wish): string[] => (wished.noted ?? []).map((one) => `${one.person} ${one.script} ${one.event}`).sort();
const runs = (wished: Wish): { [name: string]: Values } =>
  Object.fromEntries(wished.resources.filter((one) => one.type === "script:Run").map((one) => [one.name, one.inputs]));

/** What is due after a first run and a change. */
function afterwards(records: SourceRecord[], live: Live[], change: (before: World) => Partial<World>, scripts: Given[] = [all()]) {
  const first = start(records, scripts, live);
  const wished = wish(first);
  const second = next(first, apply(first, wished), { now: later });
  return { first: wished, world: { ...second, ...change(second) }, second: wish({ ...second, ...change(second) }) };
}

const memoryOf = (key: string): World["memory"] => ({
  format: "haloform.memory/1",
  source: { count: 1, filled: {} },
  people: { [key]: { name: "Ada" } },
});
const state = (key: string) => ({
  type: "ad:User",
  name: `person-${key}`,
  id: account(Number(key)).id,
  inputs: { person: key },
  outputs: {},
});

describe("events", () => {
  it("a joiner is who gets an account; adopting accounts that exist is no event", () => {
    expect(due(wish(start([record(1), record(2)], [all()], [account(1)])))).toEqual(["2 all joiner"]);
  });

  it("an account that a killed run left unfinished is a joiner's still", () => {
    expect(due(wish(start([record(1)], [all()], [account(1, { unfinished: true, enabled: false })])))).toEqual(["1 all joiner"]);
  });

  it("a leaver is known before or loses an account now; one whose account was disabled long ago is no event", () => {
    const gone = [record(1, { inactive: true }), record(2, { inactive: true }), record(3)];
    expect(due(wish(start(gone, [all()], [account(1), account(2, { enabled: false }), account(3)])))).toEqual([
      "1 all disable",
      "1 all leaver",
    ]);
    const { first, second } = afterwards([record(1), record(2)], [account(1), account(2)], () => ({
      records: [record(1, { inactive: true }), record(2)],
    }));
    expect(due(first)).toEqual([]);
    expect(due(second)).toEqual(["1 all disable", "1 all leaver"]);
  });

  it("a rejoiner is no joiner", () => {
    const { world: left } = afterwards([record(1)], [account(1)], () => ({ records: [record(1, { inactive: true })] }));
    const back = next(left, apply(left, wish(left)), { records: [record(1)], now: later });
    expect(due(wish(back))).toEqual(["1 all enable", "1 all rejoiner"]);
  });

  it("a mover has another place, department, title or manager; a rename is a rename", () => {
    const moved = (fields: { [field: string]: string }) =>
      due(afterwards([record(1), record(2)], [account(1), account(2)], () => ({ records: [record(1, fields), record(2)] })).second);
    expect(moved({ site_name: "Lab" })).toEqual(["1 all mover"]);
    expect(moved({ "custom.CFDepartment": "Finance" })).toEqual(["1 all mover"]);
    expect(moved({ phonenumber: "123" })).toEqual([]);
    expect(moved({ surname: "Other", name: "Ada1 Other" })).toEqual(["1 all rename"]);
  });

  it("what somebody changed by hand and is put back is no move", () => {
    const { second } = afterwards([record(1)], [account(1)], ({ live }) => ({
      live: { ...live, "ad:User": [account(1, {}, { department: "Wrong" })] },
    }));
    expect(due(second)).toEqual([]);
  });

  it("while the read is doubted nobody leaves, and who is new joins", () => {
    const { second } = afterwards([record(1)], [account(1)], () => ({ records: [record(2)], trust: doubted }));
    expect(due(second)).toEqual(["2 all joiner"]);
  });
});

describe("a command", () => {
  it("runs once: applied, the same world wishes the same and nothing is due", () => {
    const { first, second } = afterwards([record(1)], [], () => ({}));
    expect(due(first)).toEqual(["1 all joiner"]);
    expect(due(second)).toEqual([]);
    expect(runs(second)).toEqual(runs(first));
    expect(Object.keys(runs(first))).toEqual(["person-1.all.joiner"]);
  });

  it("whose declaration changes does not run again, but with another key it does", () => {
    const changed = (more: Partial<Script>) => ({
      mappings: {
        ...mappings({ entra: null, halo: null }),
        scripts: scriptsFile.parse({ scripts: [{ ...all(more), run: ["/bin/other"] }] }).scripts,
      },
    });
    const same = afterwards([record(1)], [], () => changed({ timeout: 5 }));
    expect(due(same.second)).toEqual([]);
    expect(runs(same.second)).toEqual(runs(same.first));
    const other = afterwards([record(1)], [], () => changed({ key: "2" }));
    expect(due(other.second)).toEqual(["1 all joiner"]);
    expect(runs(other.second)["person-1.all.joiner"]).toMatchObject({ key: "2", run: ["/bin/other"], at: later.toISOString() });
    const left = afterwards([record(1)], [], () => ({ ...changed({ key: "2" }), records: [record(1, { inactive: true })] }));
    expect(due(left.second)).toEqual(["1 all disable", "1 all leaver"]);
  });

  it("that was due when a run was killed is due still, with the same id, though the account is there by now", () => {
    const first = start([record(1)], [all()]);
    const noted = wish(first).noted ?? [];
    const killed: World = { ...first, now: later, live: { ...first.live, "ad:User": [account(1)] }, noted };
    expect(wish(killed).noted).toEqual(noted);
    expect(runs(wish(killed))["person-1.all.joiner"]).toMatchObject({ once: noted[0]?.id, at: now.toISOString() });
    // Noted, but it ran: the state says so.
    const done = next(first, apply(first, wish(first)), { now: later, noted });
    expect(due(wish(done))).toEqual([]);
  });

  it("that failed is due still: a parked record is none", () => {
    const first = start([record(1)], [all()]);
    const wished = wish(first);
    const run = apply(first, wished);
    const previous = run.previous.map((one) => (one.type === "script:Run" ? { ...one, outputs: { parked: "no" } } : one));
    expect(due(wish(next(first, { ...run, previous }, { now: later, noted: wished.noted ?? [] })))).toEqual(["1 all joiner"]);
  });

  it("that was noted is forgotten when it makes no sense any more, or is declared no more", () => {
    const note = (event: string): Noted => ({ person: "1", script: "all", event, at: now.toISOString(), id: "x" });
    const left = start([record(1, { inactive: true })], [all()], [account(1, { enabled: false })], {
      noted: [note("joiner"), note("enable")],
    });
    expect(due(wish(left))).toEqual([]);
    const stays = start([record(1)], [all()], [account(1)], { noted: [note("leaver"), note("disable")] });
    expect(due(wish(stays))).toEqual([]);
    expect(due(wish(start([record(1)], [{ name: "other", after: ["joiner"] }], [account(1)], { noted: [note("joiner")] })))).toEqual([]);
    expect(due(wish(start([record(2)], [all()], [account(2)], { noted: [note("joiner")] })))).toEqual([]);
  });

  it("is for whom its condition holds when it happens", () => {
    const some = all({ for: { site_name: "Lab" } });
    expect(due(wish(start([record(1), record(2, { site_name: "Lab" })], [some])))).toEqual(["2 all joiner"]);
  });

  it("does not begin for somebody who is parked, and stays noted", () => {
    const noted = [{ person: "1", script: "all", event: "joiner", at: now.toISOString(), id: "x" }];
    const two = [account(1), { ...account(9, {}, { employeeNumber: "1" }), id: "00000000-0000-4000-8000-0000000000ff" }];
    const wished = wish(start([record(1)], [all()], two, { noted }));
    expect(wished.parked.map((one) => one.key)).toEqual(["1"]);
    expect(runs(wished)).toEqual({});
    expect(wished.noted).toEqual(noted);
    const held = start([record(2)], [all()], [account(1)], { noted, memory: memoryOf("1"), trust: doubted, previous: [state("1")] });
    expect(wish(held).noted).toEqual([...noted, expect.objectContaining({ person: "2" })]);
  });

  it("runs before or after everything else of its person", () => {
    const wished = wish(
      start(
        [record(1)],
        [
          { name: "b", before: ["joiner"] },
          { name: "a", after: ["joiner"] },
        ],
      ),
    );
    const order = wished.resources.map((one) => `${one.type} ${one.name}`);
    expect(order[0]).toBe("script:Run person-1.b.joiner");
    expect(order.at(-1)).toBe("script:Run person-1.a.joiner");
  });

  it("is told what it asked for; what is secret is in no input", () => {
    const names = all({ input: ["login", "title", "mail", "objectGUID", "userPrincipalName"] });
    expect(runs(wish(start([record(1)], [names])))["person-1.all.joiner"]).toMatchObject({
      fields: { login: "aexample1", title: "Analyst", mail: "user1@corp.example.com", userPrincipalName: "aexample1@corp.example.com" },
      late: ["objectGUID"],
      called: "Ada1 Example1",
      stack: "test",
    });
    const templates = all({ input: { who: "{{ firstname }} as {{ login }}", pin: { value: "{{ id }}-4711", secret: true } } });
    const wished = wish(start([record(1)], [templates]));
    expect(runs(wished)["person-1.all.joiner"]).toMatchObject({ fields: { who: "Ada1 as aexample1" }, late: ["pin"] });
    expect(wished.secrets).toEqual({ [wished.noted?.[0]?.id ?? ""]: { pin: "1-4711" } });
    expect(JSON.stringify(wished.resources)).not.toContain("4711");
  });
});

it("a command is a change of its person in the plan, and no loss; forgetting one is no change", () => {
  const first = start([record(1)], [all({ input: { who: "{{ firstname }}", pin: { value: "4711", secret: true } } })]);
  const wished = wish(first);
  const plan = planOf({
    stack: "test",
    now,
    expires: 24,
    source: { name: "halo.users", records: 1, trust: "trusted", doubts: [] },
    wish: wished,
    steps: [
      ...wished.resources.map(({ type, name, inputs }) => ({ op: "create" as const, type, name, after: inputs })),
      { op: "delete" as const, type: "script:Run", name: "person-9.old.joiner", before: { person: "9", name: "old" } },
    ],
    was: new Map(wished.resources.flatMap((one) => (one.adopt === undefined ? [] : [[worldKey(one), one.inputs]]))),
    world: "w",
    live: {},
    memory: undefined,
    calls: { halo: 0, graph: 0, ldap: 0 },
    judge: () => ({ verdict: "ok", breaches: [] }),
  });
  expect(plan.people[0]?.event).toBe("joiner");
  expect(plan.people[0]?.changes.find((change) => change.op === "run")).toEqual({
    system: "script",
    type: "script:Run",
    resource: "person-1.all.joiner",
    label: "all",
    op: "run",
    fields: [
      { path: "runs", before: null, after: "after joiner" },
      { path: "command", before: null, after: "/bin/true" },
      { path: "input.who", before: null, after: "Ada1" },
      { path: "input.pin", before: null, after: "known when it runs" },
    ],
    because: { rule: "mappings/scripts.yaml:scripts.0", record: "halo.users 1", note: "has no account yet" },
  });
  expect(plan.shared.filter((change) => change.system === "script")).toEqual([]);
  expect(plan.summary.losses).toEqual({ disabled: 0, memberships: 0, licences: 0 });
});
