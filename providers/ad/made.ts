/** Objects that are made: one of the name may be there already, and the id is only known by reading it back. */
import { RefusedError } from "../../base/errors.ts";
import type { AdClient, Entry } from "./wire/client.ts";
import { guidOf } from "./wire/entry.ts";
import { AdRefusedError } from "./wire/errors.ts";

/** Whether AD says that the name, or the login, exists already: made by a run that did not get to record it, or by hand. */
export function existsAlready(error: unknown): error is AdRefusedError {
  return error instanceof AdRefusedError && error.result === 68;
}

/** What was just made. Throws RefusedError where it may not be read. */
export async function readBack(client: AdClient, dn: string, attributes: readonly string[]): Promise<{ id: string; entry: Entry }> {
  const entry = await client.read(dn, attributes);
  const id = entry && guidOf(entry);
  if (entry === undefined || id === undefined)
    throw new RefusedError(`Could not read ${dn} after creating it; give haloform's account the right to read objectGUID.`, "unreadable");
  return { id, entry };
}
