/** What the sections of halo.yaml must be beyond their shape: teams, boards, roles on top, licences, tickets, assets. No I/O. */
import { didYouMean, fold, guess, same } from "../../base/text.ts";
import { DEVICE_FIELDS } from "../language/devices.ts";
import { entraFile } from "../schema/entra.ts";
import type { HaloFile } from "../schema/halo.ts";
import { haloUsersFile } from "../schema/halo-users.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkNamesOnce, checkOnce, placed } from "./check.ts";
import { checkCondition, checkTemplate } from "./language.ts";

export function checkHaloTeams(check: Check, halo: HaloFile): void {
  checkGrants(check, halo);
  checkNamesOnce(check, "teams", halo.teams, "team");
  checkNamesOnce(check, "boards", halo.boards, "board");
  checkOwners(check, halo);
  for (const [index, team] of halo.teams.entries()) checkCondition(check, team.for, ["teams", index, "for"]);
  for (const [index, board] of halo.boards.entries()) {
    checkCondition(check, board.for, ["boards", index, "for"]);
    if (board.as === "user" && check.source !== "halo.users")
      check.report(
        ["boards", index, "as"],
        `expected agent, found "user", which needs people.source: halo.users (people come from ${check.source})`,
      );
  }
}

function checkGrants(check: Check, halo: HaloFile): void {
  for (const [grant, path] of placed(halo.grants, "grants")) {
    checkCondition(check, grant.for, [...path, "for"]);
    if (grant.roles.length === 0 && grant.teams.length === 0)
      check.report(path, "expected roles or teams, found neither, so the line gives nothing");
    checkRoleNames(check, halo, grant.roles, [...path, "roles"]);
    checkOnce(check, [...path, "teams"], grant.teams, "team");
  }
}

/** Roles that a line gives: each once, and spelt as `roles` does. */
export function checkRoleNames(check: Check, halo: HaloFile, names: readonly string[], path: Path): void {
  for (const [position, role] of names.entries()) {
    const other = halo.roles.find(({ name }) => name !== role && same(name, role))?.name;
    if (other) check.report([...path, position], `expected the role as roles spells it, found ${found(role)}${didYouMean(other)}`);
  }
  checkOnce(check, path, names, "role");
}

/** Two sections that both say who is in a team would take turns in putting people in and out. */
function checkOwners(check: Check, halo: HaloFile): void {
  const owned = new Set(halo.teams.flatMap((team) => (team.for === undefined ? [] : [fold(team.name)])));
  for (const section of ["agents", "grants"] as const)
    for (const [line, path] of placed<{ teams: string[] }>(halo[section], section))
      for (const [name, at] of placed(line.teams, ...path, "teams"))
        if (owned.has(fold(name)))
          check.report(at, `expected a team whose members are not said under teams, found ${found(name)}: say it in one place`);
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
    check.report(["agents", index, "team"], `expected one of the teams of this file, found ${found(team)}${guess(team, teams)}`);
  }
}

/** Halo's licences are the tenant's; people can be linked where it is known who they are in Halo. */
export function checkHaloLicences(check: Check, { licences }: HaloFile): void {
  if (!licences) return;
  const { skus, link, decides } = licences;
  const entra = check.of(entraFile);
  const known = [...new Set((entra?.licences ?? []).map((licence) => licence.sku))];
  if (!entra) check.report(["licences"], "expected mappings/entra.yaml beside it (Entra ID is asked for the licences), found none");
  else if (known.length === 0 && skus === undefined)
    check.report(["licences"], "expected licences in mappings/entra.yaml, from which Halo's are made, or skus here, found neither");
  if (decides === "halo") {
    if (!link) check.report(["licences", "link"], "expected true beside decides: halo, as links decide, found false");
    if (skus === "all") check.report(["licences", "skus"], "expected a list, or nothing, beside decides: halo, found all");
    for (const [index, sku] of (Array.isArray(skus) ? skus : []).entries())
      if (!known.some((name) => same(name, sku)))
        check.report(
          ["licences", "skus", index],
          `expected a SKU that entra.yaml names, as Halo decides who has it there, found ${found(sku)}${guess(sku, known)}`,
        );
  }
  if (link && check.source !== "halo.users" && check.of(haloUsersFile)?.users === undefined)
    check.report(
      ["licences", "link"],
      `expected users in mappings/halo-users.yaml beside it, by which it is known who people from ${check.source} are in Halo, or false; found true`,
    );
}

export function checkHaloTickets(check: Check, { tickets }: HaloFile): void {
  if (!tickets) return;
  checkTemplate(check, tickets.summary, ["tickets", "summary"], { extras: ["event", "name"] });
  checkOnce(check, ["tickets", "events"], tickets.events, "event");
  const { open, parked, done } = tickets.status;
  for (const [key, value] of Object.entries({ open, parked }))
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
  for (const [line, path] of placed(assets.types, "assets", "types"))
    for (const [field, source] of Object.entries(line.fields))
      checkTemplate(check, source, [...path, "fields", field], { extras: DEVICE_FIELDS });
}
