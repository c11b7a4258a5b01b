/** What an entry shows: stored values, names of references, computed attributes, and AD's ranges of long lists. */
import type { OutAttribute } from "./ber/responses.ts";
import type { Directory } from "./directory.ts";
import type { Entry, Value } from "./entry.ts";
import { conversionFailure, result } from "./errors.ts";
import { ridOf, sidFromText } from "./identity.ts";
import { type AttributeDef, attributeOf, childClasses, knownAttribute } from "./schema.ts";
import { descriptorOf } from "./security.ts";

/** MaxValRange of a DC: most values of one attribute in one answer. */
export const maxValRange = 1500;

/** May the reader write this entry? For the attributes that say so. */
export type Writable = (entry: Entry) => boolean;

const fixed = ["distinguishedName", "objectGUID", "objectSid"].map(knownAttribute);

/** Every value of an attribute, references as names. */
export function valuesOf(directory: Directory, entry: Entry, def: AttributeDef, writable: Writable = () => false): readonly Value[] {
  if (def.link) return names(entry.links.get(def.key));
  if (def.backLinkOf !== undefined) return names(entry.backLinks.get(def.backLinkOf));
  switch (def.key) {
    case "distinguishedname":
      return [entry.dn];
    case "objectguid":
      return [entry.guidBytes];
    case "objectsid":
      return sids(entry.sid === undefined ? [] : [entry.sid]);
    case "unicodepwd":
      return [];
    default:
      return def.computed ? computed(directory, entry, def, writable) : (entry.values.get(def.key) ?? []);
  }
}

function names(entries: Iterable<Entry> | undefined): string[] {
  const found: string[] = [];
  for (const entry of entries ?? []) found.push(entry.dn);
  return found;
}

function sids(texts: Iterable<string>): Buffer[] {
  return [...texts].map(sidFromText).filter((bytes) => bytes !== undefined);
}

function computed(directory: Directory, entry: Entry, def: AttributeDef, writable: Writable): readonly Value[] {
  switch (def.key) {
    case "canonicalname": {
      const path: string[] = [];
      for (let at = entry; at.parent !== undefined; at = at.parent) path.unshift(at.rdn.value.replaceAll("/", "\\/"));
      return [`${directory.domainName}/${path.join("/")}`];
    }
    case "createtimestamp":
      return entry.values.get("whencreated") ?? [];
    case "modifytimestamp":
      return entry.values.get("whenchanged") ?? [];
    case "primarygrouptoken":
      return entry.classDef.name === "group" && entry.sid !== undefined ? [String(ridOf(entry.sid))] : [];
    case "structuralobjectclass":
      return entry.classDef.chain;
    case "msds-user-account-control-computed":
      return entry.classDef.account ? ["0"] : [];
    case "tokengroups":
      return sids(groupsOf(directory, entry));
    case "allowedattributes":
      return [...entry.classDef.may].map((key) => knownAttribute(key).name);
    case "allowedattributeseffective":
      return writable(entry)
        ? [...entry.classDef.may]
            .map(knownAttribute)
            .filter((one) => !one.system)
            .map((one) => one.name)
        : [];
    case "allowedchildclasses":
      return childClasses(entry.classDef);
    case "allowedchildclasseseffective":
      return writable(entry) ? childClasses(entry.classDef) : [];
    default:
      return [];
  }
}

/** SIDs of every group an account is in, the primary one too. */
function groupsOf(directory: Directory, entry: Entry): Set<string> {
  const primary = entry.classDef.account ? directory.byRid(entry.number("primarygroupid")) : undefined;
  const found = new Set<string>(primary?.sid === undefined ? [] : [primary.sid]);
  const open = [entry, ...(primary === undefined ? [] : [primary])];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const group of at.backLinks.get("member") ?? []) {
      if (group.sid === undefined || found.has(group.sid)) continue;
      found.add(group.sid);
      open.push(group);
    }
  return found;
}

/** What a search asks to see. */
export interface Selection {
  all: boolean;
  operational: boolean;
  /** Parts of security descriptors, where the control asks for them: without it the audit list is meant too, which few may read. */
  sdParts?: number;
  named: { def: AttributeDef; range: { low: number; high: number } | undefined }[];
}

/** Reads a search's attribute list; names that the schema does not know are passed over, as AD does. */
export function selectionOf(attributes: readonly string[], sdParts?: number): Selection {
  const selection: Selection = {
    all: attributes.length === 0,
    operational: false,
    named: [],
    ...(sdParts === undefined ? {} : { sdParts }),
  };
  for (const attribute of attributes) {
    if (attribute === "*") selection.all = true;
    else if (attribute === "+") selection.operational = true;
    const [name = "", ...options] = attribute.split(";");
    const def = attributeOf(name);
    if (def === undefined) continue;
    const option = options.find((one) => one.toLowerCase().startsWith("range="));
    const range = option === undefined ? undefined : /^range=(\d+)-(\d+|\*)$/i.exec(option);
    if (range === null) throw conversionFailure(result.protocolError);
    const high = range?.[2] === "*" ? Number.POSITIVE_INFINITY : Number(range?.[2]);
    selection.named.push({ def, range: range === undefined ? undefined : { low: Number(range[1]), high } });
  }
  return selection;
}

/** The attributes of one found entry, as they go out. Throws 1 for a range that begins behind the last value. */
export function show(directory: Directory, entry: Entry, selection: Selection, typesOnly: boolean, writable: Writable): OutAttribute[] {
  const out: OutAttribute[] = [];
  const seen = new Set<string>();
  const put = (def: AttributeDef, range?: { low: number; high: number }): void => {
    if (seen.has(def.key) || directory.unseen.attributes.has(def.key)) return;
    seen.add(def.key);
    const rights = def.key === "ntsecuritydescriptor" && selection.sdParts !== undefined;
    const values = rights ? [descriptorOf(directory, entry, selection.sdParts ?? 0)] : valuesOf(directory, entry, def, writable);
    if (values.length === 0) return;
    if (typesOnly) out.push({ name: def.name, values: [] });
    else ranged(out, def, values, range, directory.limits.strict);
  };
  for (const { def, range } of selection.named) put(def, range);
  if (selection.all) {
    for (const def of fixed) put(def);
    for (const key of entry.values.keys()) put(knownAttribute(key));
    for (const key of entry.links.keys()) put(knownAttribute(key));
    for (const name of ["memberOf", "directReports", "managedObjects"]) put(knownAttribute(name));
  }
  if (selection.operational)
    for (const name of ["canonicalName", "createTimeStamp", "modifyTimeStamp", "structuralObjectClass"]) put(knownAttribute(name));
  return out;
}

/** Long lists come in ranges (MS-ADTS 3.1.1.3.1.3.3): an empty `member` and `member;range=0-1499`; the last range ends with `*`. */
function ranged(
  out: OutAttribute[],
  def: AttributeDef,
  values: readonly Value[],
  range: { low: number; high: number } | undefined,
  strict: boolean,
): void {
  if (range === undefined && (values.length <= maxValRange || !strict)) {
    out.push({ name: def.name, values });
    return;
  }
  const { low, high } = range ?? { low: 0, high: Number.POSITIVE_INFINITY };
  if (low >= values.length || high < low) throw conversionFailure(result.operationsError);
  const last = Math.min(high, low + maxValRange - 1);
  if (range === undefined) out.push({ name: def.name, values: [] });
  const end = last >= values.length - 1 ? "*" : String(last);
  out.push({ name: `${def.name};range=${low}-${end}`, values: values.slice(low, last + 1) });
}
