/** A digest over all that a stack's state holds: what a signature is of, and what a plan rests on. */
import { digestOf } from "../../base/digest.ts";
import { order } from "../../base/order.ts";
import { typeOf } from "../../providers/core/urn.ts";

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

/**
 * The same without the passwords that wait to be read, and without what they are encrypted under: `haloform password show` changes
 * both. What kind of secrets provider it is stays.
 */
export function withoutPasswords(deployment: unknown): unknown {
  if (!isObject(deployment)) return deployment;
  const { secrets_providers: secrets, resources, ...rest } = deployment;
  const apart = (one: unknown): unknown => {
    if (!isObject(one) || one["type"] !== "pulumi:pulumi:Stack" || !isObject(one["outputs"])) return one;
    const { passwords: _waiting, ...outputs } = one["outputs"];
    return { ...one, outputs };
  };
  return {
    ...rest,
    ...(isObject(secrets) ? { secrets_providers: { type: secrets["type"] } } : {}),
    ...(Array.isArray(resources) ? { resources: resources.map(apart) } : {}),
  };
}

/**
 * The same with the resources that haloform manages by their URNs, behind the others: the engine puts what it changes at the end, and
 * a state that is kept in shards has no order of its own (docs/decisions/0157).
 */
export function inOneOrder(deployment: unknown): unknown {
  if (!isObject(deployment) || !Array.isArray(deployment["resources"])) return deployment;
  // Whatever somebody has put there: nothing of it is believed yet.
  const rows: unknown[] = deployment["resources"];
  const ours = rows.filter(isOurs).sort((a, b) => order(a.urn, b.urn));
  return { ...deployment, resources: [...rows.filter((row) => !isOurs(row)), ...ours] };
}

/** Whether it is a resource that haloform manages. */
export const isOurs = (row: unknown): row is { urn: string } =>
  isObject(row) && typeof row["urn"] === "string" && typeOf(row["urn"]) !== undefined;

const isObject = (value: unknown): value is { [key: string]: unknown } =>
  value !== null && typeof value === "object" && !Array.isArray(value);
