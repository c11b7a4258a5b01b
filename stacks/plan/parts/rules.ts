/** Who must approve a change, by the rules of mappings/approvals.yaml. Pure. */
import { type Facts, holds } from "../../../mappings/language/condition.ts";
import { type ApprovalLine, type ApprovalsFile, type Kind, NAMED_KINDS } from "../../../mappings/schema/approvals.ts";
import type { System } from "../../../providers/core/system.ts";
import type { PlanPart } from "../../model/plan.ts";
import type { Approvers } from "./approvers.ts";

/** The rules that count, and where they stand. */
export interface Rules {
  file: ApprovalsFile;
  /** `mappings/approvals.yaml:12` of a path in the file. */
  at(path: readonly (string | number)[]): string;
  /** Mapping files are others than were last applied, or it is not known which were. */
  mappingChanged: boolean;
  /** So is approvals.yaml: these are the rules of before, where there are some. */
  changed: boolean;
  /** Where there are none of before: so many must approve what rests on these, as the stack's settings asked until now. */
  atLeast?: 2;
}

/** What is asked of approvers: so many of these. */
export interface Need {
  approvers: 0 | 1 | 2;
  of: string[];
}

/** A line's answer. */
export interface Decided extends Need {
  rule: string;
  /** The kinds for which it was asked: all ordinary ones together, or one that must be named. */
  kinds: readonly Kind[];
}

/** What a line looks at. */
export interface Asked {
  kinds: readonly Kind[];
  system?: System | undefined;
  /** Key of whom it is about. */
  person?: string | undefined;
  /** Addresses of who owns the group that changes. */
  owners?: readonly string[];
}

const isNamed = (kind: Kind): boolean => NAMED_KINDS.some((one) => one === kind);

/** A raised limit and other rules about approval are nobody's to wave through. */
const neverWithout = (kinds: readonly Kind[], { changed }: Rules): boolean =>
  kinds.includes("limitRaised") || (changed && kinds.includes("mappingChanged"));

/**
 * What each of the first lines that cover a change says. Where a line names what must be named, and somebody, it does not fall to
 * `otherwise` for being something ordinary as well.
 */
export function decided(rules: Rules, asked: Asked, facts: (key: string) => Facts | undefined, approvers: Approvers): Decided[] {
  const { file, at } = rules;
  const need = (said: ApprovalLine["approvers"], kinds: readonly Kind[]): Need => {
    const { approvers: count, of } = needOf(said, asked, approvers);
    return { approvers: kinds.includes("mappingChanged") ? (rules.atLeast ?? count) : count, of };
  };
  const decide = (kinds: readonly Kind[]): Decided & { isCovered: boolean } => {
    for (const [index, line] of file.rules.entries()) {
      const covers = coverOf(line, kinds, asked, facts);
      if (covers === "unsure") break;
      if (!covers || (line.approvers === "nobody" && neverWithout(kinds, rules))) continue;
      return { ...need(line.approvers, kinds), rule: at(["rules", index]), kinds, isCovered: true };
    }
    return { ...need(file.otherwise, kinds), rule: at(["otherwise"]), kinds, isCovered: false };
  };
  const ordinary = asked.kinds.filter((kind) => !isNamed(kind));
  const named = asked.kinds.filter(isNamed).map((kind) => decide([kind]));
  const rest = ordinary.length > 0 ? decide(ordinary) : undefined;
  const isNamedFor = named.some((one) => one.isCovered && one.approvers > 0 && !one.kinds.includes("mappingChanged"));
  const all = rest && (rest.isCovered || !isNamedFor) ? [...named, rest] : named;
  return all.map(({ isCovered: _isCovered, ...one }) => one);
}

function coverOf(
  line: ApprovalLine,
  kinds: readonly Kind[],
  { system, person }: Asked,
  facts: (key: string) => Facts | undefined,
): boolean | "unsure" {
  const isOf = line.kinds ? kinds.some((kind) => line.kinds?.includes(kind)) : !kinds.some(isNamed);
  if (!isOf || (line.systems && (system === undefined || !line.systems.includes(system)))) return false;
  if (!line.for || Object.keys(line.for).length === 0) return true;
  const known = person === undefined ? undefined : facts(person);
  const verdict = known && holds(line.for, known);
  return verdict?.unsure ? "unsure" : (verdict?.holds ?? false);
}

/** `nobody`, or how many of whom; words that name nobody here are left out. */
export function needOf(said: ApprovalLine["approvers"], { person, owners = [] }: Partial<Asked>, approvers: Approvers): Need {
  if (said === "nobody") return { approvers: 0, of: [] };
  const [count, list] = "one" in said ? ([1, said.one] as const) : ([2, said.two] as const);
  const of = list.flatMap((name): readonly (string | undefined)[] => {
    if (name === "manager") return [person === undefined ? undefined : approvers.manager(person)];
    return name === "owner" ? owners : [name.toLowerCase()];
  });
  return { approvers: count, of: [...new Set(of.filter((one) => one !== undefined))].sort() };
}

/** Those who could approve, did they not gain by it. */
export const barredFrom = ({ never, also = [], of }: PlanPart["needs"]): string[] =>
  [of, ...also.map((one) => one.of)].flatMap((names) => names.filter((one) => never.includes(one)));

const isWithin = (few: readonly string[], many: readonly string[]): boolean => few.every((one) => many.includes(one));

/** Those that are not met anyway where the others are, the strictest first. */
export function strictest(all: readonly Need[]): Need[] {
  const order = [...all].sort((a, b) => b.approvers - a.approvers || a.of.length - b.of.length);
  const kept: Need[] = [];
  for (const one of order)
    if (!kept.some(({ approvers, of }) => approvers >= one.approvers && (one.approvers === 0 || isWithin(of, one.of)))) kept.push(one);
  return kept;
}
