/** What a project's mappings make haloform do in Halo, area by area: the ground of least privilege. Pure. */
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Access, HaloUse } from "../../providers/halo/doctor/rights.ts";
import { departmentField } from "../../providers/halo/user/fields.ts";

/** Whether a section of a mapping file says anything. */
function says(section: unknown): boolean {
  if (section === undefined || section === null || section === false) return false;
  return (
    typeof section !== "object" || Object.values(section).some((value) => (Array.isArray(value) ? value.length > 0 : value !== undefined))
  );
}

/** Whether a word stands anywhere in the mappings as a key, such as `hasAsset` in a condition. */
export function names(value: unknown, word: string): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(([key, inner]) => (key === word && inner !== undefined) || names(inner, word));
}

const most = (...all: Access[]): Access => (all.includes("write") ? "write" : all.includes("read") ? "read" : "none");
const when = (is: boolean, access: Access): Access => (is ? access : "none");

export function haloUse(mappings: Mappings): HaloUse {
  const { halo, people } = mappings;
  const sections = (halo ?? {}) as { [section: string]: unknown };
  const lists = ["roles", "agents", "grants", "teams", "boards"].some((section) => says(sections[section]));
  const fromHalo = people.source === "halo.users";
  return {
    users: most(
      when(fromHalo || says(sections["licences"]) || says(sections["tickets"]), "read"),
      when(says(mappings.haloUsers) || halo?.licences?.link === true, "write"),
    ),
    // A department is known by the teams that are in it.
    agents: most(when(lists, "write"), when(mappings.haloUsers?.users?.fields[departmentField] !== undefined, "read")),
    assets: most(when(names(mappings, "hasAsset"), "read"), when(says(sections["assets"]), "write")),
    tickets: most(
      when(names(mappings, "hasTicket") || names(people, "tickets"), "read"),
      when(says(sections["tickets"]) || says(sections["ticket"]), "write"),
    ),
    licences: most(when(names(mappings, "hasSoftware"), "read"), when(says(sections["licences"]), "write")),
  };
}
