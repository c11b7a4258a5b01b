/** entra:User: attributes as a request's body. Pure. */
import { isDeepStrictEqual } from "node:util";
import { RefusedError } from "../../../base/errors.ts";
import { userRule, userValue } from "./attributes.ts";
import type { UserInputs } from "./inputs.ts";

type Attributes = UserInputs["attributes"];

/** The attributes in which the wish differs from what is there, without the manager, who is no property. */
export function changedAttributes(was: Attributes, wished: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(wished).filter(
      ([name, value]) => userRule(name)?.kind !== "person" && !isDeepStrictEqual(was[name] ?? empty(name), value),
    ),
  );
}

const empty = (name: string): string | string[] => (userRule(name)?.kind === "texts" ? [] : "");

/**
 * Graph's properties for these attributes: null clears, a collection is replaced whole, employeeOrgData too (its other half is
 * taken from `all`, what the account has). Throws RefusedError for what Graph would not take.
 */
export function bodyOf(changed: Attributes, all: Attributes, who: string): { [property: string]: unknown } {
  const body: { [property: string]: unknown } = {};
  for (const [name, value] of Object.entries(changed)) {
    const rule = userRule(name);
    if (!rule || rule.kind === "person") continue;
    const texts = [value].flat();
    const made = userValue(rule, texts);
    if ("problem" in made)
      throw new RefusedError(`Could not write ${name} of ${who}: ${made.problem}; correct the source or the mapping`, "value");
    if (made.value === "" && rule.always)
      throw new RefusedError(`Could not clear ${name} of ${who}: Graph keeps a value there; give one in the mapping`, "value");
    const wire = rule.kind === "single" ? texts.filter((one) => one !== "") : made.value === "" ? null : made.value;
    if (rule.within === undefined) body[rule.name] = wire;
    else body[rule.within] = { ...(body[rule.within] as object | undefined), [rule.name]: wire };
  }
  const organisation = body["employeeOrgData"] as { [name: string]: unknown } | undefined;
  for (const name of organisation ? ["costCenter", "division"] : [])
    if (organisation && !(name in organisation) && typeof all[name] === "string") organisation[name] = all[name];
  return body;
}
