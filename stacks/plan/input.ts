/** What a plan is made from. */
import type { Calls } from "../../base/calls.ts";
import type { Values } from "../../base/json.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Plan, PlanChange } from "../model/plan.ts";
import type { Amount, Memory, PreviousResource } from "../model/types.ts";
import type { Identities } from "../read/identities.ts";
import type { Wish } from "../wish/wish.ts";
import type { Verdict } from "./guard.ts";
import type { Rules } from "./parts/rules.ts";

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
  /** The resources of the state: by their ids it is told how many people a change reaches. */
  previous?: readonly PreviousResource[];
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
  /** What the plan says before everything else. */
  first?: Plan["first"];
  /** By which limits are widened, and until when the plan may be applied with it. */
  emergency?: Plan["emergency"];
  source: Plan["source"];
  wish: Wish;
  world: string;
  /** Which systems answered. */
  targets?: Identities;
  /** Digest of what the provider process may do (operations.json). */
  operations?: string | undefined;
  /** See the plan's own (stacks/read/previous.ts tells it). */
  baseline?: Plan["baseline"];
  /** Where this client is protected less than the common mapping files say, and why. */
  looser?: readonly string[] | undefined;
  calls: Calls;
  /** Says whether what is lost and gained is within the limits. */
  judge(counted: readonly Amount[], changes: Pick<Plan, "people" | "shared">): Verdict;
  /** By which the plan is cut into parts; absent: it is approved as a whole. */
  rules?: Rules | undefined;
  /** Nothing is changed but which limits count from now on. */
  only?: "limits" | undefined;
}
