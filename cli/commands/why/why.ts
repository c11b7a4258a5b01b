/** `haloform why PERSON [thing]`: from the same reasons as the plan. Asks the systems, changes nothing. */
import type { Json, Values } from "../../../base/json.ts";
import type { Because, Person } from "../../../stacks/model/types.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Prepared } from "../../../stacks/prepare.ts";
import type { Why } from "../../answers/answers.ts";
import { type EverythingOptions, readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { oneOf } from "../one-of.ts";

export interface WhyOptions extends EverythingOptions {
  person: string;
  thing?: string | undefined;
}

export async function why(project: Project, options: WhyOptions): Promise<Why> {
  const { prepared } = await readEverything(project, options);
  return explain(prepared, findPerson(prepared, options.person), options.thing);
}

/** By key, else by name, e-mail address or login. Throws UsageError for nobody or several. */
export function findPerson(prepared: Prepared, asked: string): Person {
  const logins = new Map(
    prepared.wish.resources.flatMap((one) =>
      one.type === "ad:User" && one.person !== undefined ? [[one.person, one.inputs["sAMAccountName"]]] : [],
    ),
  );
  return oneOf(
    prepared.wish.people,
    asked,
    ({ key, name, record }) => [name, record?.fields["emailaddress"], record?.fields["login"], logins.get(key)],
    new UsageError(
      `Nobody is called ${asked}: expected the Halo user id, a full name, an e-mail address or a login of somebody the mappings cover.`,
    ),
  );
}

function explain(prepared: Prepared, person: Person, thing: string | undefined): Why {
  const ref = `person:${person.key}`;
  const values: Why["values"] = [];
  const add = (type: string, resource: string, path: string, wanted: Json, found: Json, because: Because | undefined): void => {
    if (thing !== undefined && !`${type} ${resource} ${path} ${JSON.stringify(wanted)}`.toLowerCase().includes(thing.toLowerCase())) return;
    values.push({ type, resource, path, wanted, found, ...(because ? { because } : {}) });
  };
  for (const one of prepared.wish.resources) {
    const was = prepared.world.was.get(worldKey(one));
    if (one.type === "script:Run" && one.person === person.key) {
      // What stands in the state has run; what has a reason is still to run.
      const said = `${String(one.inputs["when"])} ${String(one.inputs["event"])}, planned ${String(one.inputs["at"])}`;
      const due = one.because[""];
      add(one.type, String(one.inputs["name"]), "runs", said, due ? null : said, due);
      continue;
    }
    if (one.person === person.key) {
      for (const [path, wanted] of leaves(one.inputs)) {
        const because = one.because[path] ?? one.because[path.split(".")[0] ?? ""] ?? one.because[""];
        add(one.type, one.name, path, wanted, valueAt(was, path), because);
      }
      continue;
    }
    const wanted = Array.isArray(one.inputs["members"]) && one.inputs["members"].includes(ref);
    const found = Array.isArray(was?.["members"]) && was["members"].includes(ref);
    if (wanted || found) add(one.type, one.name, "member", wanted, found, one.because[`members.${ref}`]);
  }
  return {
    format: "haloform.why/1",
    key: person.key,
    name: person.name,
    stage: person.stage,
    ...(person.because ? { because: person.because } : {}),
    accounts: person.accounts,
    record: person.record?.fields ?? {},
    values,
    parked: prepared.wish.parked.filter((one) => one.key === person.key).map((one) => one.reason),
  };
}

/** Every value with its dotted path, except the ones that only say how (`of`, `person`). */
export function leaves(inputs: Values): [string, Json][] {
  return Object.entries(inputs).flatMap(([key, value]): [string, Json][] => {
    if (key === "of" || key === "person") return [];
    if (value !== null && typeof value === "object" && !Array.isArray(value))
      return leaves(value).map(([path, leaf]) => [`${key}.${path}`, leaf]);
    return [[key, value]];
  });
}

function valueAt(values: Values | undefined, path: string): Json {
  let here: Json = values ?? null;
  for (const part of path.split(".")) {
    if (here === null || typeof here !== "object" || Array.isArray(here)) return null;
    here = here[part] ?? null;
  }
  return here;
}
