/** Reads the people of HaloITSM: end users, active and inactive, as flat records. */

import { RefusedError, UnreachableError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { noteOnce } from "../../base/notes.ts";
import { Misread } from "../../base/rows.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import type { CustomField } from "../../clients/halo/custom-fields.ts";
import { flag, integer, type Row } from "../../clients/halo/decode.ts";
import { everyUser, isGeneralUser, laterListed, notListed } from "../../clients/halo/users.ts";
import { hasLeft, LEFT } from "../../mappings/language/left.ts";
import type { AskOne, ReadReport, SourceAnswers, SourceRecord } from "../record.ts";
import { customFields, type Named, otherFields } from "./custom.ts";
import { decodeCustom, decodeField, isSomething } from "./decode.ts";
import { detailsOf } from "./details.ts";
import { DETAIL_FIELDS, LIST_FIELDS, TWINS } from "./fields.ts";

export interface PeopleNeed {
  /** Fields that the mapping uses: `title`, `department`, `custom.CFManager`. Others are ignored. */
  fields: readonly string[];
  /** Where each is named, for an error about one. */
  named?: Named | undefined;
  /** Custom fields that no mapping names as well, where the list has them. */
  everyCustom?: boolean;
}

export interface PeopleRead {
  records: SourceRecord[];
  read: ReadReport;
  /** Custom fields that were asked for: somebody may have a value in them. */
  custom: string[];
  /** The first rows as they came (`source test --raw`). */
  answers: SourceAnswers;
  /** Sites that people belong to, by id. */
  sites: { id: number; name: string; client: string }[];
  /** What made this read dear, in plain sentences. */
  notes: string[];
}

const rowFields = [...new Set([...LIST_FIELDS, ...laterListed])];
const twins = Object.entries(TWINS);
const detailFields = new Set(DETAIL_FIELDS);

/** Which of the fields may cost one call a person, because list rows do not have them (`laterListed`: not in every release). */
export function costlyFields(fields: readonly string[]): string[] {
  return [...new Set(fields.filter((field) => detailFields.has(field)))].sort();
}

/**
 * Everybody, ⌈N/100⌉ calls and one more when the last page is full (it proves that there is no further one); with custom
 * fields one more; with `costlyFields` one a person.
 * A person whose record or details cannot be read is left out and the read is incomplete: nobody is given with fields
 * that only look empty.
 * @throws ConfigurationError for unknown custom fields and wrong connections; UnreachableError or RefusedError when not even
 * the first page can be read.
 */
export async function readPeople(client: Pick<HaloClient, "list" | "rows" | "get" | "read">, need: PeopleNeed): Promise<PeopleRead> {
  const custom = await customFields(client, need.fields, need.named);
  const all = need.everyCustom ? [...custom, ...(await otherFields(client, custom))] : custom;
  const early = { misread: new Misread(), fields: new Map<Row, SourceRecord["fields"]>() };
  const list = await client.list(
    "Users",
    "users",
    { ...everyUser, ...(all.length > 0 ? { include_custom_fields: all.map((field) => field.id).join(",") } : {}) },
    (row) => {
      if (!isGeneralUser(row) && integer.safeParse(row["id"]).success) early.fields.set(row, listedFields(row, all, early.misread));
    },
  );
  const doubts = [...list.doubts];
  const notes: string[] = [];
  const rows = list.rows.filter((row) => !isGeneralUser(row));

  const costly = await notListed(client, rows, costlyFields(need.fields));
  if (costly.length > 0)
    notes.push(`${costly.join(", ")} ${costly.length === 1 ? "costs" : "cost"} one call a person: ${rows.length} calls`);
  // A Halo that does not know include_custom_fields gives no list of them at all: then only the details have them.
  const ignored = custom.length > 0 && rows.length > 0 && rows.every((row) => !Array.isArray(row["customfields"]));
  if (ignored) notes.push(`This Halo does not give custom fields in lists: they cost one call a person, ${rows.length} calls`);
  else if (custom.length > 0) doubts.push(...(await emptiedCustom(client, rows, custom)));

  const details = costly.length > 0 || ignored ? await readDetails(client, rows, doubts) : undefined;
  const records: SourceRecord[] = [];
  // What is not understood counts once a person, be it in the list or in the details: with details both are read here.
  const misread = details ? new Misread() : early.misread;
  let nameless = 0;
  for (const row of rows) {
    const id = integer.safeParse(row["id"]);
    if (!id.success) {
      nameless++;
      continue;
    }
    const detail = details?.get(id.data);
    if (details && !detail) continue;
    const fields = (details ? undefined : early.fields.get(row)) ?? listedFields(row, all, misread);
    if (detail) addDetails(fields, detail, costly, all, misread);
    records.push({ ref: `halo.users ${id.data}`, fields });
  }
  // Of a field that a mapping reads, such a value would only look empty; what nobody reads is no reason to doubt.
  const wanted = new Set([...need.fields, "customfields"]);
  for (const { field, line } of misread.lines("Halo's users")) (wanted.has(field) ? (one: string) => doubts.push(one) : noteOnce)(line);
  if (nameless > 0) doubts.push(`${nameless} ${nameless === 1 ? "row" : "rows"} of /Users came without a usable id`);
  return {
    records,
    read: { recordCount: list.recordCount, rows: list.rows.length, pages: list.pages, complete: doubts.length === 0, doubts },
    custom: all.map((field) => `custom.${field.name}`),
    answers: [{ endpoint: "Users", answers: [rows.slice(0, 3) as Json[]] }],
    sites: sitesOf(records),
    notes,
  };
}

/** Asks for one user. A restricted agent's list leaves people out without a word. */
export function askUser(client: Pick<HaloClient, "get">): AskOne {
  return async (id) => {
    const row = await client.get("Users", id);
    return row === undefined || hasLeft(row[LEFT] as Json) === true ? "gone" : "there";
  };
}

/** What a row of the list says. */
function listedFields(row: Row, custom: readonly CustomField[], misread: Misread): SourceRecord["fields"] {
  const fields: SourceRecord["fields"] = {};
  // Rows name a third of the fields at most.
  for (const field of rowFields) if (row[field] !== undefined) take(fields, row, field, misread);
  for (const [field, twin] of twins) if (row[field] === undefined && row[twin] !== undefined) take(fields, row, field, misread);
  // A copy is small and quick to read, where an object that so many names were added to is neither.
  return { ...fields, ...decodeCustom(row, custom, misread).fields };
}

/** What the details say besides. */
function addDetails(
  fields: SourceRecord["fields"],
  detail: Row,
  costly: readonly string[],
  custom: readonly CustomField[],
  misread: Misread,
): void {
  for (const field of costly) take(fields, detail, field, misread);
  Object.assign(fields, decodeCustom(detail, custom, misread).fields);
}

function take(fields: SourceRecord["fields"], from: Row, field: string, misread: Misread): void {
  const raw = from[field] ?? from[TWINS[field] ?? field];
  const value = decodeField(field, raw);
  if (value !== undefined) fields[field] = value;
  // Whether somebody has left must never be guessed: what is neither goes on as it came, and is doubted there.
  else if (field === LEFT && raw !== null && raw !== undefined) fields[field] = raw as Json;
  else if (isSomething(raw)) misread.add(field, String(from["id"]));
}

/**
 * Where no row names any of the wanted custom fields, a few people's details tell empty fields from a list that keeps them back: several,
 * as a record names those alone that have a value (recorded). Reading everybody's would spend the whole limit on what may be a bad minute.
 */
async function emptiedCustom(client: Pick<HaloClient, "get">, rows: readonly Row[], custom: readonly CustomField[]): Promise<string[]> {
  if (rows.some((row) => decodeCustom(row, custom).named > 0)) return [];
  const people = rows
    .filter((row) => flag.safeParse(row["isserviceaccount"]).data !== true)
    .flatMap((row) => integer.safeParse(row["id"]).data ?? []);
  const names = custom.map((field) => `custom.${field.name}`).join(", ");
  for (const id of new Set([people[0], people[people.length >> 1], people.at(-1)].filter((one) => one !== undefined))) {
    try {
      const detail = await client.get("Users", id, { includedetails: true });
      if (!detail || decodeCustom(detail, custom).named === 0) continue;
    } catch (error) {
      if (!(error instanceof RefusedError || error instanceof UnreachableError)) throw error;
    }
    return [`HaloITSM's list gives ${names} for none of the ${rows.length} people, although user ${id} has a place for it`];
  }
  return [];
}

/** Details by id. Stops at the first that fails, and says so: an incomplete read is doubted anyway. */
async function readDetails(client: Pick<HaloClient, "get">, rows: readonly Row[], doubts: string[]): Promise<Map<number, Row>> {
  // Who has no id is said where the records are made.
  const ids = rows.flatMap((row) => integer.safeParse(row["id"]).data ?? []);
  const { details, failed } = await detailsOf(client, "Users", ids, ["user", "them"], doubts);
  const missing = ids.length - details.size;
  if (failed && missing > 1) doubts.push(`${missing} people are left out because their details were not read`);
  return details;
}

function sitesOf(records: readonly SourceRecord[]): PeopleRead["sites"] {
  const sites = new Map<number, PeopleRead["sites"][number]>();
  for (const { fields } of records) {
    const id = fields["site_id"] ?? fields["site_id_int"];
    if (typeof id === "number" && !sites.has(id))
      sites.set(id, { id, name: String(fields["site_name"] ?? ""), client: String(fields["client_name"] ?? "") });
  }
  return [...sites.values()].sort((a, b) => a.id - b.id);
}
