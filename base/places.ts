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

/** A pattern means what is in the place that it names, the place itself, and what it fits. */
function means(pattern: string, dn: string): boolean {
  const [wanted, name] = [plain(pattern), plain(dn)];
  return [name, `,${name}`, placeOf(name)].some((one) => one !== "" && fitsWildcard(wanted, one));
}

/**
 * The pattern by which an object would come under protection by its place: it is made or moved there, or gets a name there; undefined:
 * it would not, is under it already, or may. `from`: where it is; left out, nowhere yet.
 */
export function comesInto({ protected: patterns, allowed }: Places, to: string, from?: string): string | undefined {
  const isPlace = (one: string): boolean => one.includes("=");
  const hit = patterns.find((one) => isPlace(one) && means(one, to) && !(from !== undefined && means(one, from)));
  return hit === undefined || allowed.some((one) => isPlace(one) && means(one, to)) ? undefined : hit;
}
