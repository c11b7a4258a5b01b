/** May the bind account do what the mapping asks for: accounts and organizational units here, groups in rights-groups.ts. Nothing is written. */
import { defined } from "../../../base/defined.ts";
import { type Check, checks, few } from "../../core/check.ts";
import { isPerson, readUnits } from "../reads.ts";
import { dnKey, isWithin, parentOf, sameDn } from "../values/dn.ts";
import type { Entry } from "../wire/client.ts";
import { isProtected, protectionAttributes } from "../wire/entry.ts";
import { descriptorOf, may, rights } from "./access.ts";
import { type Asker, allowed, cannotTell, dsacls, grant, mayCreate, short } from "./effective.ts";
import { type Place, placeOf } from "./place.ts";
import { domainChecks } from "./rights-deleted.ts";
import { type GroupNeed, groupChecks } from "./rights-groups.ts";

/** What the mapping writes in AD, without the mapping's own types. */
export interface AdNeeds {
  /** Account lines: the template of the organizational unit, and the attributes written there. */
  accounts: readonly { ou: string; attributes: readonly string[] }[];
  /** Organizational units to be created when missing. */
  units: readonly string[];
  groups: readonly GroupNeed[];
  /** Where leavers' accounts are put. */
  leavers?: string;
  /** Leavers' accounts are deleted in the end. */
  deletes?: boolean;
  /** Organizational units that are protected from deletion. */
  guarded?: readonly string[];
}

const { ok, warn, bad } = checks("AD");
/** What every managed account is written with besides the mapping's attributes: see account.ts and user.ts. */
const ownAttributes = ["cn", "userAccountControl", "pwdLastSet", "adminDescription"];

/** OUs looked at one by one for each line; of more, these stand for the rest. */
const mostUnits = 50;

/** Everything the mapping asks for. Throws what the client throws. */
export async function rightsChecks(asker: Asker, needs: AdNeeds, readOnly = false): Promise<Check[]> {
  const { client } = asker;
  const domain = await domainChecks(asker, { deletes: needs.deletes ?? false, guarded: needs.guarded ?? [] }, readOnly);
  if (readOnly) return domain;
  const places = needs.accounts.map((rule) => ({ ...rule, place: placeOf(rule.ou) }));
  const fixed = [
    ...places.flatMap(({ place }) => place?.fixed ?? []),
    ...needs.units,
    needs.leavers ?? "",
    ...needs.groups.flatMap((group) => group.ou ?? []),
  ].filter((dn) => dn !== "");
  const units = (await readUnits(client)).map((entry) => entry.dn);
  // Containers such as CN=Users are no organizational units, but accounts may be in them.
  for (const dn of new Set(fixed)) {
    const settled = units.some((unit) => sameDn(unit, dn)) || sameDn(dn, client.base) || !isWithin(dn, client.base);
    if (!settled && (await client.read(dn, ["objectClass"]))) units.push(dn);
  }
  const known = new Set([...units, client.base].map(dnKey));
  const users = places.length > 0 ? await client.search({ filter: isPerson, attributes: protectionAttributes }) : [];
  const samples = new Map(users.filter((user) => !isProtected(user)).map((user) => [dnKey(parentOf(user.dn)), user]));

  const checks: Check[] = [];
  for (const { ou, attributes, place } of places) {
    if (place === undefined) {
      checks.push(warn(`${ou}: cannot tell which organizational units this gives`, "Look at their rights by hand."));
      continue;
    }
    const removes = needs.deletes === true || needs.leavers !== undefined || place.varies;
    checks.push(...(await accountChecks(asker, units.filter(place.matches), { attributes, place, removes }, samples)));
    if (place.varies && known.has(dnKey(place.fixed))) checks.push(...(await newUnitChecks(asker, place.fixed)));
  }
  const missing = new Set(fixed.filter((dn) => !known.has(dnKey(dn))));
  for (const dn of missing) checks.push(await missingUnitCheck(asker, dn, known));
  checks.push(...(await groupChecks(asker, needs.groups, known)));
  const { leavers } = needs;
  if (leavers !== undefined && known.has(dnKey(leavers))) checks.push(...(await leaversChecks(asker, leavers)));
  checks.push(...domain);
  // Two lines of a mapping may ask the same of the same place.
  return [...new Map(checks.map((check) => [JSON.stringify(check), check])).values()];
}

interface Lacks {
  /** true: user objects may not be created; undefined: cannot tell. */
  create?: boolean;
  /** Attributes that may not be written; undefined: cannot tell. */
  write?: string[];
  /** Attributes that accounts of this directory do not have. */
  unknown?: string[];
  /** No account there to look at. */
  empty?: true;
  /** Whether passwords may be set; undefined: cannot tell. */
  reset?: boolean;
  /** Whether accounts may be taken away: moved out, or deleted. */
  remove?: boolean;
}

/** Into the leavers' place accounts are moved, which is creating them there. */
async function leaversChecks(asker: Asker, dn: string): Promise<Check[]> {
  const may = await mayCreate(asker, dn, "user");
  if (may === undefined) return [cannotTell(short(dn))];
  if (may) return [ok(`${short(dn)}: leavers' accounts may be moved there`)];
  const commands = [
    dsacls(asker, dn, "T", ["CCDC;user"]),
    dsacls(asker, dn, "S", [...propertyRights(ownAttributes), "CA;Reset Password;user"]),
  ];
  return [bad(`${short(dn)}: leavers' accounts may not be moved there (create user objects)`, grant(commands))];
}

/** An account line of the mapping, as far as every organizational unit of it is looked at alike. */
interface Line {
  attributes: readonly string[];
  place: Place;
  /** Accounts are taken away from there: moved, or deleted. */
  removes: boolean;
}

async function lacksOf(asker: Asker, dn: string, { attributes, removes }: Line, sample: Entry | undefined): Promise<Lacks> {
  const { client, sids } = asker;
  const creates = await mayCreate(asker, dn, "user");
  const create = creates === undefined ? undefined : !creates;
  if (sample === undefined) return { ...defined({ create }), empty: true };
  // What only the lists of rights tell.
  const own = sids && (await descriptorOf(client, sample.dn));
  const reset = sids && may(own, sids, rights.resetPassword);
  const remove =
    sids && removes ? may(own, sids, rights.remove) || may(await descriptorOf(client, dn), sids, rights.removeUsers) : undefined;
  const fields = await allowed(asker, sample.dn, "Attributes");
  const wanted = [...new Set([...attributes, ...ownAttributes])];
  const exists = (name: string): boolean => fields?.schema.has(name.toLowerCase()) === true;
  const writable = (name: string): boolean => fields?.effective.has(name.toLowerCase()) === true;
  return defined({
    ...{ create, reset, remove },
    write: fields && wanted.filter((name) => exists(name) && !writable(name)),
    unknown: fields && wanted.filter((name) => !exists(name)),
  });
}

/** Looks at one account (`samples`, by dnKey of their place) of each organizational unit; those that lack the same are one line. */
async function accountChecks(asker: Asker, units: readonly string[], line: Line, samples: ReadonlyMap<string, Entry>): Promise<Check[]> {
  const { place, attributes } = line;
  const alike = new Map<string, { lacks: Lacks; dns: string[] }>();
  for (const dn of units.slice(0, mostUnits)) {
    const lacks = await lacksOf(asker, dn, line, samples.get(dnKey(dn)));
    const key = JSON.stringify(lacks);
    alike.set(key, { lacks, dns: [...(alike.get(key)?.dns ?? []), dn] });
  }
  // One grant above all of them also serves the organizational units that come later.
  const above = place.varies && alike.size === 1 && place.fixed !== "" && !sameDn(place.fixed, asker.client.base);
  return [...alike.values()].flatMap(({ lacks, dns }) => lines(asker, dns, above ? [place.fixed] : dns, lacks, attributes));
}

function lines(asker: Asker, dns: readonly string[], targets: readonly string[], lacks: Lacks, attributes: readonly string[]): Check[] {
  const where = few(dns.map(short));
  const { create, write, unknown = [], empty, reset, remove } = lacks;
  const checks: Check[] = [];
  if (unknown.length > 0) {
    const mend = "Correct the name in mappings/ad.yaml; Exchange's and Skype's attributes need their schema.";
    checks.push(bad(`${where}: accounts here have no attribute ${few(unknown, 9)}`, mend));
  }
  const can: string[] = [];
  const cannot: string[] = [];
  if (create !== undefined) (create ? cannot : can).push("create user objects");
  if (write?.length) cannot.push(`write ${few(write, 30)} of accounts`);
  else if (write) can.push(`write all ${new Set(attributes).size} attributes of the mapping`);
  if (reset !== undefined) (reset ? can : cannot).push("reset passwords");
  if (remove !== undefined) (remove ? can : cannot).push("move accounts away or delete them");
  const unseen =
    create === false && reset === undefined ? " (AD does not show whether it may reset passwords, which new accounts need)" : "";
  if (can.length > 0) checks.push(ok(`${where}: may ${can.join(" and ")}${unseen}`));
  if (cannot.length > 0) {
    const granted = [...propertyRights(write ?? []), "CA;Reset Password;user"];
    const commands = targets
      .slice(0, 3)
      .flatMap((dn) => [...(create || remove === false ? [dsacls(asker, dn, "T", ["CCDC;user"])] : []), dsacls(asker, dn, "S", granted)]);
    checks.push(bad(`${where}: may not ${cannot.join(", nor ")}`, grant(commands)));
  }
  if (create === undefined && write === undefined) checks.push(cannotTell(where));
  else if (empty)
    checks.push(warn(`${where}: no account there to tell whether its attributes may be written`, "Ask again when there is one."));
  return checks;
}

/** A rename writes both names of an object, and only `cn` shows up in the effective list (`name` is the system's). */
const propertyRights = (names: readonly string[]): string[] =>
  names.flatMap((name) => (name === "cn" ? ["WP;cn;user", "WP;name;user"] : [`WP;${name};user`]));

/** May a unit be made for a new site? A warning only: many make theirs by hand. */
async function newUnitChecks(asker: Asker, dn: string): Promise<Check[]> {
  if ((await mayCreate(asker, dn, "organizationalUnit")) !== false) return [];
  const command = dsacls(asker, dn, "T", ["CC;organizationalUnit"]);
  const said = `${short(dn)}: may not create organizational units, which a new value in the source would ask for`;
  return [warn(said, `Make new ones by hand, or, as a domain administrator: ${command}`)];
}

async function missingUnitCheck(asker: Asker, dn: string, known: ReadonlySet<string>): Promise<Check> {
  const { base } = asker.client;
  if (!isWithin(dn, base)) return bad(`${dn} is not in ${base}`, "Correct it in mappings/ad.yaml, or `base` in the ad settings.");
  let above = parentOf(dn);
  while (above !== "" && !known.has(dnKey(above))) above = parentOf(above);
  const may = await mayCreate(asker, above, "organizationalUnit");
  if (may === undefined) return cannotTell(short(above));
  if (may) return ok(`${short(dn)} does not exist yet and may be created`);
  const command = dsacls(asker, above, "T", ["CC;organizationalUnit"]);
  const said = `${short(dn)} does not exist, and organizational units may not be created in ${short(above)}`;
  return bad(said, `Make it by hand, or, as a domain administrator: ${command}`);
}
