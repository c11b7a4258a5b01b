/** A digest over all that a stack's state holds: what a signature is of, and what a plan rests on. */
import { digestOf } from "./digest.ts";

/**
 * `sha256:<hex>` over a whole deployment: every resource with inputs, outputs and dependencies, operations that were pending, the kind
 * of secrets; secrets as the ciphertexts they are. Left out is `manifest.time`, which the engine sets whenever it writes.
 *
 * `deployment`: what `pulumi stack export` (without `--show-secrets`) has under `deployment`.
 */
export function stateDigest(deployment: unknown): string {
  if (!isObject(deployment) || !isObject(deployment["manifest"])) return digestOf(deployment);
  const { time: _time, ...manifest } = deployment["manifest"];
  return digestOf({ ...deployment, manifest });
}

const isObject = (value: unknown): value is { [key: string]: unknown } =>
  value !== null && typeof value === "object" && !Array.isArray(value);
