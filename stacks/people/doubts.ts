/** A doubted feed (assets, software, tickets) takes nothing from anybody: conditions on it are unsure. Pure. */
import { FEED_FIELDS } from "../../mappings/language/feed-tests.ts";
import { feedsBesideGroups } from "../../mappings/language/feeds.ts";
import type { World } from "../model/scene.ts";
import type { Subject } from "../model/subject.ts";
import type { SourceRecord } from "../model/types.ts";

/** The records, each saying which feeds are doubted, so that conditions know. */
export function doubtedRecords({ records, feeds }: Pick<World, "records" | "feeds">): readonly SourceRecord[] {
  const doubted = feeds?.doubted ?? [];
  if (doubted.length === 0) return records;
  return records.map((record) => ({ ...record, fields: { ...record.fields, [FEED_FIELDS.doubted]: [...doubted] } }));
}

/**
 * Members of groups stay one by one (stacks/wish/members.ts). Where accounts, licences, agents or folders hang on a doubted feed
 * nobody can tell which of somebody's values do, so that everybody who is not a leaver keeps what they have.
 */
export function keepWhatFeedsGave({ feeds, mappings }: Pick<World, "feeds" | "mappings">, subjects: readonly Subject[]): void {
  const asked = feedsBesideGroups(mappings);
  const feed = (feeds?.doubted ?? []).find((one) => (asked as ReadonlySet<string>).has(one));
  if (feed === undefined) return;
  for (const subject of subjects)
    if (subject.stage !== "leaver")
      subject.keep ??= { rule: mappings.at(["people", "trust"]), note: `the read of Halo's ${feed} is doubted` };
}
