/** What people.yaml, entra.yaml, halo.yaml and safety.yaml must be beyond their shape. No I/O. */

import { didYouMean, fold, nearest } from "../base/text.ts";
import { slipOf } from "./check/ad-attributes.ts";
import { checkAllowed } from "./check/ad-groups.ts";
import { checkPasswords } from "./check/ad-passwords.ts";
import { type Check, checkCondition, checkKey, checkOnce, checkTemplate, isWritten } from "./check/check.ts";
import { checkCloudGroups } from "./check/entra-groups.ts";
import { checkEntraUsers } from "./check/entra-users.ts";
import { checkDefaultTeams, checkHaloTeams } from "./check/halo.ts";
import { checkHaloAssets, checkHaloTickets } from "./check/halo-tickets.ts";
import { checkLeaver } from "./check/leaver.ts";
import { checkHaloLicences, checkPrices, checkWith } from "./check/licences.ts";
import { checkMailboxes } from "./check/mailboxes.ts";
import { checkTickets } from "./check-feeds.ts";
import { MATCHABLE } from "./language/names.ts";
import type { EntraFile, HaloFile, PeopleFile, SafetyFile } from "./schema/all.ts";
import { found, oneOf } from "./text/issues.ts";

const SAME_FOR_ALL = "which would be the same for everybody";

export function checkPeople(check: Check, { people }: PeopleFile): void {
  const known = Object.keys(check.all.sources?.sources ?? {});
  if (!["halo.users", "entra.users"].includes(people.from) && !known.includes(people.from))
    check.report(
      ["people", "from"],
      `expected halo.users or a source of sources.yaml${known.length > 0 ? ` (${known.join(", ")})` : ""}, found ${JSON.stringify(people.from)}${didYouMean(nearest(people.from, ["halo.users", "entra.users", ...known]))}`,
    );
  checkCondition(check, people.where, ["people", "where"], { groups: false });
  checkTickets(check, { people });
  checkTemplate(check, people.login.is, ["people", "login", "is"], { differs: SAME_FOR_ALL });
  for (const system of ["ad", "entra", "halo"] as const) {
    const names = people.match[system];
    const path = ["people", "match", system];
    for (const [index, name] of names.entries()) checkMatch(check, people, system, name, [...path, index]);
    checkOnce(
      check,
      "people",
      names.map((name, index) => ({ name, path: [...path, index] })),
      "attribute",
    );
  }
  // New agents get `email` as their address, whether or not anything is matched by it.
  const used = [...new Set([...Object.values(people.match).flat(), "email"])];
  for (const [name, source] of Object.entries(people.identify)) {
    const path = ["people", "identify", name];
    // A default of identify that match does not use is no mistake; its fields are not read either.
    if (source === undefined || !(isWritten(check, path) || used.includes(name))) continue;
    if (!used.includes(name))
      check.report(
        path,
        `expected an attribute that people.match names (${used.join(", ")}), found ${JSON.stringify(name)}${didYouMean(nearest(name, used))}`,
        "key",
      );
    checkTemplate(check, source, path, { differs: SAME_FOR_ALL });
  }
}

function checkMatch(
  check: Check,
  people: PeopleFile["people"],
  system: "ad" | "entra" | "halo",
  name: string,
  path: (string | number)[],
): void {
  const known = MATCHABLE[system];
  const slip = known ? nearest(name, known) : slipOf(name);
  const wrong = known ? !known.includes(name) : slip !== undefined || !/^[A-Za-z][A-Za-z0-9-]*$/u.test(name);
  if (wrong)
    check.report(
      path,
      `expected ${known ? oneOf(known) : "the LDAP name of an attribute such as employeeNumber"}, found ${found(name)}${didYouMean(slip)}`,
    );
  else if (/^(?:displayname|cn|sn|givenname)$/iu.test(name))
    check.report(path, `expected an attribute that no two people share, found ${found(name)}`);
  else if (!Object.hasOwn(people.identify, name) || people.identify[name] === undefined) {
    check.report(path, `expected a line people.identify.${name} beside it (the template of what the attribute must hold), found none`);
  }
}

export function checkEntra(check: Check, entra: EntraFile): void {
  checkMailboxes(check, entra);
  checkEntraUsers(check, entra);
  checkPasswords(check, entra.passwords);
  if (entra.usageLocation !== undefined) checkUsageLocation(check, entra.usageLocation);
  const seen = new Map<string, number>();
  for (const [index, licence] of entra.licences.entries()) {
    const path = ["licences", index];
    if (!/^[A-Za-z0-9_.-]+$/u.test(licence.sku))
      check.report([...path, "sku"], `expected a skuPartNumber such as SPE_E3, found ${found(licence.sku)}`);
    checkCondition(check, licence.for, [...path, "for"]);
    checkOnce(
      check,
      "entra",
      licence.without.map((name, plan) => ({ name, path: [...path, "without", plan] })),
      "service plan",
    );
    checkWith(check, licence, path);
    const line = `${fold(licence.sku)} ${canonical(licence.for)}`;
    const first = seen.get(line);
    if (first !== undefined)
      check.report(
        [...path, "sku"],
        `expected each licence once for the same people, found ${found(licence.sku)} again (first at ${check.at("entra", ["licences", first, "sku"])})`,
      );
    else seen.set(line, index);
  }
  checkPrices(check, entra);
  checkCloudGroups(check, entra);
}

function checkUsageLocation(check: Check, source: string): void {
  const path = ["usageLocation"];
  const template = checkTemplate(check, source, path, { extras: ["login"] });
  if (!template || template.fields.length > 0 || source.includes("{%")) return;
  const code = template.render({});
  const regions = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  if (/^[A-Z]{2}$/u.test(code) && code !== "UK" && regions.of(code) !== undefined) return;
  const meant =
    code.toUpperCase() === "UK" ? "GB" : /^[a-z]{2}$/iu.test(code) && regions.of(code.toUpperCase()) ? code.toUpperCase() : undefined;
  check.report(path, `expected a country's two letters (ISO 3166-1) such as GB, found ${found(code)}${didYouMean(meant)}`);
}

export function checkHalo(check: Check, halo: HaloFile): void {
  checkOnce(
    check,
    "halo",
    halo.roles.map((role, index) => ({ name: role.name, path: ["roles", index, "name"] })),
    "role",
  );
  const declared = halo.roles.map((role) => role.name);
  for (const [index, agent] of halo.agents.entries()) {
    const path = ["agents", index];
    checkCondition(check, agent.for, [...path, "for"]);
    if (agent.name !== undefined)
      checkTemplate(check, agent.name, [...path, "name"], { extras: ["login"], differs: "which would give every agent the same name" });
    else for (const field of ["firstname", "surname"]) check.fields.add(field);
    for (const [position, role] of agent.roles.entries()) {
      const other = declared.find((name) => name !== role && fold(name) === fold(role));
      if (other)
        check.report([...path, "roles", position], `expected the role as roles spells it, found ${found(role)}${didYouMean(other)}`);
    }
    checkOnce(
      check,
      "halo",
      agent.roles.map((name, position) => ({ name, path: [...path, "roles", position] })),
      "role",
    );
    checkOnce(
      check,
      "halo",
      agent.teams.map((name, position) => ({ name, path: [...path, "teams", position] })),
      "team",
    );
  }
  checkDefaultTeams(check, halo);
  checkHaloLicences(check, halo);
  checkHaloTickets(check, halo);
  checkHaloAssets(check, halo);
  checkHaloTeams(check, halo);
}

export function checkSafety(check: Check, safety: SafetyFile): void {
  checkLeaver(check, safety);
  for (const [name, limit] of Object.entries(safety.limits)) {
    if (limit.most === undefined && limit.share === undefined)
      check.report(["limits", name], "expected most or share, found neither, which would be no limit");
  }
  for (const [index, key] of safety.protected.people.entries()) checkKey(check, key, ["protected", "people", index]);
  checkOnce(
    check,
    "safety",
    safety.protected.groups.map((name, index) => ({ name, path: ["protected", "groups", index] })),
    "group",
  );
  checkAllowed(check);
}

/** The same text for the same condition, however its lines are ordered. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(typeof value === "string" ? fold(value) : value);
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join(",")}]`;
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${entries
    .map(([key, inner]) => `${JSON.stringify(key)}:${canonical(inner)}`)
    .sort()
    .join(",")}}`;
}
