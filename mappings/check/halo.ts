/** What the sections of halo.yaml about teams, boards and roles on top must be beyond their shape. No I/O. */

import { didYouMean, fold, nearest } from "../../base/text.ts";
import type { HaloFile } from "../schema/all.ts";
import { found } from "../text/issues.ts";
import { type Check, checkCondition, checkOnce } from "./check.ts";

export function checkHaloTeams(check: Check, halo: HaloFile): void {
  checkGrants(check, halo);
  for (const [section, what] of [
    ["teams", "team"],
    ["boards", "board"],
  ] as const)
    checkOnce(
      check,
      "halo",
      halo[section].map((one, index) => ({ name: one.name, path: [section, index, "name"] })),
      what,
    );
  checkOwners(check, halo);
  for (const [index, team] of halo.teams.entries()) checkCondition(check, team.members, ["teams", index, "members"]);
  const from = check.all.people?.people.from ?? "halo.users";
  for (const [index, board] of halo.boards.entries()) {
    checkCondition(check, board.members, ["boards", index, "members"]);
    if (board.as === "user" && from !== "halo.users")
      check.report(["boards", index, "as"], `expected agent, found "user", which needs people.from: halo.users (people come from ${from})`);
  }
}

function checkGrants(check: Check, halo: HaloFile): void {
  const declared = halo.roles.map((role) => role.name);
  const groups = check.all.entra?.groups.map((group) => group.name) ?? [];
  for (const [index, grant] of halo.grants.entries()) {
    const path = ["grants", index];
    checkCondition(check, grant.for, [...path, "for"]);
    if (grant.for === undefined && grant.entraGroup === undefined)
      check.report(path, "expected for or entraGroup (who gets them), found neither; {} under for is everybody");
    if (grant.roles.length === 0 && grant.teams.length === 0)
      check.report(path, "expected roles or teams, found neither, so the line gives nothing");
    if (grant.entraGroup !== undefined && !check.all.entra)
      check.report(
        [...path, "entraGroup"],
        `expected mappings/entra.yaml beside it (Entra ID is asked who is in ${grant.entraGroup}), found none`,
      );
    const slip =
      grant.entraGroup !== undefined && groups.find((name) => name !== grant.entraGroup && fold(name) === fold(grant.entraGroup ?? ""));
    if (slip)
      check.report(
        [...path, "entraGroup"],
        `expected the group as entra.yaml spells it, found ${found(grant.entraGroup)}${didYouMean(slip)}`,
      );
    for (const [position, role] of grant.roles.entries()) {
      const other = declared.find((name) => name !== role && fold(name) === fold(role));
      if (other)
        check.report([...path, "roles", position], `expected the role as roles spells it, found ${found(role)}${didYouMean(other)}`);
    }
    for (const [list, what] of [
      ["roles", "role"],
      ["teams", "team"],
    ] as const)
      checkOnce(
        check,
        "halo",
        grant[list].map((name, position) => ({ name, path: [...path, list, position] })),
        what,
      );
  }
}

/** Two sections that both say who is in a team would take turns in putting people in and out. */
function checkOwners(check: Check, halo: HaloFile): void {
  const owned = new Set(halo.teams.flatMap((team) => (team.members === undefined ? [] : [fold(team.name)])));
  for (const section of ["agents", "grants"] as const)
    for (const [index, line] of halo[section].entries())
      for (const [position, name] of line.teams.entries())
        if (owned.has(fold(name)))
          check.report(
            [section, index, "teams", position],
            `expected a team whose members are not said under teams, found ${found(name)}: say it in one place`,
          );
}

/** The default team must be one that this file names, so that a slip does not stop at Halo. */
export function checkDefaultTeams(check: Check, halo: HaloFile): void {
  const teams = [
    ...halo.agents.flatMap((agent) => agent.teams),
    ...halo.grants.flatMap((grant) => grant.teams),
    ...halo.teams.map((team) => team.name),
  ];
  for (const [index, { team }] of halo.agents.entries()) {
    if (team === undefined || teams.includes(team)) continue;
    check.report(
      ["agents", index, "team"],
      `expected one of the teams of this file, found ${found(team)}${didYouMean(nearest(team, teams))}`,
    );
  }
}
