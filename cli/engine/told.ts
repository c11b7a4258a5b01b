/**
 * What the engine is told of: of a state of thousands only what moves (docs/decisions/0120). What it is not told of it leaves in the
 * state as it is. Traps, tried with engine 3.250: without any target everything that the program does not register would be let go
 * of; a target that is not in the state is refused where there is a refresh, unless it is a pattern; the stack itself as a target
 * would be everything. Pure.
 */
import { dynamicPrefix } from "../../providers/core/urn.ts";
import type { DesiredResource } from "../../stacks/model/types.ts";
import { worldKey } from "../../stacks/plan/world.ts";
import type { Previous } from "../../stacks/read/previous.ts";
import type { Program } from "./opened.ts";

/** More targets than these cost the engine more than to be told of everything: it holds each against each resource. */
const most = 1000;

interface Told {
  resources: readonly DesiredResource[];
  /** For the engine's run; `target` absent: it is told of everything. */
  options: { target?: string[] };
}

/**
 * `last`: the state; undefined: nobody knows. `here`: `type::name` of what the engine has of it, where the rest lies in shards; of that
 * it is never told but for what moves.
 */
export function toldOf(
  stack: string,
  { resources, moving }: Pick<Program, "resources" | "moving">,
  last: Previous | undefined,
  here?: ReadonlySet<string>,
): Told {
  const whole: Told = {
    resources: here ? resources.filter((one) => moving.has(worldKey(one)) || here.has(worldKey(one))) : resources,
    options: {},
  };
  // A first run has nothing to leave as it is; what a killed run wrote down is cleared by a whole one.
  if (last?.memory === undefined || last.cutOff || moving.size > most) return whole;
  // A `*` is a pattern to the engine, which might be others too.
  if ([...moving].some((key) => key.includes("*"))) return whole;
  const wished = new Map(resources.map((one) => [worldKey(one), one]));
  const known = here ?? new Set(last.resources.map(worldKey));
  // What goes and lies in a shard is nothing to the engine.
  const asked = [...moving].filter((key) => !here || here.has(key) || wished.has(key));
  const target = asked.map((key) => urnOf(stack, key, known.has(key) && wished.has(key)));
  return {
    resources: resources.filter((one) => moving.has(worldKey(one))),
    options: { target: [...target, urnOf(stack, "none::none", false)] },
  };
}

/** `type::name` as the engine has it; `literal` false: as a pattern that is this one alone (`*` is no `:`, and all have the stack's name). */
function urnOf(stack: string, key: string, literal: boolean): string {
  return `urn:pulumi:${literal ? "" : "*"}${stack}::haloform::${dynamicPrefix}${key}`;
}
