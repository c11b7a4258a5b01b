/** What every handler of the Graph server gets, and the few things all of them do. */
import type { Csdl } from "../contracts/csdl.ts";
import { isObject, type Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { bad, denied, malformed, notFound, Refused } from "./errors.ts";
import type { GraphFaultBox } from "./faults.ts";
import type { GraphState } from "./state.ts";
import type { GraphApp } from "./token.ts";
import { selected, view } from "./views.ts";

/** What changes can be asked for. */
export type DeltaTable = "user" | "group";

export interface Deltas {
  read(call: GraphContext, table: DeltaTable): Reply;
}

export interface GraphContext extends Call {
  parameters: Record<string, string>;
  /** Key given by another name than the id: `/groups(uniqueName='x')`. */
  alternate?: string;
  app: GraphApp;
  state: GraphState;
  faults: GraphFaultBox;
  csdl: Csdl | undefined;
  deltas: Deltas;
  /** `https://127.0.0.1:1234/v1.0` */
  base: string;
  now: () => number;
  complain(what: string): void;
}

/** The JSON object of a write, checked against the contract's type. Throws Refused. */
export function bodyOf(call: GraphContext, type: string | undefined): Row {
  let body: unknown;
  try {
    body = JSON.parse(call.body);
  } catch {
    body = undefined;
  }
  if (!(call.headers["content-type"] ?? "").includes("json") || !isObject(body))
    throw new Refused(
      malformed("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format."),
    );
  const mistakes = type === undefined ? [] : (call.csdl?.check(type, body) ?? []);
  for (const mistake of mistakes) call.complain(`${call.method} ${type}: ${mistake}`);
  if (mistakes[0] !== undefined) throw new Refused(malformed(mistakes[0]));
  return body;
}

/** A write to something that a test wants refused. */
export function refuseIfAsked(call: GraphContext, row: Row): void {
  const names = [row["id"], row["userPrincipalName"], row["displayName"]];
  if (call.faults.refuse.some((word) => names.includes(word))) throw new Refused(denied());
}

/** A user by id or userPrincipalName, as a writer finds it: what readers cannot see yet is not there. */
export function userOf(call: GraphContext): Row {
  const key = call.parameters["id"] ?? "";
  const id = call.state.users.current.has(key.toLowerCase()) ? key.toLowerCase() : call.state.byName.get(key.toLowerCase());
  const seen = call.state.users.seen().has(id ?? "");
  const row = seen && id !== undefined ? call.state.users.current.get(id) : undefined;
  if (!row) throw new Refused(notFound(key));
  return row;
}

/** A group by id, or by uniqueName where the path says so. */
export function groupOf(call: GraphContext): Row {
  const key = call.parameters["id"] ?? "";
  const byName = call.alternate === "uniqueName";
  const id = byName ? [...call.state.groups.current.values()].find((row) => row["uniqueName"] === key)?.["id"] : key.toLowerCase();
  const row = call.state.groups.seen().has(String(id)) ? call.state.groups.current.get(String(id)) : undefined;
  if (!row) throw new Refused(notFound(key));
  return row;
}

/** One object as readers see it. */
export function one(call: GraphContext, type: "user" | "group", row: Row, status = 200): Reply {
  const names = selected(call.csdl, type, call.query.get("$select"), call.complain);
  return { status, body: { "@odata.context": `${call.base}/$metadata#${type}s/$entity`, ...view(call.state, type, row, names) } };
}

const known = new Set(["$select", "$filter", "$top", "$count", "$skiptoken", "$orderby", "$expand", "$search"]);

/** A page of rows: $select, $top (1 to 999, else 100), and an opaque nextLink. `rows` keep their order between calls. */
export function page(
  call: GraphContext,
  type: string,
  path: string,
  rows: readonly Row[],
  options: { typed?: (row: Row) => string } = {},
): Reply {
  for (const name of call.query.keys()) {
    if (name.startsWith("$") && !known.has(name)) throw new Refused(malformed(`The query parameter '${name}' is not supported.`));
    if (!name.startsWith("$")) call.complain(`${call.method} ${path}: there is no query parameter ${name}`);
  }
  for (const name of ["$orderby", "$expand", "$search"])
    if (call.query.has(name)) throw new Refused(bad(`The sandbox does not answer ${name}.`));
  const top = call.query.get("$top");
  if (top !== null && (!/^\d+$/u.test(top) || Number(top) < 1 || Number(top) > 999))
    throw new Refused(bad(`Invalid page size specified: '${top}'. Must be between 1 and 999 inclusive.`));
  const { faults } = call;
  const size = Math.min(top === null ? 100 : Number(top), faults.shrinkPages > 0 ? faults.shrinkPages : 999);
  const names = selected(call.csdl, type, call.query.get("$select"), call.complain);
  const token = call.query.get("$skiptoken");
  const after =
    token === null
      ? ""
      : Buffer.from(token, "base64url")
          .toString("utf8")
          .replace(/^after:/u, "");
  const start = token === null || after === "" ? 0 : rows.findIndex((row) => row["id"] === after) + 1;
  if (token !== null && after !== "" && start === 0) throw new Refused(problemToken());
  const empty = faults.emptyPages > 0;
  if (empty) faults.emptyPages--;
  const chosen = empty ? [] : rows.slice(start, start + size);
  const last = empty ? after : String(chosen.at(-1)?.["id"] ?? "");
  const more = empty ? rows.length > start : start + size < rows.length;
  const next = new URLSearchParams(call.query);
  next.set("$skiptoken", Buffer.from(`after:${last}`).toString("base64url"));
  const counted = call.query.get("$count") === "true" && call.headers["consistencylevel"]?.toLowerCase() === "eventual";
  const value = chosen.map((row) => {
    const rowType = options.typed?.(row);
    return { ...(rowType ? { "@odata.type": `#microsoft.graph.${rowType}` } : {}), ...view(call.state, rowType ?? type, row, names) };
  });
  const body: Row = {
    "@odata.context": `${call.base}/$metadata#${path.slice(1)}`,
    ...(counted ? { "@odata.count": rows.length } : {}),
    ...(more ? { "@odata.nextLink": `${call.base}${path}?${next}` } : {}),
    value,
  };
  return { status: 200, body };
}

const problemToken = (): Reply => ({
  status: 400,
  body: {
    error: {
      code: "Directory_ExpiredPageToken",
      message: "The specified page token value has expired and can no longer be included in your request.",
    },
  },
});
