/** What a system never leaves empty and did not give: the identity that asks may not read it, and everybody only looks so. */
import type { Values } from "../../base/json.ts";
import type { Live } from "./definition.ts";

/** For the values of a live object: names of what did not come of what always should; nothing where all of it did. */
export function unseenOf(given: { readonly [name: string]: unknown }): Values {
  const unseen = Object.keys(given).filter((name) => given[name] === undefined || given[name] === null);
  return unseen.length > 0 ? { unseen } : {};
}

/** `doubts` of a type: what came for nobody at all. */
export function unseenByAll(live: readonly Live[]): string[] {
  const [first] = live;
  const names = Array.isArray(first?.values["unseen"]) ? first.values["unseen"].map(String) : [];
  const hidden = names.filter((name) => live.every(({ values }) => Array.isArray(values["unseen"]) && values["unseen"].includes(name)));
  if (hidden.length === 0) return [];
  return [`${hidden.join(", ")} ${hidden.length === 1 ? "is" : "are"} empty for all ${live.length}, and never is: it may not be read`];
}
