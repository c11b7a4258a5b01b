/**
 * `haloform drift`: what somebody changed by hand since the last run. Compares the systems with what was last applied; what
 * Halo or the mappings have asked for since is counted apart, because that is not drift. Changes nothing.
 */
import type { Values } from "../../../base/json.ts";
import { makeContext } from "../../../providers/core/context.ts";
import { definition } from "../../../providers/registry.ts";
import { systemNames } from "../../../providers/systems.ts";
import { differences } from "../../../stacks/plan/differences.ts";
import { wantedIn } from "../../../stacks/plan/held.ts";
import { worldKey } from "../../../stacks/plan/world.ts";
import type { Drift } from "../../answers/drift.ts";
import { openToRead } from "../../engine/automation.ts";
import { type Everything, type EverythingOptions, readEverything } from "../../engine/everything.ts";
import type { Readable } from "../../engine/opened.ts";
import type { Project } from "../../engine/project.ts";
import { exit } from "../../exit.ts";
import { changedByHand } from "./compare.ts";
import { withCauses } from "./tolerate.ts";

type Read = Pick<Everything<Readable>, "previous" | "prepared">;

/** All that was changed by hand, also what is let be. */
export const handsIn = ({ previous, prepared }: Read): Drift["found"] =>
  changedByHand(
    wantedIn(previous),
    prepared,
    makeContext(prepared.run, async () => []),
    prepared.wish.people,
  );

/** The same by cause, without what is let be. */
export function causesIn(project: Project, read: Read, now: Date): ReturnType<typeof withCauses> {
  const people = read.prepared.wish.people.map((one) => ({ ...one, hasLeft: one.stage === "leaver" }));
  return withCauses(project, handsIn(read), { applied: read.previous.resources, people, now });
}

export async function drift(project: Project, options: Omit<EverythingOptions, "from">): Promise<{ code: number; drift: Drift }> {
  const read = await readEverything(project, options, openToRead(project, options.voice));
  const { previous, prepared } = read;
  const { odd, ...seen } = await causesIn(project, read, options.now);
  const applied = new Map(previous.resources.map((one) => [worldKey(one), one]));
  const waiting = prepared.wish.resources.filter(
    (one) => differences(applied.get(worldKey(one))?.inputs, one.inputs as Values, definition(one.type)).length > 0,
  ).length;
  const unread = systemNames.filter((system) => prepared.wish.untouched?.has(system));
  const result: Drift = {
    format: "haloform.drift/1",
    ...seen,
    ...(unread.length > 0 ? { unread } : {}),
    waiting,
    checked: previous.resources.length,
    doubts: [...prepared.source.doubts, ...odd],
    calls: prepared.calls,
  };
  return { code: seen.found.length > 0 ? exit.changes : exit.done, drift: result };
}
