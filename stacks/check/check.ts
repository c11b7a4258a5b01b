/** What the lines of the mapping files come to for the people there are: for how many each holds, and what looks wrong. Pure. */
import { defined } from "../../base/defined.ts";
import { fold, same } from "../../base/text.ts";
import { asksForDevices, type Facts, groupsOf, holds } from "../../mappings/language/condition.ts";
import { todayIn } from "../../mappings/language/days.ts";
import { lanesOf, meetsRest, type Rule, rulesOf } from "../../mappings/rules.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { administratorRole } from "../../providers/halo/agent/administrator.ts";
import { closedNow, hasEnded } from "../decide/groups.ts";
import { compareTexts, textOf } from "../model/values.ts";
import { unfitting } from "../read/protected.ts";
import { valueWarnings } from "./values.ts";
import type { Checked, CheckedLine, CheckWorld, Warning } from "./warning.ts";

/** A line on the way. */
interface Counted extends CheckedLine {
  is: Rule;
  /** For whom it holds, by their number in the roster; nobody on days on which it is closed. */
  who: readonly number[];
  /** For how many of those that it is about, and how many those are. */
  here: number;
  among: number;
}

const untold = "hangs on devices, which are known only where the systems are read";

export function checked(world: CheckWorld): Checked {
  const { mappings, roster } = world;
  const rules = rulesOf(mappings);
  const today = todayIn(world.now, mappings.people.zone);
  const counted = counts(world, rules, today);
  const lines = counted.map(({ is: _is, who: _who, here: _here, among: _among, ...line }) => line);
  const keys = [...roster.rows.map(({ key }) => key), ...roster.excluded.keys(), ...roster.duplicated.keys()];
  const warnings: Warning[] = [
    ...counted.flatMap((line) => lineWarnings(line)),
    ...beaten(rules, counted),
    ...valueWarnings(world, rules),
    ...rules.flatMap((rule) => ended(mappings, rule, today)),
    ...twice(mappings),
    ...unknownGroups(world),
    ...wavedThrough(mappings),
    ...unfitting({ mappings, live: world.live ?? {} }, keys).map(({ rule, said }): Warning => ({ rule, kind: "protected", text: said })),
  ];
  const left = roster.rows.filter(({ inactive }) => inactive === true).length;
  return { people: roster.rows.length + roster.duplicated.size, left, lines, warnings: inOrder(warnings) };
}

/** Each line once, and then in the order of the files. */
function inOrder(warnings: readonly Warning[]): Warning[] {
  const place = ({ rule }: Warning): [string, number] => [rule.replace(/:\d+$/u, ""), Number(/:(\d+)$/u.exec(rule)?.[1] ?? 0)];
  const once = [...new Map(warnings.map((one) => [`${one.rule} ${one.text}`, one])).values()];
  return once.sort((a, b) => compareTexts(place(a)[0], place(b)[0]) || place(a)[1] - place(b)[1]);
}

function counts(world: CheckWorld, rules: readonly Rule[], today: string): Counted[] {
  const { mappings, roster } = world;
  const { rows } = roster;
  const known = rows.map(({ key }) => world.facts(key));
  const unknown = untoldGroups(world, rules);
  const gone = new Set(rows.flatMap(({ inactive }, index) => (inactive === true ? [index] : [])));
  const selected = rows.length + roster.duplicated.size;
  const lines = rules.map((is): Counted => {
    const line = { rule: mappings.at(is.path), of: is.of, is, who: [] };
    if (is.path[0] === "people") return { ...line, holds: selected, left: 0, here: selected, among: selected + roster.excluded.size };
    if (isUntold(world, is, unknown)) return { ...line, holds: null, left: null, here: 0, among: 0, note: untold };
    const note = is.counts.dated ? closedNow(is.entry, today) : undefined;
    const { who, unsure } = note === undefined ? holding(is, known, world.decide) : { who: [], unsure: 0 };
    const left = who.filter((one) => gone.has(one)).length;
    const here = is.counts.leavers ? who.length : who.length - left;
    const among = is.counts.leavers ? rows.length : rows.length - gone.size;
    return { ...line, who, holds: who.length - left, left, here, among, ...defined({ note, unsure: unsure || undefined }) };
  });
  for (const lane of lanesIn(rules, lines)) {
    const earlier = new Set<number>();
    for (const line of lane) {
      const decides = line.who.filter((one) => !earlier.has(one)).length;
      if (decides !== line.who.length) line.decides = decides;
      if (line !== lane.at(-1)) for (const one of line.who) earlier.add(one);
    }
  }
  return lines;
}

/** For whom of them a rule holds, by their numbers, and of how many that is not known. */
function holding(rule: Rule, known: readonly (Facts | undefined)[], decide = holds): { who: number[]; unsure: number } {
  const who: number[] = [];
  let unsure = 0;
  for (const [index, facts] of known.entries()) {
    if (!facts) continue;
    const verdict = decide(rule.condition, facts);
    if (verdict.holds && meetsRest(rule, facts)) who.push(index);
    else if (verdict.unsure) unsure += 1;
  }
  return { who, unsure };
}

/** Lines of which the first that holds decides. */
function lanesIn(rules: readonly Rule[], counted: readonly Counted[]): Counted[][] {
  const of = new Map(counted.map((line) => [line.is, line]));
  return lanesOf(rules).map((lane) => lane.flatMap((rule) => of.get(rule) ?? []));
}

/** Whether it cannot be told for whom a rule holds: by its own condition, or by a group that it asks for. */
function isUntold({ live }: CheckWorld, { condition }: Rule, unknown: ReadonlySet<string>): boolean {
  if (live !== undefined) return false;
  const asked = (["group", "entraGroup"] as const).flatMap((by) => groupsOf(condition, by).map((name) => `${by} ${fold(name)}`));
  return asksForDevices(condition) || asked.some((name) => unknown.has(name));
}

function untoldGroups(world: CheckWorld, rules: readonly Rule[]): ReadonlySet<string> {
  const unknown = new Set<string>();
  for (let before = -1; before < unknown.size; ) {
    before = unknown.size;
    for (const rule of rules)
      if (rule.path[1] === "groups" && typeof rule.entry["name"] === "string" && isUntold(world, rule, unknown))
        unknown.add(`${rule.path[0] === "ad" ? "group" : "entraGroup"} ${fold(rule.entry["name"])}`);
  }
  return unknown;
}

const isWritten = ({ condition }: Rule): boolean => Object.keys(condition).length > 0;

function lineWarnings({ rule, of, is, holds, unsure, here, among, note }: Counted): Warning[] {
  if (holds === null || unsure !== undefined || note !== undefined || !isWritten(is)) return [];
  const who = is.path[0] === "people" ? "record" : is.counts.leavers ? "person" : "person who is here";
  if (among > 0 && here === 0) return [{ rule, kind: "nobody", text: `${of} holds for nobody (of ${some(among, who)})` }];
  if (among < 2 || here < among) return [];
  return [{ rule, kind: "everybody", text: `${of} has a condition, and it holds for everybody (${some(among, who)})` }];
}

const some = (count: number, who: string): string => {
  if (count === 1) return `1 ${who}`;
  return `${count} ${who === "record" ? "records" : who.replace("person", "people").replace(" is ", " are ")}`;
};

/** Lines of which the first that holds decides, and for everybody of these an earlier one does. */
function beaten(rules: readonly Rule[], counted: readonly Counted[]): Warning[] {
  return lanesIn(rules, counted).flatMap((lane) =>
    lane.flatMap(({ rule, of, who, decides }, index): Warning[] => {
      if (who.length === 0 || decides !== 0) return [];
      const holds = new Set(who);
      const earlier = lane.slice(0, index).filter((one) => one.who.some((each) => holds.has(each)));
      const text = `${of} never decides: for all ${some(who.length, "person")} for whom it holds an earlier line does (${earlier.map((one) => one.rule).join(", ")})`;
      return [{ rule, kind: "never decides", text }];
    }),
  );
}

function ended(mappings: Mappings, rule: Rule, today: string): Warning[] {
  if (!rule.counts.dated || !hasEnded(rule.entry, today)) return [];
  return [{ rule: mappings.at(rule.path), kind: "ended", text: `${rule.of} ${closedNow(rule.entry, today)}: it asks for nobody any more` }];
}

/** Groups that are protected, or allowed although AD protects them, and that no system that was read has. */
function unknownGroups({ mappings, live }: CheckWorld): Warning[] {
  const read = ["ad:Group", "entra:Group"].flatMap((type) => live?.[type] ?? []);
  if (read.length === 0) return [];
  const names = new Set(read.map(({ values }) => fold(textOf(values["name"]))));
  return (["groups", "allow"] as const).flatMap((list) =>
    mappings.safety.protected[list].flatMap((name, index): Warning[] => {
      if (name.includes("=")) return [];
      // A role of Halo, not a group.
      if (names.has(fold(name)) || (list === "allow" && same(name, administratorRole))) return [];
      const text = `protected.${list} names ${name}, and no group that is read is called so: correct it, or take it out`;
      return [{ rule: mappings.at(["safety", "protected", list, index]), kind: "protected", text }];
    }),
  );
}

/** What should not go without an approver, and is named for nobody. */
function wavedThrough({ approvals, at }: Mappings): Warning[] {
  const means = {
    privileged: "whoever can change a record gives privileged rights, and nobody sees it",
    deletion: "accounts and archived folders are deleted, and nobody sees it before",
    mappingChanged: "whoever may merge a change of the mapping files decides alone what they do",
  };
  return (approvals?.rules ?? []).flatMap(({ kinds = [], approvers }, index) =>
    Object.entries(means).flatMap(([kind, said]): Warning[] => {
      if (approvers !== "nobody" || !kinds.some((one) => one === kind)) return [];
      return [{ rule: at(["approvals", "rules", index]), kind: "approval", text: `${kind} needs nobody by this line: ${said}` }];
    }),
  );
}

/** What Entra Connect brings cannot be changed in Entra ID. */
function twice({ ad, entra, at }: Mappings): Warning[] {
  return (entra?.groups ?? []).flatMap(({ name }, index): Warning[] => {
    const other = (ad?.groups ?? []).findIndex((one) => fold(one.name) === fold(name));
    if (other < 0) return [];
    const text = `the group ${name} stands in ad.yaml too (${at(["ad", "groups", other])}): where Entra Connect brings it, nobody can change it in Entra ID; name it in one of the two files`;
    return [{ rule: at(["entra", "groups", index]), kind: "twice", text }];
  });
}
