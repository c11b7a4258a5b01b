/** GET /Users, /Site and /Client: the paged lists, with Halo's habits (facts: paging only with `pageinate`, a silent cap of 100, unknown parameters ignored). */

import type { Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { type HaloFaults, pageFault } from "./faults.ts";
import { answerText, type HaloState, text, withDoubles } from "./state.ts";
import { filled, listed as ownOfUser } from "./users.ts";
import { type HaloVersion, has } from "./versions.ts";

const cap = 100;
const defaultSize = 50;

/** What a list row of /Users holds; everything else only by id. */
const userList =
  "id name site_id site_id_int site_name client_id client_name firstname surname initials title emailaddress phonenumber phonenumber_preferred homenumber mobilenumber mobilenumber2 fax telpref activedirectory_dn login inactive colour isimportantcontact other1 other2 other3 other4 other5 notes neversendemails linked_agent_id isserviceaccount role_list use".split(
    " ",
  );
/** The same from 2.236 on (recorded of 2.236.133): the Entra id under the name that details have, and the other addresses. Before: `azure_id`. */
const laterUserList = [...userList, "azureoid", "email2", "email3"];

/** A query parameter by its name, whatever its case, as the real server reads it. */
function parameter(call: Call, name: string): string | undefined {
  for (const [key, value] of call.query) if (key.toLowerCase() === name) return value;
  return undefined;
}

/** `true`, `false`, or what is meant when it is absent. */
export function flag(call: Call, name: string, absent: boolean): boolean {
  const value = parameter(call, name);
  return value === undefined ? absent : value.toLowerCase() === "true";
}

const whole = (value: string | undefined): number | undefined => (value !== undefined && /^\d+$/u.test(value) ? Number(value) : undefined);

function ordered(rows: Row[], call: Call): Row[] {
  const by = parameter(call, "order");
  const known = by !== undefined && rows.some((row) => by in row);
  const column = known ? by : "name";
  const sign = known && flag(call, "orderdesc", false) ? -1 : 1;
  // Without an order rows come by name, which is not what anybody should rely on.
  return rows.toSorted((a, b) => {
    const [left, right] = [a[column], b[column]];
    if (typeof left === "number" && typeof right === "number") return sign * (left - right);
    const [one, two] = [text(left), text(right)];
    return one < two ? -sign : one > two ? sign : 0;
  });
}

interface Page {
  /** Undefined: not paged. */
  number: number | undefined;
  size: number;
  asked: number;
}

function pageOf(call: Call): Page {
  const paged = flag(call, "pageinate", false);
  const asked = (paged ? whole(parameter(call, "page_size")) : undefined) ?? defaultSize;
  if (paged) return { number: Math.max(1, whole(parameter(call, "page_no")) ?? 1), size: Math.max(1, Math.min(asked, cap)), asked };
  return { number: undefined, size: whole(parameter(call, "count")) ?? defaultSize, asked };
}

const cut = (rows: readonly Row[], page: Page): Row[] => rows.slice(((page.number ?? 1) - 1) * page.size, (page.number ?? 1) * page.size);

function active(rows: readonly Row[], call: Call): Row[] {
  const [both1, both2] = (parameter(call, "activeinactive") ?? "").split(",");
  const withActive = flag(call, "includeactive", both1 ? both1.toLowerCase() === "true" : true);
  const withInactive = flag(call, "includeinactive", both2?.toLowerCase() === "true");
  return rows.filter((row) => (row["inactive"] === true ? withInactive : withActive));
}

function wanted(rows: readonly Row[], call: Call): Row[] {
  const client = whole(parameter(call, "client_id"));
  const site = whole(parameter(call, "site_id"));
  const search = parameter(call, "search")?.toLowerCase();
  return rows.filter((row) => {
    if (client !== undefined && row["client_id"] !== client) return false;
    if (site !== undefined && Number(row["site_id"] ?? row["id"]) !== site) return false;
    return (
      !search || ["name", "emailaddress", "login", "firstname", "surname"].some((key) => text(row[key]).toLowerCase().includes(search))
    );
  });
}

/** One list row, with the custom fields whose ids were asked for. */
function userRow(row: Row, custom: ReadonlySet<number>, faults: HaloFaults, version: HaloVersion): Row {
  const listed: Row = {};
  const later = has(version, "listedEntraId");
  for (const key of later ? laterUserList : userList) if (key in row) listed[key] = row[key];
  const { azure_id, ...own } = ownOfUser(row);
  Object.assign(listed, own, later ? {} : { azure_id });
  if (custom.size > 0) listed["customfields"] = filled(row).filter((field) => custom.has(Number(field["id"])));
  for (const column of faults.emptied) if (column in listed && column !== "id") listed[column] = Array.isArray(listed[column]) ? [] : "";
  return listed;
}

/**
 * The rows that `advanced_search` means: `[{"filter_name":"azureoid","filter_type":2,"filter_value":"…"}]`, 2 = equals. Undefined for
 * what Halo refuses: other fields, other ways to compare (facts: Halo, search).
 */
function advanced(rows: readonly Row[], call: Call, faults: HaloFaults): readonly Row[] | undefined {
  const asked = parameter(call, "advanced_search");
  if (asked === undefined) return rows;
  const [filter] = JSON.parse(asked) as Row[];
  if (faults.plainSearch || filter?.["filter_name"] !== "azureoid" || filter["filter_type"] !== 2) return undefined;
  return rows.filter((row) => text(row["azureoid"]).toLowerCase() === text(filter["filter_value"]).toLowerCase());
}

export function listUsers(state: HaloState, faults: HaloFaults, call: Call, version: HaloVersion): Reply {
  const meant = advanced([...state.users.values()], call, faults);
  if (!meant) return { status: 400, text: "Invalid advanced search parameter" };
  let rows = wanted(active(meant, call), call).filter((row) => {
    const service = row["isserviceaccount"] === true;
    if (!flag(call, service ? "includeserviceaccount" : "includenonserviceaccount", true)) return false;
    return !(flag(call, "exclude_generaluser", false) && row["name"] === "General User");
  });
  rows = ordered(rows, call).filter((row) => !faults.hiddenUsers.includes(Number(row["id"])));
  if (faults.missing > 0) rows = rows.slice(0, Math.round(rows.length * (1 - faults.missing)));
  const wish = has(version, "include_custom_fields") ? parameter(call, "include_custom_fields") : undefined;
  const custom = new Set((wish ?? "").split(",").filter(Boolean).map(Number));
  const total = Math.max(0, rows.length + faults.recordCount);
  for (let again = 1; again <= faults.duplicates && again < rows.length; again++) rows[again] = rows[again - 1] ?? {};
  const page = pageOf(call);
  const ids = flag(call, "idonly", false);
  const chosen = faults.pages[page.number ?? 1] === "empty" ? [] : ids ? rows : cut(rows, page);
  const users = chosen.map((row) => (ids ? { id: row["id"] } : userRow(row, custom, faults, version)));
  const answer = {
    ...(page.number === undefined ? {} : { page_no: page.number, page_size: page.asked }),
    record_count: total,
    users,
    user_ids: [],
  };
  const json = withDoubles(answerText(answer), "site_id");
  return (
    pageFault(faults, page.number ?? 1, json) ?? { status: 200, headers: { "content-type": "application/json; charset=utf-8" }, text: json }
  );
}

/** /Site and /Client. `double` is the column that Halo writes as `12.0`. */
export function listPlain(rows: readonly Row[], key: string, call: Call, double?: string): Reply {
  const found = ordered(wanted(active(rows, call), call), call);
  const page = pageOf(call);
  const answer = answerText({
    ...(page.number === undefined ? {} : { page_no: page.number, page_size: page.asked }),
    record_count: found.length,
    [key]: cut(found, page),
  });
  return {
    status: 200,
    headers: { "content-type": "application/json; charset=utf-8" },
    text: double ? withDoubles(answer, double) : answer,
  };
}
