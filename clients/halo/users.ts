/** What is the same for all who read Halo's users: which of them a list holds, and who among them is nobody. */
import { same } from "../../base/text.ts";
import type { Row } from "./decode.ts";

/** Active or not: left out, Halo's lists hold the active alone. */
export const everybody = { includeactive: true, includeinactive: true, activeinactive: "true,true" } as const;
/** Everybody of /Users: service accounts as well. */
export const everyUser = { ...everybody, includeserviceaccount: true, includenonserviceaccount: true } as const;

/** Halo's placeholder of a site or client, which is nobody. */
export function isGeneralUser(row: Row): boolean {
  return typeof row["name"] === "string" && same(row["name"], "General User");
}
