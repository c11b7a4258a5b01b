/** What the doctor asks of Halo as a preview does: which release it is, everything that is read, and who else writes the same. */
import { RefusedError } from "../../../base/errors.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { rowsIn } from "../../../clients/halo/decode.ts";
import { deprecatedOf, instanceOf } from "../../../clients/halo/instance.ts";
import { type Check, checks, few } from "../../core/check.ts";
import { doubleWrites, ownSettings, readWriters, type Writes } from "../entra-import.ts";

/** Something that a preview reads. */
export interface Reading {
  /** `agents` */
  what: string;
  read(client: HaloClient): Promise<unknown>;
}

export interface ReadNeeds {
  /** What haloform writes that Halo's own integrations may write too. */
  writes?: Writes;
  /** Everything that a preview reads of Halo, by the readers themselves. */
  reads?: readonly Reading[];
  /** Names of fields that are read or written, for what Halo calls deprecated. */
  uses?: readonly string[];
}
type Needs = ReadNeeds | undefined;
const { ok, warn, failed } = checks("Halo");

/** Which release this is, and what haloform uses of what it calls deprecated. */
export async function instanceChecks(client: HaloClient, needs: Needs): Promise<Check[]> {
  const { version } = await instanceOf(client);
  if (version === undefined)
    return [
      warn(
        "does not say which release it is: what only newer ones have is not used",
        "Nothing needs to be done; arrays are written whole.",
      ),
    ];
  const found = [ok(`is release ${version}`)];
  const deprecated = new Set((await deprecatedOf(client))?.map((word) => word.toLowerCase()));
  const used = (needs?.uses ?? []).filter((name) => deprecated.has(name.toLowerCase()));
  if (used.length > 0)
    found.push(warn(`calls deprecated what is used of it: ${few(used, 10)}`, "Look at Halo's release notes, and for a newer haloform."));
  return found;
}

/** The client for whom every list has one page of one row: what may be read is seen, and ten thousand people are not fetched. */
export const glance = (client: HaloClient): HaloClient => ({
  ...client,
  async list(path, key, params = {}) {
    const answer = await client.read(path, { ...params, pageinate: true, page_size: 1, page_no: 1, order: "id" });
    return { rows: rowsIn(answer, path, key) ?? [], recordCount: undefined, pages: 1, complete: true, doubts: [] };
  },
});

/** Everything that a preview reads is asked for by the preview's own readers, whatever identity it is. `client`: one that glances. */
export async function readingChecks(client: HaloClient, needs: Needs): Promise<Check[]> {
  const found: Check[] = [];
  const good: string[] = [];
  for (const { what, read } of needs?.reads ?? []) {
    try {
      await read(client);
      good.push(what);
    } catch (error) {
      found.push(failed(error));
    }
  }
  return good.length === 0 ? found : [ok(`lets a preview read ${few(good, 20)}`), ...found];
}

/** Halo's own integrations that write the same. */
export async function writerChecks(client: HaloClient, needs: Needs): Promise<Check[]> {
  if (!needs?.writes) return [];
  try {
    const lines = [...doubleWrites(await readWriters(client), needs.writes), ...(await ownSettings(client, needs.writes))];
    return lines.length === 0 ? [ok("has no integration of its own that writes what haloform writes")] : lines.map(doubled);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return [
      warn(
        `does not show its own Entra connections (${error.message}): whether they write the same is not known`,
        "Look at them in Halo (Configuration > Integrations), or give the agent that right.",
      ),
    ];
  }
}

/** A sentence of two writers: what to do about it stands at its end. */
function doubled(line: string): Check {
  const at = Math.max(line.lastIndexOf(": "), line.lastIndexOf("; "));
  const advice = line.slice(at + 2);
  return warn(line.slice(0, at), `${advice.slice(0, 1).toUpperCase()}${advice.slice(1)}.`);
}
