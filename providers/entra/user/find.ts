/** Whose Graph user is this person's: known to the run, or brought by Entra Connect from the person's AD account. */
import { PendingError, RefusedError } from "../../../base/errors.ts";
import { guidToBytes, isGuid } from "../../../base/guid.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { literal, query } from "../../../clients/graph/odata.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { type Catalogue, catalogueOf } from "../licence/skus.ts";
import { found, submit, understood } from "../send.ts";
import { liveUsers, selection } from "./list.ts";

/** How Entra Connect names a user's origin: objectGUID in text form (any case, with or without braces) → base64 of its raw bytes. Throws on other text. */
export function immutableIdOfGuid(guid: string): string {
  const text = guid.trim().replace(/^\{(.*)\}$/su, "$1");
  if (!isGuid(text)) throw new Error(`${guid} is not a GUID.`);
  return guidToBytes(text).toString("base64");
}

/** `waits`: the person has an AD account that Entra Connect has not brought yet; `none`: there is no account anywhere. */
export type Found = { id: string; live?: Live } | Missing;
type Missing = { missing: "waits"; guid: string } | { missing: "none" };

/**
 * The error of what cannot be done without an account. `waiting`: what waits ("The licences of person 41 wait"); `lacking`: what to do
 * where there is none; `failed`: why the account was not made in this run.
 */
export function withoutAccount(found: Missing, waiting: string, lacking: string, failed: string | undefined): Error {
  if (found.missing === "none" && failed !== undefined)
    return new PendingError(`${waiting} for the account, which could not be made in this run (${failed}); the next run goes on.`);
  if (found.missing === "none") return new RefusedError(lacking, "NoAccount");
  return new PendingError(`${waiting} for Entra Connect: AD account ${found.guid} is not in Entra ID yet; the next run goes on.`);
}

interface Finder {
  /** Person → the search under way or its end. */
  searches: Map<string, Promise<Found>>;
  /** Somebody waited the whole time in vain and nobody was found since: Entra Connect is not running now. */
  stalled: boolean;
}
const finders = new WeakMap<EntraClient, Finder>();

/**
 * Finds the Graph user of a person (key of the record). One who is found is announced, so that groups of the same run can
 * have them. Waits up to `syncWait` seconds with growing pauses, once a person and not again when Connect seems stalled.
 */
export async function findAccount(client: EntraClient, context: RunContext, person: string): Promise<Found> {
  const known = context.account("entra", person);
  if (known !== undefined) return { id: known };
  const guid = context.account("ad", person);
  if (guid === undefined) return { missing: "none" };
  const finder = finders.get(client) ?? { searches: new Map(), stalled: false };
  finders.set(client, finder);
  const search = finder.searches.get(guid) ?? searchFor(client, finder, guid);
  finder.searches.set(guid, search);
  let account: Found = { missing: "none" };
  try {
    account = await search;
  } finally {
    // Whoever asks later looks again.
    if ("missing" in account) finder.searches.delete(guid);
  }
  if ("id" in account) context.announce("entra", person, account.id);
  return account;
}

async function searchFor(client: EntraClient, finder: Finder, guid: string): Promise<Found> {
  const { clock } = client;
  const until = clock.now() + client.syncWait * 1000;
  const catalogue = await catalogueOf(client);
  for (let pause = 1000; ; pause = Math.min(pause * 1.5, 30_000)) {
    const live = await ask(client, guid, catalogue);
    if (live) {
      finder.stalled = false;
      return { id: live.id, live };
    }
    const remaining = until - clock.now();
    if (remaining <= 0 && client.syncWait > 0) finder.stalled = true;
    if (remaining <= 0 || finder.stalled) return { missing: "waits", guid };
    await clock.sleep(Math.min(pause, remaining));
  }
}

async function ask(client: EntraClient, guid: string, catalogue: Catalogue): Promise<Live | undefined> {
  // Answered from the directory itself, so that a fresh user is not missed for long.
  const filter = `onPremisesImmutableId eq ${literal(immutableIdOfGuid(guid))}`;
  const path = `/users${query({ select: selection(), filter })}`;
  const what = `look for the Entra user of AD account ${guid}`;
  const answer = await submit(client, { method: "GET", path }, { what });
  return liveUsers(understood(found, answer.body, what).value, catalogue)[0];
}
