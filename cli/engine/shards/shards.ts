/** The shards of a stack as a command has them: read with the head as one state, and written anew (docs/decisions/0157). */
import pLimit from "p-limit";
import { digestOf } from "../../../base/digest.ts";
import type { Run } from "../../../providers/core/run.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import { Refusal } from "../../exit.ts";
import type { Exported } from "../../ledger/shelf.ts";
import {
  backIn,
  isShardOf,
  keyOf,
  type Layout,
  layOut,
  layoutOf,
  movedOn,
  type Parts,
  personOf,
  type Row,
  resourcesOf,
  stacksOf,
  type Target,
  unboxed,
  wholeOf,
} from "./layout.ts";

/** Where stacks are. */
export interface Documents {
  /** The state of a stack, without `deployment` where there is none of that name. */
  read(stack: string): Promise<Exported>;
  /** Puts rows in place of what that stack has; it is made where it is missing. Only under the head's lock. */
  write(stack: string, rows: readonly Row[]): Promise<void>;
  /** Nothing where it is gone already. */
  remove(stack: string): Promise<void>;
}

/** How a state lies that was read. */
export interface Lying {
  layout: Layout | undefined;
  /** `type::name` of what is in the head. */
  here: ReadonlySet<string>;
  /** Resources of people that are in the head. */
  ahead: number;
  parts: Parts;
}

/** What a run in the head is told of the shards. */
export interface InShards {
  here: ReadonlySet<string>;
  carried: NonNullable<Run["carried"]>;
  /** The stack's output `shards`. */
  output: Layout;
}

const movedAway = "another run has put the state into other shards since this one looked at it; nothing was changed. Try again.";

/** By which a head is told from another one: without what the engine encrypts anew each time. */
function contentsOf(head: Exported): string {
  const rows = resourcesOf(head).map(({ type, urn, id, inputs, outputs }) => [type, urn, id, inputs, outputs]);
  return digestOf([layoutOf(head) ?? null, rows]);
}

/** At a time: each read or write of a bucket's stack is an engine. */
const sideBySide = 4;

export class Shards {
  readonly #stack: string;
  readonly #documents: Documents;
  /** Rows of stacks that are never written twice. */
  readonly #known = new Map<string, { digest: string; rows: readonly Row[] }>();
  #last: Lying | undefined;

  constructor(stack: string, documents: Documents) {
    this.#stack = stack;
    this.#documents = documents;
  }

  /** How the state lies that was read last. */
  get last(): Lying | undefined {
    return this.#last;
  }

  /** The whole state. Throws Refusal where a shard is missing, or another than the head says. */
  async whole(readHead: () => Promise<Exported>): Promise<Exported> {
    const { head, layout, parts } = await this.#read(readHead);
    const rows = resourcesOf(head);
    const ahead = rows.filter((row) => personOf(row) !== undefined).length;
    this.#last = { layout, here: new Set(rows.map(keyOf)), ahead, parts };
    return layout ? wholeOf(head, layout, parts) : head;
  }

  /**
   * Under the head's lock: throws Refusal where the state lies otherwise than it did when it was read here. The journal says nothing of
   * that, as laying a state out needs no key; and a run of before would write a head that names shards which are removed.
   */
  async refuseMoved(readHead: () => Promise<Exported>, settings: unknown): Promise<void> {
    if (!this.#last?.layout && settings === undefined) return;
    if (digestOf(this.#layoutOf(await readHead()) ?? null) !== digestOf(this.#last?.layout ?? null)) throw new Refusal([movedAway]);
  }

  /** What the engine's run in the head is told, besides what moves; undefined: nothing lies elsewhere. */
  forRun(moving: ReadonlySet<string>, previous: readonly PreviousResource[]): InShards | undefined {
    const { layout, here, parts } = this.#last ?? {};
    if (!layout || !here || !parts) return undefined;
    const carried = previous.flatMap((one) => {
      const key = worldKey(one);
      return moving.has(key) && !here.has(key) ? [[key, { id: one.id, outputs: one.outputs }] as const] : [];
    });
    return { here, carried: Object.fromEntries(carried), output: movedOn(layout, here, parts, moving) };
  }

  /** A whole state, as the head that is to be put in place of the one there is. */
  async back(whole: Exported, readHead: () => Promise<Exported>): Promise<Exported> {
    return backIn(whole, this.#layoutOf(await readHead()));
  }

  /**
   * Writes the shards of a state that is to lie otherwise, under the head's lock; returns the head that names them. Nothing counts of
   * them until that is put in place of the one there is (`refuseOther` throws where that is another by then), and `done` removes what nothing counts of then.
   */
  async write(
    readHead: () => Promise<Exported>,
    target: Target | undefined,
    values: ReadonlyMap<string, string>,
  ): Promise<{ head: Exported; refuseOther: () => Promise<void>; done: () => Promise<void> }> {
    const found = await this.#read(readHead);
    const was = contentsOf(found.head);
    const { head, write, left } = layOut(this.#stack, found, target, values);
    const limit = pLimit(sideBySide);
    await Promise.all([...write].map(([stack, rows]) => limit(() => this.#documents.write(stack, rows))));
    for (const [stack, rows] of write) this.#known.set(stack, { digest: digestOf(rows), rows });
    return {
      head,
      refuseOther: async () => {
        if (contentsOf(await readHead()) !== was) throw new Refusal([movedAway]);
      },
      // Killed or refused here, they are named in the head, and removed the next time.
      done: async () => void (await Promise.allSettled(left.map((stack) => limit(() => this.#documents.remove(stack))))),
    };
  }

  /** How it lies. Which shards there are is no part of what is signed, so who writes the state could name any stack there. */
  #layoutOf(head: Exported): Layout | undefined {
    const layout = layoutOf(head);
    const other = layout && stacksOf(layout).find((name) => !isShardOf(this.#stack, name));
    if (other === undefined) return layout;
    throw new Refusal([
      `the state of the stack ${this.#stack} names ${JSON.stringify(other)} as a shard of it, which haloform never does: somebody changed it. Nothing was run with it, and nothing was removed: put back a copy of it and its shards of the same moment (docs/scale.md).`,
    ]);
  }

  async #read(readHead: () => Promise<Exported>): Promise<{ head: Exported; layout: Layout | undefined; parts: Parts }> {
    let missing: string[] = [];
    // Between a head and its shards another run may have written both anew.
    for (let look = 0; look < 2; look += 1) {
      const head = await readHead();
      const layout = this.#layoutOf(head);
      if (!layout) return { head, layout, parts: new Map() };
      const limit = pLimit(sideBySide);
      const read = await Promise.all(
        Object.entries(layout.parts).map(([number, { stack, digest }]) =>
          limit(async () => ({ number, stack, rows: await this.#rows(stack, digest) })),
        ),
      );
      missing = read.flatMap(({ stack, rows }) => (rows ? [] : [stack]));
      if (missing.length === 0) return { head, layout, parts: new Map(read.map(({ number, rows = [] }) => [number, rows])) };
    }
    throw new Refusal([
      `the state of the stack ${this.#stack} is not whole: ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} missing, or not as the stack says. Nothing was run with it: put back a copy of it and its shards of the same moment (docs/scale.md).`,
    ]);
  }

  async #rows(stack: string, digest: string): Promise<readonly Row[] | undefined> {
    const known = this.#known.get(stack);
    if (known?.digest === digest) return known.rows;
    const rows = unboxed(await this.#documents.read(stack), digest);
    if (rows) this.#known.set(stack, { digest, rows });
    return rows;
  }
}
