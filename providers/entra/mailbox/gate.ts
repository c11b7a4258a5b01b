/**
 * Licences wait for mailboxes: with the licence of a user mailbox Exchange throws away the mailbox, so nobody's licence is
 * taken in a run in which the mailbox could not be made what it should be first. The waves put mailboxes before licences; this
 * says what became of them. One run, one process.
 */
import { RefusedError } from "../../../base/errors.ts";

const failed = new Map<string, string>();

/** Notes that the mailbox of a person is not what it has to be before a licence is taken, and why. */
export function mailboxFailed(person: string, why: string): void {
  failed.set(person, why);
}

/** The mailbox of the person is as wished. */
export function mailboxDone(person: string): void {
  failed.delete(person);
}

/** Throws RefusedError where licences of a person that are to be taken must wait for the mailbox. */
export function licencesMayGo(person: string, removed: readonly string[]): void {
  const why = failed.get(person);
  if (why === undefined || removed.length === 0) return;
  throw new RefusedError(
    `Could not take ${removed.join(", ")} from person ${person}: the mailbox would be lost with it, and it is not ready (${why}); the next run tries again once it is`,
    "MailboxFirst",
  );
}
