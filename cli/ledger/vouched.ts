/**
 * Whether a state is made of nothing but what was signed before and what the provider process has given the engine since. Between the
 * engine's writing and production's signing lies a second in which whoever may write states could change it (docs/decisions/0150). Pure.
 */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { Values } from "../../base/json.ts";
import { type Given, valuesDigest } from "../../providers/core/given.ts";
import { nameOf, typeOf } from "../../providers/core/urn.ts";
import type { Memory } from "../../stacks/model/types.ts";
import { refuseForeign } from "../../stacks/read/foreign.ts";

const values = z.record(z.string(), z.unknown());
const rowSchema = z.looseObject({
  ...{ urn: z.string(), type: z.string(), id: z.string().optional() },
  ...{ inputs: values.optional(), outputs: values.optional() },
});
type Row = z.infer<typeof rowSchema>;
const deploymentSchema = z
  .object({ resources: z.array(rowSchema).nullish(), pending_operations: z.array(z.unknown()).nullish() })
  .nullish();

/** What a run gave: absent, nothing but which passwords wait was to change. */
export interface RunGiven {
  /** Type and logical name of all that the program has. */
  resources: readonly { type: string; name: string }[];
  memory: Memory;
  given: readonly Given[];
}

/** What the engine keeps for itself, and what nothing is decided by. */
const engines = new Set([
  "created",
  "modified",
  "dependencies",
  "propertyDependencies",
  "sourcePosition",
  "stackTrace",
  "parent",
  "provider",
]);
const plain = new Set(["urn", "custom", "id", "type", "inputs", "outputs", "retainOnDelete", ...engines]);

const isSame = (one: Values | undefined, other: Values | undefined): boolean =>
  isDeepStrictEqual(one, other) || valuesDigest(one ?? {}) === valuesDigest(other ?? {});

/**
 * What of a state nobody can vouch for, in a word or two; undefined: nothing. A resource may be as it was signed, also where the run
 * changed it: so a kill leaves it. Passwords that wait are not looked at. Throws ForeignStateError. Deployments, as they are exported.
 */
export function strangeIn(before: unknown, after: unknown, run?: RunGiven): string | undefined {
  const was = deploymentSchema.parse(before);
  const is = deploymentSchema.parse(after);
  const rows = is?.resources ?? [];
  refuseForeign(rows as Parameters<typeof refuseForeign>[0]);
  const old = new Map((was?.resources ?? []).map((row) => [row.urn, row]));
  if (!isDeepStrictEqual(is?.pending_operations ?? [], was?.pending_operations ?? [])) return "operations that are said to be pending";
  const known = new Known(run?.given ?? []);
  const there = new Set<string>();
  for (const row of rows) {
    if (there.has(row.urn) || !isVouched(row, old.get(row.urn), known, run?.memory)) return called(row);
    there.add(row.urn);
  }
  // What left it is gone, or the program has it no longer.
  const program = run && new Set(run.resources.map(({ type, name }) => `${type}::${name}`));
  const taken = [...old.values()].find(
    (row) => !there.has(row.urn) && !known.isGone(row) && (!program || typeOf(row.urn) === undefined || program.has(keyOf(row))),
  );
  return taken && called(taken);
}

const keyOf = ({ urn }: Row): string => `${typeOf(urn)}::${nameOf(urn)}`;
const called = (row: Row): string =>
  row.type === "pulumi:pulumi:Stack" ? "the memory of people" : `${typeOf(row.urn) ?? row.type} ${nameOf(row.urn)}`;

function isVouched(row: Row, was: Row | undefined, known: Known, memory: Memory | undefined): boolean {
  // Neither its mark for deletion nor anything else that the engine would act on.
  if (Object.keys(row).some((key) => !plain.has(key) && !isDeepStrictEqual(row[key], was?.[key]))) return false;
  const isStack = row.type === "pulumi:pulumi:Stack";
  if (row["custom"] !== !isStack) return false;
  if (isStack) return isMemory(row, was, memory);
  if (typeOf(row.urn) === undefined) return was === undefined || isSame(row.inputs as Values, was.inputs as Values);
  const wasIt = row.id === was?.id ? was : undefined;
  if (!(wasIt || known.isMade(row))) return false;
  return (["inputs", "outputs"] as const).every((of) => (wasIt && isSame(row[of] as Values, wasIt[of] as Values)) || known.has(of, row));
}

function isMemory({ outputs }: Row, was: Row | undefined, memory: Memory | undefined): boolean {
  const { passwords: _waiting, ...rest } = (outputs ?? {}) as Values;
  const { passwords: _waited, ...before } = (was?.outputs ?? {}) as Values;
  return isSame(rest, before) || (memory !== undefined && isSame(rest, { memory } as unknown as Values));
}

/** What the provider process has given, to be looked up. */
class Known {
  readonly #values = new Set<string>();
  readonly #gone = new Set<string>();
  readonly #made = new Set<string>();
  constructor(given: readonly Given[]) {
    for (const { type, id, name, inputs, outputs } of given) {
      if (inputs === undefined) this.#gone.add(`${type} ${id}`);
      if (name !== undefined) this.#made.add(`${type}::${name} ${id}`);
      this.#values.add(`inputs ${type} ${id} ${inputs}`).add(`outputs ${type} ${id} ${outputs}`);
    }
  }
  isGone = (row: Row): boolean => this.#gone.has(`${typeOf(row.urn)} ${row.id}`);
  isMade = (row: Row): boolean => this.#made.has(`${keyOf(row)} ${row.id}`);
  has = (of: "inputs" | "outputs", row: Row): boolean =>
    this.#values.has(`${of} ${typeOf(row.urn)} ${row.id} ${valuesDigest((row[of] ?? {}) as Values)}`);
}
