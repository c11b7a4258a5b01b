/** Decides every condition of the mapping files, each once for a person. Pure. */
import type { Json, Values } from "../../base/json.ts";
import { type Facts, holds } from "../../mappings/language/condition.ts";
import type { Condition, Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { AgentLine, Chosen, Conditional, Dated, Decisions, Known, Verdict } from "../model/decisions.ts";
import { remembered } from "../model/remembered.ts";
import { because } from "../model/scene.ts";
import type { Person } from "../model/types.ts";
import { textOf } from "../model/values.ts";
import { closedNow, type Entered, joinGroups } from "./groups.ts";
import { sitesOf } from "./sites.ts";

type Staged = Known & Pick<Person, "stage">;

const no: Verdict = { holds: false, fields: [] };
const everybody: Verdict = { holds: true, fields: [] };

/** `people` with their accounts in Entra ID, as `devices` belong to those. */
export function decisionsFor(mappings: Mappings, people: readonly Known[], now: Date, devices: readonly Live[] = []): Decisions {
  const owned = Map.groupBy(devices, (one) => textOf(one.values["userId"]).toLowerCase());
  const known = new Map(people.flatMap((one) => (one.record ? [[one.key, factsOf(one.record.fields, one, now, owned)] as const] : [])));
  const verdicts = remembered((condition: Condition) => remembered((facts: Facts): Verdict => holds(condition, facts)));
  const verdict = (condition: Condition | undefined, { key }: Known): Verdict => {
    if (!condition) return everybody;
    const facts = known.get(key);
    return facts ? verdicts(condition)(facts) : no;
  };
  const members = (line: Dated, condition: Condition | undefined) =>
    condition && closedNow(line, now) === undefined ? (person: Known) => verdict(condition, person) : () => no;
  const problems = joinGroups(mappings, people, known, members);
  const { place, agentBySite } = sitesOf(mappings, verdict);
  const firstOf = <L extends Conditional>(lines: readonly L[] | undefined, person: Staged): Chosen<L> | "unsure" | undefined => {
    if (!person.record) return undefined;
    for (const [index, line] of (lines ?? []).entries()) {
      const found = verdict(line.for, person);
      if (found.unsure && person.stage !== "leaver") return "unsure";
      if (found.holds) return { line, index, fields: found.fields };
    }
    return undefined;
  };
  const agentLine =
    (person: Known) =>
    (line: AgentLine["line"], index: number): AgentLine[] => {
      const { holds, fields } = verdict(line.for, person);
      return holds ? [{ line, why: because(mappings.at(["halo", "agents", index]), person, fields) }] : [];
    };
  return {
    verdict,
    members,
    first(lines, person) {
      const found = firstOf(lines, person);
      return found === "unsure" ? undefined : found;
    },
    isUnsure: (lines, person) => firstOf(lines, person) === "unsure",
    agents: remembered(
      (person) => [...(mappings.halo?.agents ?? []).flatMap(agentLine(person)), ...[agentBySite(person) ?? []].flat()],
      ({ key }) => key,
    ),
    agentBySite,
    place,
    facts: (key) => known.get(key),
    problems,
  };
}

function factsOf(
  fields: { [field: string]: Json },
  { key, recordKey, accounts }: Known,
  now: Date,
  owned: ReadonlyMap<string, Live[]>,
): Entered {
  const devices: Values[] = (owned.get(accounts.entra?.toLowerCase() ?? "nobody") ?? []).map((one) => one.values);
  return { fields, key, recordKey, groups: new Set(), devices, now, unsure: new Set() };
}
