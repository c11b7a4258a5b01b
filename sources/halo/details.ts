/** Details of many records, a few at a time; the first that fails ends it, and is said. */
import pLimit from "p-limit";
import { oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import type { Row } from "../../clients/halo/decode.ts";

/** Details asked for at the same time; the limit is a rolling window, so more gains nothing. */
const abreast = 4;

/**
 * Id → details. What is missing is in `doubts`.
 * @param called what one is called, and how a sentence goes on about it: `["user", "them"]`
 */
export async function detailsOf(
  client: Pick<HaloClient, "get">,
  path: string,
  ids: readonly number[],
  [one, it]: readonly [string, string],
  doubts: string[],
): Promise<{ details: Map<number, Row>; failed: boolean }> {
  const details = new Map<number, Row>();
  let failed = false;
  const limit = pLimit(abreast);
  const read = async (id: number): Promise<void> => {
    if (failed) return;
    try {
      const row = await client.get(path, id, { includedetails: true });
      if (row) details.set(id, row);
      else doubts.push(`The read is incomplete: ${one} ${id} is in the list, but HaloITSM has no details of ${it}`);
    } catch (error) {
      failed = true;
      if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
      doubts.push(`The read is incomplete: the details of ${one} ${id} could not be read (${oneLine(error.message)})`);
    }
  };
  await Promise.all(ids.map((id) => limit(read, id)));
  return { details, failed };
}
