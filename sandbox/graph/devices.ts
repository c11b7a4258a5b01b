/** Devices: GET /deviceManagement/managedDevices (Intune) and GET /devices with their owners (Entra ID), both read only. */
import { guidOf } from "../random.ts";
import type { Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { type GraphContext, page } from "./context.ts";
import { bad, Refused } from "./errors.ts";
import type { GraphState } from "./state.ts";

interface Store {
  managed: Row[];
  registered: Row[];
}
const stores = new WeakMap<GraphState, Store>();

/** For tests: what there is; nothing at start. */
export function devicesOf(state: GraphState): Store {
  const store = stores.get(state) ?? { managed: [], registered: [] };
  stores.set(state, store);
  return store;
}

/** Adds a managed device of a user (by id) and the directory's record of it. Returns the managed device's id. */
export function addDevice(state: GraphState, user: string | undefined, name: string, more: Row = {}): string {
  const [id, deviceId] = [guidOf("managed device", name), guidOf("device", name)];
  const owner = user === undefined ? undefined : state.users.current.get(user);
  const facts: Row = { operatingSystem: "Windows", model: "Latitude 7450", manufacturer: "Dell Inc.", ...more };
  devicesOf(state).managed.push({
    ...{ id, deviceName: name, serialNumber: name.toUpperCase(), osVersion: "10.0.26100.1", complianceState: "compliant" },
    ...{ lastSyncDateTime: "2026-01-10T08:00:00Z", enrolledDateTime: "2025-03-01T08:00:00Z", managedDeviceOwnerType: "company" },
    ...{ userId: user ?? "", userPrincipalName: owner?.["userPrincipalName"] ?? "", azureADDeviceId: deviceId, ...facts },
  });
  addRegistered(state, user, name, facts);
  return id;
}

/** Adds a device that is only registered in Entra ID. */
export function addRegistered(state: GraphState, user: string | undefined, name: string, more: Row = {}): string {
  const id = guidOf("directory device", name);
  const { operatingSystem, model, manufacturer } = { operatingSystem: "iOS", model: "iPhone", manufacturer: "Apple", ...more };
  devicesOf(state).registered.push({
    ...{ id, deviceId: guidOf("device", name), displayName: name, operatingSystem, model, manufacturer, operatingSystemVersion: "18.1" },
    ...{ isCompliant: null, approximateLastSignInDateTime: "2026-01-10T08:00:00Z", registrationDateTime: "2025-03-01T08:00:00Z" },
    ...{ deviceOwnership: "Company", $owner: user },
  });
  return id;
}

const byId = (a: Row, b: Row): number => (String(a["id"]) < String(b["id"]) ? -1 : 1);

/** Intune knows $select and pages by itself; $expand of it is not answered here. */
export function listManagedDevices(call: GraphContext): Reply {
  if (call.query.has("$top")) call.query.delete("$top");
  return page(call, "managedDevice", "/deviceManagement/managedDevices", [...devicesOf(call.state).managed].sort(byId));
}

const expansion = /^registeredOwners\(\$select=([A-Za-z,]+)\)$/u;

export function listDevices(call: GraphContext): Reply {
  const expand = call.query.get("$expand");
  const names = expand === null ? undefined : expansion.exec(expand)?.[1]?.split(",");
  if (expand !== null && !names) throw new Refused(bad(`The sandbox does not answer $expand=${expand}.`));
  const wrong = names?.find((name) => call.csdl && !call.csdl.property("user", name));
  if (wrong !== undefined || (expand !== null && call.csdl && !call.csdl.property("device", "registeredOwners")))
    throw new Refused(bad(`Could not find a property named '${wrong ?? "registeredOwners"}' on type 'microsoft.graph.device'.`));
  const query = new URLSearchParams(call.query);
  query.delete("$expand");
  const rows = [...devicesOf(call.state).registered].sort(byId);
  const reply = page({ ...call, query }, "device", "/devices", rows);
  const body = reply.body as Row;
  const owners = new Map(rows.map((row) => [row["id"], row["$owner"]]));
  const value = (body["value"] as Row[]).map((row) => {
    const owner = call.state.users.current.get(String(owners.get(row["id"])));
    return names
      ? {
          ...row,
          registeredOwners: owner
            ? [
                Object.fromEntries(
                  ["@odata.type", ...names].map((name) => [name, name === "@odata.type" ? "#microsoft.graph.user" : (owner[name] ?? null)]),
                ),
              ]
            : [],
        }
      : row;
  });
  const next = body["@odata.nextLink"];
  const more = expand === null || typeof next !== "string" ? {} : { "@odata.nextLink": `${next}&$expand=${encodeURIComponent(expand)}` };
  return { ...reply, body: { ...body, value, ...more } };
}
