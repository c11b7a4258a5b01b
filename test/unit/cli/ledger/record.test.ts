import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { UpResult } from "../../../../cli/answers/answers.ts";
import { runsOf } from "../../../../cli/commands/history/history.ts";
import { here, isOver } from "../../../../cli/engine/holders.ts";
import type { Project } from "../../../../cli/engine/project.ts";
import { Ledger } from "../../../../cli/ledger/ledger.ts";
import { appendRecord, type Begin, broken, chained, type End, type Entry, readRecords } from "../../../../cli/ledger/record.ts";
import { runWritten } from "../../../../cli/ledger/run.ts";
import { printHistory } from "../../../../cli/render/answers/history.ts";
import type { Outcome } from "../../../../providers/core/outcomes.ts";
import { operationKey } from "../../../../providers/core/run.ts";
import { definition } from "../../../../providers/registry.ts";
import type { Plan, PlanChange } from "../../../../stacks/model/plan.ts";
import type { DesiredResource } from "../../../../stacks/model/types.ts";
import type { Limits } from "../../../../stacks/plan/limits.ts";

const stamp = { at: new Date("2027-01-04T08:00:00Z"), stack: "test", by: "ada@example" };
const begin = (plan: string): Begin => ({
  event: "begin",
  plan,
  made: "2027-01-04T07:00:00.000Z",
  summary: {},
  people: [
    {
      key: "41",
      name: "Ada Example",
      event: "mover",
      changes: [
        {
          type: "ad:User",
          resource: "person-41",
          label: "aexample",
          op: "update",
          operation: "ad:User::41",
          fields: [
            {
              path: "attributes.title",
              before: "Deckhand",
              after: "Mate",
              because: { rule: "mappings/ad.yaml:12", record: "halo.users 41" },
            },
          ],
        },
        {
          type: "ad:Membership",
          resource: "GG-Sales",
          label: "GG-Sales",
          op: "update",
          operation: "ad:Group::GG-Sales",
          fields: [{ path: "member of", before: null, after: "GG-Sales" }],
        },
      ],
    },
  ],
  shared: [],
});
const end = (plan: string, outcomes: End["outcomes"] = []): End => ({
  event: "end",
  plan,
  code: 0,
  done: { update: 1 },
  parked: [],
  pending: [],
  outcomes,
});

function chain(events: readonly (Begin | End)[]): Entry[] {
  const entries: Entry[] = [];
  for (const event of events) entries.push(chained(entries.at(-1), event, stamp));
  return entries;
}

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-record-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the chain (H12, C6)", () => {
  it("is whole as it was written", () => {
    const entries = chain([begin("p1"), end("p1"), begin("p2")]);
    expect(broken(entries, entries.at(-1)?.digest)).toEqual([]);
    expect(broken([], undefined)).toEqual([]);
  });

  it("shows every line that is changed, taken out, put in or moved", () => {
    const events = [begin("p1"), end("p1"), begin("p2"), end("p2"), begin("p3"), end("p3")];
    const whole = chain(events);
    fc.assert(
      fc.property(fc.constantFrom("change", "remove", "swap", "repeat"), fc.nat(events.length - 1), (how, at) => {
        const copy = structuredClone(whole);
        const one = copy[at] as Entry;
        if (how === "change") one.by = "somebody else";
        else if (how === "remove") copy.splice(at, 1);
        else if (how === "repeat") copy.splice(at, 0, structuredClone(one));
        else {
          const other = (at + 1) % events.length;
          copy[at] = copy[other] as Entry;
          copy[other] = one;
        }
        expect(broken(copy, whole.at(-1)?.digest)).not.toEqual([]);
      }),
    );
  });

  it("says when all of it is gone but the stack remembers a record", () => {
    expect(broken([], "sha256:00")).toHaveLength(1);
  });
});

describe("the file", () => {
  it("keeps what was written, and drops only a last line that a kill cut", () => {
    const file = join(folder, "history", "test.jsonl");
    appendRecord(file, begin("p1"), stamp);
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, `${whole}{"format":"haloform.rec`);
    expect(readRecords(file)).toMatchObject({ cut: true, entries: [{ seq: 1 }] });
    appendRecord(file, end("p1"), stamp);
    const { entries, cut } = readRecords(file);
    expect(cut).toBe(false);
    expect(entries.map((one) => one.seq)).toEqual([1, 2]);
    expect(broken(entries, entries.at(-1)?.digest)).toEqual([]);
  });

  it("names the line that is not one of ours", () => {
    const file = join(folder, "test.jsonl");
    appendRecord(file, begin("p1"), stamp);
    writeFileSync(file, `rubbish\n${readFileSync(file, "utf8")}`);
    expect(() => readRecords(file)).toThrow(/test\.jsonl:1 is not a line of a run record/u);
  });

  it("goes on after a last line that lacks only its end, and refuses one that is not ours", () => {
    const file = join(folder, "test.jsonl");
    appendRecord(file, begin("p1"), stamp);
    writeFileSync(file, readFileSync(file, "utf8").trimEnd());
    appendRecord(file, end("p1"), stamp);
    expect(readRecords(file).entries.map((one) => one.seq)).toEqual([1, 2]);
    writeFileSync(file, `${readFileSync(file, "utf8")}rubbish\n`);
    expect(() => appendRecord(file, begin("p2"), stamp)).toThrow(/its last line is not a line of a run record/u);
  });

  it("finds the newest entry behind a line of several megabytes", () => {
    const file = join(folder, "test.jsonl");
    const long = begin("p1");
    const shared = Array.from({ length: 30_000 }, (_, index) => ({
      type: "ad:Group",
      resource: `${index}`,
      label: "x".repeat(60),
      op: "update",
      fields: [],
    }));
    appendRecord(file, { ...long, shared } as Begin, stamp);
    expect(readFileSync(file).length).toBeGreaterThan(2_500_000);
    appendRecord(file, end("p1"), stamp);
    appendRecord(file, begin("p2"), stamp);
    const { entries } = readRecords(file);
    expect(broken(entries, entries.at(-1)?.digest)).toEqual([]);
    expect(entries.map((one) => one.seq)).toEqual([1, 2, 3]);
  });

  it("takes over the lock of a process that has ended", () => {
    const file = join(folder, "test.jsonl");
    writeFileSync(`${file}.lock`, JSON.stringify({ ...here(), pid: 999_999_999 }));
    expect(appendRecord(file, begin("p1"), stamp).seq).toBe(1);
  });

  it("security-8: never takes the lock of a process of another machine or container over, whatever its number", () => {
    const file = join(folder, "test.jsonl");
    const elsewhere = { place: "another boot pid:[1]", pid: 999_999_999 };
    writeFileSync(`${file}.lock`, JSON.stringify(elsewhere));
    expect(isOver(elsewhere)).toBe(false);
    expect(isOver({ ...elsewhere, machine: here().machine ?? "none" })).toBe(here().machine !== undefined);
    expect(isOver({ ...here(), pid: process.pid })).toBe(false);
  });
});

/** What `up` writes down of a plan with these resources and changes, and what the history makes of these outcomes. */
async function told(resources: DesiredResource[], changes: PlanChange[], outcomes: Outcome[]): Promise<string[][]> {
  const project = { home: folder, stack: "test", config: {} } as Project;
  const plan = {
    digest: "p1",
    made: "2027-01-04T07:00:00.000Z",
    summary: { adopted: 0, losses: { disabled: 0, memberships: 0, licences: 0 } },
    people: [{ key: "41", name: "Ada Example", event: "mover", changes }],
    shared: [],
  };
  const tags = new Map<string, string>();
  const shelf = {
    patience: 0,
    tags: async () => Object.fromEntries(tags),
    setTag: async (name: string, value: string) => void tags.set(name, value),
    exported: async () => ({}),
    putBack: async () => undefined,
  };
  const ledger = await Ledger.open(project, shelf, { tell: () => undefined });
  const prepared = { wish: { resources }, commands: false } as never;
  const judged = { loss: () => ({ at: "", counted: [] }), standing: {} as Limits, limits: () => ({}) as Limits };
  const written = runWritten(project, ledger, { plan: plan as unknown as Plan, prepared, judged, now: stamp.at, newRecord: false });
  const result = { done: {}, parked: [], pending: [] } as unknown as UpResult;
  await written.begin();
  await written.end({ code: 0, result, outcomes });
  const [run] = runsOf(readRecords(join(folder, "history", "test.jsonl")).entries);
  return (run?.changes ?? []).map(({ label, result: came }) => [label, came]);
}

describe("what an operation is called, in the plan and by the provider (middle-B9, providers-B1)", () => {
  const one = (type: string, name: string, inputs: DesiredResource["inputs"]): DesiredResource => ({ type, name, inputs, because: {} });
  const change = (type: string, resource: string, label: string): PlanChange =>
    ({ system: "halo", type, resource, label, op: "update", fields: [] }) as PlanChange;
  const outcome = (resource: DesiredResource, result: Outcome["result"]): Outcome => ({
    type: resource.type,
    key: operationKey(definition(resource.type), resource.inputs),
    op: "update",
    result,
    calls: { halo: 0, graph: 0, ldap: 0 },
    ms: 0,
  });

  it("a parked membership of a team, a board or an application is told as parked, each by its own group", async () => {
    const team = one("halo:Team", "1st", { name: "1st", mode: "exact", members: [] });
    const board = one("halo:ChangeAdvisoryBoard", "CAB", { name: "CAB", as: "agent", mode: "exact", members: [] });
    const app = one("entra:AppAssignment", "Wiki: Reader", {
      name: "Wiki: Reader",
      application: "name:Wiki",
      role: "Reader",
      mode: "exact",
      members: [],
    });
    const changes = [
      change("halo:Team:Membership", "1st", "1st"),
      change("halo:Membership", "CAB", "CAB"),
      change("entra:App:Membership", "Wiki: Reader", "Wiki: Reader"),
    ];
    const outcomes = [outcome(team, "parked"), outcome(board, "done"), outcome(app, "parked")];
    expect(await told([team, board, app], changes, outcomes)).toEqual([
      ["1st", "parked"],
      ["CAB", "done"],
      ["Wiki: Reader", "parked"],
    ]);
  });

  it("two licences, two commands and two tickets of one person are told apart", async () => {
    const licences = ["SPE_E3", "SPE_E5"].map((sku) => one("halo:Licence", `client-12-${sku}`, { client: 12, sku, count: 1 }));
    const run = {
      person: "41",
      called: "Ada",
      stack: "s",
      when: "after",
      event: "joiner",
      at: "",
      key: "",
      run: ["x"],
      timeout: 1,
      env: [],
      secrets: [],
      fields: {},
      late: [],
    };
    const runs = ["a", "b"].map((once) => one("script:Run", `person-41.${once}`, { ...run, once, name: once }));
    const tickets = ["open", "result"].map((step) => one("halo:Ticket", `person-41.ticket.${step}`, { person: "41", step, summary: step }));
    const all = [...licences, ...runs, ...tickets];
    const changes = all.map(({ type, name }) => change(type, name, name));
    const outcomes = all.map((each, index) => outcome(each, index % 2 === 0 ? "done" : "parked"));
    expect((await told(all, changes, outcomes)).map(([, result]) => result)).toEqual([
      "done",
      "parked",
      "done",
      "parked",
      "done",
      "parked",
    ]);
    expect(new Set(outcomes.map((each) => each.key)).size).toBe(6);
  });

  it("what no outcome tells of is not done; letting go is", async () => {
    const group = one("ad:Group", "GG", { name: "GG", mode: "exact", members: [] });
    expect(await told([group], [change("ad:Group", "GG", "GG"), { ...change("ad:Group", "Old", "Old"), op: "release" }], [])).toEqual([
      ["GG", "not reached"],
      ["Old", "done"],
    ]);
  });
});

describe("runs", () => {
  it("give each change what came of it", () => {
    const [run] = runsOf(
      chain([
        begin("p1"),
        end("p1", [
          { key: "ad:User::41", op: "update", result: "done" },
          { key: "ad:Group::GG-Sales", op: "update", result: "parked", message: "no right" },
        ]),
      ]),
    );
    expect(run?.ended).toBe("done");
    expect(run?.changes.map(({ label, result }) => [label, result])).toEqual([
      ["aexample", "done"],
      ["GG-Sales", "parked"],
    ]);
  });

  it("a run without an end was cut off, and its changes are unknown", () => {
    const [first, second] = runsOf(chain([begin("p1"), begin("p1"), end("p1")]));
    expect(first?.ended).toBe("cut off");
    expect(first?.changes[0]?.result).toBe("unknown");
    expect(second?.ended).toBe("done");
  });

  it("are printed with rule and record", () => {
    const runs = runsOf(chain([begin("p1"), end("p1")]));
    const text = printHistory(
      { format: "haloform.history/1", stack: "test", records: 2, broken: [], stops: [], emergencies: [], syncs: [], runs },
      false,
    );
    expect(text).toContain("2027-01-04T08:00:00.000Z  ada@example  done");
    expect(text).toContain("Ada Example (41) · ad:User aexample: update");
    expect(text).toContain("attributes.title: Deckhand → Mate   mappings/ad.yaml:12 · halo.users 41");
  });
});
