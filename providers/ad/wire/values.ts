/** From ldapts' answers to entries: one shape of values, ranges, and lists that end too early. Pure. */
import type { Entry as RawEntry } from "ldapts";
import type { Entry } from "./client.ts";

/**
 * ldapts takes an empty page for the end, whether a cookie came with it or not. After pages that were not full that may
 * be a truncated answer, which would look like people who are gone: so it is asked again, and then not believed. An empty
 * page after full ones is how some servers end a list whose length is a multiple of the page.
 */
export function mayBeTruncated(pages: readonly number[], pageSize: number): boolean {
  return pages.length > 1 && pages.at(-1) === 0 && pages.slice(0, -1).some((size) => size < pageSize);
}

/** ldapts gives one value bare, several as an array and none as []; here always arrays, and absent ones are left out. */
export function normalise(raw: RawEntry): Entry {
  const attributes: { [name: string]: readonly (string | Buffer)[] } = {};
  for (const [name, value] of Object.entries(raw)) {
    if (name === "dn") continue;
    const values = Array.isArray(value) ? value : [value];
    if (values.length > 0) attributes[name] = values;
  }
  return { dn: raw.dn, attributes };
}

/** The last index of `member;range=0-1499`; undefined when the range ends in `*` (nothing follows). */
export function lastOfRange(name: string): number | undefined {
  const last = /;range=\d+-(\d+|\*)/iu.exec(name)?.[1];
  return last === undefined || last === "*" ? undefined : Number(last);
}
