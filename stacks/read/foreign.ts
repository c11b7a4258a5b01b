/**
 * What haloform never wrote into a state. Pulumi's engine starts whatever program a state names: the plugin of a resource's
 * type, from wherever the state says, and by the stock provider process the text in `__provider`. So a state is looked
 * through before any engine is told of it (docs/security.md).
 */
import { dynamicPrefix, nameOf, providerLine, typeOf } from "../../providers/core/urn.ts";

/** The state holds what haloform never wrote; nothing is run with it. Exit code 3. */
export class ForeignStateError extends Error {
  override name = "ForeignStateError" as const;
}

/** A resource as an exported stack has it. */
export interface Row {
  urn: string;
  type: string;
  inputs?: { [key: string]: unknown } | undefined;
  outputs?: { [key: string]: unknown } | undefined;
}

/** Throws ForeignStateError where any of the resources is not as haloform writes it: how many, and the first. */
export function refuseForeign(rows: readonly Row[]): void {
  const foreign = rows.filter((row) => !isOurs(row));
  const [first] = foreign;
  if (!first) return;
  const many =
    foreign.length === 1 ? "1 resource that haloform never wrote so" : `${foreign.length} resources that haloform never wrote so, first`;
  throw new ForeignStateError(
    `the state of the stack holds ${many}: ${typeOf(first.urn) ?? first.type} ${nameOf(first.urn)}. Nothing was run with it: find out who wrote to where the state is kept, and put back a copy from before (docs/security.md)`,
  );
}

const key = "__provider";

function isOurs({ urn, type, inputs, outputs }: Row): boolean {
  const values = [inputs, outputs].filter((one) => one !== undefined);
  // A provider's settings are named `haloform:…`; what has no colon says where its plugin comes from.
  if (type === "pulumi:providers:pulumi-nodejs") return values.every((one) => Object.keys(one).every((name) => name.includes(":")));
  if (type === "pulumi:pulumi:Stack") return values.every((one) => !(key in one));
  const token = typeOf(urn);
  return (
    token !== undefined && type === dynamicPrefix + token && values.length > 0 && values.every((one) => one[key] === providerLine(token))
  );
}
