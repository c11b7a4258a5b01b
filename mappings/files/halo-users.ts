/** mappings/halo-users.yaml: people as users of HaloITSM, with its sites and clients. */
import { didYouMean, fold, guess, nearest } from "../../base/text.ts";
import { bareName } from "../../clients/halo/custom-fields.ts";
import { customPrefix, detailedFields, listedFields } from "../../providers/halo/user/fields.ts";
import { type Check, checkNamesOnce, checkOnce, isWritten, placed } from "../check/check.ts";
import { checkAgrees } from "../check/identity.ts";
import { checkCondition, checkTemplate } from "../check/language.ts";
import { defineFile, type Entry } from "../define.ts";
import type { Facts } from "../language/condition.ts";
import type { Point } from "../language/explain.ts";
import { compile } from "../language/template.ts";
import { haloFile } from "../schema/halo.ts";
import { agentEntry, type HaloUsersFile, haloUsersFile, type SiteRule } from "../schema/halo-users.ts";
import { peopleFile } from "../schema/people.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const haloUsers = defineFile({
  name: "halo-users",
  key: "haloUsers",
  schema: haloUsersFile,
  check: checkHaloUsers,
  introduction:
    "People as users (contacts) of HaloITSM, and its sites and clients. Without this file they are not managed. docs/sources.md says how people come from Entra ID.",
  whenMissing: { means: "users of Halo are not to be managed" },
  owns: { types: "halo:", in: "Halo" },
  rules: { "users.sites[].for": { everybody: true, first: siteOrder, also: siteAsks, keeps: true } },
});

/** Entries for agents decide no site: the two kinds do not compete. */
function siteOrder({ site, sequence }: Entry): { among: string; order: number } {
  return { among: site === agentEntry ? "agents" : "sites", order: Number(sequence) };
}

/** What an entry of `sites` asks besides `for` (decided by stacks/decide/sites.ts). */
function siteAsks({ external, siteFrom }: Entry, { fields }: Facts): Point[] {
  const { userType = null } = fields;
  const isGuest = typeof userType === "string" && fold(userType) === "guest";
  const name = typeof siteFrom === "string" ? compile(siteFrom).render(fields) : undefined;
  return [
    ...(external ? [] : [{ at: "external", asks: "is no guest", found: userType, holds: !isGuest }]),
    ...(name === undefined ? [] : [{ at: "siteFrom", asks: "gives the name of a site", found: name, holds: name !== "" }]),
  ];
}

const writable = [...listedFields, ...detailedFields];
/** A custom field without its prefixes, as Halo does not tell `CFManager` from `Manager`. */
const folded = (name: string): string =>
  name.startsWith(customPrefix) ? customPrefix + bareName(name.slice(customPrefix.length)) : fold(name);

type Users = NonNullable<HaloUsersFile["users"]>;

function checkHaloUsers(check: Check, file: HaloUsersFile): void {
  checkPlaces(check, file);
  const { users, agents } = file;
  const halo = check.of(haloFile);
  if (users) checkUsers(check, users);
  const entry = users?.sites.findIndex((rule) => rule.site === agentEntry) ?? -1;
  if (agents && entry < 0)
    check.report(["agents"], `expected an entry of users.sites with site: "${agentEntry}" beside it, found none`, "key");
  if (entry >= 0 && !halo)
    check.report(
      ["users", "sites", entry, "site"],
      `expected halo.yaml beside it, as ${agentEntry} hands people to its agents, found none`,
    );
  for (const [field, source] of Object.entries(agents?.fields ?? {})) {
    if (source === undefined) continue;
    checkTemplate(check, source, ["agents", "fields", field]);
    checkAgrees(check, "halo", field, source, ["agents", "fields", field]);
  }
  const teams = [...(agents?.teams ?? []), ...(halo?.agents ?? []).flatMap((line) => line.teams)];
  if (agents?.team !== undefined && !teams.includes(agents.team))
    check.report(
      ["agents", "team"],
      `expected one of the teams of this file or of halo.yaml, found ${found(agents.team)}${guess(agents.team, teams)}`,
    );
}

function checkPlaces(check: Check, { clients, sites }: HaloUsersFile): void {
  checkNamesOnce(check, "clients", clients, "client");
  const places = sites.map((one) => `${one.client}/${one.name}`);
  checkOnce(check, ["sites"], places, "site", (index) => [index, "name"]);
}

function checkUsers(check: Check, users: Users): void {
  const { source } = check;
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
    const value = checkTemplate(check, users.manager.value, [...path, "value"], { extras: ["haloId"] });
    targets.push({ name: users.manager.field, path: [...path, "field"], reads: (value?.fields ?? []).filter((one) => one !== "haloId") });
  }
  if (users.links) for (const name of ["azureoid", "activedirectory_dn"]) targets.push({ name, path: ["users", "links"], reads: [] });
  // Whichever section writes it.
  const names = targets.map(({ name }) => name);
  checkOnce(check, [], names, "field of Halo", (index) => targets[index]?.path ?? [], folded);
  if (source === "halo.users") checkLoops(check, targets);
  checkMatching(check, users);
  checkSites(check, users, source);
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
          `expected a field that is not read for its own value, found ${found(name)}, which people.yaml (${check.at(["people", "source"], peopleFile)}) reads from Halo's users and this line writes to them: a loop`,
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
    if (!isWritten(check, ["users", "match"])) continue;
    check.report(
      ["users", "match", index],
      `expected azureoid or a field of users.fields, which says what it must hold, found ${found(field)}${guess(field, known)}`,
    );
  }
  checkOnce(check, ["users", "match"], users.match, "field");
}

/** An entry names a site, or an organisation and what its site is called. */
function checkPlace(check: Check, { site, organisation, siteFrom, create }: SiteRule, path: Path): void {
  if (site !== undefined && site !== agentEntry && !/^[^/]+\/.*[^/]$/su.test(site))
    check.report([...path, "site"], `expected Client/Site or "${agentEntry}", found ${found(site)}`);
  if ((site === undefined) === (organisation === undefined))
    check.report(path, `expected site or organisation, found ${site === undefined ? "neither" : "both"}`, "key");
  for (const [word, value] of Object.entries({ siteFrom, create }))
    if (organisation === undefined && value !== undefined)
      check.report([...path, word], `expected organisation beside ${word}, found none`, "key");
  if (organisation === undefined) return;
  if (siteFrom === undefined) check.report(path, "expected siteFrom beside organisation, which names the site, found none", "key");
  else checkTemplate(check, siteFrom, [...path, "siteFrom"], { differs: "which is one site; write it as site: Client/Site" });
}

function checkSites(check: Check, users: Users, source: string): void {
  const numbers = users.sites.map((rule) => rule.sequence);
  checkOnce(check, ["users", "sites"], numbers, "sequence", (index) => [index, "sequence"]);
  for (const [rule, path] of placed(users.sites, "users", "sites")) {
    checkPlace(check, rule, path);
    checkCondition(check, rule.for, [...path, "for"]);
  }
  if (users.organisation)
    checkTemplate(check, users.organisation.siteFrom, ["users", "organisation", "siteFrom"], {
      differs: "which is one site; write it as an entry of sites",
    });
  if (source === "halo.users" && (users.sites.length > 0 || users.organisation))
    check.report(
      ["users", users.sites.length > 0 ? "sites" : "organisation"],
      "expected people from elsewhere (people.source: entra.users), found halo.users: Halo itself says at which site they are",
      "key",
    );
  if (source !== "halo.users" && users.sites.length === 0 && !users.organisation)
    check.report(["users"], "expected sites or organisation, as every user of Halo is at a site, found neither", "key");
}
