/**
 * The fence of an approved plan: under haloform the provider process does what was approved and nothing else. Whatever the engine asks
 * for beyond that (another type, name, operation or value, or a resource more) is refused before any system is asked
 * (docs/decisions/0120). The stock CLI has no approval, and no fence.
 */
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import type { Adapted } from "./adapter.ts";
import { type Approved, inputsDigest, type Operation } from "./approved.ts";
import type { Run } from "./run.ts";

/** What may still be done of what was approved: each operation once. */
const remaining = new WeakMap<Approved, Map<string, Operation>>();

function remainingOf(approved: Approved): Map<string, Operation> {
  const found = remaining.get(approved) ?? new Map(approved.operations.map((one) => [`${one.type}::${one.name}`, one]));
  remaining.set(approved, found);
  return found;
}

interface Asked extends Pick<Operation, "type" | "op"> {
  /** Pulumi's own process does not tell it. */
  name: string | undefined;
  inputs: Values;
}

/** Throws RefusedError where an operation is not one of the approved, and takes it from them where it is. */
function refuseUnapproved({ approved }: Pick<Run, "approved">, asked: Asked): void {
  const { type, name, op } = asked;
  const why = approved ? otherThan(approved, asked) : "nothing was approved in this run";
  if (why !== undefined)
    throw new RefusedError(
      `Refused to ${op} ${name === undefined ? type : `${type} ${name}`}: ${why}. No system was asked; make a new plan and have it approved.`,
      "unapproved",
    );
  if (approved) remainingOf(approved).delete(`${type}::${name}`);
}

/** In what it is another than the approved; undefined: in nothing. */
function otherThan(approved: Approved, { type, name, op, inputs }: Asked): string | undefined {
  const plan = `the approved plan ${approved.plan}`;
  const found = remainingOf(approved).get(`${type}::${name}`);
  if (!found) return `${plan} has nothing (more) to do with it`;
  if (found.op !== op) return `${plan} has ${found.op} for it`;
  return op === "delete" || found.inputs === inputsDigest(inputs) ? undefined : `${plan} has other values for it`;
}

/** The provider of a type, within what the run was approved for. */
export function fenced(type: string, provider: Adapted, runNow: () => Promise<Run | undefined>): Adapted {
  const hold = async (asked: Omit<Asked, "type">): Promise<void> => {
    const run = await runNow();
    if (run?.mode === "haloform") refuseUnapproved(run, { type, ...asked });
  };
  return {
    ...provider,
    async create(inputs, name) {
      await hold({ op: "create", name, inputs });
      return provider.create(inputs);
    },
    async update(id, olds, news, name) {
      await hold({ op: "update", name, inputs: news });
      return provider.update(id, olds, news);
    },
    async delete(id, props, name) {
      await hold({ op: "delete", name, inputs: props });
      return provider.delete(id, props);
    },
  };
}
