/**
 * Delta reads of users and groups, as strict as Graph's (delta-query-overview): only $select, $filter by id and
 * $deltatoken=latest at the start, opaque links afterwards, seven days of life, changes that come more than once, and
 * `@removed` with its reason.
 */
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import type { Deltas, DeltaTable, GraphContext } from "./context.ts";
import { bad, malformed, problem, Refused } from "./errors.ts";
import { type GraphState, given } from "./state.ts";
import { selected, view } from "./views.ts";

interface Change {
  at: number;
  table: DeltaTable;
  id: string;
  /** For a group: whose membership. */
  member?: string;
  gone: boolean;
}

/** What a link stands for. `from`: changes read up to here; `all`: everything that is there comes first, after this id. */
interface Place {
  table: DeltaTable;
  from: number;
  made: number;
  select: string | null;
  all?: string;
  /** Changes up to here belong to this read. */
  to?: number;
}

const life = 7 * 86_400_000;
const largestPage = 200;

export function deltaReads(state: GraphState, now: () => number): Deltas {
  const journal: Change[] = [];
  state.users.changed = (id, _member, gone = false) => void journal.push({ at: now(), table: "user", id, gone });
  state.groups.changed = (id, _member, gone = false) => void journal.push({ at: now(), table: "group", id, gone });
  state.members.changed = (id, member, gone = false) => {
    journal.push({ at: now(), table: "group", id, gone, ...(member === undefined ? {} : { member }) });
    // A licensing group gives its licences to whoever joins.
    if (member !== undefined && given(state.groups.current.get(id)).length > 0)
      journal.push({ at: now(), table: "user", id: member, gone: false });
  };

  const link = (call: GraphContext, name: "$skiptoken" | "$deltatoken", place: Place): string =>
    `${call.base}/${place.table}s/delta?${name}=${Buffer.from(JSON.stringify(place)).toString("base64url")}`;

  const placeOf = (token: string): Place | undefined => {
    try {
      return JSON.parse(Buffer.from(token, "base64url").toString("utf8")) as Place;
    } catch {
      return undefined;
    }
  };

  /** One object as a delta shows it. */
  const item = (call: GraphContext, place: Place, id: string, changes: readonly Change[] | undefined): Row => {
    const rows = place.table === "user" ? state.users.current : state.groups.current;
    const row = rows.get(id);
    if (!row) return { id, "@removed": { reason: place.table === "user" && state.deleted.has(id) ? "changed" : "deleted" } };
    const names = selected(call.csdl, place.table, place.select, call.complain)?.filter((name) => name !== "members");
    const shown: Row = { id, ...view(state, place.table, row, names) };
    if (place.table === "group" && (place.select ?? "").split(",").includes("members")) {
      const members =
        changes === undefined
          ? state.members.of(id).map((member) => ({ id: member, gone: false }))
          : [...new Map(changes.flatMap((one) => (one.member === undefined ? [] : [[one.member, one.gone] as const])))].map(
              ([member, gone]) => ({ id: member, gone }),
            );
      if (members.length > 0)
        shown["members@delta"] = members.map((one) => ({
          "@odata.type": state.groups.current.has(one.id) ? "#microsoft.graph.group" : "#microsoft.graph.user",
          id: one.id,
          ...(one.gone ? { "@removed": { reason: "deleted" } } : {}),
        }));
    }
    return shown;
  };

  const expired = (call: GraphContext, place: Place): Reply | undefined => {
    const how = call.faults.deltaExpired || (now() - place.made > life ? "syncStateNotFound" : "");
    if (how === "") return undefined;
    const text = "The specified delta token is expired or invalid; start a full synchronization.";
    if (how === "syncStateNotFound") return problem(400, "syncStateNotFound", text);
    return { ...problem(410, "resyncRequired", text), headers: { location: `${call.base}/${place.table}s/delta` } };
  };

  return {
    read(call, table) {
      const given = [...call.query.keys()];
      const token = call.query.get("$deltatoken") ?? call.query.get("$deltaToken") ?? call.query.get("$skiptoken");
      let place: Place;
      if (token === null || token === "latest") {
        const foreign = given.find((name) => !["$select", "$filter", "$deltatoken", "$deltaToken"].includes(name));
        if (foreign !== undefined) {
          call.complain(`GET /${table}s/delta does not take ${foreign}`);
          throw new Refused(malformed(`The query parameter '${foreign}' is not supported for delta.`));
        }
        if (call.query.has("$filter") && !/^id eq '[^']+'(?: or id eq '[^']+')*$/u.test(call.query.get("$filter") ?? ""))
          throw new Refused(bad("Delta queries support $filter by id only."));
        place = { table, from: journal.length, made: now(), select: call.query.get("$select"), ...(token === null ? { all: "" } : {}) };
        selected(call.csdl, table, place.select, call.complain);
        if (token === "latest")
          return {
            status: 200,
            body: { "@odata.context": `${call.base}/$metadata#${table}s`, "@odata.deltaLink": link(call, "$deltatoken", place), value: [] },
          };
      } else {
        const known = placeOf(token);
        if (given.length !== 1) call.complain(`GET /${table}s/delta: a link is followed as it is, without ${given.slice(1).join(", ")}`);
        if (known?.table !== table) throw new Refused(problem(400, "Request_BadRequest", "Badly formed token."));
        place = known;
        const late = expired(call, place);
        if (late) throw new Refused(late);
      }
      const { shrinkPages } = call.faults;
      const pageSize = shrinkPages > 0 ? Math.min(shrinkPages, largestPage) : largestPage;
      const to = place.to ?? journal.length;
      if (place.all !== undefined) {
        const ids = [...(table === "user" ? state.users.seen() : state.groups.seen()).keys()].sort();
        const rest = ids.filter((id) => id > (place.all ?? ""));
        const page = rest.slice(0, pageSize);
        const last = rest.length <= pageSize;
        const { all: _all, ...done } = place;
        return reply(
          call,
          place,
          page.map((id) => item(call, place, id, undefined)),
          last ? undefined : { ...place, all: page.at(-1) ?? "" },
          done,
        );
      }
      const first = place.to === undefined ? Math.max(0, place.from - call.faults.replays) : place.from;
      const own = journal.slice(first, to).filter((one) => one.table === table);
      const ids = [...new Set(own.map((one) => one.id))];
      const page = ids.slice(0, pageSize);
      // The same object may come again on a later page: readers merge.
      const last = ids.length <= pageSize;
      const shown = page.map((id) =>
        item(
          call,
          place,
          id,
          own.filter((one) => one.id === id),
        ),
      );
      if (last) return reply(call, place, shown, undefined, { ...place, from: to, made: now() });
      const at = journal.findIndex((one, index) => index >= first && one.table === table && !page.includes(one.id));
      return reply(call, place, shown, { ...place, from: at, to }, place);
    },
  };

  function reply(call: GraphContext, place: Place, value: Row[], next: Place | undefined, done: Place): Reply {
    const { to: _to, ...end } = done;
    const links = next ? { "@odata.nextLink": link(call, "$skiptoken", next) } : { "@odata.deltaLink": link(call, "$deltatoken", end) };
    return { status: 200, body: { "@odata.context": `${call.base}/$metadata#${place.table}s`, ...links, value } };
  }
}
