/**
 * Tells people, and remembers beside the state what they were told: in the stack's journal, under its lock, so that of two machines only
 * one sends. Where there is no journal yet, or the state cannot be reached or is held, each machine remembers by itself.
 * docs/decisions/0132.
 */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { defined } from "../../base/defined.ts";
import { oneLine } from "../../base/errors.ts";
import type { Home } from "../../base/home.ts";
import { readAs } from "../../base/json.ts";
import { writePrivate } from "../../base/private-file.ts";
import { mask, secretsOf } from "../../providers/core/mask.ts";
import { clock } from "../clock.ts";
import { openStack, openToRead } from "../engine/automation.ts";
import type { Project } from "../engine/project.ts";
import { Refusal } from "../exit.ts";
import { known, type Told, toldSchema } from "../ledger/journal.ts";
import type { Ledger } from "../ledger/ledger.ts";
import { stopsOf } from "../ledger/stops.ts";
import type { Voice } from "../say.ts";
import { type Message, messageOf } from "./message.ts";
import type { Item } from "./news.ts";
import { type Due, due, type Found, remembered } from "./repeat.ts";

export interface Telling {
  voice: Voice;
  now: Date;
}

interface Ways extends Telling {
  /** Those that the settings name. */
  channels: readonly string[];
}

/** What came of it. */
export interface Telled {
  /** The message as the terminal shows it; absent: nothing is new. */
  message?: Message;
  /** Channel → why it could not be told. */
  failed: { readonly [channel: string]: string };
}

const silent: Telled = { failed: {} };

/** Tells what is new. Never throws: a message that fails is no failure of the run, and is told the next time. */
export async function tell(project: Project, found: Found, telling: Telling): Promise<Telled> {
  const clean = masked(found);
  try {
    const ledger = await openToRead(project, telling.voice).then(
      (one) => one.ledger(),
      () => undefined,
    );
    const ways = { ...telling, channels: await channelsOf(project, ledger) };
    return ledger?.canAppend ? await byJournal(project, ledger, clean, ways) : await byHome(project, clean, ways);
  } catch (error) {
    return { failed: { memory: oneLine((error as Error).message) } };
  }
}

async function byJournal(project: Project, ledger: Ledger, found: Found, telling: Ways): Promise<Telled> {
  const next = (last: Told | undefined): Due | undefined => due(last, found, telling.now, telling.channels);
  const seen = newest(lastHere(project), ledger.known.told);
  if (!next(seen)) {
    if (seen) remember(project, seen);
    return silent;
  }
  let sent: { due: Due; telled: Telled } | undefined;
  try {
    const stack = await openStack(project, telling.voice);
    const writing = await stack.ledger();
    const last = newest(lastHere(project), writing.known.told);
    const again = next(last);
    if (!again) return silent;
    await stack.underLock(async () => {
      // Another machine has told it meanwhile, or changed what there is to tell.
      await writing.refuseMoved();
      sent = { due: again, telled: await send(project, again, found, last, telling) };
      await writing.append({ event: "told", told: remembered(again, sent.telled.failed) }, clock());
    });
  } catch (error) {
    if (!sent && error instanceof Refusal && isShort(project, telling.now)) return silent;
    if (!sent) return byHome(project, found, telling);
  }
  rmSync(heldFile(project), { force: true });
  if (!sent) return silent;
  remember(project, remembered(sent.due, sent.telled.failed));
  return sent.telled;
}

async function byHome(project: Project, found: Found, telling: Ways): Promise<Telled> {
  const last = lastHere(project);
  const next = due(last, found, telling.now, telling.channels);
  if (!next) return silent;
  const telled = await send(project, next, found, last, telling);
  remember(project, remembered(next, telled.failed));
  return telled;
}

/** So long another run may hold the stack, milliseconds: it is telling, or applying. After that this machine tells by itself. */
const patience = 3_600_000;
const heldFile = ({ home, stack }: Home): string => join(home, "unattended", `${stack}.held`);

/** Whether it is held for a short time only, by what this machine has seen. */
function isShort(project: Home, now: Date): boolean {
  const file = heldFile(project);
  if (!existsSync(file)) writePrivate(file, now.toISOString());
  return !(now.getTime() - Date.parse(readFileSync(file, "utf8")) > patience);
}

/** What was told last, by what this machine and the journal remember. */
export const lastTold = (project: Home, there: Told | undefined): Told | undefined => newest(lastHere(project), there);
const newest = (here: Told | undefined, there: Told | undefined): Told | undefined => (here && here.at > (there?.at ?? "") ? here : there);

const fileOf = ({ home, stack }: Home): string => join(home, "unattended", `${stack}.told.json`);
function remember(project: Home, told: Told): void {
  if (!isDeepStrictEqual(lastHere(project), told)) writePrivate(fileOf(project), JSON.stringify(told));
}

function lastHere(project: Home): Told | undefined {
  return existsSync(fileOf(project)) ? readAs(toldSchema, readFileSync(fileOf(project), "utf8")) : undefined;
}

/** A ticket is written to a system, which a stop forbids; who cannot look for one writes nothing (docs/decisions/0129). */
async function channelsOf(project: Project, ledger: Ledger | undefined): Promise<string[]> {
  const { webhook, mail, ticket } = project.config.messages ?? {};
  const isStopped = (): Promise<boolean> =>
    stopsOf(project, ledger ?? { known: known() }).then(
      ({ open }) => open.length > 0,
      () => true,
    );
  return [...(webhook ? ["webhook"] : []), ...(mail ? ["mail"] : []), ...(ticket && !(await isStopped()) ? ["ticket"] : [])];
}

async function send(project: Project, due: Due, found: Found, last: Told | undefined, { voice }: Telling): Promise<Telled> {
  const { webhook, mail, ticket } = project.config.messages ?? {};
  const lost = Object.entries(last?.open ?? {}).map(([channel, why]) => `by ${channel}, ${why}`);
  const made = (names: boolean): Message => messageOf(due, found, { stack: project.stack, last: last?.at, lost }, names);
  const ways: { readonly [channel: string]: () => Promise<void> } = {
    webhook: async () =>
      (await import("./webhook.ts")).toWebhook(made(webhook?.names ?? false), { ca: webhook?.ca, env: process.env, now: clock() }),
    mail: async () => mail && (await import("./mail.ts")).toMail(made(mail.names), mail, project.folder, process.env),
    ticket: async () => ticket && (await import("./ticket.ts")).toTicket(made(ticket.names), ticket),
  };
  const failed: { [channel: string]: string } = {};
  for (const channel of due.to) {
    try {
      await ways[channel]?.();
    } catch (error) {
      failed[channel] = `${due.told.at}: ${mask(oneLine((error as Error).message), secretsOf(process.env)).slice(0, 300)}`;
      voice.tell(`Could not tell by ${channel}: ${failed[channel]}`);
    }
  }
  return { failed, ...(due.isNews ? { message: made(true) } : {}) };
}

/** Nothing in it is the value of a secret, whoever wrote it. */
function masked({ standing, trouble, plan }: Found): Found {
  const secrets = secretsOf(process.env);
  const clean = (one: Item): Item => ({ ...one, text: mask(one.text, secrets), redacted: mask(one.redacted, secrets) });
  return { ...defined({ plan }), ...(standing ? { standing: standing.map(clean) } : {}), ...(trouble ? { trouble: clean(trouble) } : {}) };
}
