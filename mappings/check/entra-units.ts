/** What entra.yaml's administrative units must be beyond their shape. No I/O. */
import type { EntraFile } from "../schema/entra.ts";
import { type Check, checkDays, checkNamesOnce } from "./check.ts";
import { checkCondition } from "./language.ts";

export function checkAdministrativeUnits(check: Check, { administrativeUnits }: EntraFile): void {
  for (const [index, unit] of administrativeUnits.entries()) {
    const path = ["administrativeUnits", index];
    checkCondition(check, unit.for, [...path, "for"]);
    checkDays(check, unit, path);
  }
  checkNamesOnce(check, "administrativeUnits", administrativeUnits, "administrative unit");
}
