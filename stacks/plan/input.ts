/** What a plan is made from. */
import type { Calls } from "../../base/calls.ts";
import type { Values } from "../../base/json.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Plan, PlanChange } from "../model/plan.ts";
import type { Memory } from "../model/types.ts";
import type { Wish } from "../wish/wish.ts";

/** One step of the engine for one resource: what it would do, and the inputs before (after a refresh) and after. */
export interface Step {
  op: "same" | "create" | "update" | "delete" | "replace";
  type: string;
  name: string;
  before?: Values;
  after?: Values;
}

/** What changes are told from. */
export interface Compared {
  wish: Pick<Wish, "resources" | "people">;
  steps: readonly Step[];
  /** What is there now for each resource, in the shape of the wish. */
  was: ReadonlyMap<string, Values | undefined>;
  live: { [type: string]: readonly Live[] };
  memory: Memory | undefined;
  /** Where people come from: `halo.users`, `hr`. */
  source: { name: string };
}

/** A change, and the key of the person whom it is about. */
export interface Change {
  of?: string | undefined;
  change: PlanChange;
}

export interface PlanningInput extends Compared {
  stack: string;
  now: Date;
  /** Hours. */
  expires: number;
  source: Plan["source"];
  wish: Wish;
  world: string;
  /** Digest of Pulumi's own plan. */
  engine?: string | undefined;
  /** See the plan's own (stacks/read/previous.ts tells it). */
  baseline?: Plan["baseline"];
  calls: Calls;
  /** Says whether the losses are within the limits; `names` are those of stacks/plan/losses.ts. */
  judge(losses: Plan["summary"]["losses"], names: readonly string[]): Plan["guard"];
}
