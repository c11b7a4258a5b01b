/** Details of many records, a few at a time; the first that fails ends it, and is said. */

import { oneLine, RefusedError, UnreachableError } from "../../base/errors.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import type { Row } from "../../clients/halo/decode.ts";

/** Details asked for at the same time; the limit is a rolling window, so more gains nothing. */
const abreast = 4;

/** Id → details. What is missing is in `doubts`. */
export async function detailsOf(
  client: Pick<HaloClient, "get">,
  path: string,
  ids: readonly number[],
  called: string,
  doubts: string[],
): Promise<Map<number, Row>> {
  const found = new Map<number, Row>();
  let next = 0;
  let failed = false;
  const work = async (): Promise<void> => {
    for (let id = ids[next++]; id !== undefined && !failed; id = ids[next++]) {
      try {
        const row = await client.get(path, id, { includedetails: true });
        if (row) found.set(id, row);
        else doubts.push(`The read is incomplete: ${called} ${id} is in the list, but HaloITSM has no details of it`);
      } catch (error) {
        if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
        failed = true;
        doubts.push(`The read is incomplete: the details of ${called} ${id} could not be read (${oneLine(error.message)})`);
      }
    }
  };
  await Promise.all(Array.from({ length: abreast }, work));
  return found;
}
