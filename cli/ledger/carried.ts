/**
 * What a home keeps that the next run must have, and that run may be on another machine: the run record, the state that was signed
 * last, what deleted accounts had. Where the state is on a server it is carried there with each run, and brought from there
 * (docs/decisions/0136). Nothing of it is believed for lying there: the record is signed entry by entry and the journal knows its
 * newest, and a state is held against the signature.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defined } from "../../base/defined.ts";
import { digestOf } from "../../base/digest.ts";
import type { Home } from "../../base/home.ts";
import { writePrivate } from "../../base/private-file.ts";
import { broken, readRecords, recordFile } from "./record.ts";
import { signedFile } from "./seen.ts";
import type { Beside, Carried, Place } from "./shelf.ts";
import { keysOf } from "./signature.ts";

/** What is asked of the stack's journal. */
interface Known {
  beside: Beside | undefined;
  /** `record`: digest of the record's newest entry. */
  known: { record?: string | undefined };
}

const snapshot = /^deleted\/([\w.-]+\.json)$/u;
const snapshots = ({ home }: Home): string => join(home, "deleted");
const textOf = (file: string): string | undefined => (existsSync(file) ? readFileSync(file, "utf8") : undefined);

/** Gives the home what it lacks. Throws what the server or the file system says. */
export async function bring(place: Place, { beside, known: { record: head } }: Known): Promise<void> {
  if (!beside) return;
  const all = await beside.read();
  for (const [name, text] of Object.entries(all)) {
    const file = join(snapshots(place), snapshot.exec(name)?.[1] ?? "");
    if (snapshot.test(name) && !existsSync(file)) writePrivate(file, text);
  }
  const { record } = all;
  const file = recordFile(place);
  // A record in a folder that somebody has named stays there.
  if (record === undefined || process.env["HALOFORM_HISTORY"] || textOf(file) === record) return;
  const here = `${file}.${process.pid}.brought`;
  writePrivate(here, record);
  // This machine's counts where it alone is whole; a run that could not carry its own has done nothing.
  if (isWhole(place, here, head) || !isWhole(place, file, head)) writePrivate(file, record);
  rmSync(here);
}

function isWhole(place: Place, file: string, head: string | undefined): boolean {
  try {
    return existsSync(file) && broken(readRecords(file).entries, head, false, keysOf(place.config)).length === 0;
  } catch {
    return false;
  }
}

/** A record that this one does not go on with (it was changed, or a new one began) is kept: it tells what happened. */
const aside = (there: string | undefined, own: string | undefined): Carried =>
  there === undefined || own === undefined || own.startsWith(there) ? {} : { [`aside/${digestOf(there)}`]: there };

/** Carries what the home has there; what other homes have carried stays. Only under the stack's lock. */
export async function carry(place: Place, { beside }: Pick<Known, "beside">): Promise<void> {
  if (!beside) return;
  const folder = snapshots(place);
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => snapshot.test(`deleted/${file}`)) : [];
  const own = {
    record: process.env["HALOFORM_HISTORY"] ? undefined : textOf(recordFile(place)),
    signed: textOf(signedFile(place)),
    ...Object.fromEntries(files.map((file) => [`deleted/${file}`, textOf(join(folder, file))])),
  };
  const there = await beside.read();
  await beside.write({ ...there, ...aside(there["record"], own.record), ...defined(own) } as Carried);
}
