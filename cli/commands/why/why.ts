/** `haloform why PERSON [thing]`: from the same reasons as the plan. Asks the systems, changes nothing. */
import { defined } from "../../../base/defined.ts";
import type { Json, Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import { factsOfRecord } from "../../../mappings/language/condition.ts";
import { explain as explainCondition } from "../../../mappings/language/explain.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { factsOf } from "../../../providers/registry.ts";
import { sourceName } from "../../../stacks/model/source-name.ts";
import type { Because, DesiredResource, Person, SourceRecord } from "../../../stacks/model/types.ts";
import { called, nameOf, textOf } from "../../../stacks/model/values.ts";
import { entriesOf } from "../../../stacks/plan/differences.ts";
import { reason } from "../../../stacks/plan/fields.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import { guardedKeys } from "../../../stacks/read/protected.ts";
import type { Wish } from "../../../stacks/wish/wish.ts";
import type { Why } from "../../answers/answers.ts";
import { openToRead } from "../../engine/automation.ts";
import { type EverythingOptions, readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { hasKey, oneOf } from "../one-of.ts";

export interface WhyOptions extends EverythingOptions {
  person: string;
  thing?: string | undefined;
}

/** What is explained from: what is wished, and of each resource what there is, by its key (stacks/plan/world.ts). */
export interface Explained {
  wish: Pick<Wish, "resources" | "people" | "parked" | "notes">;
  mappings: Pick<Mappings, "people" | "safety" | "at">;
  records: readonly SourceRecord[];
  source: { name: string };
  was: ReadonlyMap<string, Values | undefined>;
}

export async function why(project: Project, options: WhyOptions): Promise<Why> {
  const { prepared } = await readEverything(project, options, openToRead(project, options.voice));
  return explain({ ...prepared, was: prepared.world.was }, findPerson(prepared, options.person), options.thing);
}

/** By key, else by name, e-mail address or login. Throws UsageError for nobody or several, and for whom people.for leaves aside. */
export function findPerson(given: Pick<Explained, "wish" | "source" | "records" | "mappings">, asked: string): Person {
  const { wish, source } = given;
  const aside = leftAside(given, asked);
  if (aside) {
    const { key, rule, points } = aside;
    throw new UsageError(
      `${called(aside)} is left aside by people.for (${rule}), which asks for ${points[0] ? `${points[0].at} ${points[0].asks}` : "something else"}: nothing is managed of it; \`haloform why-not ${key}\` says all of it.`,
    );
  }
  return oneOf(
    wish.people,
    asked,
    namesIn(wish),
    new UsageError(
      `Nobody is called ${asked}: expected the key in ${sourceName(source.name)}, a full name, an e-mail address or a login of somebody the mappings cover.`,
    ),
  );
}

/** What somebody of a wish is called, besides the key. */
function namesIn({ resources }: Pick<Wish, "resources">): (person: Person) => unknown[] {
  const logins = new Map(
    resources.flatMap((one) => (one.type === "ad:User" && one.person !== undefined ? [[one.person, one.inputs["sAMAccountName"]]] : [])),
  );
  return ({ key, name, record }) => [name, record?.fields["emailaddress"], record?.fields["login"], logins.get(key)];
}

/** The record that somebody asks for and that is nobody's, with the lines of people.for that make it so; by key, name or address. */
export function leftAside({ wish, records, mappings }: Pick<Explained, "wish" | "records" | "mappings">, asked: string) {
  const { key: keyField, for: condition } = mappings.people;
  const names = namesIn(wish);
  const isKnown = (one: Person): boolean => hasKey(one, asked) || names(one).some((text) => same(String(text ?? ""), asked));
  if (!condition || wish.people.some(isKnown)) return undefined;
  const keyOf = ({ fields }: SourceRecord): string => textOf(fields[keyField]);
  const known = new Set(wish.people.flatMap(({ key, recordKey = key }) => [key, recordKey]));
  const others = records.filter((one) => !known.has(keyOf(one)));
  const byKey = others.filter((one) => keyOf(one) === asked);
  const found =
    byKey.length > 0 ? byKey : others.filter(({ fields }) => ["name", "emailaddress"].some((field) => same(textOf(fields[field]), asked)));
  const [record] = found;
  if (!record || (byKey.length === 0 && found.length > 1)) return undefined;
  const key = keyOf(record);
  const { holds, points } = explainCondition(condition, factsOfRecord(record.fields, key));
  if (holds) return undefined;
  return { key, name: nameOf(record.fields, key), rule: mappings.at(["people", "people", "for"]), points };
}

/** Every value that is wished for a person, or is there and would go, with the rule that says so. Pure. */
export function explain(given: Pick<Explained, "wish" | "was" | "mappings">, person: Person, thing: string | undefined): Why {
  const { wish, was } = given;
  const values = wish.resources.flatMap((one) => valuesOf(one, person.key, was.get(worldKey(one))));
  const asked = thing?.toLowerCase();
  return {
    format: "haloform.why/1",
    ...whoOf(person, given),
    accounts: person.accounts,
    record: person.record?.fields ?? {},
    values: values.filter(
      ({ type, resource, path, wanted }) =>
        asked === undefined || `${type} ${resource} ${path} ${JSON.stringify(wanted)}`.toLowerCase().includes(asked),
    ),
  };
}

/** Who it is that a command answers about, and what is said of them besides their values. */
export function whoOf(person: Person, { wish: { parked, notes }, mappings }: Pick<Explained, "wish" | "mappings">) {
  const { key, recordKey, name, stage, because } = person;
  const place = mappings.at(["safety", "protected", "people"]);
  const isProtected = guardedKeys(mappings)(person);
  const guard = `protected (${place}): what is there of this person is not written, whatever the mapping files say, and nothing is taken away`;
  return {
    ...{ key, name, stage },
    ...defined({ recordKey, because }),
    parked: parked.filter((one) => one.key === key).map((one) => one.reason),
    notes: [...(isProtected ? [guard] : []), ...notes.filter((note) => note.includes(called(person)))],
  };
}

type Value = Why["values"][number];

function valuesOf(one: DesiredResource, key: string, was: Values | undefined): Value[] {
  const value = (resource: string, path: string, wanted: Json, found: Json, because: Because | undefined): Value => ({
    ...{ type: one.type, resource, path, wanted, found },
    ...(because ? { because } : {}),
  });
  if (one.type === "script:Run" && one.person === key) {
    // What stands in the state has run; what has a reason is still to run.
    const said = `${String(one.inputs["when"])} ${String(one.inputs["event"])}, planned ${String(one.inputs["at"])}`;
    const due = one.because[""];
    return [value(String(one.inputs["name"]), "runs", said, due ? null : said, due)];
  }
  if (one.person === key) {
    const sets = factsOf(one.type) ?? { sets: [] };
    const found = new Map(was ? leaves(was, sets) : []);
    const wanted = new Map(leaves(one.inputs, sets));
    // Of a list that is managed also what is there and would go.
    const goes = [...found.keys()].filter((path) => !wanted.has(path) && listOf(path, one.inputs, sets));
    return [...wanted.keys(), ...goes].map((path) =>
      value(one.name, path, wanted.get(path) ?? null, found.get(path) ?? null, reason(one, path)),
    );
  }
  const ref = `person:${key}`;
  return (
    factsOf(one.type)?.sets.flatMap((path) => {
      const has = (values: Values | undefined): boolean => Array.isArray(values?.[path]) && values[path].includes(ref);
      if (!has(one.inputs) && !has(was)) return [];
      return [value(one.name, nounOf(path), has(one.inputs), has(was), reason(one, `${path}.${ref}`))];
    }) ?? []
  );
}

/** `members` → member: what somebody is in such a list. */
const nounOf = (list: string): string => list.replace(/s$/u, "");

type Sets = { sets: readonly string[] };

/** Whether a path is an entry of a list that is wished. */
function listOf(path: string, inputs: Values, { sets }: Sets): boolean {
  return sets.some((set) => {
    const list = set.replace(/:.*$/su, "");
    return path.startsWith(`${list}.`) && Array.isArray(inputs[list]);
  });
}

/** Every value with its dotted path, except the ones that only say how (`of`, `person`); each entry of a set by itself. */
export function leaves(inputs: Values, sets: Sets, prefix = ""): [path: string, value: Json][] {
  return Object.entries(inputs).flatMap(([key, value]): [string, Json][] => {
    const path = `${prefix}${key}`;
    if (key === "of" || key === "person") return [];
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return leaves(value, sets, `${path}.`);
    const entries = entriesOf(path, value, sets);
    return entries && entries.length > 0 ? entries : [[path, value]];
  });
}
