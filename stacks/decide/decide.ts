/** Decides every condition of the mapping files, each once for a person. Pure. */
import type { Json, Values } from "../../base/json.ts";
import { type Facts, fieldsOf, holds, isOfFields } from "../../mappings/language/condition.ts";
import { todayIn } from "../../mappings/language/days.ts";
import type { Condition, Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { AgentLine, Chosen, Conditional, Dated, Decisions, Known, Verdict } from "../model/decisions.ts";
import { deviceType } from "../model/kinds.ts";
import { remembered } from "../model/remembered.ts";
import { because, type Ground } from "../model/scene.ts";
import type { Person } from "../model/types.ts";
import { textOf } from "../model/values.ts";
import { closedNow, type Entered, joinGroups, noGroups } from "./groups.ts";
import { sitesOf } from "./sites.ts";

type Staged = Known & Pick<Person, "stage">;

const no: Verdict = { holds: false, fields: [] };
const everybody: Verdict = { holds: true, fields: [] };
const noAgents: readonly AgentLine[] = [];

/** What is in Entra ID beside people's accounts. */
export interface InEntra {
  devices: readonly Live[];
  /** The groups of a name. */
  groups(name: string): readonly Live[];
}

/** Nothing of Entra ID was read. */
export const nothingInEntra: InEntra = { devices: [], groups: () => [] };

export const inEntraOf = (ground: Pick<Ground, "all" | "named">): InEntra => ({
  devices: ground.all(deviceType),
  groups: (name) => ground.named("entra:Group", name),
});

/** `people` with their accounts in Entra ID, to which devices belong and by which groups know their members. */
export function decisionsFor(mappings: Mappings, people: readonly Known[], now: Date, { devices, groups: inEntra }: InEntra): Decisions {
  const today = todayIn(now, mappings.people.zone);
  const owned = Map.groupBy(devices, (one) => textOf(one.values["userId"]).toLowerCase());
  const known = new Map(
    people.flatMap((one) =>
      one.record ? [[one.key, factsOf(one.record.fields, one, { today, zone: mappings.people.zone }, owned)] as const] : [],
    ),
  );
  // Everybody is asked of a dozen times: where somebody stands is looked up once for each question, and the answer stands there.
  const all = [...known.values()];
  const places = new Map([...known.keys()].map((key, at) => [key, at]));
  const verdicts = remembered((condition: Condition) => {
    const decide = deciding(condition);
    const made: (Verdict | undefined)[] = new Array(all.length);
    return ({ key }: Known): Verdict => {
      const at = places.get(key);
      const facts = at === undefined ? undefined : all[at];
      if (at === undefined || !facts) return no;
      const found = made[at] ?? decide(facts);
      made[at] = found;
      return found;
    };
  });
  const verdict = (condition: Condition | undefined, person: Known): Verdict => (condition ? verdicts(condition)(person) : everybody);
  const closed = (line: Dated) => closedNow(line, today);
  const members = (line: Dated, condition: Condition | undefined) => {
    if (!condition || closed(line) !== undefined) return () => no;
    return verdicts(condition);
  };
  const { problems, unknown } = joinGroups({ mappings, people, facts: known, inEntra }, { verdict, members });
  const { place, agentBySite } = sitesOf(mappings, verdict);
  const firstOf = <L extends Conditional>(lines: readonly L[] | undefined, person: Staged): Chosen<L> | "unsure" | undefined => {
    if (!person.record) return undefined;
    let index = 0;
    for (const line of lines ?? []) {
      const found = verdict(line.for, person);
      if (found.unsure && person.stage !== "leaver") return "unsure";
      if (found.holds) return { line, index, fields: found.fields };
      index += 1;
    }
    return undefined;
  };
  const agentsOf = (person: Known): readonly AgentLine[] => {
    const found: AgentLine[] = [];
    for (const [index, line] of (mappings.halo?.agents ?? []).entries()) {
      const { holds, fields } = verdict(line.for, person);
      if (holds) found.push({ line, why: because(mappings.at(["halo", "agents", index]), person, fields) });
    }
    const bySite = agentBySite(person);
    if (bySite) found.push(bySite);
    // Nearly everybody is none.
    return found.length === 0 ? noAgents : found;
  };
  return {
    verdict,
    closed,
    members,
    first(lines, person) {
      const found = firstOf(lines, person);
      return found === "unsure" ? undefined : found;
    },
    isUnsure: (lines, person) => firstOf(lines, person) === "unsure",
    agents: remembered(agentsOf, ({ key }) => key),
    agentBySite,
    place,
    facts: (key) => known.get(key),
    problems,
    unknown,
  };
}

/** Decides a condition; where it asks about fields alone once for all who have the same in them, as thousands do. */
function deciding(condition: Condition): (facts: Facts) => Verdict {
  const decide = (facts: Facts): Verdict => holds(condition, facts);
  if (!isOfFields(condition)) return decide;
  const [first = "", ...more] = fieldsOf(condition);
  if (more.length === 0) return remembered(decide, ({ fields }) => nameOfValue(fields, first));
  return remembered(decide, ({ fields }) => {
    let values = "";
    for (const field of [first, ...more]) values += `${typeof fields[field]} ${String(nameOfValue(fields, field))}\u0000`;
    return values;
  });
}

/** By which a value is told from every other one. */
function nameOfValue(fields: Facts["fields"], field: string): unknown {
  const value = fields[field];
  return typeof value === "object" && value !== null ? `\u0000${JSON.stringify(value)}` : value;
}

function factsOf(
  fields: { [field: string]: Json },
  { key, recordKey, accounts }: Known,
  here: { today: string; zone: string },
  owned: ReadonlyMap<string, Live[]>,
): Entered {
  const devices: Values[] = (owned.get(accounts.entra?.toLowerCase() ?? "nobody") ?? []).map((one) => one.values);
  const groups = { groups: noGroups, unsure: noGroups, entraGroups: noGroups, unsureEntra: noGroups };
  return { fields, key, recordKey, devices, ...here, ...groups };
}
