/** What a test can make the HaloITSM server do wrong. Everything is off at start; set fields, or `reset`. */
import type { Call, Reply } from "../web/server.ts";
import { pause } from "../web/server.ts";
import type { HaloState } from "./state.ts";

export interface HaloFaults {
  /** What page N of /Users answers: status 500, an HTML page (200), JSON cut in the middle (200), no rows, or a dropped connection. */
  pages: Record<number, "500" | "html" | "truncated" | "empty" | "drop">;
  /** Added to the `record_count` of /Users. */
  recordCount: number;
  /** Share (0 to 1) of the people that /Users leaves out; the count agrees with what is left. */
  missing: number;
  /** Columns of /Users that are empty for everybody (`name`, `customfields`). */
  emptied: string[];
  /** So many rows of /Users are the row before them once more. */
  duplicates: number;
  /** The next so many resource calls answer 401 (and their token is gone). */
  unauthorised: number;
  /** Resource calls answered well before `unauthorised`, `throttled` and `failing` begin. */
  after: number;
  /** The next so many resource calls answer 429. */
  throttled: number;
  /** The next so many resource calls answer 503. */
  failing: number;
  /** Milliseconds before every answer. */
  delay: number;
  /** The next so many POSTs are done, but the connection is cut before the answer. */
  cutWrites: number;
  /** The next so many POSTs are cut before anything is done. */
  dropWrites: number;
  /** Words (a name, an address): a record in a POST that holds one is refused with 400. */
  refuse: string[];
  /** Names of records whose POST answers 200 with a `_warning` and is not done. */
  warn: string[];
  /** `expires_in` of new tokens, seconds. */
  tokenLife: number;
  /** New tokens stop working after so many milliseconds, whatever `expires_in` said; 0 = never. */
  tokenDies: number;
  /** A POST of one record answers the bare record. */
  bareReply: boolean;
  /** GET /Roles leaves `claims` out. */
  thinRoles: boolean;
  /** GET /Agent answers an envelope (`{ agents: […] }`), as newer servers may. */
  wrappedAgents: boolean;
  /** Numbers of agents that GET /Agent leaves out, though they are there. */
  hiddenAgents: number[];
  /** Numbers of users that GET /Users leaves out (the count agrees), though they are there. */
  hiddenUsers: number[];
  /** Table of the state → ids that its lists leave out without a word (counts agree), though they are there by id. */
  hidden: Record<string, (number | string)[]>;
  /** First segments of paths (`Agent`) whose lists are refused: 403 with an empty body, as recorded. */
  forbidden: string[];
  /** `advanced_search` knows no field at all, as where the instance lists none. */
  plainSearch: boolean;
}

const quiet = (): HaloFaults => ({
  pages: {},
  recordCount: 0,
  missing: 0,
  emptied: [],
  duplicates: 0,
  unauthorised: 0,
  after: 0,
  throttled: 0,
  failing: 0,
  delay: 0,
  cutWrites: 0,
  dropWrites: 0,
  refuse: [],
  warn: [],
  tokenLife: 3600,
  tokenDies: 0,
  bareReply: false,
  thinRoles: false,
  wrappedAgents: false,
  hiddenAgents: [],
  hiddenUsers: [],
  hidden: {},
  forbidden: [],
  plainSearch: false,
});

export interface HaloFaultBox extends HaloFaults {
  reset(): void;
}

export function haloFaults(): HaloFaultBox {
  const box: HaloFaultBox = { ...quiet(), reset: () => void Object.assign(box, quiet()) };
  return box;
}

/** The state without the rows that are hidden. */
export function shortened(state: HaloState, hidden: HaloFaults["hidden"]): HaloState {
  const rest = { ...state };
  for (const [table, ids] of Object.entries(hidden)) {
    const rows: unknown = state[table as keyof HaloState];
    if (rows instanceof Map) Object.assign(rest, { [table]: new Map([...rows].filter(([id]) => !ids.includes(id))) });
  }
  return rest;
}

export const limitText = "Rate Limit Reached - 300 Requests per rolling 5 minute window";

/** The fault that stands before a resource call, if one does. `forget` drops the caller's token. */
export async function faultBefore(faults: HaloFaults, call: Call, forget: () => void): Promise<Reply | undefined> {
  await pause(faults.delay);
  if (faults.after > 0) {
    faults.after--;
    return undefined;
  }
  if (faults.unauthorised > 0) {
    faults.unauthorised--;
    forget();
    return { status: 401, text: "" };
  }
  if (faults.throttled > 0) {
    faults.throttled--;
    return { status: 429, text: limitText };
  }
  if (faults.failing > 0) {
    faults.failing--;
    return { status: 503, headers: { "content-type": "text/html" }, text: "<html><body><h1>503 Service Unavailable</h1></body></html>" };
  }
  if (call.method === "POST" && faults.dropWrites > 0) {
    faults.dropWrites--;
    return { status: 0, cut: true };
  }
  return undefined;
}

/** What page `page` of /Users answers instead of `text`. */
export function pageFault(faults: HaloFaults, page: number, text: string): Reply | undefined {
  const fault = faults.pages[page];
  if (fault === "500")
    return {
      status: 500,
      headers: { "content-type": "application/json" },
      text: '{"ClassName":"System.Data.SqlClient.SqlException","Message":"Execution Timeout Expired."}',
    };
  if (fault === "html")
    return { status: 200, headers: { "content-type": "text/html" }, text: "<!DOCTYPE html><html><body>Please log in</body></html>" };
  if (fault === "truncated")
    return { status: 200, headers: { "content-type": "application/json" }, text: text.slice(0, Math.floor(text.length / 2)) };
  if (fault === "drop") return { status: 0, cut: true };
  return undefined;
}
