/** What a resource of many people does about those for whom nothing more is done in this run. */
import type { Json, Values } from "../../base/json.ts";

/** Inputs whose members who are stopped stay as they were: in where they were in, out where they were out. */
export function withoutStopped(inputs: Values, was: Values | undefined, stopped: ReadonlyMap<string, string>): Values {
  const wished = inputs["members"];
  if (stopped.size === 0 || !Array.isArray(wished)) return inputs;
  const before = new Set<Json>(Array.isArray(was?.["members"]) ? was["members"] : []);
  const isStopped = (ref: Json): boolean =>
    typeof ref === "string" && ref.startsWith("person:") && stopped.has(ref.slice("person:".length));
  const members = wished.filter((ref) => !isStopped(ref) || before.has(ref));
  for (const ref of before) if (isStopped(ref) && !members.includes(ref)) members.push(ref);
  return { ...inputs, members: members.sort() };
}
