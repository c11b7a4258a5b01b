/** `haloform shards`: in which parts the state of a stack lies, and laying it out as the settings say (docs/decisions/0157). */
import { defined } from "../../../base/defined.ts";
import type { ShardSettings } from "../../../providers/core/shard-settings.ts";
import { openStack, openToRead } from "../../engine/automation.ts";
import { readEverything } from "../../engine/everything.ts";
import type { Opened, Readable } from "../../engine/opened.ts";
import type { Project } from "../../engine/project.ts";
import type { Target } from "../../engine/shards/layout.ts";
import { valuesOf } from "../../engine/shards/settle.ts";
import { refuseStopped, refuseStoppedLocked } from "../../ledger/stops.ts";
import type { Voice } from "../../say.ts";

export interface Shown {
  format: "haloform.shards/1";
  stack: string;
  /** How the settings say that it is to lie; absent: in one. */
  settings?: ShardSettings;
  /** How it lies; absent: in one. */
  lies?: Target;
  /** Resources in the head, and how many of them are people's and wait to be put into their shards. */
  head: number;
  ahead: number;
  shards: { shard: number; stack: string; resources: number }[];
}

/** Asks no system. Throws Refusal where the state is not whole, or not believed. */
export async function shardsOf(project: Project, voice: Voice): Promise<Shown> {
  const stack = await openToRead(project, voice);
  await stack.previous();
  return shown(project, stack);
}

/** Has the state lie as the settings say; systems are only asked where shards are made by a field of records. */
export async function setShards(project: Project, { now, voice }: { now: Date; voice: Voice }): Promise<Shown> {
  const { shards } = project.config;
  const stack = await openStack(project, voice);
  await refuseStopped(project, stack, now);
  await stack.previous();
  await stack.layOut(shards, await valuesFor(project, stack, now, voice), async () => {
    const ledger = await stack.ledger();
    await refuseStoppedLocked(project, ledger, now);
    await ledger.refuseMoved();
    await ledger.signInOrder(now);
  });
  return shown(project, stack);
}

async function valuesFor(project: Project, stack: Opened, now: Date, voice: Voice): Promise<Map<string, string>> {
  const { shards } = project.config;
  if (!shards || shards.by === "key") return new Map();
  const { prepared } = await readEverything(project, { now, voice }, Promise.resolve(stack));
  return valuesOf(prepared.wish.people, shards);
}

function shown({ stack, config }: Project, opened: Readable): Shown {
  const { layout, here, ahead = 0 } = opened.lying() ?? {};
  const shards = Object.entries(layout?.parts ?? {}).map(([shard, part]) => ({
    ...{ shard: Number(shard), stack: part.stack, resources: part.resources },
  }));
  const lies = layout && { count: layout.count, by: layout.by };
  return { format: "haloform.shards/1", stack, ...defined({ settings: config.shards, lies }), head: here?.size ?? 0, ahead, shards };
}
