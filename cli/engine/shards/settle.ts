/** Puts what waits in the head into its shards, or all of a state where its settings say: nobody is asked, and no system written to. */
import { oneLine } from "../../../base/errors.ts";
import type { ShardSettings } from "../../../providers/core/shard-settings.ts";
import type { Person } from "../../../stacks/model/types.ts";
import { textsOf } from "../../../stacks/model/values.ts";
import type { Exported } from "../../ledger/shelf.ts";
import type { Voice } from "../../say.ts";
import type { Target } from "./layout.ts";
import type { Shards } from "./shards.ts";

/** Person → value of the field by which shards are made, where it is a field of their records. */
export function valuesOf(people: readonly Pick<Person, "key" | "record">[], { by }: Pick<ShardSettings, "by">): Map<string, string> {
  if (by === "key") return new Map();
  return new Map(people.flatMap(({ key, record }) => (record ? [[key, textsOf(record.fields[by]).join(", ")] as const] : [])));
}

export interface Settling {
  shards: Shards;
  readHead: () => Promise<Exported>;
  /** Does it under the head's lock. */
  underLock(work: () => Promise<void>): Promise<void>;
  /** Puts a head in place of the one there is; takes its lock for that. */
  putHead(head: Exported): Promise<void>;
}

/** The beginning of a run, under the lock: throws Refusal where the state lies otherwise than it has read it. */
export const beginIn =
  ({ shards, readHead }: Pick<Settling, "shards" | "readHead">, settings: ShardSettings | undefined, begin: () => Promise<void>) =>
  async (): Promise<void> => {
    await shards.refuseMoved(readHead, settings);
    await begin();
  };

/** Throws Refusal where another run holds the stack or has changed it. `isMine`: throws where it has. */
export async function laidOut(
  { shards, readHead, underLock, putHead }: Settling,
  given: { target: Target | undefined; values: ReadonlyMap<string, string>; isMine: () => Promise<void> },
): Promise<void> {
  let made: Awaited<ReturnType<Shards["write"]>> | undefined;
  await underLock(async () => {
    await given.isMine();
    made = await shards.write(readHead, given.target, given.values);
  });
  // The engine takes the lock once more to write it. A run that has it by now makes that fail, and one that had it in between is seen.
  await made?.refuseOther();
  if (made) await putHead(made.head);
  await made?.done();
  await shards.whole(readHead);
}

/** After a run: only where more than `settings.ahead` wait. What fails is told: it waits on, and the next run tries again. */
export async function settled(
  settling: Settling,
  given: { settings: ShardSettings | undefined; most: number; values: ReadonlyMap<string, string>; isMine: () => Promise<void> },
  { tell, say }: Pick<Voice, "tell" | "say">,
): Promise<void> {
  const { shards, readHead } = settling;
  const before = shards.last;
  const target = before?.layout ?? given.settings;
  const { ahead = 1000 } = given.settings ?? {};
  // No more than that can have come to those that were there.
  if (!target || (before?.ahead ?? 0) + given.most <= ahead) return;
  try {
    await shards.whole(readHead);
    if ((shards.last?.ahead ?? 0) <= ahead) return;
    say("Putting the state into its shards");
    await laidOut(settling, { ...given, target, values: target.by === given.settings?.by ? given.values : new Map() });
  } catch (error) {
    tell(`The state could not be put into its shards (${oneLine((error as Error).message)}); the next \`haloform up\` tries again.`);
  }
}
