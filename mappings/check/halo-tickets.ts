/** The section tickets of halo.yaml beyond its shape. No I/O. */

import { fold } from "../../base/text.ts";
import type { HaloFile } from "../schema/all.ts";
import { found } from "../text/issues.ts";
import { type Check, checkOnce, checkTemplate } from "./check.ts";

export function checkHaloTickets(check: Check, { tickets }: HaloFile): void {
  if (!tickets) return;
  checkTemplate(check, tickets.summary, ["tickets", "summary"], { extras: ["event", "name"] });
  checkOnce(
    check,
    "halo",
    tickets.for.map((name, index) => ({ name, path: ["tickets", "for", index] })),
    "event",
  );
  const { open, parked, done } = tickets.status;
  for (const [key, value] of [
    ["open", open],
    ["parked", parked],
  ] as const)
    if (fold(value) === fold(done))
      check.report(["tickets", "status", key], `expected another status than done, which closes the ticket, found ${found(value)}`);
}

/** The section assets: devices come from Entra ID, and templates are over the device, not the record. */
export function checkHaloAssets(check: Check, { assets }: HaloFile): void {
  if (!assets) return;
  if (!check.all.entra) check.report(["assets"], "expected mappings/entra.yaml beside it (Entra ID is asked for the devices), found none");
  for (const [field, source] of Object.entries(assets.fields))
    checkTemplate(check, source, ["assets", "fields", field], { extras: DEVICE_FIELDS });
}
const DEVICE_FIELDS = [
  "deviceName",
  "serialNumber",
  "model",
  "manufacturer",
  "operatingSystem",
  "osVersion",
  "complianceState",
  "lastSyncDateTime",
  "enrolledDateTime",
  "userPrincipalName",
  "azureADDeviceId",
  "ownerType",
];
