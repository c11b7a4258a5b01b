/** Records whose values take a template past its limits: their people are left as they are, by name, and nobody else with them. Pure. */
import type { Json } from "../../base/json.ts";
import { TemplateLimitError } from "../../mappings/text/errors.ts";
import type { World } from "../model/scene.ts";
import type { SourceRecord } from "../model/types.ts";
import { textOf } from "../model/values.ts";

/** Characters of a text, and entries of a list, that are left of an overfull record. */
const letters = 200;
const entries = 20;

/**
 * What `work` makes of the world; of one in which a template hits its limits, what it makes of the world with that record
 * shortened, and its person in `overfull` (stacks/people/lifecycle.ts). Throws TemplateLimitError where it is nobody's record.
 */
export function withinLimits<T>(world: World, work: (world: World) => T): T {
  try {
    return work(world);
  } catch (error) {
    if (!(error instanceof TemplateLimitError)) throw error;
    const field = world.mappings.people.key;
    const key = textOf((error.fields[field] as Json | undefined) ?? "");
    const { overfull = new Map<string, string>() } = world;
    if (key === "" || overfull.has(key) || !world.records.some((one) => textOf(one.fields[field]) === key)) throw error;
    return withinLimits(
      {
        ...world,
        overfull: new Map([...overfull, [key, error.message]]),
        records: world.records.map((one) => (textOf(one.fields[field]) === key ? shortened(one) : one)),
      },
      work,
    );
  }
}

const shortened = (record: SourceRecord): SourceRecord => ({ ...record, fields: shorter(record.fields) as SourceRecord["fields"] });

function shorter(value: Json): Json {
  if (typeof value === "string") return value.length > letters ? value.slice(0, letters).toWellFormed() : value;
  if (Array.isArray(value)) return value.slice(0, entries).map(shorter);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shorter(inner)]));
}
