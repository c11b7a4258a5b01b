/** What a plan does that is seldom meant, though each of its changes alone is harmless. Pure. */
import { withoutAccents } from "../../../base/text.ts";
import { systemOf } from "../../../providers/systems.ts";
import type { Plan, PlanChange } from "../../../stacks/model/plan.ts";
import { listed, plural } from "./words.ts";

const folded = (text: string): string => withoutAccents(text).toLowerCase();

const [first, last] = [/(?:^|\.)(?:givenName|firstname)$/u, /(?:^|\.)(?:sn|surname)$/u];

/** Whether a part of the name in an account becomes another, accents and case aside. */
function becomesAnother({ fields }: PlanChange, part: RegExp): boolean {
  const full = (value: unknown): value is string => typeof value === "string" && value !== "";
  return fields.some(({ path, before, after }) => part.test(path) && full(before) && full(after) && folded(before) !== folded(after));
}

/** One line each, to be read first. `called`: what a person is called, by their key. */
export function oddities({ people, shared }: Pick<Plan, "people" | "shared">, called: (key: string) => string): string[] {
  const names = people
    .filter(({ changes }) => changes.some((change) => becomesAnother(change, first) && becomesAnother(change, last)))
    .map(
      ({ key }) =>
        `${called(key)}: first name and surname both become others. Is it the same human? If the record was given to somebody else, they get this account, with its mailbox, files and rights`,
    );
  const anew = shared.flatMap(({ op, type, system, label }) => {
    const made = shared.filter((one) => one.op === "create" && one.type === type).map((one) => one.label);
    if (op !== "release" || !type.endsWith(":Group") || made.length === 0) return [];
    const them = made.length > 3 ? plural(made.length, "group is", "groups are") : `${listed(made)} ${made.length === 1 ? "is" : "are"}`;
    return [
      `${systemOf(system).title} group ${label} is let go of, and ${them} made anew. Where only its name was to change: rights hang on the old group, and a new one has none of them`,
    ];
  });
  return [...names, ...anew];
}
