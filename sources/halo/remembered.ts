/**
 * A client that answers a GET by id from an earlier read where the row of the list, which is always read whole, is the same as
 * then. Who is there, who has left and who is inactive always comes from a whole list; only details are remembered. Whether
 * lists tell of changes of details is not believed but proved: every full read is compared with what was remembered.
 */
import type { HaloClient } from "../../clients/halo/client.ts";
import { bareName } from "../../clients/halo/custom-fields.ts";
import { asRow, integer, type Row, text } from "../../clients/halo/decode.ts";
import { digestOf, type EarlierOptions, whyFull, whyOff } from "../earlier.ts";
import type { DetailsFile } from "./details-file.ts";
import { costlyFields } from "./people.ts";

type Client = Pick<HaloClient, "list" | "rows" | "get" | "read">;
type Kept = DetailsFile["kept"];

interface Remembering {
  client: Client;
  /** Why everything is read; undefined: details that are known are not read again. */
  full: string | undefined;
  /** After the read. `believed`: it was complete. What is to be kept (undefined: leave the file), and a sentence when this is off. */
  end(believed: boolean): { keep: DetailsFile | undefined; off: string | undefined; line: string };
}

interface RememberOptions extends EarlierOptions<DetailsFile> {
  /** Fields of people and of tickets that mappings name; other details are asked for when they change. */
  fields: readonly string[];
  ticketFields: readonly string[];
}

/** Columns of a list row that say when it was last changed. Of tickets they are in the list, of people they are not. */
const stamps = ["last_update", "lastactiondate"] as const;

export function remembering(real: Client, options: RememberOptions): Remembering {
  const { before, now } = options;
  const of = digestOf([options.of, [...options.fields].sort(), [...options.ticketFields].sort()]);
  const full = whyFull(options, of);
  const usable = before?.of === of && before.off === undefined ? before.kept : {};
  const seen = new Map<string, string>();
  const kept: Kept = {};
  const unlike = new Map<string, string>();
  let taken = 0;
  let read = 0;
  let proved = 0;

  const client: Client = {
    rows: (path, params) => real.rows(path, params),
    read: (path, params) => real.read(path, params),
    async list(path, key, params, told) {
      const list = await real.list(path, key, params, told);
      if (path === "Users" || path === "Tickets") {
        for (const row of list.rows) {
          const id = integer.safeParse(row["id"]);
          if (id.success && (path === "Users" || stamps.some((stamp) => isDate(row[stamp])))) {
            const place = `${path}/${id.data}`;
            const twin = seen.get(place);
            // A ticket in two lists must be the same in both.
            seen.set(place, twin === undefined ? digestOf(row) : digestOf([twin, row]));
          }
        }
      }
      return list;
    },
    async get(path, id, params) {
      const place = `${path}/${id}`;
      const list = seen.get(place);
      const known = list === undefined || !Object.hasOwn(usable, place) ? undefined : usable[place];
      const same = known?.list === list ? known : undefined;
      if (full === undefined && same) {
        kept[place] = same;
        taken += 1;
        return { ...same.row };
      }
      const row = await real.get(path, id, params);
      if (!row || list === undefined) return row;
      read += 1;
      const part = partOf(path, row, options);
      kept[place] = { list, row: part };
      if (same) {
        proved += 1;
        const field = differing(same.row, part);
        if (field !== undefined) unlike.set(place, field);
      }
      return row;
    },
  };

  return {
    client,
    full,
    end(believed) {
      const [first] = unlike;
      const more = unlike.size > 1 ? ` and ${unlike.size - 1} more` : "";
      const off = whyOff(options, of, first && `Halo's list does not tell that details change (${first[1]} of ${called(first[0])}${more})`);
      const line =
        full === undefined
          ? `Details of ${taken} from earlier reads, ${read} read (everything was last read on ${before?.full})`
          : `Reading all details: ${full}${proved > 0 ? `; ${proved - unlike.size} of ${proved} remembered ones were right` : ""}`;
      // A read that is doubted teaches nothing.
      if (!believed) return { keep: undefined, off, line };
      const base = full === undefined && before ? { full: before.full, runs: before.runs + 1 } : { full: now.toISOString(), runs: 0 };
      return { keep: off === undefined ? { of, ...base, kept } : { of, ...base, off, kept: {} }, off, line };
    },
  };
}

/** What is kept: only what a mapping asks for, and the id. */
function partOf(path: string, row: Row, { fields, ticketFields }: RememberOptions): Kept[string]["row"] {
  const wanted = path === "Users" ? costlyFields(fields) : [];
  const custom = new Set(
    (path === "Users" ? fields : ticketFields).filter((name) => name.startsWith("custom.")).map((name) => bareName(name.slice(7))),
  );
  const list = Array.isArray(row["customfields"]) ? row["customfields"].map(asRow) : [];
  const part: Row = { id: row["id"] };
  for (const name of wanted) if (row[name] !== undefined) part[name] = row[name];
  if (Array.isArray(row["customfields"]))
    part["customfields"] = list
      .filter((one) => custom.has(bareName(text.safeParse(one?.["name"]).data ?? "")))
      .map((one) => ({ id: one?.["id"], name: one?.["name"], type: one?.["type"], value: one?.["value"], display: one?.["display"] }));
  return JSON.parse(JSON.stringify(part)) as Kept[string]["row"];
}

const isDate = (value: unknown): boolean => typeof value === "string" && /^\d{4}-/u.test(value) && Number(value.slice(0, 4)) > 1900;

/** The first field by which they differ. */
function differing(one: Kept[string]["row"], other: Kept[string]["row"]): string | undefined {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].find(
    (name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]),
  );
}

/** `Users/101` → user 101. */
const called = (place: string): string => place.toLowerCase().replace("s/", " ");
