/** mappings/halo.yaml: agents, their roles, teams and boards in HaloITSM itself; licences, tickets and assets there. */
import { type Check, checkModes, checkNamesOnce, checkOnce, placed } from "../check/check.ts";
import { checkDefaultTeams, checkHaloAssets, checkHaloLicences, checkHaloTeams, checkHaloTickets, checkRoleNames } from "../check/halo.ts";
import { checkAgrees } from "../check/identity.ts";
import { checkCondition, checkTemplate, LOGIN } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { type HaloFile, haloFile } from "../schema/halo.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const halo = defineFile({
  name: "halo",
  key: "halo",
  schema: haloFile,
  check: checkHalo,
  introduction: "Agents and their roles in HaloITSM itself. Without this file agents are not managed.",
  whenMissing: { means: "agents are not to be managed" },
  owns: { types: "halo:", in: "Halo" },
  rules: {
    "agents[].for": { keeps: true },
    "grants[].for": {},
    "teams[].for": {},
    "boards[].for": {},
  },
});

/** A line that gives roles and teams. */
interface Giving {
  mode: string;
  roles: string[];
  teams: string[];
}

/** What Halo's console shows of an access level; which claim and value stand behind it, nothing of Halo's says. */
const LEVELS = /^(?:no access|none|read only|read and modify|full access)$/iu;

/** A claim as Halo stores it; what only the console calls so would be stored, and would allow nothing. */
function checkClaim(check: Check, role: string, claim: string, value: string, path: Path): void {
  const isLabel = /\s/u.test(claim.trim());
  if (!isLabel && !LEVELS.test(value.trim())) return;
  const where = "Configuration › Teams & Agents › Roles";
  check.report(
    path,
    `expected a claim as Halo stores it (one word, as its API shows it), found ${found(claim)}: ${found(value)}, which are the console's words; set ${claim.trim()} to ${value.trim()} in Halo (${where} › ${role} › Permissions), and leave it out here`,
    "key",
  );
}

function checkHalo(check: Check, file: HaloFile): void {
  checkNamesOnce(check, "roles", file.roles, "role");
  for (const [{ name, permissions }, path] of placed(file.roles, "roles"))
    for (const [claim, value] of Object.entries(permissions ?? {})) checkClaim(check, name, claim, value, [...path, "permissions", claim]);
  for (const [agent, path] of placed(file.agents, "agents")) {
    checkCondition(check, agent.for, [...path, "for"]);
    if (agent.name === undefined) for (const field of ["firstname", "surname"]) check.reads(field, path);
    else {
      checkTemplate(check, agent.name, [...path, "name"], { extras: LOGIN, differs: "which would give every agent the same name" });
      checkAgrees(check, "halo", "name", agent.name, [...path, "name"]);
    }
    checkRoleNames(check, file, agent.roles, [...path, "roles"]);
    checkOnce(check, [...path, "teams"], agent.teams, "team");
  }
  for (const kind of ["roles", "teams"] as const) {
    const lines = [...placed<Giving>(file.agents, "agents"), ...placed<Giving>(file.grants, "grants")];
    checkModes(
      check,
      lines.map(([line, path]) => [line, path, line[kind]]),
      kind.slice(0, -1),
    );
  }
  checkDefaultTeams(check, file);
  checkHaloLicences(check, file);
  checkHaloTickets(check, file);
  checkHaloAssets(check, file);
  checkHaloTeams(check, file);
}
