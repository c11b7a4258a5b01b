/** Leaves people out of a rendering: who is known by key only, what they have by dots. Counts, fields and rules stay. */
import type { Plan, PlanChange } from "../../../stacks/model/plan.ts";
import { isMembership } from "./words.ts";

/** What stands for a value of a person. */
export const dots = "•••";

/**
 * Takes every name and value of a person that the plan knows out of a free sentence (a guard's breach, a doubt).
 * Text shorter than three characters and plain numbers stay: they name nobody, and counts would go with them.
 */
export function scrubber(plan: Plan): (text: string) => string {
  const words = new Map<string, string>();
  const learn = (text: string, instead: string) => {
    const word = text.trim();
    if (word.length >= 3 && !/^[\d.,:%-]+$/u.test(word)) words.set(word.toLowerCase(), instead);
  };
  for (const change of [...plan.people.flatMap(({ changes }) => changes), ...plan.shared])
    for (const { names = {} } of change.fields)
      for (const [reference, name] of Object.entries(names))
        learn(name, reference.replace(/^person:/u, "person ").replace(/^id:.*/su, dots));
  for (const person of plan.people) for (const change of person.changes) learnChange(change, learn);
  for (const change of plan.shared) for (const field of change.fields) leaves([field.before, field.after], (text) => learn(text, dots));
  for (const { key, name } of [...plan.people, ...plan.parked]) learn(name, `person ${key}`);
  const longestFirst = [...words].sort(([a], [b]) => b.length - a.length);
  return (text) => {
    let result = text;
    for (const [word, instead] of longestFirst) {
      // Lower case may have another length than the text itself (İ): then only the exact spelling is looked for.
      const lower = result.toLowerCase();
      if (lower.length === result.length ? lower.includes(word) : result.includes(word)) result = replaceAll(result, word, instead);
    }
    return result;
  };
}

function replaceAll(text: string, word: string, instead: string): string {
  let result = "";
  let from = 0;
  const lower = text.toLowerCase().length === text.length ? text.toLowerCase() : text;
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, from)) {
    result += text.slice(from, at) + instead;
    from = at + word.length;
  }
  return result + text.slice(from);
}

function learnChange(change: PlanChange, learn: (text: string, instead: string) => void): void {
  // The label of a membership is the group's name; any other label of a person's change is a login or an address.
  if (!isMembership(change) && change.system !== "script") learn(change.label, "an account");
  for (const field of change.fields) leaves([field.before, field.after], (text) => learn(text, dots));
}

function leaves(value: unknown, found: (text: string) => void): void {
  if (typeof value === "string") {
    found(value);
    found(value.replace(/^(?:person|dn|id):/u, ""));
  } else if (Array.isArray(value)) for (const each of value) leaves(each, found);
  else if (typeof value === "object" && value !== null) for (const each of Object.values(value)) leaves(each, found);
}
