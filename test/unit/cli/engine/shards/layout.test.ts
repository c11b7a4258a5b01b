/** Where what of a state lies, and all of it as one state again (cli/engine/shards/layout.ts). */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  boxed,
  type Layout,
  layOut,
  layoutOf,
  movedOn,
  type Parts,
  type Row,
  resourcesOf,
  unboxed,
  wholeOf,
} from "../../../../../cli/engine/shards/layout.ts";
import type { Exported } from "../../../../../cli/ledger/shelf.ts";
import { inOneOrder, stateDigest } from "../../../../../stacks/model/state-digest.ts";

const row = (type: string, name: string, version: number, person?: string): Row => ({
  urn: `urn:pulumi:test::haloform::pulumi-nodejs:dynamic/${type}::${name}`,
  type: `pulumi-nodejs:dynamic/${type}`,
  id: `${name}-id`,
  inputs: { version, ...(person === undefined ? {} : { person }) },
});
const stack: Row = {
  urn: "urn:pulumi:test::haloform::pulumi:pulumi:Stack::haloform-test",
  type: "pulumi:pulumi:Stack",
  outputs: { memory: 1 },
};
const stateOf = (rows: Row[]): Exported => ({ deployment: { manifest: { time: "now" }, resources: [stack, ...rows] } });

/** Head and shards where something keeps stacks. */
class Kept {
  head: Exported;
  readonly stacks = new Map<string, object>();
  constructor(head: Exported) {
    this.head = head;
  }
  get layout(): Layout | undefined {
    return layoutOf(this.head);
  }
  get parts(): Parts {
    return new Map(
      Object.entries(this.layout?.parts ?? {}).map(([number, { stack: name, digest }]) => {
        const rows = unboxed({ deployment: { resources: [{ outputs: this.stacks.get(name) }] } }, digest);
        if (!rows) throw new Error(`${name} is missing`);
        return [number, rows];
      }),
    );
  }
  get whole(): Exported {
    const { layout } = this;
    return layout ? wholeOf(this.head, layout, this.parts) : this.head;
  }
  layOut(count: number | undefined, by: string, values: ReadonlyMap<string, string>, killedAfter = Number.POSITIVE_INFINITY): void {
    const target = count === undefined ? undefined : { count, by };
    const { head, write, left } = layOut("test", { head: this.head, layout: this.layout, parts: this.parts }, target, values);
    let steps = 0;
    for (const [name, rows] of write) if ((steps += 1) <= killedAfter) this.stacks.set(name, boxed(rows));
    if ((steps += 1) > killedAfter) return;
    this.head = head;
    for (const name of left) if ((steps += 1) <= killedAfter) this.stacks.delete(name);
  }
  /** A run in the head that changes, makes or lets go of some. */
  run(changes: readonly (readonly [key: string, after: Row | undefined])[]): void {
    const { layout, parts } = this;
    const rows = resourcesOf(this.head);
    const here = new Set(rows.map(({ urn }) => keyed(urn)));
    const after = new Map(rows.map((one) => [keyed(one.urn), one]));
    for (const [key, one] of changes) one ? after.set(key, one) : after.delete(key);
    const output = layout && movedOn(layout, here, parts, new Set(changes.map(([key]) => key)));
    this.head = stateOf([...after.values()]);
    if (output) (this.head.deployment as { resources: Row[] }).resources[0] = { ...stack, outputs: { memory: 1, shards: output } };
  }
}
const keyed = (urn: string): string => urn.split("::").slice(2).join("::").replace("pulumi-nodejs:dynamic/", "");
const digest = ({ deployment }: Exported): string => stateDigest(inOneOrder(deployment));

const people = fc.array(fc.tuple(fc.constantFrom("ad:User", "entra:Licence", "halo:Agent"), fc.integer({ min: 1, max: 30 })), {
  maxLength: 40,
});
const step = fc.oneof(
  fc.record({
    kind: fc.constant("lay" as const),
    count: fc.option(fc.integer({ min: 1, max: 9 }), { nil: undefined }),
    by: fc.constantFrom("key", "site"),
    kill: fc.integer({ min: 0, max: 14 }),
  }),
  fc.record({
    kind: fc.constant("run" as const),
    moves: fc.array(fc.tuple(fc.constantFrom("ad:User", "ad:Group"), fc.integer({ min: 1, max: 30 }), fc.boolean()), { maxLength: 6 }),
  }),
);

describe("a state in shards", () => {
  it("is the same as one that was never laid out, whatever is done to both and wherever it is cut off", () => {
    fc.assert(
      fc.property(people, fc.array(step, { maxLength: 12 }), (all, steps) => {
        const rows = [...new Map(all.map(([type, id]) => [`${type}::person-${id}`, row(type, `person-${id}`, 0, String(id))])).values()];
        const [kept, plain] = [
          new Kept(stateOf([row("ad:Group", "GG-1", 0), ...rows])),
          new Kept(stateOf([row("ad:Group", "GG-1", 0), ...rows])),
        ];
        let version = 0;
        for (const one of steps) {
          if (one.kind === "lay") {
            const values = new Map(Array.from({ length: 20 }, (_, id) => [String(id), `site ${id % 3}`]));
            kept.layOut(one.count, one.by, values, one.kill);
          } else {
            const changes = one.moves.map(([type, id, goes]) => {
              const name = type === "ad:Group" ? `GG-${id}` : `person-${id}`;
              return [
                `${type}::${name}`,
                goes ? undefined : row(type, name, (version += 1), type === "ad:User" ? String(id) : undefined),
              ] as const;
            });
            for (const side of [kept, plain]) side.run(changes);
          }
          expect(digest(kept.whole)).toBe(digest(plain.whole));
        }
        // Nothing that counts is written twice, and once laid out in peace nothing else lies about that the head does not name.
        kept.layOut(4, "key", new Map());
        expect(digest(kept.whole)).toBe(digest(plain.whole));
        const held = resourcesOf(kept.head).filter(({ inputs }) => inputs?.["person"] !== undefined);
        expect(held).toEqual([]);
        expect(kept.layout?.held).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it("what a run made of a shard's resource stays, also where the engine failed before it could say what it holds", () => {
    const kept = new Kept(stateOf([row("ad:User", "person-1", 0, "1"), row("ad:User", "person-2", 0, "2")]));
    kept.layOut(1, "key", new Map());
    const before = kept.layout;
    const [head] = (kept.head.deployment as { resources: Row[] }).resources;
    kept.head = { deployment: { manifest: {}, resources: [head, row("ad:User", "person-1", 7, "1")] } };
    expect(kept.layout).toEqual(before);
    expect(resourcesOf(kept.whole).map(({ inputs }) => inputs?.["version"])).toEqual([7, 0]);
    kept.run([["ad:User::person-1", undefined]]);
    expect(resourcesOf(kept.whole).map(({ inputs }) => inputs?.["version"])).toEqual([0]);
  });

  it("a shard whose rows nobody touched is not written again", () => {
    const rows = Array.from({ length: 40 }, (_, id) => row("ad:User", `person-${id}`, 0, String(id)));
    const kept = new Kept(stateOf(rows));
    kept.layOut(8, "key", new Map());
    const before = Object.values(kept.layout?.parts ?? {}).map((one) => one.stack);
    kept.run([["ad:User::person-3", row("ad:User", "person-3", 1, "3")]]);
    kept.layOut(8, "key", new Map());
    const after = Object.values(kept.layout?.parts ?? {}).map((one) => one.stack);
    expect(before.filter((name) => !after.includes(name))).toHaveLength(1);
    expect([...kept.stacks.keys()].sort()).toEqual(after.sort());
  });

  it("by a field, people of one value are together, and who has none is spread by the key", () => {
    const rows = Array.from({ length: 30 }, (_, id) => row("ad:User", `person-${id}`, 0, String(id)));
    const kept = new Kept(stateOf(rows));
    const values = new Map(Array.from({ length: 20 }, (_, id) => [String(id), `site ${id % 3}`]));
    kept.layOut(5, "site_name", values);
    for (let site = 0; site < 3; site += 1) {
      const homes = [...kept.parts].filter(([, all]) =>
        all.some(({ inputs }) => values.get(String(inputs?.["person"])) === `site ${site}`),
      );
      expect(homes).toHaveLength(1);
    }
    expect([...kept.parts.values()].flat()).toHaveLength(30);
  });

  it("a layout that cannot be read is no state without shards", () => {
    const head = { deployment: { resources: [{ ...stack, outputs: { shards: { format: "haloform.shards/2" } } }] } };
    expect(() => layoutOf(head)).toThrow(/Could not read in which shards the state lies/u);
  });

  it("rows that are not those of the digest are none", () => {
    const [one, other] = [[row("ad:User", "a", 1, "1")], [row("ad:User", "a", 2, "1")]] as const;
    const kept = new Kept(stateOf([...one]));
    kept.layOut(1, "key", new Map());
    const { digest: is = "" } = Object.values(kept.layout?.parts ?? {})[0] ?? {};
    const at = (outputs: object): Exported => ({ deployment: { resources: [{ outputs }] } });
    expect(unboxed(at(boxed(one)), is)).toEqual(one);
    expect(unboxed(at(boxed(other)), is)).toBeUndefined();
    for (const outputs of [{}, { format: "haloform.shard/1", rows: "AAAA" }, { format: "haloform.shard/1", rows: "" }])
      expect(unboxed(at(outputs), is)).toBeUndefined();
    expect(unboxed({}, is)).toBeUndefined();
  });
});
