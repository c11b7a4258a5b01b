/** `haloform why-not PERSON [thing]`: which rules of the mappings did not match somebody, and on what. Changes nothing. */
import type { Facts } from "../../../mappings/language/condition.ts";
import { explain } from "../../../mappings/language/explain.ts";
import type { Condition, Mappings } from "../../../mappings/schema/all.ts";
import { wantedIn } from "../../../stacks/decide/groups.ts";
import type { RuleVerdict, WhyNot } from "../../answers/answers.ts";
import { readEverything } from "../../engine/everything.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import { findPerson, type WhyOptions } from "./why.ts";

/** Without a thing: every rule that does not match. With one: every rule about it, also those that match. */
export async function whyNot(project: Project, options: WhyOptions): Promise<WhyNot> {
  const { prepared } = await readEverything(project, options);
  const { mappings } = prepared;
  const outside = prepared.records.find((one) => String(one.fields[mappings.people.key]) === options.person);
  const known = prepared.wish.people.some((one) => one.key === options.person);
  if (outside && !known && mappings.people.where) {
    const facts: Facts = { fields: outside.fields, key: options.person, groups: new Set() };
    const rule: RuleVerdict = {
      rule: mappings.at(["people", "people", "where"]),
      of: "people where",
      ...explain(mappings.people.where, facts),
    };
    const name = String(outside.fields["name"] ?? options.person);
    return { format: "haloform.why-not/1", key: options.person, name, stage: "active", parked: [], rules: [rule] };
  }
  const person = findPerson(prepared, options.person);
  const groups = mappings.ad?.groups ?? [];
  const wanted = wantedIn(mappings, prepared.wish.people, options.now);
  const mine = new Set(groups.flatMap((group, index) => (wanted.groups.get(index)?.get(person.key)?.holds ? [group.name] : [])));
  const facts: Facts = { fields: person.record?.fields ?? {}, key: person.key, groups: mine, now: options.now };
  const all = rulesOf(mappings).map((rule) => verdictOf(rule, facts, mappings, wanted.closed));
  firstDecides(all);
  const rules = options.thing === undefined ? all.filter((one) => !one.holds || one.note !== undefined) : about(all, options.thing);
  return {
    format: "haloform.why-not/1",
    key: person.key,
    name: person.name,
    stage: person.stage,
    ...(person.because ? { because: person.because } : {}),
    parked: prepared.wish.parked.filter((one) => one.key === person.key).map((one) => one.reason),
    rules: rules.map(({ section: _section, ...rule }) => rule),
  };
}

interface Rule {
  file: string;
  section: string;
  index: number;
  of: string;
  condition: Condition;
  word: string;
}

/** Every item of a mapping file that has a condition about people, whatever the file: `when`, `for` or `members`. Pure. */
export function rulesOf(mappings: Mappings): Rule[] {
  const files = Object.entries(mappings as unknown as Record<string, unknown>).filter(
    ([file]) => !["people", "trust", "safety"].includes(file),
  );
  return files.flatMap(([file, content]) =>
    entries(content).flatMap(([section, items]) =>
      (Array.isArray(items) ? items : []).flatMap((item: unknown, index): Rule[] => {
        const fields = Object.fromEntries(entries(item));
        const word = ["when", "for", "members"].find(
          (one) => typeof fields[one] === "object" && fields[one] !== null && !Array.isArray(fields[one]),
        );
        // An account rule without `when` is for everybody.
        if (word === undefined && section !== "accounts") return [];
        const label = ["name", "sku", "ou", "path"].map((one) => fields[one]).find((one) => typeof one === "string");
        const condition = (word === undefined ? {} : fields[word]) as Condition;
        return [{ file, section, index, of: `${section} ${String(label ?? index + 1)}`, condition, word: word ?? "" }];
      }),
    ),
  );
}

function entries(value: unknown): [string, unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function verdictOf(rule: Rule, facts: Facts, mappings: Mappings, closed: ReadonlyMap<number, string>): RuleVerdict & { section: string } {
  const note = rule.file === "ad" && rule.section === "groups" ? closed.get(rule.index) : undefined;
  return {
    rule: mappings.at([rule.file, rule.section, rule.index, ...(rule.word === "" ? [] : [rule.word])]),
    of: rule.of,
    section: `${rule.file}.${rule.section}`,
    ...explain(rule.condition, facts),
    ...(note === undefined ? {} : { note }),
  };
}

/** Of the account rules the first that holds decides: the later ones do nothing. */
function firstDecides(rules: (RuleVerdict & { section: string })[]): void {
  const holding = rules.filter((one) => one.section === "ad.accounts" && one.holds);
  for (const later of holding.slice(1)) later.note ??= `an earlier rule (${holding[0]?.rule}) decides`;
}

function about<R extends RuleVerdict>(rules: R[], thing: string): R[] {
  const found = rules.filter((one) => `${one.of} ${one.rule}`.toLowerCase().includes(thing.toLowerCase()));
  if (found.length > 0) return found;
  throw new UsageError(
    `No rule of the mappings is about ${thing}: expected a group, a licence (skuPartNumber), an OU or a file with its line.`,
  );
}
