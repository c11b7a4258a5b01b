/** What halo-users.yaml must be beyond its shape. No I/O. */
import { didYouMean, fold, nearest } from "../../base/text.ts";
import { bareName, customPrefix, detailedFields, listedFields } from "../../providers/halo/user/fields.ts";
import type { HaloUsersFile } from "../schema/all.ts";
import { agentEntry } from "../schema/halo-users.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkCondition, checkOnce, checkTemplate } from "./check.ts";

/** Fields of the records of `people.from: entra.users`: Graph's own names, and the few names that haloform itself uses. */
export const ENTRA_FIELDS: readonly string[] = [
  ...["id", "userPrincipalName", "givenName", "surname", "displayName", "mail", "jobTitle", "department", "officeLocation"],
  ...["mobilePhone", "businessPhones", "companyName", "employeeId", "accountEnabled", "userType", "manager", "groups"],
  ...["name", "firstname", "emailaddress", "inactive"],
];

const writable = [...listedFields, ...detailedFields];
/** A custom field without its prefixes, as Halo does not tell `CFManager` from `Manager`. */
const folded = (name: string): string =>
  name.startsWith(customPrefix) ? customPrefix + bareName(name.slice(customPrefix.length)) : fold(name);

type Users = NonNullable<HaloUsersFile["users"]>;

export function checkHaloUsers(check: Check, file: HaloUsersFile): void {
  checkPlaces(check, file);
  const { users, agents } = file;
  if (users) checkUsers(check, users);
  const entry = users?.sites.findIndex((rule) => rule.site === agentEntry) ?? -1;
  if (agents && entry < 0)
    check.report(["agents"], `expected an entry of users.sites with site: "${agentEntry}" beside it, found none`, "key");
  if (entry >= 0 && !check.all.halo)
    check.report(
      ["users", "sites", entry, "site"],
      `expected halo.yaml beside it, as ${agentEntry} hands people to its agents, found none`,
    );
  for (const [field, source] of Object.entries(agents?.fields ?? {}))
    if (source !== undefined) checkTemplate(check, source, ["agents", "fields", field]);
  const teams = [...(agents?.teams ?? []), ...(check.all.halo?.agents ?? []).flatMap((line) => line.teams)];
  if (agents?.team !== undefined && !teams.includes(agents.team))
    check.report(
      ["agents", "team"],
      `expected one of the teams of this file or of halo.yaml, found ${found(agents.team)}${didYouMean(nearest(agents.team, teams))}`,
    );
}

function checkPlaces(check: Check, { clients, sites }: HaloUsersFile): void {
  checkOnce(
    check,
    "halo-users",
    clients.map((one, index) => ({ name: one.name, path: ["clients", index, "name"] })),
    "client",
  );
  checkOnce(
    check,
    "halo-users",
    sites.map((one, index) => ({ name: `${one.client}/${one.name}`, path: ["sites", index, "name"] })),
    "site",
  );
}

function checkUsers(check: Check, users: Users): void {
  const from = check.all.people?.people.from ?? "halo.users";
  const targets: { name: string; path: Path; reads: readonly string[] }[] = [];
  for (const [field, wanted] of Object.entries(users.fields)) {
    const path = ["users", "fields", field];
    checkTarget(check, field, path, "key");
    const template = checkTemplate(check, typeof wanted === "string" ? wanted : wanted.value, path);
    targets.push({ name: field, path, reads: template?.fields ?? [] });
  }
  if (users.manager) {
    const path = ["users", "manager"];
    checkTarget(check, users.manager.field, [...path, "field"]);
    checkTemplate(check, users.manager.person, [...path, "person"], { differs: "which would be everybody's manager" });
    const value = checkTemplate(check, users.manager.value, [...path, "value"], { extras: ["halo_id"] });
    targets.push({ name: users.manager.field, path: [...path, "field"], reads: (value?.fields ?? []).filter((one) => one !== "halo_id") });
  }
  if (users.links) for (const name of ["azureoid", "activedirectory_dn"]) targets.push({ name, path: ["users", "links"], reads: [] });
  once(check, targets);
  if (from === "halo.users") checkLoops(check, targets);
  checkMatching(check, users);
  checkSites(check, users, from);
}

function checkTarget(check: Check, field: string, path: Path, on?: "key"): void {
  if (field.startsWith(customPrefix) ? field.length > customPrefix.length : writable.includes(field)) return;
  const meant = /^cf[A-Z]/iu.test(field) ? `${customPrefix}${field}` : nearest(field, writable);
  check.report(
    path,
    `expected a field of Halo's users that can be written, found ${found(field)}${didYouMean(meant)}${meant ? "" : "; custom fields are written custom.CFName"}`,
    on,
  );
}

/** H1: each field once, whatever its case, and whichever section writes it. */
function once(check: Check, targets: readonly { name: string; path: Path }[]): void {
  const seen = new Map<string, Path>();
  for (const { name, path } of targets) {
    const first = seen.get(folded(name));
    if (first)
      check.report(path, `expected each field of Halo once, found ${found(name)} again (first at ${check.at("halo-users", first)})`);
    else seen.set(folded(name), path);
  }
}

/** What is read from a field of Halo and written to it, or round about through others, would never come to rest. */
function checkLoops(check: Check, targets: readonly { name: string; path: Path; reads: readonly string[] }[]): void {
  const reads = new Map(targets.map((one) => [folded(one.name), one.reads.map(folded)]));
  for (const { name, path } of targets) {
    const open = [...(reads.get(folded(name)) ?? [])];
    const seen = new Set<string>();
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === folded(name)) {
        check.report(
          path,
          `expected a field that is not read for its own value, found ${found(name)}, which people.yaml (${check.at("people", ["people", "from"])}) reads from Halo's users and this line writes to them: a loop`,
        );
        break;
      }
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...(reads.get(next) ?? []));
    }
  }
}

function checkMatching(check: Check, users: Users): void {
  for (const [index, field] of users.match.entries()) {
    if (field === "azureoid" || Object.hasOwn(users.fields, field)) continue;
    const known = ["azureoid", ...Object.keys(users.fields)];
    // The default needs no line of its own.
    if (check.written && (check.written as { users?: { match?: unknown } }).users?.match === undefined) continue;
    check.report(
      ["users", "match", index],
      `expected azureoid or a field of users.fields, which says what it must hold, found ${found(field)}${didYouMean(nearest(field, known))}`,
    );
  }
  checkOnce(
    check,
    "halo-users",
    users.match.map((name, index) => ({ name, path: ["users", "match", index] })),
    "field",
  );
}

function checkSites(check: Check, users: Users, from: string): void {
  const first = new Map<number, number>();
  for (const [index, rule] of users.sites.entries()) {
    const path = ["users", "sites", index];
    const before = first.get(rule.sequence);
    if (before !== undefined)
      check.report(
        [...path, "sequence"],
        `expected each sequence once, found ${rule.sequence} again (first at ${check.at("halo-users", ["users", "sites", before, "sequence"])})`,
      );
    else first.set(rule.sequence, index);
    if (rule.site !== agentEntry && !/^[^/]+\/.*[^/]$/su.test(rule.site))
      check.report([...path, "site"], `expected Client/Site or "${agentEntry}", found ${found(rule.site)}`);
    checkCondition(check, rule.for, [...path, "for"]);
    if (rule.entra_group !== undefined && from !== "entra.users")
      check.report([...path, "entra_group"], `expected people.from: entra.users beside it, found ${found(from)}`, "key");
  }
  if (users.organisation)
    checkTemplate(check, users.organisation.siteFrom, ["users", "organisation", "siteFrom"], {
      differs: "which is one site; write it as an entry of sites",
    });
  if (from === "halo.users" && (users.sites.length > 0 || users.organisation))
    check.report(
      ["users", users.sites.length > 0 ? "sites" : "organisation"],
      "expected people from elsewhere (people.from: entra.users), found halo.users: Halo itself says at which site they are",
      "key",
    );
  if (from !== "halo.users" && users.sites.length === 0 && !users.organisation)
    check.report(["users"], "expected sites or organisation, as every user of Halo is at a site, found neither", "key");
}
