/** The sections tickets and assets of halo.yaml beyond their shape. No I/O. */
import { same } from "../../base/text.ts";
import { DEVICE_FIELDS } from "../language/devices.ts";
import { entraFile } from "../schema/entra.ts";
import type { HaloFile } from "../schema/halo.ts";
import { found } from "../text/issues.ts";
import { type Check, checkOnce } from "./check.ts";
import { checkTemplate } from "./language.ts";

export function checkHaloTickets(check: Check, { tickets }: HaloFile): void {
  if (!tickets) return;
  checkTemplate(check, tickets.summary, ["tickets", "summary"], { extras: ["event", "name"] });
  checkOnce(check, ["tickets", "for"], tickets.for, "event");
  const { open, parked, done } = tickets.status;
  for (const [key, value] of [
    ["open", open],
    ["parked", parked],
  ] as const)
    if (same(value, done))
      check.report(["tickets", "status", key], `expected another status than done, which closes the ticket, found ${found(value)}`);
}

/** The section assets: devices come from Entra ID, and templates are over the device, not the record. */
export function checkHaloAssets(check: Check, { assets }: HaloFile): void {
  if (!assets) return;
  if (!check.of(entraFile))
    check.report(["assets"], "expected mappings/entra.yaml beside it (Entra ID is asked for the devices), found none");
  for (const [field, source] of Object.entries(assets.fields))
    checkTemplate(check, source, ["assets", "fields", field], { extras: DEVICE_FIELDS });
}
