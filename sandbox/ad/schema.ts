/** What the directory knows of attributes and classes. */
import { attributeTable, classTable, numberedAttributes } from "./schema-attributes.ts";

/** How values of an attribute are written and compared. */
export type Syntax = "text" | "int" | "int64" | "bool" | "time" | "octet" | "dn" | "sid" | "oid";

/** One attribute of the schema. */
export interface AttributeDef {
  name: string;
  /** The name in lower case: the key of values in an entry. */
  key: string;
  syntax: Syntax;
  /** Most characters (bytes for octets). */
  upper: number | undefined;
  single: boolean;
  /** Only the system writes it. */
  system: boolean;
  /** Made when read, only given when asked for by name. */
  computed: boolean;
  /** Key of the forward link that this is the back link of. */
  backLinkOf: string | undefined;
  /** A reference to another entry that follows it around. */
  link: boolean;
}

/** One structural class. */
export interface ClassDef {
  name: string;
  /** Class names from `top` down, as objectClass holds them. */
  chain: readonly string[];
  /** Attribute of its RDN, lower case. */
  rdn: string;
  category: string;
  parents: ReadonlySet<string>;
  /** Keys of the attributes an entry may hold. */
  may: ReadonlySet<string>;
  /** Has a SID and a sAMAccountName. */
  principal: boolean;
  /** Has a userAccountControl. */
  account: boolean;
}

const attributes = new Map<string, AttributeDef>();
for (const line of [...attributeTable.split("\n"), ...numberedAttributes]) {
  const [name, syntax, ...flags] = line.split(" ");
  if (name === undefined || name === "" || syntax === undefined) continue;
  const upper = flags.find((flag) => /^\d+$/.test(flag));
  const back = flags.find((flag) => flag.startsWith("<"))?.slice(1);
  attributes.set(name.toLowerCase(), {
    name,
    key: name.toLowerCase(),
    syntax: syntax as Syntax,
    upper: upper === undefined ? undefined : Number(upper),
    single: !flags.includes("*"),
    system: flags.includes("s"),
    computed: flags.includes("c"),
    backLinkOf: back?.toLowerCase(),
    link: syntax === "dn" && back === undefined && name !== "distinguishedName" && name !== "objectCategory",
  });
}

const classes = new Map<string, ClassDef>();
for (const [name, row] of Object.entries(classTable)) {
  const may = new Set<string>();
  for (const attribute of row.may.split(" ")) {
    if (!attributes.has(attribute.toLowerCase())) throw new Error(`The schema's class ${name} holds ${attribute}, which is no attribute.`);
    may.add(attribute.toLowerCase());
  }
  classes.set(name.toLowerCase(), {
    name,
    chain: row.chain.split(" "),
    rdn: row.rdn,
    category: row.category,
    parents: new Set(row.parents === "" ? [] : row.parents.split(" ")),
    may,
    principal: may.has("samaccountname"),
    account: may.has("useraccountcontrol"),
  });
}

/** Every name that objectClass may hold, abstract classes too, lower case. */
const classNames = new Set([...classes.values()].flatMap((definition) => definition.chain.map((name) => name.toLowerCase())));

/** The attribute of that name in any case; options such as `;binary` or `;range=…` are not part of a name. */
export function attributeOf(name: string): AttributeDef | undefined {
  return attributes.get(name.toLowerCase());
}

/** The attribute of that name, for names that are written in this folder. */
export function knownAttribute(name: string): AttributeDef {
  const found = attributeOf(name);
  if (found === undefined) throw new Error(`${name} is not in the directory's schema.`);
  return found;
}

/** The class of that name in any case. */
export function classOf(name: string): ClassDef | undefined {
  return classes.get(name.toLowerCase());
}

/** True for names of structural and abstract classes. */
export function isClassName(name: string): boolean {
  return classNames.has(name.toLowerCase());
}

/** Names of the classes that may be created below a class. */
export function childClasses(parent: ClassDef): string[] {
  return [...classes.values()].filter((definition) => definition.parents.has(parent.name)).map((definition) => definition.name);
}

/** Category object of a short name as `(objectCategory=person)` uses it: the cn of the class's own category. */
export function categoryOf(name: string): string | undefined {
  if (name.toLowerCase() === "person" || name.toLowerCase() === "organizationalperson") return "Person";
  return classOf(name)?.category;
}
