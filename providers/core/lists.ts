/** The bulk reads of a run: each is made once, and one may use what another has read. */
import type { Lists, Live } from "./definition.ts";

/** Lists of these types. Each is read when it is first asked for, by `read`, which is handed all of them. */
export function listsOf(
  types: Iterable<string>,
  read: (type: string, lists: Lists) => Promise<Live[]>,
): (type: string) => Promise<Live[]> | undefined {
  const known = new Set(types);
  const begun = new Map<string, Promise<Live[]>>();
  const lists = (type: string): Promise<Live[]> | undefined => {
    if (!known.has(type)) return undefined;
    const list = begun.get(type) ?? read(type, lists);
    begun.set(type, list);
    return list;
  };
  return lists;
}
