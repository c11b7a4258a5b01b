/** The Pulumi engine this project is tested with, and what else will do. */
import { satisfies } from "semver";

export const engineVersion = "3.250.0";
/** `read` returning inputs makes drift visible to the next diff since 3.216 (pulumi/pulumi#21315); version 4 is unknown. */
export const oldestEngine = "3.216";

/** Whether an engine of that version, as it says it itself (`v3.250.0`, `3.251.1-dev+dirty`), will do. */
export function suitable(version: string): boolean {
  return satisfies(version.trim(), `>=${oldestEngine} <4.0.0-0`, { includePrerelease: true });
}
