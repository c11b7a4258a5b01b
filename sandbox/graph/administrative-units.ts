/** Administrative units of the tenant and who is in them: people, groups, devices. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, page, refuseIfAsked } from "./context.ts";
import { bad, denied, notFound, problem, Refused, texts } from "./errors.ts";
import { parseFilter } from "./filter.ts";
import { idIn } from "./members.ts";
import type { GraphState } from "./state.ts";
import { selected, view } from "./views.ts";

interface Units {
  rows: Map<string, Row>;
  /** Unit id → ids of its members. */
  members: Map<string, string[]>;
}

const type = "administrativeUnit";
const path = "/directory/administrativeUnits";
const kept = new WeakMap<GraphState, Units>();

/** The units of a tenant; there are none until somebody makes one. */
export function unitsOf(state: GraphState): Units {
  const units = kept.get(state) ?? { rows: new Map(), members: new Map() };
  kept.set(state, units);
  return units;
}

/** Makes a unit as somebody does by hand in the tenant. */
export function putUnit(state: GraphState, more: Row, members: readonly string[] = []): string {
  const { rows, members: all } = unitsOf(state);
  const id = guidOf("administrativeUnit", String(rows.size));
  rows.set(id, { id, description: null, visibility: null, isMemberManagementRestricted: false, membershipType: "Assigned", ...more });
  all.set(id, [...members]);
  return id;
}

function unitOf(call: GraphContext): Row {
  const id = (call.parameters["id"] ?? "").toLowerCase();
  const row = unitsOf(call.state).rows.get(id);
  if (!row) throw new Refused(notFound(id));
  return row;
}

const restrictedManagement =
  "Insufficient privileges to complete the operation. Target object is a member of a restricted management administrative unit.";

/** A unit that this application may change: the sandbox gives no application a role over a restricted one. */
function writable(call: GraphContext): Row {
  const row = unitOf(call);
  refuseIfAsked(call, row);
  if (row["isMemberManagementRestricted"] === true) throw new Refused(problem(403, "Authorization_RequestDenied", restrictedManagement));
  return row;
}

/** The unit of a write to its members. */
function fillable(call: GraphContext): Row {
  const row = writable(call);
  if (row["membershipType"] === "Dynamic") throw new Refused(bad(texts.dynamic));
  return row;
}

const readOnly = new Set(["id", "deletedDateTime"]);

function checked(body: Row, made: boolean): void {
  for (const [name, value] of Object.entries(body)) {
    if (readOnly.has(name)) throw new Refused(bad(`Property '${name}' is read-only and cannot be set.`));
    if (value === "") throw new Refused(bad(texts.invalid(name, "AdministrativeUnit")));
  }
  const { displayName } = body;
  if (made ? typeof displayName !== "string" : displayName === null)
    throw new Refused(bad(texts.required("displayName", "AdministrativeUnit")));
  if (typeof displayName === "string" && displayName.length > 256)
    throw new Refused(bad(texts.invalid("displayName", "AdministrativeUnit")));
  if (!made && body["isMemberManagementRestricted"] !== undefined)
    throw new Refused(bad("Property 'isMemberManagementRestricted' is immutable and cannot be changed."));
}

const shown = (call: GraphContext, row: Row, status: number): Reply => {
  const names = selected(call.csdl, type, call.query.get("$select"), call.complain);
  return {
    status,
    body: { "@odata.context": `${call.base}/$metadata#directory/administrativeUnits/$entity`, ...view(call.state, type, row, names) },
  };
};

function listUnits(call: GraphContext): Reply {
  const filter = call.query.get("$filter");
  const rows = [...unitsOf(call.state).rows.values()];
  const exists = (name: string): boolean => call.csdl === undefined || call.csdl.property(type, name) !== undefined;
  const rules = { exists, resource: "AdministrativeUnit", advanced: false, value: (row: Row, name: string): unknown => row[name] };
  const kept =
    filter === null ? rows : rows.filter(parseFilter(filter, { ...rules, allowed: new Set(["id", "displayName", "description"]) }));
  return page(call, type, path, kept);
}

const getUnit = (call: GraphContext): Reply => shown(call, unitOf(call), 200);

/** 201; a second one of the same name is made without a word. A restricted one needs a role that no application has here. */
function createUnit(call: GraphContext): Reply {
  const body = bodyOf(call, type);
  checked(body, true);
  if (body["isMemberManagementRestricted"] === true) throw new Refused(denied());
  refuseIfAsked(call, body);
  const id = putUnit(call.state, body);
  return shown(call, unitsOf(call.state).rows.get(id) ?? {}, 201);
}

function patchUnit(call: GraphContext): Reply {
  const body = bodyOf(call, type);
  const row = writable(call);
  checked(body, false);
  unitsOf(call.state).rows.set(String(row["id"]), { ...row, ...body });
  return { status: 204 };
}

function listUnitMembers(call: GraphContext): Reply {
  const id = String(unitOf(call)["id"]);
  const { users, groups } = call.state;
  const typeOf = (member: string): string => (users.seen().has(member) ? "user" : groups.seen().has(member) ? "group" : "device");
  const rows = (unitsOf(call.state).members.get(id) ?? []).map(
    (member) => users.seen().get(member) ?? groups.seen().get(member) ?? { id: member },
  );
  return page(call, "directoryObject", `${path}/${id}/members`, rows, { typed: (row) => typeOf(String(row["id"])) });
}

function addUnitMember(call: GraphContext): Reply {
  const id = String(fillable(call)["id"]);
  const member = idIn(bodyOf(call, undefined)["@odata.id"]);
  const { users, groups } = call.state;
  if (!users.seen().has(member) && !groups.seen().has(member)) throw new Refused(notFound(member));
  const before = unitsOf(call.state).members.get(id) ?? [];
  if (before.includes(member)) throw new Refused(bad(texts.already));
  unitsOf(call.state).members.set(id, [...before, member]);
  return { status: 204 };
}

function removeUnitMember(call: GraphContext): Reply {
  const id = String(fillable(call)["id"]);
  const member = (call.parameters["member"] ?? "").toLowerCase();
  const before = unitsOf(call.state).members.get(id) ?? [];
  if (!before.includes(member)) throw new Refused(call.state.users.current.has(member) ? bad(texts.gone) : notFound(member));
  unitsOf(call.state).members.set(
    id,
    before.filter((one) => one !== member),
  );
  return { status: 204 };
}

const route = (needs: string, run: (call: GraphContext) => Reply) => ({ needs: needs.split(" "), run });
const read = "AdministrativeUnit.Read.All AdministrativeUnit.ReadWrite.All Directory.Read.All";
const write = "AdministrativeUnit.ReadWrite.All Directory.ReadWrite.All";

export const unitRoutes = {
  "GET /directory/administrativeUnits": route(read, listUnits),
  "POST /directory/administrativeUnits": route(write, createUnit),
  "GET /directory/administrativeUnits/:id": route(read, getUnit),
  "PATCH /directory/administrativeUnits/:id": route(write, patchUnit),
  "GET /directory/administrativeUnits/:id/members": route(read, listUnitMembers),
  "POST /directory/administrativeUnits/:id/members/$ref": route(write, addUnitMember),
  "DELETE /directory/administrativeUnits/:id/members/:member/$ref": route(write, removeUnitMember),
};
