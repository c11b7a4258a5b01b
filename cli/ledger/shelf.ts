/** What lies with a stack, read, and whether it is to be believed (docs/decisions/0095). */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { PrivateKey } from "../../base/ed25519.ts";
import { oneLine } from "../../base/errors.ts";
import type { Home } from "../../base/home.ts";
import { readAs } from "../../base/json.ts";
import { inOneOrder } from "../../stacks/model/state-digest.ts";
import { Refusal } from "../exit.ts";
import { appended, dueSchema, type Journal, journalTag, readJournal, type Signed } from "./journal.ts";
import { oldLosses } from "./loss-schema.ts";
import { isOlder, seen, signedFile } from "./seen.ts";
import { type Doubt, digestOfState, doubt, isSignedState, keysOf, ownKey, type StateDigest } from "./signature.ts";

/** Texts by what they are: `record`, `signed`, `deleted/2027-01-31-ada-41.json`. */
export type Carried = { readonly [name: string]: string };

/** The place of the state, for other things than that (cli/ledger/carried.ts). */
export interface Beside {
  /** What lies there. Throws what the server says. */
  read(): Promise<Carried>;
  /** Puts these in place of all that lies there. Only under the stack's lock. */
  write(all: Carried): Promise<void>;
}

/** What a ledger needs of a stack. */
export interface Shelf {
  /** All of its tags: the engine is asked for them at once or not at all. */
  tags(): Promise<Tags>;
  setTag(name: string, value: string): Promise<void>;
  /** The state as it is exported, secrets as ciphertexts. */
  exported(): Promise<Exported>;
  /** How long is waited before a state that a run has not signed yet is looked at again, in ms. */
  readonly patience: number;
  /** Puts such a state in place of the one that is there. */
  putBack(state: Exported): Promise<void>;
  /** Where other things lie than the state; absent where the home keeps them. */
  readonly beside?: Beside | undefined;
}

export type Tags = { readonly [name: string]: string };

/** `{"version": 3, "deployment": …}` */
export type Exported = { deployment?: unknown };

/** Tags of earlier versions: what they say is taken over once. */
const oldTags = { losses: "haloform:losses", limits: "haloform:limits", due: "haloform:commands", record: "haloform:record" } as const;

/** A stack, and the public keys that its settings name. */
export interface Place extends Home {
  config: { keys?: readonly string[] | undefined; passwords?: unknown; shards?: unknown };
}

/**
 * What is signed of a state: all of it, but for passwords where they are encrypted to recipients, who have no key of production; and in
 * the order that it keeps in shards, where it is to lie in some.
 */
export const digestFor = ({ config }: Place, { deployment }: Exported): StateDigest =>
  digestOfState(
    config.shards === undefined ? deployment : inOneOrder(deployment),
    config.passwords === undefined ? undefined : "passwords",
  );

/** Whether the state is believed only where one of the settings' keys has signed it. */
export const isSigned = ({ config }: Pick<Place, "config">): boolean => (config.keys ?? []).length > 0;

/** Production's key, where it is one of the settings'. */
export function keyFor({ config }: Place): PrivateKey | undefined {
  const named = new Set(keysOf(config).map(({ id }) => id));
  const key = named.size > 0 ? ownKey() : undefined;
  return key && named.has(key.id) ? key : undefined;
}

export interface Found {
  tags: Tags;
  /** What the journal's holds. */
  text: string | undefined;
  journal: Journal | undefined;
  state: Exported | undefined;
}

export async function read(place: Place, shelf: Shelf, evenBroken = false): Promise<Found> {
  const [tags, state] = await Promise.all([shelf.tags(), isSigned(place) || evenBroken ? shelf.exported() : undefined]);
  const { [journalTag]: text } = tags;
  if (text === undefined || text === "") return { tags, text, journal: isSigned(place) || evenBroken ? undefined : ofOldTags(tags), state };
  const journal = readJournal(text);
  if (journal || evenBroken) return { tags, text, journal, state };
  throw new Refusal([distrust(place, { why: `its journal (stack tag ${journalTag}) cannot be read` })]);
}

/** What tags of earlier versions say, as a journal's first entry; undefined where there are none. */
export function ofOldTags(tags: Tags): Journal | undefined {
  const [losses, due, record, limits] = [tags[oldTags.losses], tags[oldTags.due], tags[oldTags.record], tags[oldTags.limits]];
  if (!losses && !due && !record && !limits) return undefined;
  const base = {
    losses: losses ? asIn(oldTags.losses, oldLosses, losses) : [],
    due: due ? asIn(oldTags.due, dueSchema, due) : [],
    used: [],
  };
  // The same whoever reads it, and whenever.
  return appended(
    undefined,
    {
      event: "base",
      ...base,
      ...(record ? { record } : {}),
      ...(limits ? { limits: asIn(oldTags.limits, z.record(z.string(), z.unknown()), limits) } : {}),
    },
    new Date(0),
  );
}

function asIn<T>(tag: string, schema: z.ZodType<T>, text: string): T {
  const found = readAs(schema, text);
  if (found) return found;
  throw new Error(
    `Could not read what earlier runs left (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken: what it says is then forgotten.`,
  );
}

export function doubtOf(place: Place, { journal, state }: Found): Doubt | undefined {
  if (!journal && state && !holdsResources(state)) {
    const last = seen(place);
    return last && { why: `it is gone, and this machine has seen it before (number ${last.serial})` };
  }
  const found = doubt(journal, { stack: place.stack, keys: keysOf(place.config), deployment: state?.deployment });
  const why = !found && journal?.signed ? isOlder(place, journal.signed) : undefined;
  return found ?? (why === undefined ? undefined : { why });
}

/** All of it: the engine takes no state back that says no version. */
const exportOf = (text: string): Exported | undefined => readAs(z.looseObject({ deployment: z.unknown() }), text);

/** The state that production has signed last, as it is kept on its machine. */
export function keptState(place: Place): Exported | undefined {
  const file = signedFile(place);
  return existsSync(file) ? exportOf(readFileSync(file, "utf8")) : undefined;
}

/** The state of that signature, as it is kept here or was carried to where the state is. */
export async function stateSigned(place: Place, { beside }: Pick<Shelf, "beside">, is: Signed): Promise<Exported | undefined> {
  const fits = (kept: Exported | undefined): boolean => kept !== undefined && isSignedState(is, kept.deployment);
  const here = keptState(place);
  if (fits(here)) return here;
  const { signed = "" } = (await beside?.read()) ?? {};
  const there = exportOf(signed);
  return fits(there) ? there : undefined;
}

/** One line: what is not believed, why, and what to do. */
export function distrust({ stack }: Pick<Place, "stack">, { why, cut }: Doubt): string {
  const todo = cut
    ? "wait for it to end; if it was cut off, `haloform keys adopt` with production's key goes on"
    : "find out who wrote to where the state is kept, and put back a copy from before; if it is right as it is, `haloform keys adopt` takes it over";
  return oneLine(`the state of the stack ${stack} is not believed: ${why}. Nothing was run with it: ${todo} (docs/security.md).`);
}

const exportedSchema = z.object({ deployment: z.looseObject({ resources: z.array(z.unknown()).nullish() }).nullish() });

export function holdsResources(state: Exported): boolean {
  return (exportedSchema.safeParse(state).data?.deployment?.resources ?? []).length > 0;
}
