/** What is believed of the people that were read: the trust gate, the feeds beside them, and people made from tickets. Pure. */
import { LEFT } from "../../mappings/language/left.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { judge, judgeFeeds } from "../../sources/trust.ts";
import type { World } from "../model/scene.ts";
import type { Memory } from "../model/types.ts";
import type { Records } from "../read/records.ts";
import { cleaned } from "./clean.ts";
import { withJoiners } from "./joiners.ts";
import { leftOf } from "./left.ts";

/** `memory`: of the last run. */
export function believed(
  people: Records,
  mappings: Mappings,
  memory: Memory | undefined,
  now: Date,
): Pick<World, "records" | "feeds" | "trust" | "cleaned"> {
  const feeds = people.feeds ? judgeFeeds(people.feeds.reports, memory?.source.feeds, mappings.trust) : undefined;
  const { records, read, notes } = withJoiners(people, mappings, feeds?.doubted ?? [], feeds?.sentences ?? [], now);
  const clean = cleaned(records, mappings);
  const left = leftOf(clean.records, mappings, memory);
  const trust: World["trust"] = judge({
    ...{ records, read, memory: memory?.source, trust: mappings.trust, more: left.doubts },
    fields: [...mappings.fields, LEFT],
  });
  if (left.isDoubted) trust.left = "doubted";
  const said = { records: left.records, trust, cleaned: clean.notes };
  if (!feeds) return said;
  if (trust.memory) trust.memory = { ...trust.memory, feeds: feeds.memory };
  return { ...said, feeds: { doubted: feeds.doubted, sentences: [...feeds.sentences, ...notes] } };
}
