/** What this run tells the next one. Changes only when its contents do. */
import { defined } from "../../base/defined.ts";
import type { Scene, World } from "../model/scene.ts";
import type { Memory } from "../model/types.ts";
import { compareKeys, peopleAmong } from "../model/values.ts";

/** No read was ever believed. */
const nothing: Memory["source"] = { count: 0, filled: {} };

/** Everybody managed, and since when they are absent or leavers. A doubted read teaches nothing about the source. */
export function nextMemory(scene: Scene): Memory {
  const { memory, trust } = scene.world;
  const managed = new Set<string>();
  for (const { type, person, inputs } of scene.resources) {
    // What a command has done for somebody is no reason to remember the person.
    if (person !== undefined && type !== "script:Run") managed.add(person);
    for (const key of peopleAmong(inputs["members"])) managed.add(key);
  }
  const people: Memory["people"] = {};
  for (const subject of [...scene.subjects].sort((a, b) => compareKeys(a.key, b.key))) {
    const past = memory?.people[subject.key];
    const held = subject.stage === "held";
    if (!managed.has(subject.key) && !(held && past)) continue;
    const { absentSince } = subject;
    const leaverSince = subject.leaverSince ?? (held ? past?.leaverSince : undefined);
    people[subject.key] = { name: subject.name, ...defined({ absentSince, leaverSince }) };
  }
  return {
    format: "haloform.memory/1",
    source: (trust.verdict === "trusted" ? trust.memory : memory?.source) ?? trust.memory ?? nothing,
    people,
  };
}

/** Nothing was planned, so nothing is learnt. */
export function unchangedMemory({ memory, trust }: Pick<World, "memory" | "trust">): Memory {
  return memory ?? { format: "haloform.memory/1", source: trust.memory ?? nothing, people: {} };
}
