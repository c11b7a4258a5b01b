/** Sites and clients as Halo sends them, read tolerantly, and found by name. One read a process, and again when a name is missing. */
import { z } from "zod";
import { RefusedError, UnreachableError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { flag, integer, text } from "../../../clients/halo/decode.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";

/** What reading and writing users, sites and clients needs of the client. */
export type HaloLists = Pick<HaloClient, "list" | "rows" | "get" | "post">;

const optionalText = text.nullish().transform((value) => value ?? "");
const optionalFlag = flag.nullish().transform((value) => value ?? false);

const site = z.object({
  id: integer,
  /** Some sites of real systems have none (facts: gotcha 6); such a site cannot be named. */
  name: optionalText,
  client_id: integer.nullish(),
  client_name: optionalText,
  inactive: optionalFlag,
  notes: optionalText,
  phonenumber: optionalText,
  timezone: optionalText,
  ref: optionalText,
  delivery_address: z.record(z.string(), z.unknown()).nullish(),
});
export type Site = z.infer<typeof site>;

const client = z.object({
  id: integer,
  name: optionalText,
  inactive: optionalFlag,
  notes: optionalText,
  website: optionalText,
  ref: optionalText,
});
export type Client = z.infer<typeof client>;

export const parseSite = (row: Row): Site => site.parse(row);
export const parseClient = (row: Row): Client => client.parse(row);

export const siteName = (one: Pick<Site, "name" | "client_name">): string => `${one.client_name}/${one.name}`;

const both = { includeactive: true, includeinactive: true, activeinactive: "true,true" };

/** Everything of a paged list. A short list would make second ones of what it leaves out, so it is refused. */
export async function whole(halo: HaloLists, path: string, key: string, params: Record<string, string | boolean> = {}): Promise<Row[]> {
  const read = await halo.list(path, key, { ...both, ...params });
  if (!read.complete)
    throw new UnreachableError(`Could not read /${path} of HaloITSM as a whole: ${read.doubts.join("; ")}; run again, nothing was changed`);
  return read.rows;
}

const rowsOf = <T>(rows: readonly Row[], parse: (row: Row) => T): T[] =>
  rows.flatMap((row) => {
    try {
      return [parse(row)];
    } catch {
      return [];
    }
  });

/** All sites that have a name, ⌈N/100⌉ calls. */
export const readSites = async (halo: HaloLists): Promise<Site[]> =>
  rowsOf(await whole(halo, "Site", "sites", { includenotes: true }), parseSite).filter((one) => one.name !== "");

/** All clients, ⌈N/100⌉ calls. */
export const readClients = async (halo: HaloLists): Promise<Client[]> =>
  rowsOf(await whole(halo, "Client", "clients", { includenotes: true }), parseClient).filter((one) => one.name !== "");

interface Known {
  sites?: Promise<Site[]>;
  clients?: Promise<Client[]>;
}
const known = new WeakMap<HaloLists, Known>();

async function named<K extends keyof Known, T extends Site | Client>(
  halo: HaloLists,
  key: K,
  name: string,
  nameOf: (one: T) => string,
  read: (halo: HaloLists) => Promise<T[]>,
): Promise<T> {
  const memo = known.get(halo) ?? {};
  known.set(halo, memo);
  const what = key === "sites" ? "site" : "client";
  for (const fresh of memo[key] ? [false, true] : [true]) {
    if (fresh) {
      const reading = read(halo);
      memo[key] = reading as unknown as Known[K];
      reading.catch(() => delete memo[key]);
    }
    const all = (await memo[key]) as unknown as T[];
    const found = all.filter((one) => same(nameOf(one), name));
    const [one] = found;
    if (found.length > 1)
      throw new RefusedError(
        `Could not use the ${what} "${name}": Halo has ${found.length} ${what}s of that name (ids ${found.map((each) => each.id).join(", ")}); rename all but one in Halo`,
        "ambiguous",
      );
    if (one) return one;
    if (fresh)
      throw new RefusedError(
        `Could not find the ${what} "${name}" in Halo${suggestion(name, all.map(nameOf))}; correct mappings/halo-users.yaml or make the ${what} in Halo`,
        "unknown-name",
      );
  }
  throw new RefusedError(`Could not find the ${what} "${name}" in Halo`, "unknown-name");
}

/** The site called `Client/Site`. @throws RefusedError with the nearest right name, or where two have it. */
export const siteNamed = (halo: HaloLists, name: string): Promise<Site> => named(halo, "sites", name, siteName, readSites);
/** The client of this name. @throws RefusedError likewise. */
export const clientNamed = (halo: HaloLists, name: string): Promise<Client> =>
  named(halo, "clients", name, (one: Client) => one.name, readClients);

/** Forgets what was read: something was made. */
export function forgetPlaces(halo: HaloLists): void {
  known.delete(halo);
}

/** Making things goes one after the other, so that two wishes for one name cannot both find nothing. */
const lines = new WeakMap<HaloLists, Promise<unknown>>();
export function inLine<T>(halo: HaloLists, task: () => Promise<T>): Promise<T> {
  const turn = (lines.get(halo) ?? Promise.resolve()).then(task);
  lines.set(
    halo,
    turn.catch(() => undefined),
  );
  return turn;
}
