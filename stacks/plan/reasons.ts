/** What a reader of a plan asks of each reason: which values of the record decided, and which side has changed since the last run. Pure. */
import { defined } from "../../base/defined.ts";
import type { Json, Values } from "../../base/json.ts";
import type { PlanChange, PlanField } from "../model/plan.ts";
import { remembered } from "../model/remembered.ts";
import { textsOf } from "../model/values.ts";
import type { Changes } from "./changes.ts";
import type { Compared } from "./input.ts";
import { isOnlyLive, movedIn } from "./parts/kinds.ts";
import { carrierKey } from "./parts/together.ts";
import { worldKey } from "./world.ts";

type Because = NonNullable<PlanField["because"]>;

/** Longer values of a record are cut. */
const longest = 80;

export function withReasons({ people, shared, ...rest }: Changes, compared: Pick<Compared, "wish" | "previous">): Changes {
  const { wish, previous = [] } = compared;
  const records = new Map(wish.people.flatMap(({ record }) => (record ? [[record.ref, record.fields] as const] : [])));
  const known = new Set([...records.values()].flatMap((fields) => Object.keys(fields)));
  // In a template it is the login of the account (docs/mappings.md), and what the record has under this name is another thing.
  known.delete("login");
  const valued = remembered((because: Because): Because => {
    const values = valuesOf(because, records.get(because.record ?? ""), known);
    // A word of the template may be called as a field of the record is: what it gave counts.
    return values ? { ...because, values: { ...values, ...because.values } } : because;
  });
  const wished = new Map(wish.resources.map((one) => [worldKey(one), one]));
  const before = new Map(previous.map((one) => [worldKey(one), one]));
  const moved = remembered((key: string) => {
    const [resource, was] = [wished.get(key), before.get(key)];
    return resource && was ? movedIn(resource, was) : undefined;
  });
  const told =
    (person: string | undefined) =>
    (change: PlanChange): PlanChange => {
      const paths =
        change.op === "update" || change.op === "move" || change.op === "disable" || change.op === "enable"
          ? moved(carrierKey(change))
          : undefined;
      const fields = change.fields.map((field) => ({
        ...field,
        ...defined({
          because: field.because && valued(field.because),
          moved: paths && (isOnlyLive(change, field, person, paths) ? ("system" as const) : ("wish" as const)),
        }),
      }));
      return { ...change, fields, ...defined({ because: change.because && valued(change.because) }) };
    };
  return {
    ...rest,
    people: people.map((one) => ({ ...one, changes: one.changes.map(told(one.key)) })),
    shared: shared.map(told(undefined)),
  };
}

/** Field → its value as people read it, "" where it is empty; undefined: the reason names none, or it is none of the record's. */
function valuesOf({ field }: Because, record: Values | undefined, known: ReadonlySet<string>): { [field: string]: string } | undefined {
  if (field === undefined || !record) return undefined;
  const all = field.split(", ").flatMap((name): [string, string][] => (known.has(name) ? [[name, said(record[name])]] : []));
  return all.length > 0 ? Object.fromEntries(all) : undefined;
}

function said(value: Json | undefined): string {
  const text = textsOf(value).join(", ");
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
