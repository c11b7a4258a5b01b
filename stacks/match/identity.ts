import { compile } from "../../mappings/language/template.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Person } from "../model/types.ts";

/** What an account of this person must hold in a field of matching; undefined where that cannot be said. */
export function identityOf({ people }: Mappings, { record }: Pick<Person, "record">, field: string): string | undefined {
  const source = people.identify[field];
  return record && typeof source === "string" ? compile(source).render(record.fields) : undefined;
}
