/**
 * Links to people and groups, in whatever list they stand: what Graph calls done already is believed only when its list says so
 * too; until then it is written again.
 */
import type { EntraClient } from "../../clients/graph/client.ts";

/** How often what is said to be so is read back, each time after a longer pause: replicas know of a write some seconds later. */
const looks = 4;

export interface Linked {
  /** Whether they are to be in the list; else they are to be in it no more. */
  present: boolean;
  /** `the members of the group SG-Sales` */
  list: string;
  /** Ids that are in the list now. */
  listed(): Promise<Iterable<string>>;
}

/** Writes them. `write` tells which are said to be so already, and resolves with what could not be done. */
export async function readingBack(
  client: Pick<EntraClient, "clock">,
  ids: readonly string[],
  { present, list, listed }: Linked,
  write: (ids: readonly string[], said: (id: string) => true) => Promise<Error[]>,
): Promise<Error[]> {
  const errors: Error[] = [];
  let open = ids;
  for (let look = 1; open.length > 0; look++) {
    const said: string[] = [];
    const note = (id: string): true => said.push(id) > 0 || true;
    for (const error of await write(open, note)) errors.push(error);
    if (said.length === 0) break;
    const there = new Set(await listed());
    open = said.filter((id) => there.has(id) !== present);
    if (look === looks) {
      const words = (id: string): string =>
        `Graph says that ${id} is ${present ? "among" : "none of"} ${list} already, and its list says otherwise; the next run looks again`;
      return [...errors, ...open.map((id) => new Error(words(id)))];
    }
    if (open.length > 0) await client.clock.sleep(1000 * 2 ** (look - 1));
  }
  return errors;
}
