/** What this run tells the next one (it changes only when its contents do), and what it lets go of. */

import { defined } from "../../base/defined.ts";
import { contentOf, registry } from "../../mappings/registry.ts";
import { unsaidIn } from "../match/traces.ts";
import { personOf, type Scene, type World } from "../model/scene.ts";
import type { Memory } from "../model/types.ts";
import { compareKeys, isForLeavers, peopleAmong, sorted } from "../model/values.ts";
import { managedBefore } from "../people/roster.ts";

/** No read was ever believed. */
const nothing: Memory["source"] = { count: 0, filled: {} };

/** Everybody managed, or about to be disabled, and since when they are absent or leavers. A doubted read teaches nothing about the source. */
export function nextMemory(scene: Scene): Memory {
  const { memory, trust } = scene.world;
  const managed = new Set<string>();
  for (const { type, person, inputs } of scene.resources) {
    // What a command has done for somebody is no reason to remember the person.
    if (person !== undefined && type !== "script:Run") managed.add(person);
    for (const key of peopleAmong(inputs["members"])) managed.add(key);
  }
  const before = managedBefore(scene.world.previous);
  const people: Memory["people"] = {};
  const unsaid = unsaidIn(scene);
  for (const subject of [...scene.subjects].sort((a, b) => compareKeys(a.key, b.key))) {
    const past = memory?.people[subject.key];
    const held = subject.stage === "held";
    // Has left, and keeps everything until a day: without a date nobody would ever see that day, whoever made the account.
    const leaves = held && subject.leaverSince !== undefined && Object.keys(subject.accounts).length > 0;
    const isAsked = (subject.likes?.length ?? 0) > 0;
    if (!managed.has(subject.key) && !(held && past) && !leaves && !isAsked) continue;
    const { absentSince } = subject;
    const leaverSince = subject.leaverSince ?? (held ? past?.leaverSince : undefined);
    const ref = subject.record?.ref ?? past?.ref;
    const plain = `${scene.mappings.people.source} ${subject.key}`;
    // What somebody is called is learnt from a record that was acted on: by the name it is seen that a key has been given away.
    // And from the record by which this run has found the first account, whatever was remembered of somebody without one.
    const learns = (subject.stage === "active" && !subject.keep) || (!before.has(subject.key) && !scene.doubted);
    const name = past && !learns ? past.name : subject.name;
    // By a doubted read no question is answered.
    const asked = [...(subject.likes ?? []), ...(scene.doubted ? (past?.likes ?? []) : [])];
    const likes = asked.length > 0 ? sorted(asked) : undefined;
    const other = ref === plain ? undefined : ref;
    // Whose record is gone keeps the key it had, so that it is known again.
    const key = subject.record ? subject.recordKey : past?.key;
    // The record by which an account is found may say what nothing writes there: the next run knows it by no account.
    const addresses = learns && managed.has(subject.key) ? unsaid(subject) : past?.addresses;
    const isPlain = (absentSince ?? leaverSince ?? other ?? key ?? likes ?? addresses) === undefined;
    people[subject.key] = isPlain ? { name } : { name, ...defined({ absentSince, leaverSince, ref: other, key, likes, addresses }) };
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

/** Adds a note for each; one for all of a system whose mapping file is gone. People's own notes were made where they were decided. */
export function letGo(scene: Scene): void {
  // Photos that are still to be read are wished later.
  const later = new Set([
    "halo:Ticket",
    ...((scene.mappings.ad?.photos ?? []).length > 0 ? ["ad:Photo"] : []),
    ...((scene.mappings.entra?.photos ?? []).length > 0 ? ["entra:Photo"] : []),
  ]);
  const lost = scene.world.previous.filter((one) => !scene.wished(one.type, one.name) && !later.has(one.type));
  for (const files of Map.groupBy(registry, ({ owns }) => owns?.types).values()) {
    // The first of the files that ask for a system's objects is the one to name.
    const [{ name, owns } = {}] = files;
    const mine = lost.filter((one) => owns && one.type.startsWith(owns.types));
    if (!owns || mine.length === 0) continue;
    if (!files.some((file) => contentOf(file, scene.mappings))) {
      scene.notes.push(`mappings/${name}.yaml is gone: ${mine.length} object(s) are let go of and stay in ${owns.in} as they are`);
      continue;
    }
    // A group that no mapping names was only there for leavers to be taken out of it.
    for (const one of mine.filter((each) => personOf(each) === undefined && !isForLeavers(each))) {
      scene.notes.push(`${one.type} ${one.name} is no longer in the mapping: let go of, it stays in ${owns.in} as it is`);
    }
    const people = mine.filter((each) => personOf(each) !== undefined && scene.byId(each.type).has(each.id)).length;
    if (people > 0)
      scene.notes.push(
        `mappings/${name}.yaml no longer asks for anything of ${people} account(s): let go of, they stay in ${owns.in} as they are`,
      );
  }
}
