/**
 * What a Halo says of itself, read once a client: its release, and with it what its contract has. Tenants lag behind one another (in
 * October 2026 hosted production ran 2.236 while 2.250 was out), so what only newer releases know is asked for, never assumed: a
 * property that a Halo does not know is ignored without a word.
 */
import { z } from "zod";
import { RefusedError, UnreachableError } from "../../base/errors.ts";
import { once } from "../http/once.ts";
import type { HaloClient } from "./client.ts";
import { optionalText } from "./decode.ts";

/**
 * The first release that surely has it. `add_…`, `edit_…` and `delete_…` change single rows of an array (with the rows' own schema);
 * where an instance does not have them, the whole array is written and read back. Sources: Halo's contract of 927 paths, as a production
 * instance of 2.236.133 had it in October 2026, against that of March 2025 (what came between counts from 2.236 on); a newer trial's of
 * 961 paths; Halo's guide on API keys (since 2.212).
 */
const since = {
  add_members: [2, 236],
  edit_members: [2, 236],
  delete_members: [2, 236],
  add_teams: [2, 236],
  edit_teams: [2, 236],
  delete_teams: [2, 236],
  add_departments: [2, 236],
  edit_departments: [2, 236],
  delete_departments: [2, 236],
  _remove_license_id: [2, 236],
  /** `azureoid`, `email2` and `email3` in rows of /Users (recorded at 2.236.133). */
  listedEntraId: [2, 236],
  /** GET /SailPointDetails: in the contract of late 2026, not in that of March 2025. */
  sailPoint: [2, 236],
  apiKeys: [2, 212],
  /** GET /Control/DeprecatedFields. */
  deprecatedFields: [2, 250],
} as const satisfies Record<string, readonly [number, number]>;
export type HaloAbility = keyof typeof since;

export interface HaloInstance {
  /** `2.236.133`; undefined where this Halo does not say. */
  version: string | undefined;
  /** Whether its contract surely has this; false where the release is not known. */
  has(ability: HaloAbility): boolean;
}

const told = z.looseObject({ app_version: optionalText });

/** An instance of this release; `undefined`: one that does not say. */
export function instanceAt(version: string | undefined): HaloInstance {
  const [, major, minor] = /^\s*v?(\d+)\.(\d+)/u.exec(version ?? "") ?? [];
  const known = major === undefined || minor === undefined ? undefined : ([Number(major), Number(minor)] as const);
  return {
    version: known ? version?.trim() : undefined,
    has(ability) {
      const [first, second] = since[ability];
      return known !== undefined && (known[0] > first || (known[0] === first && known[1] >= second));
    },
  };
}

/**
 * The instance behind a client: one call (/InstanceInfo) a client, however many ask. One that does not answer it, or refuses it, counts
 * as a Halo of no known release.
 */
export const instanceOf = once(async (halo: Pick<HaloClient, "read">): Promise<HaloInstance> => {
  try {
    return instanceAt(told.safeParse(await halo.read("InstanceInfo")).data?.app_version);
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
    return instanceAt(undefined);
  }
});

/**
 * What this Halo calls deprecated, as words (names of tables and fields, in the order of the answer); undefined where it cannot say. The
 * form of the answer is not recorded: every text in it counts.
 */
export async function deprecatedOf(halo: Pick<HaloClient, "read">): Promise<string[] | undefined> {
  if (!(await instanceOf(halo)).has("deprecatedFields")) return undefined;
  const words: string[] = [];
  const collect = (value: unknown): void => {
    if (typeof value === "string") words.push(value);
    else if (typeof value === "object" && value !== null) for (const inner of Object.values(value)) collect(inner);
  };
  try {
    collect(await halo.read("Control/DeprecatedFields"));
  } catch (error) {
    if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
    return undefined;
  }
  return words;
}
