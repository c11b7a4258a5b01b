/**
 * Before somebody's absence counts, the source is asked for the record by its id: a list that hides somebody (a restricted
 * identity, a filter, a page that moved) and a record that is gone are different things. Files cannot be asked.
 */
import { oneLine } from "../../base/errors.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { AskOne } from "../../sources/record.ts";
import type { Memory, SourceRecord } from "../model/types.ts";
import { compareKeys, textOf } from "../model/values.ts";

/** Most calls for it in a run; of more who are missing so many are asked for, evenly spread. */
const most = 50;

/** Key → why the absence does not count, as a sentence goes on after the name. */
export type Hidden = ReadonlyMap<string, string>;

interface Question {
  records: readonly SourceRecord[];
  memory: Memory | undefined;
  mappings: Pick<Mappings, "people">;
  /** What sentences call the source. */
  called: string;
  ask: AskOne;
}

/** Of whom the list lacks and nobody has counted as absent before, who is not gone. */
export async function askForMissing({ records, memory, mappings, called, ask }: Question): Promise<Hidden> {
  const { source: from, key: field } = mappings.people;
  const there = new Set(records.map(({ fields }) => textOf(fields[field])));
  const missing = Object.entries(memory?.people ?? {})
    .filter(([key, one]) => !there.has(one.key ?? key) && one.absentSince === undefined)
    .sort(([a], [b]) => compareKeys(a, b));
  const known = missing.flatMap(([key, { ref }]): [string, string][] => {
    const reference = ref ?? (field === "id" || from !== "halo.users" ? `${from} ${key}` : "");
    return reference.startsWith(`${from} `) ? [[key, reference.slice(from.length + 1)]] : [];
  });
  const step = Math.max(1, known.length / most);
  const asked = known.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
  const hidden = new Map<string, string>();
  for (const [key, id] of asked) {
    const answer = await ask(id).catch((error: unknown) => error as Error);
    if (answer === "there") hidden.set(key, `is missing in the list of ${called}, which has the record by its id: hidden, and not gone`);
    else if (answer !== "gone")
      hidden.set(key, `is missing in the list of ${called}, and asking for the record failed (${oneLine(answer.message)})`);
  }
  if (hidden.size > 0 && asked.length < known.length)
    for (const [key] of known)
      if (!asked.some(([one]) => one === key))
        hidden.set(
          key,
          `is missing in the list of ${called}, as ${hidden.size} are of the ${asked.length} who were asked for and are not gone`,
        );
  return hidden;
}
