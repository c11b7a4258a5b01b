/**
 * The stages of somebody who has left: disabled, stripped, moved, deleted, each on its day. Days are counted from the moment
 * the run first saw the person gone (memory's leaverSince), which a doubted read never sets. Pure: the moment is an argument.
 */
import type { SafetyFile } from "../../mappings/schema/all.ts";
import type { StageName } from "../model/types.ts";

/** A stage and the moment from which it is due. */
export interface Stage {
  name: StageName;
  from: Date;
}

type Leaver = SafetyFile["leaver"];

const day = 24 * 60 * 60 * 1000;

/** Every stage the mapping asks for, in the order of their days; none comes before the accounts are disabled. */
export function stagesOf(leaver: Leaver, since: string): Stage[] {
  const begun = Date.parse(since);
  if (Number.isNaN(begun)) return [];
  const asked: [StageName, number | null | undefined][] = [
    ["disable", leaver.disable],
    ["strip", leaver.strip],
    ["move", leaver.move?.after],
    ["delete", leaver.delete],
  ];
  return asked.flatMap(([name, days]) =>
    days === null || days === undefined ? [] : [{ name, from: new Date(begun + Math.max(days, leaver.disable ?? 0) * day) }],
  );
}

/** Which stages are due at a moment. A deletion takes everything else with it. */
export function dueAt(stages: readonly Stage[], now: Date): ReadonlySet<StageName> {
  const due = new Set(stages.filter((stage) => stage.from.getTime() <= now.getTime()).map((stage) => stage.name));
  if (due.has("delete")) due.add("strip");
  return due;
}

const words: { readonly [name in StageName]: string } = {
  disable: "disabled",
  strip: "stripped of groups and licences",
  move: "moved to the leavers' organizational unit",
  delete: "deleted",
};

/** `will be stripped of groups and licences on 2026-12-01 and deleted on 2027-03-01`; undefined when nothing is to come. */
export function upcoming(stages: readonly Stage[], now: Date): string | undefined {
  const coming = stages
    .filter((stage) => stage.from.getTime() > now.getTime())
    .sort((a, b) => a.from.getTime() - b.from.getTime())
    .map((stage) => `${words[stage.name]} on ${stage.from.toISOString().slice(0, 10)}`);
  if (coming.length === 0) return undefined;
  return `will be ${coming.length < 2 ? coming.join("") : `${coming.slice(0, -1).join(", ")} and ${coming.at(-1)}`}`;
}
