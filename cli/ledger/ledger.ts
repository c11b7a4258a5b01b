/**
 * The journal of a stack as a command has it: read and, where the settings name keys, believed only with production's signature; written
 * under the stack's lock. See docs/decisions/0095.
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { PrivateKey } from "../../base/ed25519.ts";
import { oneLine } from "../../base/errors.ts";
import { readAs } from "../../base/json.ts";
import { writePrivate } from "../../base/private-file.ts";
import { stateDigest } from "../../stacks/model/state-digest.ts";
import type { Project } from "../engine/project.ts";
import { Refusal } from "../exit.ts";
import type { Voice } from "../say.ts";
import {
  appended,
  dueSchema,
  future,
  isWhole,
  type Journal,
  type JournalEvent,
  journalTag,
  type Known,
  known,
  lossSchema,
  readJournal,
  written,
} from "./journal.ts";
import { isOlder, noteSeen, seen, signedFile } from "./seen.ts";
import { type Doubt, doubt, keysOf, keyVariable, ownKey, withSignature } from "./signature.ts";

/** What a ledger needs of a stack. */
export interface Shelf {
  tag(name: string): Promise<string | undefined>;
  setTag(name: string, value: string): Promise<void>;
  /** The state as it is exported, secrets as ciphertexts. */
  exported(): Promise<Exported>;
  /** Puts such a state in place of the one that is there. */
  putBack(state: Exported): Promise<void>;
}

/** `{"version": 3, "deployment": …}` */
export type Exported = { deployment?: unknown };

/** Tags of earlier versions: what they say is taken over once. */
const oldTags = { losses: "haloform:losses", due: "haloform:commands", record: "haloform:record" } as const;

type Place = Pick<Project, "home" | "stack"> & { config: Pick<Project["config"], "keys"> };

export class Ledger {
  readonly #place: Place;
  readonly #shelf: Shelf;
  readonly #key: PrivateKey | undefined;
  #journal: Journal | undefined;
  /** What the tag held when it was read or written last. */
  #text: string | undefined;
  /** Digest of the state that is believed. */
  #state: string | undefined;
  #serial: number;
  #running: string | undefined;
  /** The state, where it was read to be believed. */
  readonly state: Exported | undefined;
  /** Whether there is a state: a run of before has left something. */
  hasState = false;

  constructor(place: Place, shelf: Shelf, found: Found) {
    this.#place = place;
    this.#shelf = shelf;
    this.#key = keyFor(place);
    this.#journal = found.journal;
    this.#text = found.text;
    this.state = found.state;
    this.#state = found.state && stateDigest(found.state.deployment);
    this.#serial = Math.max(found.journal?.signed?.serial ?? 0, isSigned(place) ? (seen(place)?.serial ?? 0) : 0);
    this.hasState = found.state !== undefined && holdsResources(found.state);
  }

  /** Reads and believes. Throws Refusal where the state or the journal is not what production has signed. */
  static async open(place: Place, shelf: Shelf, voice: Pick<Voice, "tell">): Promise<Ledger> {
    const found = await read(place, shelf);
    if (!isSigned(place)) {
      if (found.journal && !isWhole(found.journal))
        throw new Refusal([distrust(place, { why: "its journal was changed after it was written" })]);
      return new Ledger(place, shelf, found);
    }
    return believed(place, shelf, found, voice);
  }

  /** Without believing: for who looks at it and takes it over. */
  static async unbelieved(place: Place, shelf: Shelf): Promise<{ ledger: Ledger; why: string | undefined }> {
    const found = await read(place, shelf, true);
    const why = isSigned(place) ? doubtOf(place, found)?.why : undefined;
    // What somebody changed says nothing.
    const journal = found.journal && isWhole(found.journal) ? found.journal : await ofOldTags(shelf);
    return { ledger: new Ledger(place, shelf, { ...found, journal }), why };
  }

  get known(): Known {
    return this.#journal ? known(this.#journal) : { losses: [], due: [], used: [] };
  }

  get signed(): Journal["signed"] {
    return this.#journal?.signed;
  }

  /** A first run of a stack whose state is signed: there is neither a state nor a journal. */
  get isFirst(): boolean {
    return isSigned(this.#place) && !this.hasState && this.#journal === undefined;
  }

  /** There is a state, and no journal says what was taken lately. */
  get isLost(): boolean {
    return this.hasState && this.#journal === undefined;
  }

  /** What every plan says of it. */
  notes(now: Date): string[] {
    const ahead = this.#journal && future(this.#journal, now);
    return [
      ...(isSigned(this.#place) ? [] : ["Nothing of the state is signed: who may write it is believed (docs/security.md)"]),
      ...(this.isFirst ? ["First run: nothing is known of before, so half of the limits of safety.yaml hold (docs/security.md)"] : []),
      ...(ahead === undefined
        ? []
        : [`The journal has an entry of ${ahead}, which has not come yet: a clock is or was wrong; nothing of it is forgotten`]),
    ];
  }

  /** Whether this process can sign what it writes, or need not. Throws Refusal where it should and cannot. */
  refuseWithoutKey(what: string): void {
    if (!isSigned(this.#place) || this.#key) return;
    const key = ownKey();
    const lacks = key ? `${keyVariable} holds the key ${key.id}, which haloform:keys does not name` : `${keyVariable} is not set`;
    throw new Refusal([
      `${what} changes the state of the stack ${this.#place.stack}, which is signed, and ${lacks}: run it with production's key (docs/security.md).`,
    ]);
  }

  /** Under the lock: throws Refusal where another run has written since this one has read. */
  async refuseMoved(): Promise<void> {
    const [text, state] = await Promise.all([this.#shelf.tag(journalTag), isSigned(this.#place) ? this.#shelf.exported() : undefined]);
    if (text === this.#text && (state === undefined || stateDigest(state.deployment) === this.#state)) return;
    throw new Refusal(["another run has changed the stack since this one looked at it; nothing was changed. Make a new plan."]);
  }

  /** Throws Refusal where a state that is to be edited is not the one that is believed. */
  refuseOther(state: Exported): void {
    if (isSigned(this.#place) && stateDigest(state.deployment) !== this.#state)
      throw new Refusal(["a run has changed the state just now; nothing was changed. Try again."]);
  }

  /** Adds an entry; only under the stack's lock. `running`: the plan of a run that is about to write the state. */
  async append(event: JournalEvent, at: Date, running?: string): Promise<void> {
    this.#running = running;
    this.#journal = appended(this.#journal, event, at);
    await this.#write(at);
  }

  /**
   * Signs the state as it is now; nothing where it is signed already, or nothing is. Not under the lock: whoever else could write then
   * is refused, as what lies there is not signed.
   */
  async sign(at: Date): Promise<void> {
    if (!this.#key) return;
    if ((await this.#shelf.tag(journalTag)) !== this.#text) throw new Error("another run has written the journal just now");
    const state = await this.#shelf.exported();
    const digest = stateDigest(state.deployment);
    const is = this.signed;
    if (is?.state === digest && is.running === undefined) return;
    this.#state = digest;
    this.#running = undefined;
    await this.#write(at);
    this.#keep(state);
  }

  /** After a run: as `sign`; returns why what it left could not be signed. */
  async signLeft(at: Date): Promise<string | undefined> {
    try {
      await this.sign(at);
      return undefined;
    } catch (error) {
      const cause = oneLine((error as Error).message);
      return `what this run left could not be signed (${cause}); run \`haloform up\` again with production's key: it goes back to the state of before, and finds what was done`;
    }
  }

  /** Begins or goes on with what is there, as it is: a journal where there is none, and a signature. Only under the stack's lock. */
  async adopt(at: Date): Promise<void> {
    this.#journal ??= appended(undefined, { event: "base", losses: [], due: [], used: [] }, at);
    this.#state = this.state && stateDigest(this.state.deployment);
    this.#running = undefined;
    await this.#write(at);
    if (this.#key && this.state) this.#keep(this.state);
  }

  async #write(at: Date): Promise<void> {
    const { stack } = this.#place;
    let journal = this.#journal as Journal;
    if (this.#key && this.#state !== undefined) {
      this.#serial += 1;
      const statement = { stack, serial: this.#serial, at: at.toISOString(), state: this.#state };
      journal = withSignature(journal, { ...statement, ...(this.#running === undefined ? {} : { running: this.#running }) }, this.#key);
    }
    this.#journal = journal;
    const text = written(journal);
    await this.#shelf.setTag(journalTag, text);
    this.#text = text;
    if (journal.signed && this.#key) noteSeen(this.#place, journal.signed);
  }

  #keep(state: Exported): void {
    writePrivate(signedFile(this.#place), JSON.stringify(state));
  }

  /** Before a run: what it goes back to, should it be cut off. */
  keepSigned(): void {
    if (!this.#key || !this.state) return;
    const kept = keptState(this.#place);
    if (kept && stateDigest(kept.deployment) === this.#state) return;
    this.#keep(this.state);
  }
}

const isSigned = ({ config }: Place): boolean => (config.keys ?? []).length > 0;

/** Production's key, where it is one of the settings'. */
function keyFor({ config }: Place): PrivateKey | undefined {
  const named = new Set(keysOf(config).map(({ id }) => id));
  const key = named.size > 0 ? ownKey() : undefined;
  return key && named.has(key.id) ? key : undefined;
}

interface Found {
  text: string | undefined;
  journal: Journal | undefined;
  state: Exported | undefined;
}

async function read(place: Place, shelf: Shelf, evenBroken = false): Promise<Found> {
  const [text, state] = await Promise.all([shelf.tag(journalTag), isSigned(place) || evenBroken ? shelf.exported() : undefined]);
  if (text === undefined || text === "")
    return { text, journal: isSigned(place) || evenBroken ? undefined : await ofOldTags(shelf), state };
  const journal = readJournal(text);
  if (journal || evenBroken) return { text, journal, state };
  throw new Refusal([distrust(place, { why: `its journal (stack tag ${journalTag}) cannot be read` })]);
}

/** What tags of earlier versions say, as a journal's first entry; undefined where there are none. */
async function ofOldTags(shelf: Shelf): Promise<Journal | undefined> {
  const [losses, due, record] = await Promise.all([shelf.tag(oldTags.losses), shelf.tag(oldTags.due), shelf.tag(oldTags.record)]);
  if (!losses && !due && !record) return undefined;
  const base = { losses: asIn(oldTags.losses, z.array(lossSchema), losses), due: asIn(oldTags.due, dueSchema, due), used: [] };
  // The same whoever reads it, and whenever.
  return appended(undefined, { event: "base", ...base, ...(record ? { record } : {}) }, new Date(0));
}

function asIn<T>(tag: string, schema: z.ZodType<T[]>, text: string | undefined): T[] {
  if (!text) return [];
  const found = readAs(schema, text);
  if (found) return found;
  throw new Error(
    `Could not read what earlier runs left (stack tag ${tag}); look at it with \`pulumi stack tag ls\`, and remove the tag if it is broken: what it says is then forgotten.`,
  );
}

function doubtOf(place: Place, { journal, state }: Found): Doubt | undefined {
  if (!journal && state && !holdsResources(state)) {
    const last = seen(place);
    return last && { why: `it is gone, and this machine has seen it before (number ${last.serial})` };
  }
  const found = doubt(journal, { stack: place.stack, keys: keysOf(place.config), state: stateDigest(state?.deployment) });
  const why = !found && journal?.signed ? isOlder(place, journal.signed) : undefined;
  return found ?? (why === undefined ? undefined : { why });
}

async function believed(place: Place, shelf: Shelf, first: Found, { tell }: Pick<Voice, "tell">): Promise<Ledger> {
  let found = first;
  let doubted = doubtOf(place, found);
  if (doubted?.cut) {
    // State and journal are read one after the other: between the two a run may have ended.
    found = await read(place, shelf);
    doubted = doubtOf(place, found);
  }
  const kept = doubted?.cut ? keptState(place) : undefined;
  if (kept && keyFor(place) && stateDigest(kept.deployment) === found.journal?.signed?.state) {
    await shelf.putBack(kept);
    const state = await shelf.exported();
    tell(
      "The last run was cut off before it signed what it left: the state of before it is put back, and this run finds what that one did.",
    );
    return new Ledger(place, shelf, { ...found, state });
  }
  if (doubted) throw new Refusal([distrust(place, doubted)]);
  if (found.journal?.signed) noteSeen(place, found.journal.signed);
  return new Ledger(place, shelf, found);
}

/** The state that production has signed last, as it is kept on its machine. */
function keptState(place: Place): Exported | undefined {
  const file = signedFile(place);
  return existsSync(file) ? (readAs(z.object({ deployment: z.unknown() }), readFileSync(file, "utf8")) as Exported | undefined) : undefined;
}

/** One line: what is not believed, why, and what to do. */
function distrust({ stack }: Pick<Place, "stack">, { why, cut }: Doubt): string {
  const todo = cut
    ? "wait for it to end; if it was cut off, `haloform up` or `haloform keys adopt` with production's key goes on"
    : "find out who wrote to where the state is kept, and put back a copy from before; if it is right as it is, `haloform keys adopt` with production's key takes it over";
  return oneLine(`the state of the stack ${stack} is not believed: ${why}. Nothing was run with it: ${todo} (docs/security.md).`);
}

const exportedSchema = z.object({ deployment: z.looseObject({ resources: z.array(z.unknown()).nullish() }).nullish() });

function holdsResources(state: Exported): boolean {
  return (exportedSchema.safeParse(state).data?.deployment?.resources ?? []).length > 0;
}
