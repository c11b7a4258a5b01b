/** Places of a directory that mappings/safety.yaml protects: patterns with a `=`, of distinguishedNames. Pure. */
import { fold } from "./text.ts";
import { fitsWildcard } from "./wildcard.ts";

/** `protected.accounts` and `protected.groups`, and `protected.allow`; names without a `=` mean no place. */
export interface Places {
  protected: readonly string[];
  allowed: readonly string[];
}

const plain = (dn: string): string => fold(dn).replace(/\s*([,=])\s*/gu, "$1");

/** What it lies in: the name without its first part. */
const placeOf = (dn: string): string => dn.replace(/^(?:\\.|[^,\\])*,?/su, "");

/** How a pattern may name it: the thing itself, anything above it, and the place it lies in. */
function formsOf(dn: string): readonly string[] {
  const name = plain(dn);
  return [name, `,${name}`, placeOf(name)].filter((one) => one !== "");
}

/** A pattern means what is in the place that it names, the place itself, and what it fits. */
const means = (pattern: string, forms: readonly string[]): boolean => forms.some((one) => fitsWildcard(pattern, one));

/**
 * The pattern by which an object would come under protection by its place: it is made or moved there, or gets a name there; undefined:
 * it would not, is under it already, or may. `from`: where it is; left out, nowhere yet.
 */
export function comesInto({ protected: patterns, allowed }: Places, to: string, from?: string): string | undefined {
  // Asked of everybody, and nearly everybody is where they are to be.
  const places = from === to ? [] : patterns.filter((one) => one.includes("="));
  if (places.length === 0) return undefined;
  const there = formsOf(to);
  const here = from === undefined ? [] : formsOf(from);
  const hit = places.find((one) => means(plain(one), there) && !means(plain(one), here));
  return hit === undefined || allowed.some((one) => one.includes("=") && means(plain(one), there)) ? undefined : hit;
}
