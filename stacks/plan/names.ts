/** What references in a plan's fields are called, so that no reader meets `person 103` or an id. Pure. */
import type { Values } from "../../base/json.ts";
import { deviceType } from "../model/kinds.ts";
import type { PlanField } from "../model/plan.ts";
import type { Person } from "../model/types.ts";
import { textOf } from "../model/values.ts";
import type { Compared } from "./input.ts";

/** Types whose objects an `id:` of a system may mean; boards of Halo hold agents or users. */
const pointed = (type: string, inputs: Values): readonly string[] => {
  if (type.startsWith("entra:")) return ["entra:Licence", "entra:User", "entra:Group", deviceType];
  return inputs["as"] === "user" ? ["halo:User"] : ["halo:Agent"];
};

/** Puts beside a field's references what they are called, where that is known. `of`: the resource the field belongs to. */
export function namerOf({
  wish,
  live,
}: Pick<Compared, "live"> & { wish: { people: readonly Pick<Person, "key" | "name">[] } }): <F extends Pick<PlanField, "before" | "after">>(
  of: { type: string; inputs: Values },
  field: F,
) => F & Pick<PlanField, "names"> {
  const people = new Map(wish.people.map(({ key, name }) => [key, name]));
  const byId = new Map<string, ReadonlyMap<string, Values>>();
  const idsOf = (type: string): ReadonlyMap<string, Values> => {
    const found = byId.get(type) ?? new Map((live[type] ?? []).map((one) => [one.id, one.values]));
    byId.set(type, found);
    return found;
  };
  const nameOf = (reference: string, type: string, inputs: Values): string | undefined => {
    if (reference.startsWith("person:")) return people.get(reference.slice("person:".length));
    const id = reference.slice("id:".length);
    for (const one of pointed(type, inputs)) {
      const values = idsOf(one).get(id);
      const name = ["name", "displayName", "deviceName", "userPrincipalName"]
        .map((field) => textOf(values?.[field]))
        .find((text) => text !== "");
      if (name !== undefined) return name;
    }
    return undefined;
  };
  return ({ type, inputs }, field) => {
    const known = referencesIn([field.before, field.after]).flatMap((reference): [string, string][] => {
      const name = nameOf(reference, type, inputs);
      return name === undefined ? [] : [[reference, name]];
    });
    return known.length === 0 ? field : { ...field, names: Object.fromEntries(known) };
  };
}

function referencesIn(value: unknown): string[] {
  if (typeof value === "string") return /^(?:person|id):./su.test(value) ? [value] : [];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(referencesIn) : [];
}
