/**
 * What the bind account may do where the mapping writes, by AD's constructed attributes: allowedChildClassesEffective and
 * allowedAttributesEffective are what this very account may create and write (MS-ADTS 3.1.1.4.5); the same names without
 * "Effective" are what the schema allows at all. Nothing is written to find out. What they do not tell: whether the account
 * may reset passwords and delete, which are rights of other kinds; the commands given here grant them as well.
 */
import { AndFilter, EqualityFilter, OrFilter } from "ldapts";
import { bad, type Check, few, ok, warn } from "../core/check.ts";
import type { AdClient, Entry } from "./client.ts";
import { dnKey, formatDn, isWithin, parentOf, parseDn, type Rdn, sameDn } from "./dn.ts";
import { isProtected, protectionAttributes, textOf, textsOf } from "./entry.ts";
import { readUnits } from "./reads.ts";

const system = "AD";
const isPerson = new AndFilter({
  filters: [
    new EqualityFilter({ attribute: "objectCategory", value: "person" }),
    new EqualityFilter({ attribute: "objectClass", value: "user" }),
  ],
});

/** Every entry of a search. */
export async function collect(entries: AsyncIterable<Entry>): Promise<Entry[]> {
  const all: Entry[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}

/** What the mapping writes in AD, without the mapping's own types. */
export interface AdNeeds {
  /** Account lines: the template of the organizational unit, and the attributes written there. */
  accounts: readonly { ou: string; attributes: readonly string[] }[];
  /** Organizational units to be created when missing. */
  units: readonly string[];
  /** `ou` absent: the group must exist. `attributes`: what is written besides the members. */
  groups: readonly { name: string; ou?: string; attributes: readonly string[] }[];
}

/** What every managed account is written with besides the mapping's attributes: see account.ts and user.ts. */
const ownAttributes = ["cn", "userAccountControl", "pwdLastSet", "adminDescription"];

/** OUs looked at one by one; a mapping with more is looked at in part. */
const mostUnits = 50;

/** A template of a distinguishedName: its fixed end, and which names it can give. undefined where it is not plain enough to tell. */
export interface Place {
  fixed: string;
  /** false: no variable in it, it gives `fixed` always. */
  varies: boolean;
  matches(dn: string): boolean;
}

const hole = "\u0001";

export function placeOf(template: string): Place | undefined {
  let rdns: Rdn[];
  try {
    rdns = parseDn(template.replace(/\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/gu, hole));
  } catch {
    return undefined;
  }
  const open = (rdn: Rdn): boolean => rdn.some((part) => part.value.includes(hole));
  const fixed = rdns.slice(rdns.findLastIndex(open) + 1);
  return {
    fixed: formatDn(fixed),
    varies: rdns.some(open),
    matches(dn) {
      const other = parseDn(dn);
      return (
        other.length === rdns.length &&
        rdns.every((rdn, index) => {
          const its = other[index];
          if (its === undefined) return false;
          return open(rdn) ? rdn[0].type === its[0].type : dnKey(formatDn([rdn])) === dnKey(formatDn([its]));
        })
      );
    },
  };
}

/** Names of an attribute list, in lower case; undefined when the directory does not know these attributes. */
interface Allowed {
  schema: ReadonlySet<string>;
  effective: ReadonlySet<string>;
}

async function allowed(client: AdClient, dn: string, what: "ChildClasses" | "Attributes"): Promise<Allowed | undefined> {
  const entry = await client.read(dn, [`allowed${what}`, `allowed${what}Effective`]);
  // An empty list is not sent at all; only the schema's list tells "nothing" from "not known here".
  const lower = (name: string): Set<string> => new Set(entry === undefined ? [] : textsOf(entry, name).map((one) => one.toLowerCase()));
  const schema = lower(`allowed${what}`);
  return schema.size === 0 ? undefined : { schema, effective: lower(`allowed${what}Effective`) };
}

/** dsacls, as an administrator would type it. `inherit`: T this object and below, S below only. */
function dsacls(dn: string, inherit: "T" | "S", trustee: string, rights: readonly string[]): string {
  return `dsacls "${dn}" /I:${inherit} /G ${rights.map((right) => `"${trustee}:${right}"`).join(" ")}`;
}

const grant = (commands: readonly string[]): string => `As a domain administrator: ${commands.join(" ; ")}`;
const cannotTell = (where: string): Check =>
  warn(
    system,
    `${where}: cannot tell the rights, as the directory does not give allowedChildClassesEffective and allowedAttributesEffective`,
    "Compare with docs/connect.md what the account was delegated.",
  );

/** All rights the mapping asks for. `trustee` is the account as dsacls wants it: `CORP\svc` or `svc@corp.example.com`. Throws what the client throws. */
export async function rightsChecks(client: AdClient, needs: AdNeeds, trustee: string): Promise<Check[]> {
  const units = (await readUnits(client)).map((entry) => entry.dn);
  const users = needs.accounts.length > 0 ? await collect(client.search({ filter: isPerson, attributes: [...protectionAttributes] })) : [];
  const known = new Set([...units, client.base].map(dnKey));
  const checks: Check[] = [];
  const missing: string[] = [];
  for (const rule of needs.accounts) {
    const place = placeOf(rule.ou);
    if (place === undefined) {
      checks.push(
        warn(
          system,
          `${rule.ou}: cannot tell which organizational units this gives`,
          "Look at the rights of the organizational units yourself.",
        ),
      );
      continue;
    }
    const matching = units.filter(place.matches);
    checks.push(...(await accountChecks(client, matching, place, rule.attributes, users, trustee)));
    if (matching.length === 0 && !place.varies) missing.push(place.fixed);
    if (place.varies && known.has(dnKey(place.fixed))) checks.push(...(await newUnitChecks(client, place.fixed, trustee)));
    if (place.varies && !known.has(dnKey(place.fixed))) missing.push(place.fixed);
  }
  for (const dn of [...needs.units, ...needs.groups.flatMap((group) => group.ou ?? [])]) if (!known.has(dnKey(dn))) missing.push(dn);
  checks.push(...(await missingUnitChecks(client, missing, known, trustee)));
  checks.push(...(await groupChecks(client, needs.groups, known, trustee)));
  return once(checks);
}

/** Two lines of a mapping may ask the same of the same place. */
const once = (checks: readonly Check[]): Check[] => [...new Map(checks.map((check) => [JSON.stringify(check), check])).values()];

interface Lacks {
  /** true: user objects may not be created; undefined: cannot tell. */
  create?: boolean;
  /** Attributes that may not be written; undefined: cannot tell. */
  write?: string[];
  /** Attributes that accounts of this directory do not have. */
  unknown?: string[];
  /** No account there to look at. */
  empty?: true;
}

async function lacksOf(client: AdClient, dn: string, attributes: readonly string[], sample: Entry | undefined): Promise<Lacks> {
  const classes = await allowed(client, dn, "ChildClasses");
  const lacks: Lacks = classes === undefined ? {} : { create: !classes.effective.has("user") };
  if (sample === undefined) return { ...lacks, empty: true };
  const fields = await allowed(client, sample.dn, "Attributes");
  if (fields === undefined) return lacks;
  const wanted = [...new Set([...attributes, ...ownAttributes])];
  return {
    ...lacks,
    write: wanted.filter((name) => fields.schema.has(name.toLowerCase()) && !fields.effective.has(name.toLowerCase())),
    unknown: wanted.filter((name) => !fields.schema.has(name.toLowerCase())),
  };
}

async function accountChecks(
  client: AdClient,
  units: readonly string[],
  place: Place,
  attributes: readonly string[],
  users: readonly Entry[],
  trustee: string,
): Promise<Check[]> {
  const samples = new Map<string, Entry>();
  for (const user of users) if (!isProtected(user)) samples.set(dnKey(parentOf(user.dn)), user);
  const groups = new Map<string, { lacks: Lacks; dns: string[] }>();
  for (const dn of units.slice(0, mostUnits)) {
    const lacks = await lacksOf(client, dn, attributes, samples.get(dnKey(dn)));
    const key = JSON.stringify(lacks);
    groups.set(key, { lacks, dns: [...(groups.get(key)?.dns ?? []), dn] });
  }
  return [...groups.values()].flatMap(({ lacks, dns }) => {
    // One grant above all of them also serves the organizational units that come later.
    const targets = place.varies && groups.size === 1 && place.fixed !== "" && !sameDn(place.fixed, client.base) ? [place.fixed] : dns;
    return accountLines(few(dns), targets, lacks, attributes, trustee);
  });
}

function accountLines(where: string, targets: readonly string[], lacks: Lacks, attributes: readonly string[], trustee: string): Check[] {
  const checks: Check[] = [];
  const { create, write, unknown = [], empty } = lacks;
  if (unknown.length > 0)
    checks.push(
      bad(
        system,
        `${where}: accounts here have no attribute ${few(unknown, 9)}`,
        "Correct the name in mappings/ad.yaml; Exchange's and Skype's attributes need their schema.",
      ),
    );
  const may: string[] = [];
  const mayNot: string[] = [];
  if (create !== undefined) (create ? mayNot : may).push("create user objects");
  if (write !== undefined) {
    if (write.length > 0) mayNot.push(`write ${few(write, 30)} of accounts`);
    else may.push(`write the mapping's ${attributes.length} attributes of accounts`);
  }
  if (mayNot.length > 0) {
    const commands = targets
      .slice(0, 3)
      .flatMap((dn) => [
        ...(create ? [dsacls(dn, "T", trustee, ["CCDC;user"])] : []),
        dsacls(dn, "S", trustee, [...(write?.length ? propertyRights(write) : []), "CA;Reset Password;user"]),
      ]);
    checks.push(bad(system, `${where}: may not ${mayNot.join(", nor ")}`, grant(commands)));
  } else if (may.length > 0) checks.push(ok(system, `${where}: may ${may.join(" and ")}`));
  if (create === undefined && write === undefined) checks.push(cannotTell(where));
  else if (empty)
    checks.push(
      warn(
        system,
        `${where}: cannot tell whether attributes of accounts may be written, as there is no account here yet`,
        "Ask again when there is one.",
      ),
    );
  return checks;
}

/** A rename writes both names of an object, and only `cn` shows up in the effective list. */
const propertyRights = (names: readonly string[]): string[] =>
  names.flatMap((name) => (name === "cn" ? ["WP;cn;user", "WP;name;user"] : [`WP;${name};user`]));

/** May a unit be made for a new site? A warning only: most organisations make them by hand. */
async function newUnitChecks(client: AdClient, dn: string, trustee: string): Promise<Check[]> {
  const classes = await allowed(client, dn, "ChildClasses");
  if (classes === undefined || classes.effective.has("organizationalunit")) return [];
  return [
    warn(
      system,
      `${dn}: may not create organizational units, which a new value in Halo would ask for`,
      `Make new ones by hand, or, as a domain administrator: ${dsacls(dn, "T", trustee, ["CC;organizationalUnit"])}`,
    ),
  ];
}

async function missingUnitChecks(
  client: AdClient,
  missing: readonly string[],
  known: ReadonlySet<string>,
  trustee: string,
): Promise<Check[]> {
  const checks: Check[] = [];
  for (const dn of new Set(missing)) {
    let above = parentOf(dn);
    while (above !== "" && !known.has(dnKey(above))) above = parentOf(above);
    if (above === "" || !isWithin(dn, client.base)) {
      checks.push(
        bad(system, `${dn} is not in ${client.base}`, "Correct the organizational unit in mappings/ad.yaml, or `base` in the ad settings."),
      );
      continue;
    }
    const classes = await allowed(client, above, "ChildClasses");
    if (classes === undefined) checks.push(cannotTell(above));
    else if (classes.effective.has("organizationalunit")) checks.push(ok(system, `${dn} does not exist yet and may be created`));
    else
      checks.push(
        bad(
          system,
          `${dn} does not exist, and organizational units may not be created in ${above}`,
          `Make it by hand, or, as a domain administrator: ${dsacls(above, "T", trustee, ["CC;organizationalUnit"])}`,
        ),
      );
  }
  return checks;
}

async function groupChecks(client: AdClient, groups: AdNeeds["groups"], known: ReadonlySet<string>, trustee: string): Promise<Check[]> {
  const found = new Map<string, Entry>();
  for (let at = 0; at < groups.length; at += 100) {
    const filters = groups.slice(at, at + 100).map((group) => new EqualityFilter({ attribute: "sAMAccountName", value: group.name }));
    for (const entry of await collect(client.search({ filter: new OrFilter({ filters }), attributes: [...protectionAttributes] })))
      found.set(textOf(entry, "sAMAccountName")?.toLowerCase() ?? "", entry);
  }
  const checks: Check[] = [];
  const may: string[] = [];
  const untold: string[] = [];
  /** Parent → what is lacking there, and in which groups. */
  const lacking = new Map<string, { names: string[]; attributes: Set<string> }>();
  for (const group of groups) {
    const entry = found.get(group.name.toLowerCase());
    if (entry === undefined) {
      if (group.ou === undefined)
        checks.push(
          bad(
            system,
            `the group ${group.name} does not exist, and the mapping does not say where to create it`,
            "Make it in AD, correct its name, or give it `ou` in mappings/ad.yaml.",
          ),
        );
      else if (known.has(dnKey(group.ou))) checks.push(...(await newGroupChecks(client, group.ou, trustee)));
      continue;
    }
    if (isProtected(entry)) {
      checks.push(bad(system, `${group.name} is protected by AD itself and is never changed`, "Take it out of mappings/ad.yaml."));
      continue;
    }
    const fields = await allowed(client, entry.dn, "Attributes");
    if (fields === undefined) untold.push(group.name);
    const lacks = ["member", ...group.attributes].filter((name) => fields !== undefined && !fields.effective.has(name.toLowerCase()));
    if (fields !== undefined && lacks.length === 0) may.push(group.name);
    if (lacks.length === 0) continue;
    const parent = parentOf(entry.dn);
    const there = lacking.get(parent) ?? { names: [], attributes: new Set<string>() };
    lacking.set(parent, there);
    there.names.push(group.name);
    for (const name of lacks) there.attributes.add(name);
  }
  if (may.length > 0) checks.push(ok(system, `${few(may)}: may write the group's members`));
  for (const [parent, { names, attributes }] of lacking) {
    const rights = [...attributes].map((name) => `RPWP;${name};group`);
    checks.push(
      bad(
        system,
        `${few(names)}: may not write group membership (${[...attributes].join(", ")})`,
        grant([dsacls(parent, "S", trustee, rights)]),
      ),
    );
  }
  if (untold.length > 0) checks.push(cannotTell(few(untold)));
  return checks;
}

async function newGroupChecks(client: AdClient, ou: string, trustee: string): Promise<Check[]> {
  const classes = await allowed(client, ou, "ChildClasses");
  if (classes === undefined) return [cannotTell(ou)];
  if (classes.effective.has("group")) return [ok(system, `${ou}: may create groups`)];
  return [
    bad(
      system,
      `${ou}: may not create groups`,
      grant([dsacls(ou, "T", trustee, ["CC;group"]), dsacls(ou, "S", trustee, ["RPWP;member;group"])]),
    ),
  ];
}
