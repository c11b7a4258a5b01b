/** Where rules stand in the mapping files. */
import type { Mappings } from "../../mappings/schema/all.ts";

/** A path of the mapping files as far as it was asked for: its place, and what is below. */
interface Asked {
  place?: string;
  below: Map<string | number, Asked>;
}

/** Thousands of people share a rule: its place in the file is looked up once, part by part, as a joined path is a new text each time. */
export function placesOf({ at }: Mappings): Mappings["at"] {
  const root: Asked = { below: new Map() };
  return (path) => {
    let asked = root;
    for (const part of path) {
      let next = asked.below.get(part);
      if (!next) {
        next = { below: new Map() };
        asked.below.set(part, next);
      }
      asked = next;
    }
    asked.place ??= at(path);
    return asked.place;
  };
}
