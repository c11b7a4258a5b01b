/**
 * Devices as Microsoft knows them: those that Intune manages (`/deviceManagement/managedDevices`) and those that are only
 * registered in Entra ID (`/devices`), each with the Graph users it belongs to. Read in bulk, never written.
 */
import { z } from "zod";
import { oneLineOf } from "../../base/clean.ts";
import { order } from "../../base/order.ts";
import { keptRowsOf } from "../../base/rows.ts";
import type { EntraClient } from "../../clients/graph/client.ts";

/** One device. Text that Microsoft leaves empty is "". */
export interface Device {
  /** Of the managed device; where it is only registered, of the directory object. */
  id: string;
  deviceName: string;
  serialNumber: string;
  model: string;
  manufacturer: string;
  operatingSystem: string;
  osVersion: string;
  /** compliant, noncompliant, inGracePeriod, unknown …; of a registered device compliant, noncompliant or unknown. */
  complianceState: string;
  /** UTC ISO 8601, "" where it never was in touch. */
  lastSyncDateTime: string;
  enrolledDateTime: string;
  /** Graph id of the primary user or the registered owner, "" = nobody's. */
  userId: string;
  userPrincipalName: string;
  /** The device id in Entra ID, by which Intune's and Entra's records of a device are the same. */
  azureADDeviceId: string;
  /** company, personal, unknown. */
  ownerType: string;
  /** false: known to Entra ID only. */
  managed: boolean;
}

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
/** Intune writes the year 1 where there is no time. */
const moment = text.transform((value) => (value.startsWith("0001-") ? "" : value));

/** What makers leave in the firmware where they should have put a number, without signs and blanks. */
const placeholders =
  /^(?:0*|x+|(?:system|chassis|baseboard)?serialnumber|tobefilledbyoem|defaultstring|none|na|null|notapplicable|notspecified|notavailable|unknown|invalid|empty|1234567890?|oem)$/iu;
/** A serial number as its label has it; "" for none. */
const serial = text.transform((value) => {
  const number = oneLineOf(value).replace(/\s+/gu, " ").trim();
  return placeholders.test(number.replace(/[^\p{L}\p{N}]/gu, "")) ? "" : number;
});

const managedSchema = z.object({
  id: z.string().min(1),
  deviceName: text,
  serialNumber: serial,
  model: text,
  manufacturer: text,
  operatingSystem: text,
  osVersion: text,
  complianceState: text,
  lastSyncDateTime: moment,
  enrolledDateTime: moment,
  userId: text,
  userPrincipalName: text,
  azureADDeviceId: text,
  managedDeviceOwnerType: text,
});

/** Named in `$select` (managedDevice of the v1.0 CSDL). */
export const managedProperties = Object.keys(managedSchema.shape);

const registeredSchema = z.object({
  id: z.string().min(1),
  deviceId: text,
  displayName: text,
  model: text,
  manufacturer: text,
  operatingSystem: text,
  operatingSystemVersion: text,
  isCompliant: z.boolean().nullish(),
  approximateLastSignInDateTime: moment,
  registrationDateTime: moment,
  deviceOwnership: text,
});
const ownedSchema = registeredSchema.extend({
  registeredOwners: z.array(z.object({ id: z.string(), userPrincipalName: text })).nullish(),
});

/** Named in `$select` (device of the v1.0 CSDL). */
export const registeredProperties = Object.keys(registeredSchema.shape);

/** Every managed device: ⌈N/1000⌉ calls (Intune pages by itself). Needs DeviceManagementManagedDevices.Read.All. */
export async function readDevices(client: Pick<EntraClient, "list">): Promise<Device[]> {
  const rows = await client.list("/deviceManagement/managedDevices", managedProperties, { top: null, what: "read managed devices" });
  return keptRowsOf(managedSchema, rows, "Intune's devices").map(managedDevice).sort(byId);
}

function managedDevice({ managedDeviceOwnerType, userId, ...rest }: z.infer<typeof managedSchema>): Device {
  // An all-zero id is Intune's "nobody".
  const owner = /^[0-]*$/u.test(userId) ? "" : userId;
  return { ...rest, userId: owner, ownerType: managedDeviceOwnerType, managed: true };
}

/** Every device registered in Entra ID with its owner: ⌈N/999⌉ calls. Needs Device.Read.All. */
export async function readRegisteredDevices(client: Pick<EntraClient, "list">): Promise<Device[]> {
  const expand = encodeURIComponent("registeredOwners($select=id,userPrincipalName)");
  const rows = await client.list("/devices", registeredProperties, { expand, what: "read registered devices" });
  return keptRowsOf(ownedSchema, rows, "Entra ID's devices").map(registeredDevice).sort(byId);
}

function registeredDevice(device: z.infer<typeof ownedSchema>): Device {
  const owner = device.registeredOwners?.[0];
  return {
    id: device.id,
    deviceName: device.displayName,
    serialNumber: "",
    model: device.model,
    manufacturer: device.manufacturer,
    operatingSystem: device.operatingSystem,
    osVersion: device.operatingSystemVersion,
    complianceState: device.isCompliant === true ? "compliant" : device.isCompliant === false ? "noncompliant" : "unknown",
    lastSyncDateTime: device.approximateLastSignInDateTime,
    enrolledDateTime: device.registrationDateTime,
    userId: owner?.id ?? "",
    userPrincipalName: owner?.userPrincipalName ?? "",
    azureADDeviceId: device.deviceId,
    ownerType: device.deviceOwnership.toLowerCase(),
    managed: false,
  };
}

/** Managed devices, and of the registered ones those that Intune does not know. */
export function united(managed: readonly Device[], registered: readonly Device[]): Device[] {
  const known = new Set(managed.map((one) => one.azureADDeviceId.toLowerCase()).filter((id) => id !== ""));
  return [...managed, ...registered.filter((one) => !known.has(one.azureADDeviceId.toLowerCase()))].sort(byId);
}

const byId = (a: Device, b: Device): number => order(a.id, b.id);
