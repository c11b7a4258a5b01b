/** What a state in shards names and holds is believed nowhere where somebody has changed it (cli/engine/shards/shards.ts). */
import { describe, expect, it } from "vitest";
import { boxed, isShardOf, layOut, type Row } from "../../../../../cli/engine/shards/layout.ts";
import { beginIn, laidOut as layAnew, type Settling } from "../../../../../cli/engine/shards/settle.ts";
import { Shards } from "../../../../../cli/engine/shards/shards.ts";
import { Refusal } from "../../../../../cli/exit.ts";
import type { Exported } from "../../../../../cli/ledger/shelf.ts";
import { stateDigest } from "../../../../../stacks/model/state-digest.ts";

type Holder = { [key: string]: unknown };

const row = (name: string, person?: string): Row => ({
  urn: `urn:pulumi:test::haloform::pulumi-nodejs:dynamic/ad:User::${name}`,
  type: "pulumi-nodejs:dynamic/ad:User",
  id: `${name}-id`,
  inputs: { title: `of ${name}`, ...(person === undefined ? {} : { person }) },
  outputs: { computed: { sid: `S-1-5-${name}` } },
});
const stack: Row = {
  urn: "urn:pulumi:test::haloform::pulumi:pulumi:Stack::haloform-test",
  type: "pulumi:pulumi:Stack",
  outputs: { memory: 1 },
};
const people = Array.from({ length: 24 }, (_, at) => row(`person-${at}`, String(at)));

/** A state in four shards, and where they lie. */
function laidOut() {
  const whole: Exported = { deployment: { manifest: { time: "now" }, resources: [stack, row("shared"), ...people] } };
  const { head, write } = layOut("test", { head: whole, layout: undefined, parts: new Map() }, { count: 4, by: "key" }, new Map());
  const stacks = new Map<string, Holder>([...write].map(([name, rows]) => [name, { ...boxed(rows) } as Holder]));
  const removed: string[] = [];
  const documents = {
    read: async (name: string): Promise<Exported> => ({ deployment: { resources: [{ outputs: stacks.get(name) }] } }),
    write: async (name: string, rows: readonly Row[]) => void stacks.set(name, { ...boxed(rows) } as Holder),
    remove: async (name: string) => void removed.push(name),
  };
  return { head, stacks, removed, open: () => new Shards("test", documents) };
}

function layoutIn({ deployment }: Exported): Holder {
  const found = (deployment as { resources: Row[] }).resources.find((one) => one.type === stack.type);
  return (found?.outputs?.["shards"] ?? {}) as Holder;
}

/** Everything in a document that can be another. */
function places(holder: Holder, path = ""): { holder: Holder; key: string; path: string }[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    { holder, key, path: `${path}.${key}` },
    ...(value !== null && typeof value === "object" ? places(value as Holder, `${path}.${key}`) : []),
  ]);
}

const spoiled = (value: unknown): unknown =>
  typeof value === "number" ? value + 1 : typeof value === "string" ? `${value}x` : Array.isArray(value) ? [...value, "x"] : "x";

describe("a state in shards", () => {
  it("security-1: any single place of the head or of a shard that is another is refused, or gives another digest of the whole", async () => {
    const { head, stacks, open } = laidOut();
    const digestNow = (): Promise<string> =>
      open()
        .whole(async () => head)
        .then(
          (whole) => stateDigest(whole),
          (error: Error) => `refused: ${error.message}`,
        );
    const before = await digestNow();
    expect(before).not.toContain("refused");
    const inShards = [...stacks].flatMap(([name, box]) => {
      const text = String(box["rows"]);
      // Letters of the rows as they lie there, and the document around them.
      const letters = Array.from({ length: 80 }, (_, at) => Math.floor((at * text.length) / 80)).map((at) => ({ name, at, text }));
      return [...letters, { name, at: -1, text }];
    });
    let refused = 0;
    for (const { name, at, text } of inShards) {
      const box = stacks.get(name) as Holder;
      const rows = at < 0 ? "" : `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
      stacks.set(name, { ...box, rows });
      // The last letter of base64 has bits that say nothing.
      if (Buffer.from(rows, "base64").equals(Buffer.from(text, "base64"))) expect(await digestNow()).toBe(before);
      else expect(await digestNow(), `${name} ${at}`).toContain("is not whole");
      stacks.set(name, box);
      refused += 1;
    }
    // Of which shards there are, this says nothing of what is in the state.
    const bookkeeping = /\.shards\.(?:count|by|turn|held|parts\.\d+\.resources)$/u;
    for (const { holder, key, path } of places(head as unknown as Holder)) {
      if (bookkeeping.test(path) || path === ".deployment.manifest.time" || path === ".deployment.manifest") continue;
      const was = holder[key];
      holder[key] = spoiled(was);
      expect(await digestNow(), path).not.toBe(before);
      holder[key] = was;
      refused += 1;
    }
    const layout = layoutIn(head);
    for (const { urn } of people) {
      layout["held"] = [urn.split("::").slice(2).join("::").replace("pulumi-nodejs:dynamic/", "")];
      expect(await digestNow(), urn).not.toBe(before);
      layout["held"] = [];
      refused += 1;
    }
    expect(await digestNow()).toBe(before);
    expect(refused).toBeGreaterThanOrEqual(340);
  });

  it("security-1: a stack that is no shard of this one is neither read nor removed, whoever names it in the head", async () => {
    for (const name of [
      "prod",
      "test",
      "test.record",
      "test.shard-",
      "other.shard-00-1",
      "test.shard-00-1/../prod",
      "test.shard-00-1 --all",
    ]) {
      expect(isShardOf("test", name)).toBe(false);
      for (const where of ["left", "part"]) {
        const { head, removed, open } = laidOut();
        const layout = layoutIn(head) as { left: string[]; parts: { [number: string]: { stack: string } } };
        if (where === "left") layout.left.push(name);
        else for (const part of Object.values(layout.parts)) part.stack = name;
        const readHead = async (): Promise<Exported> => head;
        const lay = async (): Promise<void> => (await open().write(readHead, undefined, new Map())).done();
        for (const use of [() => open().whole(readHead), () => open().back({ deployment: {} }, readHead), lay])
          await expect(use()).rejects.toThrow(Refusal);
        expect(removed).toEqual([]);
      }
    }
    const { head, stacks, removed, open } = laidOut();
    await (await open().write(async () => head, undefined, new Map())).done();
    expect(removed.toSorted()).toEqual([...stacks.keys()].sort());
  });
});

describe("two machines that have one state in shards", () => {
  const target = { count: 7, by: "key", ahead: 1000 };
  const all = { target, values: new Map<string, string>(), isMine: async () => undefined };

  /** Machines that see one head and its shards; `after`: what happens once the lock is given back. */
  function together() {
    const { head, open } = laidOut();
    const place = { head };
    const machine = (after = (): void => undefined): Settling => ({
      shards: open(),
      readHead: async () => structuredClone(place.head),
      underLock: async (work) => {
        await work();
        after();
      },
      putHead: async (next) => void (place.head = next),
    });
    return { place, machine };
  }

  it("a run that has read it as it lay is refused once it lies otherwise, before it has begun; read anew it begins", async () => {
    const { place, machine } = together();
    const run = machine();
    const whole = stateDigest((await run.shards.whole(run.readHead)).deployment);
    await layAnew(machine(), all);
    expect(layoutIn(place.head)["count"]).toBe(7);
    let begun = 0;
    const begin = beginIn(run, undefined, async () => void (begun += 1));
    await expect(begin()).rejects.toThrow("another run has put the state into other shards since this one looked at it");
    await expect(begin()).rejects.toThrow(Refusal);
    expect(begun).toBe(0);
    expect(stateDigest((await run.shards.whole(run.readHead)).deployment)).toBe(whole);
    await begin();
    expect(begun).toBe(1);
  });

  it("so is one that has read it as one, where it is to be in shards", async () => {
    const { place, machine } = together();
    const sharded = place.head;
    place.head = { deployment: { resources: [stack, row("shared"), ...people] } };
    const run = machine();
    await run.shards.whole(run.readHead);
    place.head = sharded;
    await expect(beginIn(run, target, async () => undefined)()).rejects.toThrow(Refusal);
  });

  it("what another run has written between the lock and the head is not written over", async () => {
    const { place, machine } = together();
    const other = row("newcomer", "99");
    const run = machine(() => (place.head.deployment as { resources: Row[] }).resources.push(other));
    await expect(layAnew(run, all)).rejects.toThrow(Refusal);
    const reader = machine();
    const { deployment } = await reader.shards.whole(reader.readHead);
    expect((deployment as { resources: Row[] }).resources.map(({ urn }) => urn)).toEqual(
      expect.arrayContaining([other, ...people].map(({ urn }) => urn)),
    );
  });
});
