/**
 * How a state lies that is kept in shards: the output `shards` of the stack (the head), what of a state goes where, and all of it as
 * one state again (docs/decisions/0157). Pure.
 */
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { digestOf } from "../../../base/digest.ts";
import type { Json } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import { type ShardSettings, shardFor } from "../../../providers/core/shard-settings.ts";
import { nameOf, typeOf } from "../../../providers/core/urn.ts";
import { inOneOrder, isOurs } from "../../../stacks/model/state-digest.ts";
import type { Exported } from "../../ledger/shelf.ts";

/** A resource as an exported state has it. */
export interface Row {
  urn: string;
  type: string;
  id?: string;
  inputs?: { [name: string]: Json };
  outputs?: { [name: string]: unknown };
}

const partSchema = z.object({
  /** The Pulumi stack that holds it. */
  stack: z.string(),
  /** Of its rows. */
  digest: z.string(),
  resources: z.number().int(),
});

const layoutSchema = z.object({
  format: z.literal("haloform.shards/1"),
  count: z.number().int().min(1),
  by: z.string(),
  /** How often shards were written: none is written twice under one name. */
  turn: z.number().int(),
  /** By their numbers. */
  parts: z.record(z.string(), partSchema),
  /** `type::name` of what shards have and the head alone speaks of: it has a newer one, or none any more. */
  held: z.array(z.string()),
  /** Stacks that held shards before, to be removed. */
  left: z.array(z.string()),
});
export type Layout = z.infer<typeof layoutSchema>;
export type Parts = ReadonlyMap<string, readonly Row[]>;
/** How a state is to lie. */
export type Target = Pick<ShardSettings, "count" | "by">;

const stackType = "pulumi:pulumi:Stack";
/** `type::name` of a resource that haloform manages. */
export const keyOf = ({ urn }: Row): string => `${typeOf(urn)}::${nameOf(urn)}`;

function rowsOf({ deployment }: Exported): Row[] {
  const { resources } = (deployment ?? {}) as { resources?: Row[] | null };
  return resources ?? [];
}

/** What haloform manages of a state; whatever else somebody has put there, others look at. */
export const resourcesOf = (state: Exported): Row[] => rowsOf(state).filter(isOurs);

const withRows = (state: Exported, resources: readonly Row[]): Exported => ({
  ...state,
  deployment: { ...(state.deployment as object), resources },
});

/** How it lies; undefined: in one. Throws where that cannot be read: what is in shards would be taken for gone. */
export function layoutOf(state: Exported): Layout | undefined {
  const found = rowsOf(state).find((row) => row?.type === stackType)?.outputs?.["shards"];
  if (found === undefined) return undefined;
  const parsed = layoutSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  throw new Error("Could not read in which shards the state lies: a newer haloform wrote it, or somebody changed it (output `shards`).");
}

/** The state of the head with another layout in it. */
function withLayout(state: Exported, layout: Layout | undefined): Exported {
  return withRows(
    state,
    rowsOf(state).map((row) => {
      if (row?.type !== stackType) return row;
      const { shards: _before, ...outputs } = row.outputs ?? {};
      return { ...row, outputs: layout ? { ...outputs, shards: layout } : outputs };
    }),
  );
}

/** What of the shards still counts: neither held nor in the head. */
function counting(head: Exported, { held }: Layout, parts: Parts): Row[] {
  const void_ = new Set([...held, ...resourcesOf(head).map(keyOf)]);
  return [...parts.values()].flat().filter((row) => !void_.has(keyOf(row)));
}

/** Head and shards as one state, the same wherever what lies. */
export function wholeOf(head: Exported, layout: Layout, parts: Parts): Exported {
  return ordered(withLayout(withRows(head, [...rowsOf(head), ...counting(head, layout, parts)]), undefined));
}

/** A state in the order that it has wherever what lies. */
const ordered = (state: Exported): Exported => ({ ...state, deployment: inOneOrder(state.deployment) });

/** A whole state as a head alone, where one is put back: the stacks of the shards that there are now are removed some day. */
export function backIn(whole: Exported, now: Layout | undefined): Exported {
  if (!now) return whole;
  return withLayout(whole, { ...now, turn: now.turn + 1, parts: {}, held: [], left: stacksOf(now) });
}

export const stacksOf = ({ parts, left }: Layout): string[] => [...left, ...Object.values(parts).map(({ stack }) => stack)];

/** What the run that moves these leaves in the head: of what it carries on, and of what goes, the shards speak no more. */
export function movedOn(layout: Layout, here: ReadonlySet<string>, parts: Parts, moving: ReadonlySet<string>): Layout {
  const held = new Set(layout.held);
  for (const rows of parts.values())
    for (const row of rows) {
      const key = keyOf(row);
      if (moving.has(key) || here.has(key)) held.add(key);
    }
  return { ...layout, held: [...held].sort(order) };
}

/** Whose a resource is; undefined: nobody's, so that it stays in the head. */
export function personOf({ inputs }: Row): string | undefined {
  const { person } = inputs ?? {};
  return typeof person === "string" ? person : undefined;
}

/** Whether a stack may be a shard of this one, by its name: whatever else the head names would be read, and removed. */
export const isShardOf = (stack: string, name: string): boolean =>
  name.startsWith(`${stack}.shard-`) && /^\d{2,}-\d+$/u.test(name.slice(`${stack}.shard-`.length));

interface LaidOut {
  head: Exported;
  /** Shards that are to be written, by their stacks. */
  write: ReadonlyMap<string, readonly Row[]>;
  /** Stacks that nothing counts of any more once the head is in place. */
  left: string[];
}

/**
 * The state laid out anew. `target` undefined: all of it in the head. `values`: person → value of the field by which; whoever is not
 * among them stays where they are, or is spread by the key.
 */
export function layOut(
  stack: string,
  given: { head: Exported; layout: Layout | undefined; parts: Parts },
  target: Target | undefined,
  values: ReadonlyMap<string, string>,
): LaidOut {
  const { head, layout, parts } = given;
  const whole = layout ? wholeOf(head, layout, parts) : ordered(head);
  const before = layout ? stacksOf(layout) : [];
  if (!target) return { head: whole, write: new Map(), left: before };
  const { count, by } = target;
  const isIn = new Map([...parts].flatMap(([part, rows]) => rows.map((row) => [keyOf(row), Number(part)] as const)));
  const placeOf = (person: string, row: Row): number => {
    const value = by === "key" ? person : values.get(person);
    if (value !== undefined) return shardFor(value, count);
    const was = layout?.by === by && layout.count === count ? isIn.get(keyOf(row)) : undefined;
    return was ?? shardFor(person, count);
  };
  const turn = (layout?.turn ?? 0) + 1;
  const groups = Map.groupBy(rowsOf(whole), (row) => {
    const person = isOurs(row) ? personOf(row) : undefined;
    return person === undefined ? undefined : placeOf(person, row);
  });
  const write = new Map<string, readonly Row[]>();
  const next: Layout["parts"] = {};
  for (const [number, rows] of [...groups].sort(([a], [b]) => (a ?? -1) - (b ?? -1))) {
    if (number === undefined) continue;
    const sorted = rows.toSorted((a, b) => order(a.urn, b.urn));
    const digest = digestOf(sorted);
    const was = layout?.parts[number];
    const part = { stack: `${stack}.shard-${String(number).padStart(2, "0")}-${turn}`, digest, resources: rows.length };
    next[number] = was?.digest === digest ? was : part;
    if (next[number] === part) write.set(part.stack, sorted);
  }
  const kept = new Set(Object.values(next).map((one) => one.stack));
  const left = before.filter((one) => !kept.has(one));
  const laid: Layout = { format: "haloform.shards/1", count, by, turn, parts: next, held: [], left };
  return { head: withLayout(withRows(head, groups.get(undefined) ?? []), laid), write, left };
}

const boxSchema = z.looseObject({ format: z.literal("haloform.shard/1"), rows: z.string() });
/** So much the rows of a shard may come to. */
const most = 2 * 1024 * 1024 * 1024 - 1;

/** Rows as the one output of a shard's stack. */
export const boxed = (rows: readonly Row[]): object => ({
  format: "haloform.shard/1",
  rows: deflateRawSync(JSON.stringify(rows)).toString("base64"),
});

/** The rows of a shard's state, where they have that digest; undefined: it is missing, or another. */
export function unboxed(state: Exported, digest: string): Row[] | undefined {
  const [first] = rowsOf(state);
  const box = boxSchema.safeParse(first?.outputs).data;
  if (!box) return undefined;
  try {
    const rows = JSON.parse(inflateRawSync(Buffer.from(box.rows, "base64"), { maxOutputLength: most }).toString("utf8")) as Row[];
    return digestOf(rows) === digest ? rows : undefined;
  } catch {
    return undefined;
  }
}
