/** `haloform why-not PERSON [thing]`: which rules of the mappings did not match somebody, and on what. Changes nothing. */
import type { Facts } from "../../../mappings/language/condition.ts";
import { todayIn } from "../../../mappings/language/days.ts";
import { explain } from "../../../mappings/language/explain.ts";
import { lanesOf, type Rule, rulesOf } from "../../../mappings/rules.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { closedNow } from "../../../stacks/decide/groups.ts";
import type { Stage } from "../../../stacks/model/types.ts";
import type { Wish } from "../../../stacks/wish/wish.ts";
import type { RuleVerdict, WhyNot } from "../../answers/answers.ts";
import { openToRead } from "../../engine/automation.ts";
import { readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { type Explained, findPerson, leftAside, type WhyOptions, whoOf } from "./why.ts";

/** Without a thing: every rule that does not match. With one: every rule about it, also those that match. */
export async function whyNot(project: Project, options: WhyOptions): Promise<WhyNot> {
  const { prepared } = await readEverything(project, options, openToRead(project, options.voice));
  return explainNot(prepared, options);
}

/** `every`: the rules that match as well. Throws UsageError for nobody or several. */
export function explainNot(
  prepared: Omit<Explained, "was" | "mappings"> & { mappings: Mappings; wish: Wish },
  options: Pick<WhyOptions, "person" | "thing" | "now">,
  every = false,
): WhyNot {
  const { mappings, wish } = prepared;
  const aside = leftAside(prepared, options.person);
  if (aside) {
    const { key, name, rule, points } = aside;
    const verdict: RuleVerdict = { rule, of: "people", holds: false, points };
    return { ...{ format: "haloform.why-not/1", key, name, stage: "left aside" }, parked: [], notes: [], rules: [verdict] };
  }
  const person = findPerson(prepared, options.person);
  const nobody: Facts = { fields: {}, key: person.key, groups: new Set(), today: todayIn(options.now, mappings.people.zone) };
  const { record, stage } = person;
  const all = verdicts(mappings, wish.facts(person.key) ?? nobody, { hasRecord: record !== undefined, stage });
  const missed = every ? all : all.filter((one) => !one.holds || one.note !== undefined);
  return {
    format: "haloform.why-not/1",
    ...whoOf(person, prepared),
    rules: options.thing === undefined ? missed : about(all, options.thing),
  };
}

/** What the rules that hold come to for somebody who is not, or not simply, here. */
const idle: { readonly [stage in Stage]: string | undefined } = {
  active: undefined,
  leaver: "has left: nothing is given by it any more",
  held: "keeps everything as it is: nothing is given or taken by it",
};

/**
 * Whether each rule about people holds, on the facts that the wish decided on, and why it does nothing although it does. Nobody
 * without a record meets any. Pure.
 */
export function verdicts(
  mappings: Mappings,
  facts: Facts,
  { hasRecord = true, stage = "active" }: { hasRecord?: boolean; stage?: Stage } = {},
): RuleVerdict[] {
  const rules = rulesOf(mappings).filter(({ path }) => path[0] !== "people");
  const all = new Map(rules.map((rule) => [rule, verdictOf(rule, facts, mappings, hasRecord)]));
  for (const lane of lanesOf(rules)) {
    const [first, ...later] = lane.flatMap((rule) => all.get(rule) ?? []).filter(({ holds }) => holds);
    for (const verdict of later) verdict.note ??= `an earlier rule (${first?.rule}) decides`;
  }
  const note = idle[stage];
  if (note !== undefined) for (const [{ counts }, verdict] of all) if (verdict.holds && !counts.leavers) verdict.note ??= note;
  return [...all.values()];
}

function verdictOf({ path, of, condition, entry, counts }: Rule, facts: Facts, mappings: Mappings, hasRecord: boolean): RuleVerdict {
  const { unsure, ...explained } = explain(condition, facts);
  const further = counts.also?.(entry, facts) ?? [];
  const holds = hasRecord && explained.holds && further.every((point) => point.holds);
  // Of what does not hold only the lines that make it so.
  const points = [...(holds || !explained.holds ? explained.points : []), ...further.filter((point) => holds || !point.holds)];
  const note =
    (counts.dated ? closedNow(entry, facts.today ?? "") : undefined) ??
    (unsure ? "what it hangs on is doubted or not known: who has something by it keeps it, nobody gets anything by it" : undefined) ??
    (explained.holds && !hasRecord ? "nobody without a record meets a condition" : undefined);
  return { rule: mappings.at(path), of, holds, points, ...(note === undefined ? {} : { note }) };
}

function about<R extends RuleVerdict>(rules: R[], thing: string): R[] {
  const found = rules.filter((one) => `${one.of} ${one.rule}`.toLowerCase().includes(thing.toLowerCase()));
  if (found.length > 0) return found;
  throw new UsageError(
    `No rule of the mappings is about ${thing}: expected a group, a licence (skuPartNumber), an OU or a file with its line.`,
  );
}
