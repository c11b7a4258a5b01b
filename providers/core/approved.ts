/** What of a plan was approved, operation by operation: the bundle holds it, and the provider process is held to it (fence.ts). */
import { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import type { Values } from "../../base/json.ts";

export const operationSchema = z.strictObject({
  type: z.string(),
  /** The logical name. */
  name: z.string(),
  op: z.enum(["create", "update", "delete"]),
  /** inputsDigest of what is wished; absent where it is let go of, and so left as it is. */
  inputs: z.string().exactOptional(),
});

/** Something that is done to one resource. */
export type Operation = z.infer<typeof operationSchema>;

export const approvedSchema = z.strictObject({
  /** The digest of the plan, as it was approved. */
  plan: z.string(),
  /** What of it may be done: all of it, or a part. */
  operations: z.array(operationSchema),
});

export type Approved = z.infer<typeof approvedSchema>;

/** `sha256:…` over canonical inputs, without what the engine puts beside them. */
export function inputsDigest({ __provider: _line, ...inputs }: Values): string {
  return digestOf(inputs);
}
