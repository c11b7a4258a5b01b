/**
 * How our resources stand in Pulumi's state: a type token in the URN, a name, and the line that the stock provider process
 * would evaluate. Ours takes the type from the URN and evaluates nothing (docs/decisions/0092).
 */

/** What stands in front of a type token in every URN of ours. */
export const dynamicPrefix = "pulumi-nodejs:dynamic/";

/** The text that stands in every resource's state. Changing it changes every resource: don't. */
export function providerLine(type: string): string {
  return `exports.handler = () => require("node:module").createRequire(process.cwd() + "/")("#providers").provider(${JSON.stringify(type)})`;
}

/** The logical name: what stands behind the last `::` that follows the type (names may hold `::` themselves). */
export function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** The resource type of a URN, without Pulumi's prefix; undefined for what is not ours. */
export function typeOf(urn: string): string | undefined {
  const type = urn.split("::")[2] ?? "";
  return type.startsWith(dynamicPrefix) ? type.slice(dynamicPrefix.length) : undefined;
}
