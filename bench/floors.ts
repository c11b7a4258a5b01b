/** What everything is measured beside: the engine with resources that do nothing, and bare loops. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../cli/engine/project.ts";
import { median } from "./figures.ts";
import { type Measured, measure } from "./measure.ts";
import { type BenchWorld, resourcesOf } from "./world.ts";

export type Engine = (what: "up" | "preview" | "refresh") => Promise<Measured>;

/** The engine with as many resources as the world's state has now. */
export function floorOf(world: BenchWorld): { resources: ReturnType<typeof resourcesOf>; engine: Engine } {
  const resources = resourcesOf(world.home);
  const floor = join(world.home, "floor");
  mkdirSync(floor);
  writeFileSync(join(floor, "resources.json"), JSON.stringify(resources));
  const engine: Engine = (what) => measure([join(checkout, "bench", "floor.ts"), what, floor], { ...world.env, HALOFORM_HOME: floor });
  return { resources, engine };
}

/** A bare loop's own time: its process's start is not in it. */
export async function bare(
  what: "reads" | "users" | "writes",
  at: BenchWorld,
): Promise<{ seconds: number; done: { [kind: string]: number } }> {
  const { out } = await measure([join(checkout, "bench", "bare.ts"), what, ...at.options], at.env);
  return JSON.parse(out) as { seconds: number; done: { [kind: string]: number } };
}

/** How runs are named in the lines: their wall time (seconds, median), CPU seconds, MiB. */
export function facts(runs: readonly Measured[]): { seconds: number; cpu: number; memory: number } {
  return {
    seconds: median(runs.map((run) => run.wall)),
    cpu: median(runs.map((run) => run.cpu ?? 0)),
    memory: Math.max(...runs.map((run) => run.memory ?? 0)),
  };
}
