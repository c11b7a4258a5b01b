/**
 * A Halo that answers with recorded shapes: `halo/<release>-<resource>.json`, a file for each release and resource that a real instance
 * was recorded of. The shapes are real (keys, types, what is left out), the values invented. What an older release was not recorded of
 * is answered as 2.236 does. A POST changes the row as recorded instances answer it: 201, one bare object, what is null left out.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { type Asked, type Reply, type Served, serve } from "../unit/clients/halo/server.ts";

const row = z.record(z.string(), z.unknown());
type Row = z.infer<typeof row>;

const recording = z.strictObject({
  release: z.string(),
  resource: z.string(),
  /** What was recorded, and where such a thing is seen. */
  told: z.string().min(20),
  /** The key of the rows in an envelope; absent: a bare array. */
  key: z.string().exactOptional(),
  /** All rows come whatever page is asked for, under `results` then. */
  nopages: z.boolean().exactOptional(),
  /** Parameters that are honoured: `licence_id`, or `requesttype_id:tickettype_id` for another column. */
  filters: z.array(z.string()).exactOptional(),
  /** Parameter → word → the value in a row that the word stands for. */
  named: z.record(z.string(), z.record(z.string(), z.unknown())).exactOptional(),
  /** Parameter → id → what the list has with it alone. */
  hidden: z.record(z.string(), z.record(z.string(), row)).exactOptional(),
  list: z.array(row),
  /** What a row by id has besides; absent: there is no such path. */
  details: z.array(row).exactOptional(),
});
type Recording = z.infer<typeof recording>;

const folder = join(import.meta.dirname, "halo");
export const recordings = (): Recording[] =>
  readdirSync(folder)
    .sort()
    .map((file) => recording.parse(JSON.parse(readFileSync(join(folder, file), "utf8"))));

export interface Replayed extends Served {
  /** Bodies of POSTs, by resource. */
  posted: { path: string; row: Row }[];
  /** Rows of a resource as they are now. */
  rows(resource: string): Row[];
}

const without = (value: Row): Row =>
  JSON.parse(JSON.stringify(value, (_key, inner: unknown) => (inner === null ? undefined : inner))) as Row;
const same = (one: unknown, other: unknown): boolean => String(one) === String(other);

/** Fields that are sent replace what is there; rows of custom fields do so one by one, and a day gets a time. */
function saved(before: Row, given: Row): Row {
  const { customfields, ...plain } = given;
  const after = { ...before, ...plain };
  if (Array.isArray(customfields)) {
    const rows = new Map(((before["customfields"] ?? []) as Row[]).map((one) => [one["id"], one]));
    for (const one of customfields as Row[]) {
      const value = typeof one["value"] === "string" && /^\d{4}-\d\d-\d\d$/u.test(one["value"]) ? `${one["value"]}T00:00:00` : one["value"];
      rows.set(one["id"], { ...rows.get(one["id"]), ...one, value, display: undefined });
    }
    after["customfields"] = [...rows.values()];
  }
  return after;
}

/** @param unlike puts something else in the place of a row of a list, as a property test does */
export async function replayed(release: string, unlike: (resource: string, one: Row) => Row = (_resource, one) => one): Promise<Replayed> {
  const all = recordings();
  const known = new Map<string, Recording>();
  for (const one of [...all.filter((each) => each.release === "2.236"), ...all.filter((each) => each.release === release)])
    known.set(one.resource.toLowerCase(), structuredClone(one));
  const posted: Replayed["posted"] = [];

  const listed = ({ resource, key, list, hidden, named = {}, filters = [], nopages }: Recording, { query }: Asked): Reply => {
    const rows = list
      .filter((one) =>
        filters.every((filter) => {
          const [parameter = "", column = parameter] = filter.split(":");
          const asked = query.get(parameter);
          return asked === null || same(one[column], named[parameter]?.[asked] ?? asked);
        }),
      )
      .map((one) => {
        const more = Object.entries(hidden ?? {}).filter(([parameter]) => query.get(parameter) === "true");
        return Object.assign({}, one, ...more.map(([, rows]) => rows[String(one["id"])]));
      })
      .map((one) => unlike(resource, one));
    if (key === undefined) return { json: nopages && query.get("pageinate") === "true" ? { results: rows } : rows };
    const [number, size] = [Number(query.get("page_no") ?? "1"), Number(query.get("page_size") ?? "50")];
    return { json: { page_no: number, page_size: size, record_count: rows.length, [key]: rows.slice((number - 1) * size, number * size) } };
  };

  const answer = (call: Asked): Reply | undefined => {
    const [, , resource = "", id] = call.path.split("/");
    if (resource === "InstanceInfo") return { json: { app_version: release === "2.236" ? "2.236.133" : undefined } };
    const found = known.get(resource.toLowerCase());
    if (!found) return undefined;
    if (call.method === "GET" && id === undefined) return listed(found, call);
    if (call.method === "GET") {
      const [one, more] = [found.list, found.details ?? []].map((rows) => rows.find((each) => same(each["id"], id)));
      return found.details && one ? { json: without({ ...one, ...more }) } : { status: 404, text: "" };
    }
    const [given = {}] = JSON.parse(call.body) as Row[];
    posted.push({ path: found.resource, row: given });
    const at = found.list.findIndex((one) => same(one["id"], given["id"]));
    const fresh = { ...given, id: 90_000 + posted.length };
    if (at < 0) found.list.push(fresh);
    else found.list[at] = saved(found.list[at] ?? {}, given);
    const details = found.details ?? [];
    const detail = details.findIndex((one) => same(one["id"], given["id"]));
    if (at >= 0 && detail >= 0) details[detail] = saved(details[detail] ?? {}, given);
    return { status: 201, json: without(at < 0 ? fresh : (found.list[at] ?? {})) };
  };

  const served = await serve((call) => (call.path.startsWith("/api/") && call.path !== "/api/authinfo" ? answer(call) : undefined));
  return { ...served, posted, rows: (resource) => known.get(resource.toLowerCase())?.list ?? [] };
}
