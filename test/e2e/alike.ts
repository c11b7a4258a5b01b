/** Two worlds that are to be the same, each under its own engine or told in its own way, and what of them is compared. */
import { expect } from "vitest";
import { layoutOf, unboxed, wholeOf } from "../../cli/engine/shards/layout.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { type Row, StateFile } from "../engine/state.ts";
import type { Commands, Ended, World } from "./support.ts";

export interface Side {
  w: World;
  commands: Commands;
}

/** A plan without what two runs of the same engine differ in: moments, digests, the counts of requests, the sandbox's ports. */
export function comparable({
  digest: _digest,
  made: _made,
  expires: _expires,
  world: _world,
  operations,
  calls: _calls,
  ...rest
}: Plan): unknown {
  expect(operations).toMatch(/^sha256:/u);
  return JSON.parse(
    JSON.stringify(rest)
      .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu, "MOMENT")
      .replaceAll(/127\.0\.0\.1:\d+/gu, "SANDBOX"),
  );
}

/** The whole state of a world's stack, wherever what lies. */
export function rowsOf({ home }: Pick<World, "home">): Row[] {
  const at = (stack: string) => new StateFile(home, stack).raw();
  const head = at("test");
  const layout = layoutOf(head);
  if (!layout) return new StateFile(home, "test").rows();
  const parts = Object.entries(layout.parts).map(([number, { stack, digest }]) => {
    const rows = unboxed(at(stack), digest);
    if (!rows) throw new Error(`${stack} is not as the head says`);
    return [number, rows] as const;
  });
  return (wholeOf(head, layout, new Map(parts)).deployment as { resources: Row[] }).resources;
}

/**
 * The state with ids by their places in it: which object was made first is nobody's promise. Without what depends on what: nothing does,
 * and Pulumi leaves out the empty lists of what it was not told of.
 */
export function stateOf({ w }: Side): unknown {
  const rows = rowsOf(w).map(
    ({ created: _created, modified: _modified, sourcePosition: _at, stackTrace: _trace, parent: _parent, provider: _provider, ...row }) => {
      const { propertyDependencies, ...rest } = row;
      expect(Object.values(propertyDependencies ?? {}).flat()).toEqual([]);
      return rest;
    },
  );
  const sorted = rows.sort((a, b) => (a.urn < b.urn ? -1 : 1));
  const named = sorted.map((row) => (row.id === undefined ? row : { ...row, id: `id of ${row.urn}` }));
  let text = JSON.stringify(named, (_, value: unknown) =>
    value && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  // Where others name it; Halo's ids are too short to be looked for.
  for (const { id = "", urn } of sorted) if (id.length > 8) text = text.replaceAll(`"${id}"`, `"id of ${urn}"`);
  return JSON.parse(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/gu, "MOMENT"));
}

/** What was said, but for the requests: how many fit into one batch is a matter of moments. */
export const said = ({ out }: Ended): string[] =>
  out
    .split("\n")
    .filter((line) => !line.startsWith("Requests: "))
    .sort();

/** What the systems hold, by names. */
export function systems({ w }: Side): unknown {
  return w.sandbox.snapshot();
}
