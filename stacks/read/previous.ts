/** What the last run left: resources and memory, from `pulumi stack export`. */
import { z } from "zod";
import { defined } from "../../base/defined.ts";
import type { Json, Values } from "../../base/json.ts";
import { parkedId } from "../../providers/core/adapter.ts";
import { dynamicPrefix, nameOf } from "../../providers/core/urn.ts";
import type { Plan } from "../model/plan.ts";
import { stateDigest, withoutPasswords } from "../model/state-digest.ts";
import type { Memory, Noted, PreviousResource } from "../model/types.ts";
import { sorted, textsOf } from "../model/values.ts";
import { refuseForeign } from "./foreign.ts";
import { type Handed, parseHanded } from "./handed.ts";

const memorySchema = z.object({
  format: z.literal("haloform.memory/1"),
  source: z.object({
    count: z.number().int(),
    filled: z.record(z.string(), z.number().int()),
    feeds: z.record(z.string(), z.number().int()).optional(),
  }),
  people: z.record(
    z.string(),
    z.object({
      name: z.string(),
      absentSince: z.string().optional(),
      leaverSince: z.string().optional(),
      ref: z.string().optional(),
      key: z.string().optional(),
      likes: z.array(z.string()).optional(),
      addresses: z.array(z.string()).optional(),
    }),
  ),
});

const exportSchema = z.object({
  deployment: z
    .object({
      resources: z
        .array(
          z.object({
            urn: z.string(),
            type: z.string(),
            id: z.string().optional(),
            delete: z.boolean().optional(),
            inputs: z.record(z.string(), z.unknown()).optional(),
            outputs: z.record(z.string(), z.unknown()).optional(),
            modified: z.string().optional(),
          }),
        )
        .nullish(),
      /** What a run that was killed was at. */
      pending_operations: z
        .array(
          z.object({
            type: z.string(),
            resource: z.object({ urn: z.string(), type: z.string(), inputs: z.record(z.string(), z.unknown()).optional() }),
          }),
        )
        .nullish(),
    })
    .nullish(),
});

export interface Previous {
  resources: PreviousResource[];
  /** `type::name` of creations that failed: they stand in the state, and there is no such object. */
  parked: string[];
  /** A run was cut off in the middle of something, and wrote down what. */
  cutOff: boolean;
  /** Over the whole state but the passwords that wait in it (stateDigest): reading one makes no plan stale. */
  digest: string;
  memory: Memory | undefined;
  /** Reads which commands are due; asked only where there are commands. Absent under the stock CLI. */
  noted?: () => Promise<Noted[]>;
  /** Passwords that wait to be read; absent where there are none. */
  handed?: Handed;
  /** Some wait under the passphrase of the stack, and were read as ciphertexts: `handed` says nothing then. */
  underPhrase: boolean;
}

/** What a plan says of it: without the memory that every run leaves at its end, there was none, or its state is lost. */
export const baselineOf = ({ memory }: Pick<Previous, "memory">): Plan["baseline"] => (memory === undefined ? "none" : undefined);

/**
 * Parses an exported stack. Parked creations are left out: there is no such object. Throws a ZodError where it is none, and
 * ForeignStateError where it holds what haloform never wrote.
 */
export function parseExport(exported: unknown): Previous {
  const { deployment } = exportSchema.parse(exported);
  const whole = z.object({ deployment: z.unknown().optional() }).parse(exported).deployment;
  refuseForeign([...(deployment?.resources ?? []), ...(deployment?.pending_operations ?? []).map((one) => one.resource)]);
  const resources: PreviousResource[] = [];
  const parked: string[] = [];
  const cutOff = new Map(
    (deployment?.pending_operations ?? []).flatMap((one) => (one.type === "updating" ? [[one.resource.urn, one.resource.inputs]] : [])),
  );
  let memory: Memory | undefined;
  let handed: Handed | undefined;
  let underPhrase = false;
  for (const one of deployment?.resources ?? []) {
    if (one.type === "pulumi:pulumi:Stack") {
      const parsed = memorySchema.safeParse(one.outputs?.["memory"]);
      if (parsed.success) memory = parsed.data as Memory;
      const waiting = one.outputs?.["passwords"];
      handed = parseHanded(waiting);
      underPhrase = handed === undefined && (JSON.stringify(waiting) ?? "").includes('"ciphertext"');
    }
    if (!one.type.startsWith(dynamicPrefix) || one.delete || one.id === undefined) continue;
    if (one.id.startsWith(parkedId)) {
      parked.push(`${one.type.slice(dynamicPrefix.length)}::${nameOf(one.urn)}`);
      continue;
    }
    const { __provider: _line, ...known } = (one.inputs ?? {}) as Values;
    const inputs = withGiven(known, cutOff.get(one.urn) as Values | undefined);
    const { __provider: _same, ...outputs } = (one.outputs ?? {}) as Values;
    const { id, urn, type, modified } = one;
    resources.push({ type: type.slice(dynamicPrefix.length), name: nameOf(urn), id, inputs, outputs, ...defined({ modified }) });
  }
  let digest: string | undefined;
  return {
    ...{ resources, parked, cutOff: (deployment?.pending_operations ?? []).length > 0, memory, underPhrase, ...(handed ? { handed } : {}) },
    // Over every value there is: worked out only for who makes a plan of it.
    get digest() {
      // A stack that was made and has nothing yet is as good as none.
      digest ??= stateDigest(resources.length + parked.length > 0 || memory ? withoutPasswords(whole) : undefined);
      return digest;
    },
  };
}

/** Whom a run was giving something when it was killed is whom haloform gave it, whether or not it got that far. */
function withGiven(known: Values, pending: Values | undefined): Values {
  if (!pending) return known;
  const lists = ["members", "owners"].flatMap((field): [string, Json][] =>
    Array.isArray(known[field]) ? [[field, sorted([...textsOf(known[field]), ...textsOf(pending[field])])]] : [],
  );
  return { ...known, ...Object.fromEntries(lists) };
}
