/** The plan from the engine's steps and the middle's reasons. Pure: the engine has been asked, nothing more is. */
import { defined } from "../../base/defined.ts";
import { digestOf } from "../../base/digest.ts";
import { systemNames } from "../../providers/systems.ts";
import type { Plan, PlanPerson } from "../model/plan.ts";
import type { Identities } from "../read/identities.ts";
import { changesOf } from "./changes.ts";
import { countedIn, summaryOf } from "./counted.ts";
import type { PlanningInput } from "./input.ts";
import { partsOf } from "./parts/cut.ts";

/** Builds the plan document, digest last. Throws where the engine means to replace something: haloform never does. */
export function planOf(input: PlanningInput): Plan {
  const { people, shared, unchanged, adopted } = changesOf(input);
  const ops: { [op: string]: number } = {};
  for (const change of [...people.flatMap((one) => one.changes), ...shared]) ops[change.op] = (ops[change.op] ?? 0) + 1;
  if (adopted > 0) ops["adopt"] = (ops["adopt"] ?? 0) + adopted;
  const counted = countedIn({ people, shared });
  const { raised, ...guard } = input.judge(counted, { people, shared });
  const events = (event: PlanPerson["event"]): number => people.filter((one) => one.event === event).length;
  const body: Omit<Plan, "digest"> = {
    format: "haloform.plan/1",
    stack: input.stack,
    ...defined({ only: input.only, first: input.first, emergency: input.emergency, looser: input.looser?.slice() }),
    made: input.now.toISOString(),
    expires: new Date(input.now.getTime() + input.expires * 3_600_000).toISOString(),
    world: input.world,
    ...defined({ operations: input.operations, baseline: input.baseline }),
    ...defined({ targets: input.targets && targetsOf(input.targets) }),
    source: input.source,
    summary: {
      people: input.wish.people.length,
      joiners: events("joiner"),
      movers: events("mover"),
      leavers: events("leaver"),
      ops,
      unchanged,
      adopted,
      ...summaryOf(counted),
      ...defined({ raised }),
    },
    people,
    shared,
    ...defined({ licences: input.wish.ledger }),
    parked: input.wish.parked.map(({ key, name, reason, where, of }) => ({ key, name, reason, where, ...defined({ of }) })),
    notes: [...input.wish.notes],
    guard,
    calls: { ...input.calls },
  };
  const { rules } = input;
  return seal(rules ? { ...body, parts: partsOf(body, { ...input, rules, previous: input.previous ?? [] }) } : body);
}

const targetsOf = (all: Identities): NonNullable<Plan["targets"]> =>
  systemNames.flatMap((system) => (all[system] ? [{ system, ...all[system] }] : []));

/** Puts the digest on a plan. */
export function seal(body: Omit<Plan, "digest">): Plan {
  const { format, ...rest } = body;
  return { format, digest: digestOf(body), ...rest };
}

/** True when the document is the one its digest was made from. */
export function sealed(plan: Plan): boolean {
  const { digest, ...body } = plan;
  return digestOf(body) === digest;
}

/** How many resources the plan changes; memberships count with their group. */
export function changeCount(plan: Pick<Plan, "people" | "shared" | "summary">): number {
  return plan.people.reduce((sum, one) => sum + one.changes.length, 0) + plan.shared.length + plan.summary.adopted;
}
