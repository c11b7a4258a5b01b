/**
 * May what was read of the systems be believed? A list that lost what the state knows, a field that came back empty for everybody
 * who had it, and what a type itself knows cannot be (`doubts` of its definition): then nothing is created, adopted, given or
 * removed in that system (stacks/wish/untouched.ts). People have a gate of their own (sources/trust.ts).
 */
import type { Json, Values } from "../../base/json.ts";
import { lostRows } from "../../base/rows.ts";
import { contentOf, registry } from "../../mappings/registry.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Definition, Live } from "../../providers/core/definition.ts";
import type { System } from "../../providers/core/system.ts";
import { definition, factsOf } from "../../providers/registry.ts";
import { directories, systemOf } from "../../providers/systems.ts";
import { perCent } from "../../sources/trust.ts";
import { membersKnown } from "../match/known.ts";
import type { PreviousResource } from "../model/types.ts";
import type { Lists } from "./lists.ts";
import { names } from "./rights.ts";

/** Lists that hold only what was asked for by name or id: what is missing there was not asked. Nor is what is done, not there. */
const partial: ReadonlySet<string> = new Set([
  ...["ad:Photo", "entra:Photo", "entra:Mailbox", "entra:AutomaticReplies", "entra:AppAssignment"],
  ...["halo:Ticket", "halo:Asset", "halo:Licence", "script:Run"],
]);

/** So many are asked for one by one, a type. */
const handful = 5;
/** So many must be missing, or must have had a value, before a share of them says anything. */
const fewest = 3;

export interface Question {
  /** Every type's own list; what a list lacks and its system gives by id is added to it. */
  all: Lists;
  previous: readonly PreviousResource[];
  trust: Mappings["trust"];
  now: Date;
  /** One object by its id, straight from the system. Throws what the system's client throws. */
  get(type: string, id: string): Promise<Live | undefined>;
}

/** The sentences about lists that are not believed, and about what hangs on them. `asked`: what each list was asked. */
export async function doubtedIn({
  mappings,
  asked,
  ...question
}: Omit<Question, "trust" | "get"> & { mappings: Mappings; asked: { [type: string]: unknown } }): Promise<Map<string, string>> {
  const get: Question["get"] = async (type, id) => definition(type).get(await definition(type).client(), id, asked[type]);
  const found = await judgeTargets({ ...question, trust: mappings.trust, get });
  // Graph's objects are kept but for an id (keptRowsOf): whose has none is somebody's who would seem to have nothing.
  const lost = lostRows();
  if (lost.length > 0) found.set("entra:*", sentence("entra", lost));
  return withHanging(found, mappings);
}

/** Type → the sentence about its list. */
export async function judgeTargets(question: Question): Promise<Map<string, string>> {
  const { all, previous, trust } = question;
  const byType = Map.groupBy(previous, ({ type }) => type);
  const gone = goneOnPurpose(previous);
  const found = new Map<string, string>();
  for (const [type, list] of Object.entries(all)) {
    const facts = factsOf(type);
    if (!facts) continue;
    const mine = byType.get(type) ?? [];
    const one = definition(type);
    const doubts = [
      ...(one.doubts?.(list) ?? []),
      ...(partial.has(type) ? [] : await lost(question, one, mine, gone)),
      ...(trust.emptied < 100 ? emptied(one, mine, list) : []),
    ];
    if (doubts.length > 0) found.set(type, sentence(one.system, [`${nounsOf(type, one.noun)}: ${doubts.join("; ")}`]));
  }
  return found;
}

/** Systems whose mapping file asks who is in groups of Entra ID, while those are not believed: what hangs on them stays too. */
export function withHanging(doubted: ReadonlyMap<string, string>, mappings: Mappings): Map<string, string> {
  const all = new Map(doubted);
  if (![...doubted.keys()].some((type) => type.startsWith("entra:"))) return all;
  for (const file of registry) {
    const system = file.owns?.types.slice(0, -1) as System | undefined;
    if (system === undefined || system === "entra" || !names(contentOf(file, mappings), "entraGroup")) continue;
    const said = `mappings/${file.name}.yaml asks who is in groups of Entra ID (entraGroup), which is not believed: nothing is created, adopted, given or taken away in ${systemOf(system).title} either`;
    all.set(`${system}:*`, said);
  }
  return all;
}

function sentence(system: System, doubts: readonly string[]): string {
  const { title, whenShort } = systemOf(system);
  return `What was read of ${title} is not believed, so nothing is created, adopted, given or taken away there: ${doubts.join("; ")}. Look at ${whenShort ?? `the rights of haloform's identity in ${title}`}; \`haloform doctor\` says more`;
}

const nounsOf = (type: string, noun: string): string =>
  directories.some(({ accounts }) => accounts.type === type) && noun === "licences" ? "users" : noun.endsWith("s") ? noun : `${noun}s`;

/** Ids, and people, of what haloform itself has deleted: a list may have those or not. */
function goneOnPurpose(previous: readonly PreviousResource[]): ReadonlySet<string> {
  return new Set(
    previous.flatMap(({ id, inputs }) => {
      const isGone = inputs["deleted"] === true || inputs["place"] === "deleted";
      return isGone ? [id, ...(typeof inputs["person"] === "string" ? [`person ${inputs["person"]}`] : [])] : [];
    }),
  );
}

/** What of the state's ids the list lacks; those that the system gives by id are added to the list. */
async function lost(
  { all, previous, trust, now, get }: Question,
  { type, system }: Definition,
  mine: readonly PreviousResource[],
  gone: ReadonlySet<string>,
): Promise<string[]> {
  const list = all[type] ?? [];
  const known = new Map<string, PreviousResource | undefined>();
  for (const one of mine) if (!gone.has(one.id) && !gone.has(`person ${String(one.inputs["person"])}`)) known.set(one.id, one);
  const directory = directories.find(({ accounts }) => accounts.type === type)?.name;
  if (directory)
    for (const [person, id] of membersKnown(previous, directory))
      if (!known.has(id) && !gone.has(id) && !gone.has(`person ${person}`)) known.set(id, undefined);
  const there = new Set(list.map(({ id }) => id));
  const missing = [...known.keys()].filter((id) => !there.has(id));
  if (missing.length === 0) return [];
  const share = (missing.length / known.size) * 100;
  const all100 = missing.length === known.size && known.size > 1;
  const count = `${missing.length} of the ${known.size} that the state knows are missing: ${perCent(share)}`;
  if (share > trust.lost && (missing.length >= fewest || all100))
    return [`${count}, more than the ${trust.lost} % of trust.lost; where they are really gone, set trust.lost to 100 % for one run`];
  const hidden: string[] = [];
  for (const id of missing.slice(0, handful)) {
    const live = await get(type, id).catch(() => "unknown" as const);
    if (live === undefined) continue;
    if (live !== "unknown") list.push(live);
    const modified = Date.parse(known.get(id)?.modified ?? "");
    if (trust.lost < 100 && !(now.getTime() - modified < (systemOf(system).lag ?? 0))) hidden.push(id);
  }
  if (hidden.length === 0) return [];
  return [
    `the list lacks ${hidden.length} of the ${known.size} that the state knows, and ${systemOf(system).title} has them by their ids (${hidden.join(", ")})`,
  ];
}

const isEmpty = (value: Json | undefined): boolean =>
  value === undefined || value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);

/** What an input named `attributes` holds, each of which is a field of its own; nothing of other types. */
const attributesOf = (values: Values): Values => {
  const { attributes } = values;
  return typeof attributes === "object" && attributes !== null && !Array.isArray(attributes) ? attributes : {};
};

/** Fields that everybody who had a value by the state has none of now. As soon as one has, nothing more is looked at. */
function emptied(one: Definition, mine: readonly PreviousResource[], list: readonly Live[]): string[] {
  if (one.recorded || mine.length < fewest) return [];
  const byId = new Map(list.map((live) => [live.id, live]));
  const context = makeContext(undefined, async () => []);
  const levels = [
    { prefix: "", of: (values: Values) => values, kept: new Set<string>(["attributes", ...one.silent]), had: new Map<string, number>() },
    { prefix: "attributes.", of: attributesOf, kept: new Set<string>(), had: new Map<string, number>() },
  ];
  for (const { id, inputs, outputs } of mine) {
    const open = levels.map(({ of, kept }) => {
      const values = of(inputs);
      return Object.keys(values).filter((field) => !kept.has(field) && !isEmpty(values[field]));
    });
    const live = open.some((fields) => fields.length > 0) ? byId.get(id) : undefined;
    if (!live || live.values["deleted"] === true) continue;
    const seen = one.view(live, inputs, (outputs["computed"] ?? {}) as Values, context);
    for (const [index, { of, kept, had }] of levels.entries())
      for (const field of open[index] ?? []) {
        const shown = of(seen);
        // Not shown is not empty: it was not asked for.
        if (!(field in shown) || !isEmpty(shown[field])) kept.add(field);
        else had.set(field, (had.get(field) ?? 0) + 1);
      }
  }
  return levels.flatMap(({ prefix, kept, had }) =>
    [...had]
      .filter(([field, count]) => !kept.has(field) && count >= fewest)
      .map(
        ([field, count]) =>
          `${prefix}${field} is empty for all ${count} that had a value by the state; where that is right, set trust.emptied to 100 % for one run`,
      ),
  );
}
