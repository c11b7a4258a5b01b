/** Names → what Halo knows by them. A name that is not there, or twice, is one clear line. */
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { same } from "../../base/text.ts";
import { suggestion } from "../../clients/halo/nearest.ts";
import type { Once } from "../../clients/http/once.ts";
import type { Live } from "../core/definition.ts";

/** How a kind of name is told of. */
export interface Words {
  /** `asset type` */
  what: string;
  /** Where the name stands, or what to make: `correct tickets in mappings/halo.yaml`. */
  mend: string;
  /** After how many of that name there are. Default: `of that name; rename all but one in Halo`. */
  several?: (ids: string) => string;
}

/** The one of a list that has one; undefined for none and for several. */
export function only<T>(found: readonly T[]): T | undefined {
  return found.length === 1 ? found[0] : undefined;
}

/** The one of this name. @throws RefusedError where there is none, with the nearest right name, or where several have it. */
export function named<T extends { id: string | number; name: string }>(all: readonly T[], name: string, words: Words): T {
  const found = all.filter((one) => same(one.name, name));
  const one = only(found);
  if (one) return one;
  const { what, mend, several = () => "of that name; rename all but one in Halo" } = words;
  if (found.length > 1)
    throw new RefusedError(
      `Could not use the ${what} "${name}": Halo has ${found.length} ${several(found.map(({ id }) => id).join(", "))}`,
      "ambiguous",
    );
  const known = all.map((each) => each.name);
  throw new RefusedError(`Could not find the ${what} "${name}" in Halo${suggestion(name, known)}; ${mend}`, "unknown-name");
}

/** The same of a list that is read once a client, and again where the name is missing: it may have been made since. */
export async function lookUp<C extends object, T extends { id: string | number; name: string }>(
  client: C,
  list: Once<C, [], T[]>,
  name: string,
  words: Words,
): Promise<T> {
  const read = list.knows(client);
  const all = await list(client);
  return named(read && !all.some((one) => same(one.name, name)) ? await list.again(client) : all, name, words);
}

/** Of a type whose objects are known by their names alone. */
export const knownByName = {
  key: ({ name }: { name: string }) => name,
  label: ({ name }: { name: string }) => name,
  find: (live: readonly Live[], { name }: { name: string }): string | undefined =>
    only(live.filter(({ values }) => typeof values["name"] === "string" && same(values["name"], name)))?.id,
};

/** A text of a live object; "" where it has none. */
export function textOf(values: Values, key: string): string {
  const value = values[key];
  return typeof value === "string" ? value : "";
}

/** The texts of a live object's list. */
export function textsOf(values: Values, key: string): string[] {
  const value = values[key];
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
}

/** Texts by name of a live object. */
export function tableOf(values: Values, key: string): { [name: string]: string } {
  const value = values[key];
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, String(one ?? "")]));
}

/** A name as the mapping spells it, where it differs from Halo's in case alone. */
export const spelt = (live: string, wished: string): string => (same(live, wished) ? wished : live);
