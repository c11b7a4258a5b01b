/** Writes: never sent twice blindly. One without an answer is read back first (outcome.ts, docs/decisions/0019). */
import type { Client } from "ldapts";
import { UnreachableError } from "../../../base/errors.ts";
import { note } from "../../../base/notes.ts";
import { attempts, type Connection, type Link, pause } from "./connection.ts";

/** One write, and how to find out whether it was done. */
export interface Write {
  verb: string;
  object: string;
  send(client: Client): Promise<void>;
  /** true: it was. false: it was not. undefined: it cannot be read (a password). */
  done(): Promise<boolean | undefined>;
}

/** Another domain controller answers, which may know nothing of the write yet: there it is not sent. */
class ElsewhereError extends UnreachableError {}

/** Does it, once. Throws UnreachableError where nobody can tell whether it was done. */
export async function send(connection: Connection, write: Write): Promise<void> {
  // Nothing is sent while there is no connection, so connecting may be tried again.
  const link = await connection.again((ready) => Promise.resolve(ready));
  try {
    await connection.send(link, write.verb, write.object, write.send);
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    await settle(connection, write, link.url, error);
  }
}

/**
 * A write without an answer: done or not? The domain controller that got it is asked first. Where it shows that nothing was
 * done, the write is sent to it again; to another one never, as both would do it before they hear of each other (an
 * account made on two of them is two accounts).
 */
async function settle(connection: Connection, write: Write, url: string, lost: UnreachableError): Promise<void> {
  for (let attempt = 1; attempt < attempts; attempt++) {
    await pause(attempt);
    try {
      const link = await connection.ready();
      if ((await write.done()) === true) {
        note(`The answer was lost, so it was read back from ${link.url}: done: ${write.verb} ${write.object}.`);
        return;
      }
      if (link.url !== url || connection.url !== url)
        throw new ElsewhereError(
          `Could not ${write.verb} ${write.object}: ${url} went away before it answered, and ${connection.url} does not show it (not done, or not replicated yet); the next run will see.`,
        );
      await repeat(connection, link, write);
      note(`The answer was lost, and it was not done when read back from ${url}, so it was sent again: ${write.verb} ${write.object}.`);
      return;
    } catch (error) {
      if (!(error instanceof UnreachableError) || error instanceof ElsewhereError) throw error;
    }
  }
  throw lost;
}

/** Sent again, it may be refused because the first one came through after all (a request that was late). */
async function repeat(connection: Connection, link: Link, write: Write): Promise<void> {
  try {
    await connection.send(link, write.verb, write.object, write.send);
  } catch (error) {
    if (error instanceof UnreachableError || (await write.done()) !== true) throw error;
  }
}
