/** Sites and clients as Halo sends them, read tolerantly, and found by name. One read a process, and again when a name is missing. */

import { z } from "zod";
import { UnreachableError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { rowsOf } from "../../../base/rows.ts";
import { integer, optionalFlag, optionalText, type Row } from "../../../clients/halo/decode.ts";
import { everybody } from "../../../clients/halo/users.ts";
import { once } from "../../../clients/http/once.ts";
import { lookUp, textOf, type Words } from "../named.ts";
import type { Candidate, HaloLists, Kind } from "../record.ts";

export const siteSchema = z.object({
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
export type Site = z.infer<typeof siteSchema>;

export const clientSchema = z.object({
  id: integer,
  name: optionalText,
  inactive: optionalFlag,
  notes: optionalText,
  website: optionalText,
  ref: optionalText,
});
export type Client = z.infer<typeof clientSchema>;

/** `Client/Site`: sites of two clients may have one name. */
export const siteName = (one: { name: string; client_name: string }): string => `${one.client_name}/${one.name}`;

/** Everything of a paged list. A short list would make second ones of what it leaves out, so it is refused. */
export async function whole(
  halo: Pick<HaloLists, "list">,
  path: string,
  key: string,
  params: Record<string, string | boolean> = {},
): Promise<Row[]> {
  const read = await halo.list(path, key, { ...everybody, ...params });
  if (!read.complete)
    throw new UnreachableError(`Could not read /${path} of HaloITSM as a whole: ${read.doubts.join("; ")}; run again, nothing was changed`);
  return read.rows;
}

/** All sites that have a name, ⌈N/100⌉ calls. `decode`: what becomes of rows that are not understood; left out, they are told. */
export async function readSites(halo: HaloLists, decode = rowsOf): Promise<Site[]> {
  const rows = await whole(halo, "Site", "sites", { includenotes: true });
  return decode(siteSchema, rows, "Halo's sites").filter((one) => one.name !== "");
}

/** All clients, ⌈N/100⌉ calls. */
export async function readClients(halo: HaloLists, decode = rowsOf): Promise<Client[]> {
  const rows = await whole(halo, "Client", "clients", { includenotes: true });
  return decode(clientSchema, rows, "Halo's clients").filter((one) => one.name !== "");
}

const sites = once(async (halo: HaloLists) => (await readSites(halo)).map((one) => ({ id: one.id, name: siteName(one) })));
const clients = once((halo: HaloLists) => readClients(halo));

const words = (what: "site" | "client"): Words => ({
  what,
  several: (ids) => `${what}s of that name (ids ${ids}); rename all but one in Halo`,
  mend: `correct mappings/halo-users.yaml or make the ${what} in Halo`,
});

/** The site called `Client/Site`. @throws RefusedError with the nearest right name, or where two have it. */
export const siteNamed = (halo: HaloLists, name: string): Promise<{ id: number }> => lookUp(halo, sites, name, words("site"));
/** The client of this name. @throws RefusedError likewise. */
export const clientNamed = (halo: HaloLists, name: string): Promise<Client> => lookUp(halo, clients, name, words("client"));

/** Forgets what was read: something was made. */
export function forgetPlaces(halo: HaloLists): void {
  sites.forget(halo);
  clients.forget(halo);
}

/** What sites and clients have in common as records. */
export function placeKind<I extends { name: string }>(
  what: "site" | "client",
): Pick<Kind<I, Candidate>, "noun" | "called" | "written" | "several" | "unseen" | "advice"> {
  const called = ({ name }: I): string => `the ${what} "${name}"`;
  return {
    noun: what,
    called,
    written: forgetPlaces,
    several: (found, wish) =>
      `Could not create ${called(wish)}: Halo has ${found.length} of that name (ids ${found.map((one) => one.id).join(", ")}); rename all but one in Halo`,
    unseen: (wish) => `Could not create ${called(wish)}: Halo said yes but names no record; look for it in Halo`,
    advice: () => "; check the rights of the Halo application's agent",
  };
}

/** What differs of a place's texts, and whether it is switched off. */
export function placeChange<K extends string>(
  keys: readonly K[],
  place: ({ readonly [key in K]: string } & { inactive: boolean }) | undefined,
  wish: { readonly [key in K]?: string } & { enabled: boolean },
): Row {
  const change: Row = {};
  for (const key of keys) if (wish[key] !== undefined && wish[key] !== (place?.[key].trim() ?? "")) change[key] = wish[key];
  if ((place?.inactive ?? false) === wish.enabled) change["inactive"] = !wish.enabled;
  return change;
}

/** The texts of a live place that are managed. */
export function placeTexts<K extends string>(
  keys: readonly K[],
  values: Values,
  managed: { readonly [key in K]?: string },
): { [key in K]?: string } {
  const shown: { [key in K]?: string } = {};
  for (const key of keys) if (managed[key] !== undefined) shown[key] = textOf(values, key);
  return shown;
}
