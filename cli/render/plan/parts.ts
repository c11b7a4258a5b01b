/** The parts of a plan in words: what is in each, and who must approve it. */
import { few } from "../../../base/text.ts";
import type { Plan, PlanChange, PlanPart } from "../../../stacks/model/plan.ts";
import { barredFrom } from "../../../stacks/plan/parts/rules.ts";
import { plural } from "./words.ts";

const numbers = ["nobody", "one", "two"] as const;

/** `two of ada@example.com, ben@example.com`. `redact`: how many, not who. */
export function needWords({ approvers, of }: Pick<PlanPart["needs"], "approvers" | "of">, redact = false): string {
  if (approvers === 0) return "nobody";
  if (of.length < approvers) return `${numbers[approvers]}, and nobody is named who may: mend mappings/approvals.yaml`;
  return `${numbers[approvers]} of ${redact ? plural(of.length, "approver") : few([...of], 8)}`;
}

/** Everything that a part needs, without who gains by it. */
export function needsWords(needs: PlanPart["needs"], redact = false): string {
  const not = [...new Set(barredFrom(needs))];
  const but = not.length === 0 ? "" : `, but not ${redact ? plural(not.length, "approver") : few(not, 8)}, who would gain by it`;
  return `${[needs, ...(needs.also ?? [])].map((one) => needWords(one, redact)).join(", and ")}${but}`;
}

/** What a part holds: `12 people, 30 changes`. */
export function partHolds({ kinds, people, changes }: Pick<PlanPart, "kinds" | "people" | "changes">): string {
  if (changes.length > 0)
    return [...(people.length > 0 ? [plural(people.length, "person", "people")] : []), plural(changes.length, "change")].join(", ");
  if (kinds.includes("limitRaised")) return "which limits count";
  return kinds.includes("adoption") ? "what is there and taken over without a change" : "which mapping files count as applied";
}

/** A line a part: what it is called, what it holds, whom it waits for, and why. */
export function partLines(parts: readonly PlanPart[], redact: boolean): string[] {
  return parts.map(({ id, because, needs, ...part }) => {
    const need = needs.approvers === 0 ? "nobody: haloform up --by-rule applies it" : needsWords(needs, redact);
    return `${id} · ${partHolds(part)} · needs ${need} (${because.join("; ")})`;
  });
}

/** Of each change the ids of the parts that it is in. */
export function partsByChange({ parts = [], people, shared }: Plan): ReadonlyMap<PlanChange, readonly string[]> {
  const of = new Map(people.map(({ key, changes }) => [key, changes]));
  const by = new Map<PlanChange, string[]>();
  for (const { id, changes } of parts)
    for (const { person, index } of changes) {
      const change = (person === undefined ? shared : of.get(person))?.[index];
      if (change) by.set(change, [...(by.get(change) ?? []), id]);
    }
  return by;
}
