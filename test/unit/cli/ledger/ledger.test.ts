/** The journal and the signature of a stack under two runs at once that are cut off anywhere: what is lost there is lost for good. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { newKey } from "../../../../base/ed25519.ts";
import type { Project } from "../../../../cli/engine/project.ts";
import { Refusal } from "../../../../cli/exit.ts";
import { journalTag, known, readJournal } from "../../../../cli/ledger/journal.ts";
import { Ledger } from "../../../../cli/ledger/ledger.ts";
import { judgeLosses } from "../../../../cli/ledger/losses.ts";
import { broken, readRecords, recordFile } from "../../../../cli/ledger/record.ts";
import { runWritten } from "../../../../cli/ledger/run.ts";
import type { Exported, Shelf } from "../../../../cli/ledger/shelf.ts";
import { keysOf, keyVariable } from "../../../../cli/ledger/signature.ts";
import { safetyFile } from "../../../../mappings/schema/safety.ts";
import { chance } from "../../../../sandbox/random.ts";
import type { Plan } from "../../../../stacks/model/plan.ts";
import type { Amount, Memory } from "../../../../stacks/model/types.ts";
import type { Limits } from "../../../../stacks/plan/limits.ts";

class Killed extends Error {}

/** A backend as Pulumi's are: a tag is set by writing all of them, and only updates take the lock. */
class Backend {
  tags: { readonly [name: string]: string } = {};
  state: Exported = { deployment: {} };
  owner: object | undefined;
  writes = 0;

  /** `moment`: awaited before each step; it may end the process. */
  shelf(moment: () => Promise<void>): Shelf {
    return {
      patience: 0,
      tags: async () => {
        await moment();
        return this.tags;
      },
      setTag: async (name, value) => {
        await moment();
        const all = this.tags;
        await moment();
        this.tags = { ...all, [name]: value };
        this.writes += 1;
        await moment();
      },
      exported: async () => {
        await moment();
        return structuredClone(this.state);
      },
      putBack: async (state) => {
        await moment();
        this.state = state;
      },
    };
  }
}

const silent = { tell: () => undefined };
const start = Date.parse("2027-01-04T08:00:00Z");
const prepared = { wish: { resources: [] }, commands: false } as never;
/** Somebody is disabled by each. */
const judgedAt = (now: Date) => ({
  loss: () => ({ at: now.toISOString(), counted: [{ as: "disabled" as const, of: ["x"] }] }),
  standing: {} as Limits,
  limits: () => ({}) as Limits,
});
const planOf = (digest: string, at: Date): Plan =>
  ({
    ...{ digest, made: at.toISOString(), expires: new Date(at.getTime() + 86_400_000).toISOString(), people: [], shared: [] },
    summary: { adopted: 1, losses: { disabled: 1, memberships: 0, licences: 0 } },
  }) as unknown as Plan;

let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "haloform-ledger-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(home, { recursive: true, force: true });
});

const memoryOf = (name: string) => ({ format: "haloform.memory/1", people: { [name]: { name } } }) as unknown as Memory;
/** What an engine writes. */
const written = (memory: Memory): Exported => {
  const [type, name] = ["pulumi:pulumi:Stack", "haloform-test"];
  return { deployment: { resources: [{ urn: `urn:pulumi:test::haloform::${type}::${name}`, type, custom: false, outputs: { memory } }] } };
};

interface Ran {
  /** It took access from somebody. */
  took: boolean;
  ended: "done" | "refused" | "killed";
}

/** What `up` does, in its order (cli/commands/up.ts, cli/engine/automation.ts); its engine ends with it. */
async function up(project: Project, backend: Backend, name: string, now: Date, moment: () => Promise<void>): Promise<Ran> {
  let took = false;
  const me = {};
  const memory = memoryOf(name);
  try {
    const ledger = await Ledger.open(project, backend.shelf(moment), silent);
    ledger.refuseWithoutKey("up");
    const run = runWritten(project, ledger, { plan: planOf(name, now), prepared, judged: judgedAt(now), now, newRecord: false });
    await moment();
    if (backend.owner) return { took, ended: "refused" };
    backend.owner = me;
    try {
      await run.begin();
      await moment();
      took = true;
      await moment();
      const result = { done: {}, parked: [], pending: [] } as never;
      await run.end({ code: 0, result, outcomes: [] });
      await moment();
      backend.state = written(memory);
      await moment();
    } finally {
      // A killed one leaves it: the next run finds that its owner is gone, as cli/engine/lock.ts does.
      if (backend.owner === me) backend.owner = undefined;
    }
    await ledger.sign(now, { resources: [], memory, given: [] });
    return { took, ended: "done" };
  } catch (error) {
    if (error instanceof Killed) return { took, ended: "killed" };
    if (error instanceof Refusal) return { took, ended: "refused" };
    throw error;
  }
}

describe("two runs at once", () => {
  it.each([
    ["nothing signed", false],
    ["signed", true],
  ])(
    "security-7: 200 rounds with kills anywhere and a reader beside: no loss is forgotten and none counted twice (%s)",
    async (_how, isSigned) => {
      const key = newKey();
      if (isSigned) vi.stubEnv(keyVariable, key.private);
      const project = { home, stack: "test", config: isSigned ? { keys: [key.public] } : {} } as Project;
      const random = chance(isSigned ? 7 : 8);
      const ends = { done: 0, refused: 0, killed: 0 };
      let healed = 0;
      // A journal of its own every ten rounds, as time goes on.
      let backend = new Backend();
      let taken: string[] = [];
      for (let round = 0; round < 200; round += 1) {
        if (round % 10 === 0) {
          backend = new Backend();
          taken = [];
          rmSync(home, { recursive: true, force: true });
        }
        const runs = [0, 1].map(async (which) => {
          const kill = random.below(2) === 0 ? random.below(24) : Number.POSITIVE_INFINITY;
          let steps = 0;
          const moment = async (): Promise<void> => {
            for (let wait = random.below(4); wait >= 0; wait -= 1) await turn();
            steps += 1;
            if (steps > kill) throw new Killed();
          };
          const now = new Date(start + (round * 2 + which) * 1000);
          const { took, ended } = await up(project, backend, `sha256:${round}-${which}`, now, moment);
          ends[ended] += 1;
          if (took) taken.push(now.toISOString());
        });
        const writes = backend.writes;
        const beside = Ledger.open(project, backend.shelf(turn as () => Promise<void>), silent).catch((error: unknown) => {
          if (!(error instanceof Refusal)) throw error;
        });
        await Promise.all([...runs, beside]);
        expect(writes).toBeLessThanOrEqual(backend.writes);
        // Whoever reads believes what production has left; after a cut only production goes on by itself.
        const text = backend.tags[journalTag];
        if (text === undefined) continue;
        const counted = known(readJournal(text) as never).losses.map(({ at }) => at);
        expect(new Set(counted).size, `round ${round}`).toBe(counted.length);
        for (const at of taken) expect(counted, `round ${round}`).toContain(at);
        const before = structuredClone(backend.state);
        await Ledger.open(
          project,
          backend.shelf(async () => undefined),
          silent,
        );
        if (JSON.stringify(before) !== JSON.stringify(backend.state)) healed += 1;
      }
      expect(Math.min(ends.done, ends.killed), JSON.stringify(ends)).toBeGreaterThan(40);
      expect(ends.refused, JSON.stringify(ends)).toBeGreaterThan(40);
      if (isSigned) expect(healed).toBeGreaterThan(0);
      const records = readRecords(recordFile(project)).entries;
      const { record } = known(readJournal(backend.tags[journalTag] ?? "") as never);
      expect(broken(records, record, false, keysOf(project.config))).toEqual([]);
    },
  );

  it("security-1: a run that was cut off before it signed is refused to readers and goes back to the state of before", async () => {
    const key = newKey();
    const project = { home, stack: "test", config: { keys: [key.public] } } as Project;
    const backend = new Backend();
    vi.stubEnv(keyVariable, key.private);
    expect(await up(project, backend, "sha256:1", new Date(start), async () => undefined)).toMatchObject({ ended: "done" });
    const before = structuredClone(backend.state);
    // Killed in the moment in which the engine has written the state.
    const moment = async (): Promise<void> => {
      if (JSON.stringify(backend.state) !== JSON.stringify(before)) throw new Killed();
    };
    expect(await up(project, backend, "sha256:2", new Date(start + 1000), moment)).toMatchObject({ ended: "killed", took: true });
    const shelf = backend.shelf(async () => undefined);
    vi.stubEnv(keyVariable, "");
    await expect(Ledger.open(project, shelf, silent)).rejects.toThrow(/has not signed what it left.*haloform keys adopt/u);
    vi.stubEnv(keyVariable, key.private);
    const ledger = await Ledger.open(project, shelf, silent);
    expect(backend.state).toEqual(before);
    expect(ledger.known.losses).toHaveLength(2);
    expect(await up(project, backend, "sha256:3", new Date(start + 2000), async () => undefined)).toMatchObject({ ended: "done" });
  });
});

const disabled = (count: number): Amount[] =>
  Array.from({ length: count }, (_, index) => ({ as: "disabled", system: "ad", name: String(index), people: 1 }));

describe("tags of earlier versions", () => {
  const project = { home: "/nowhere", stack: "test", config: {} } as Project;

  it("security-7: losses, due commands and the record's head are taken over", async () => {
    const backend = new Backend();
    const loss = { at: new Date(start).toISOString(), disabled: 2, memberships: 0, licences: 0 };
    backend.tags = { "haloform:losses": JSON.stringify([loss]), "haloform:record": "sha256:head" };
    const shelf = backend.shelf(async () => undefined);
    expect((await Ledger.open(project, shelf, silent)).known).toMatchObject({
      losses: [{ at: loss.at, counted: [{ as: "disabled", count: 2 }] }],
      record: "sha256:head",
    });
    backend.tags = { "haloform:losses": "rubbish" };
    await expect(Ledger.open(project, shelf, silent)).rejects.toThrow(/stack tag haloform:losses/u);
  });

  it("security-7: a state without a journal takes nothing from anybody", async () => {
    const ledger = await Ledger.open(
      project,
      new Backend().shelf(async () => undefined),
      silent,
    );
    const given = {
      mappings: { safety: safetyFile.parse({}), at: () => "mappings/safety.yaml" },
      wish: { resources: [], people: [] },
      world: { was: new Map() },
    } as never;
    const judge = () => judgeLosses(given, ledger, new Date(start)).judge(disabled(1));
    expect(judge().verdict).toBe("ok");
    ledger.hasState = true;
    expect(judge()).toMatchObject({ verdict: "refused", breaches: [expect.stringContaining("`haloform keys adopt` begins a new one")] });
    expect(judgeLosses(given, ledger, new Date(start)).judge([]).verdict).toBe("ok");
  });

  it("security-16: a first run of a stack whose state is signed may take half", async () => {
    const given = {
      mappings: { safety: safetyFile.parse({}), at: () => "mappings/safety.yaml" },
      wish: { resources: [], people: [] },
      world: { was: new Map() },
    } as never;
    const known = { losses: [], due: [], used: [], emergencies: [], stops: [] };
    const verdict = (isFirst: boolean, count: number) =>
      judgeLosses(given, { known, isFirst, isLost: false }, new Date(start)).judge(disabled(count)).verdict;
    expect([verdict(false, 3), verdict(true, 3), verdict(true, 1)]).toEqual(["ok", "refused", "ok"]);
  });
});
