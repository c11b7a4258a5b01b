/**
 * The journal of a stack as a command has it: read and, where the settings name keys, believed only with production's signature; written
 * under the stack's lock. See docs/decisions/0095.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { PrivateKey } from "../../base/ed25519.ts";
import { oneLine } from "../../base/errors.ts";
import { writePrivate } from "../../base/private-file.ts";
import { Refusal } from "../exit.ts";
import type { Voice } from "../say.ts";
import { appended, future, isWhole, type Journal, type JournalEvent, journalTag, type Known, known, written } from "./journal.ts";
import { noteSeen, seen, signedFile } from "./seen.ts";
import {
  type Beside,
  digestFor,
  distrust,
  doubtOf,
  type Exported,
  type Found,
  holdsResources,
  isSigned,
  keptState,
  keyFor,
  ofOldTags,
  type Place,
  read,
  type Shelf,
  stateSigned,
} from "./shelf.ts";
import { keyVariable, ownKey, type StateDigest, withSignature } from "./signature.ts";
import { type RunGiven, strangeIn } from "./vouched.ts";

export class Ledger {
  readonly #place: Place;
  readonly #shelf: Shelf;
  readonly #key: PrivateKey | undefined;
  #journal: Journal | undefined;
  /** What the tag held when it was read or written last. */
  #text: string | undefined;
  /** Of what was signed last; before that of what was read, made when it is first asked for: who only looks needs none. */
  #digest: StateDigest | undefined;
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
    const journal = found.journal && isWhole(found.journal) ? found.journal : ofOldTags(found.tags);
    return { ledger: new Ledger(place, shelf, { ...found, journal }), why };
  }

  get known(): Known {
    return known(this.#journal);
  }

  /** There is a journal, and this process can sign what it adds to it, or need not: a word of somebody begins none. */
  get canAppend(): boolean {
    return this.#journal !== undefined && (!isSigned(this.#place) || this.#key !== undefined);
  }

  /** Where the state is on a server: the place beside it. */
  get beside(): Beside | undefined {
    return this.#shelf.beside;
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
      ...(this.isFirst
        ? ["As it is the first run of a stack whose state is signed, half of the limits of safety.yaml hold (docs/security.md)"]
        : []),
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

  /**
   * The same for what only changes which passwords wait. Where they are encrypted to recipients they are no part of what is signed:
   * the service desk needs no key of production.
   */
  refusePasswords(what: string): void {
    if (this.#place.config.passwords === undefined) this.refuseWithoutKey(what);
  }

  /** Under the lock: throws Refusal where another run has written since this one has read. */
  async refuseMoved(): Promise<void> {
    const [tags, state] = await Promise.all([this.#shelf.tags(), isSigned(this.#place) ? this.#shelf.exported() : undefined]);
    if (tags[journalTag] === this.#text && (state === undefined || this.#isBelieved(state))) return;
    throw new Refusal(["another run has changed the stack since this one looked at it; nothing was changed. Try again."]);
  }

  /** Throws Refusal where a state that is to be edited is not the one that is believed. */
  refuseOther(state: Exported): void {
    if (isSigned(this.#place) && !this.#isBelieved(state))
      throw new Refusal(["a run has changed the state just now; nothing was changed. Try again."]);
  }

  /**
   * Adds an entry; only under the stack's lock. `running`: the plan of a run that is about to write the state; it is said until what that
   * left is signed.
   */
  async append(event: JournalEvent, at: Date, running = this.#running): Promise<void> {
    this.#running = running;
    this.#journal = appended(this.#journal, event, at);
    await this.#write(at);
  }

  /**
   * Signs the state as it is now; nothing where it is signed already, or nothing is. Not under the lock: whoever else could write then
   * is refused, as what lies there is not signed. `run`: what was to change; absent: which passwords wait. Throws where anything else has.
   */
  async sign(at: Date, run?: RunGiven, before = this.state): Promise<void> {
    if (!this.#key) return;
    if ((await this.#shelf.tags())[journalTag] !== this.#text) throw new Error("another run has written the journal just now");
    const state = await this.#shelf.exported();
    const digest = digestFor(this.#place, state);
    const is = this.signed;
    if (is?.state === digest.state && is.apart === digest.apart && is.running === undefined) return;
    const strange = strangeIn(before?.deployment, state.deployment, run);
    if (strange !== undefined) throw new Error(`${strange} is not as it was written: somebody has changed the state since`);
    this.#digest = digest;
    this.#running = undefined;
    await this.#write(at);
    this.#keep(state);
  }

  /** After a run: as `sign`; returns why what it left could not be signed. */
  async signLeft(at: Date, run: RunGiven): Promise<string | undefined> {
    try {
      await this.sign(at, run);
      return undefined;
    } catch (error) {
      const cause = oneLine((error as Error).message);
      return `what this run left could not be signed (${cause}); run \`haloform up\` again with production's key: it goes back to the state of before, and finds what was done`;
    }
  }

  /**
   * Under the lock, when a run ends early: the engine then writes the state once more, with the passwords that wait encrypted anew. What
   * this gives is called after that, and signs what it left of the state that was signed, also by another run.
   */
  async rewritten(clock: () => Date): Promise<() => Promise<void>> {
    if (!this.#key) return async () => undefined;
    const found = await read(this.#place, this.#shelf, true);
    const ledger = found.text === this.#text ? this : new Ledger(this.#place, this.#shelf, found);
    if (doubtOf(this.#place, found)) return async () => undefined;
    return () => ledger.sign(clock(), undefined, found.state);
  }

  /** Begins or goes on with what is there, as it is: a journal where there is none, and a signature. Only under the stack's lock. */
  async adopt(at: Date): Promise<void> {
    this.#journal ??= appended(undefined, { event: "base", losses: [], due: [], used: [] }, at);
    this.#running = undefined;
    await this.#write(at);
    if (this.#key && this.state) this.#keep(this.state);
  }

  async #write(at: Date): Promise<void> {
    const { stack } = this.#place;
    let journal = this.#journal as Journal;
    if (this.#key && this.#believed) {
      this.#serial += 1;
      const statement = { stack, serial: this.#serial, at: at.toISOString(), ...this.#believed };
      journal = withSignature(journal, { ...statement, ...(this.#running === undefined ? {} : { running: this.#running }) }, this.#key);
    }
    this.#journal = journal;
    const text = written(journal);
    await this.#shelf.setTag(journalTag, text);
    this.#text = text;
    if (journal.signed && this.#key) noteSeen(this.#place, journal.signed);
  }

  /** Digest of the state that is believed. */
  get #believed(): StateDigest | undefined {
    this.#digest ??= this.state && digestFor(this.#place, this.state);
    return this.#digest;
  }

  #isBelieved(state: Exported): boolean {
    return digestFor(this.#place, state).state === this.#believed?.state;
  }

  #keep(state: Exported): void {
    writePrivate(signedFile(this.#place), JSON.stringify(state));
  }

  /**
   * Under the lock, before the state is laid out otherwise: one that was signed in the order in which it lay is signed in that which it
   * keeps. Throws Refusal where that takes production's key, and this process has none.
   */
  async signInOrder(at: Date): Promise<void> {
    if (!isSigned(this.#place) || !this.hasState || this.signed?.state === this.#believed?.state) return;
    this.refuseWithoutKey("laying it out for the first time");
    await this.sign(at);
  }

  /** Before a run: what it goes back to, should it be cut off. */
  keepSigned(): void {
    if (!this.#key || !this.state) return;
    const kept = keptState(this.#place);
    if (kept && this.#isBelieved(kept)) return;
    this.#keep(this.state);
  }
}

async function believed(place: Place, shelf: Shelf, first: Found, { tell }: Pick<Voice, "tell">): Promise<Ledger> {
  let found = first;
  let doubted = doubtOf(place, found);
  // A run that has just ended signs what it left within moments; and state and journal are read one after the other.
  for (let look = 0; look < 3 && doubted?.cut; look += 1) {
    await pause(shelf.patience);
    found = await read(place, shelf);
    doubted = doubtOf(place, found);
  }
  const is = found.journal?.signed;
  const kept = doubted?.cut && is && keyFor(place) ? await stateSigned(place, shelf, is) : undefined;
  if (kept) {
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
