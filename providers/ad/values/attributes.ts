/**
 * The one door to attributes: `attribute(name)` knows an attribute's syntax and limits, from the table or as a mapping declares
 * them, and takes its values from any spelling to the canonical one (the same text for what a mapping wishes and for what AD
 * holds) and on to AD. Pure, and read by the mapping checks too.
 */
import { oneForm } from "../../../base/clean.ts";
import { type AttributeRule, ruleOf, type Syntax } from "./attribute-table.ts";
import { dnKey } from "./dn.ts";
import { type AttributeValue, type AttributeValues, asValue, exact, listOf, particulars, type Writing, writings } from "./syntax.ts";

/** Syntax by attribute, for those the table does not know. */
export type Declared = { readonly [name: string]: string } | undefined;

const known = new Map<string, Attribute>();

/** The attribute of this name, whatever its case. `declared` counts for one the table does not know; such a one is text without. */
export function attribute(name: string, declared?: Declared): Attribute {
  const found = known.get(name);
  if (found) return found;
  const rule = ruleOf(name);
  const syntax = rule?.syntax ?? declaredSyntax(name, declared) ?? "text";
  const key = rule ? name : `${name};${syntax}`;
  const made = known.get(key) ?? new Attribute(name, rule, syntax);
  known.set(key, made);
  return made;
}

function declaredSyntax(name: string, declared: Declared): Syntax | undefined {
  const lower = name.toLowerCase();
  const key = declared && Object.keys(declared).find((one) => one.toLowerCase() === lower);
  return key === undefined ? undefined : (declared?.[key] as Syntax);
}

const clean = (values: readonly string[]): string[] => values.map(oneForm);

/** Two spellings of one distinguishedName are one reference. */
const referenceKey = (ref: string): string => (ref.startsWith("dn:") ? dnKey(ref.slice("dn:".length)) : ref);

export class Attribute {
  /** As AD spells it; one the table does not know, as it was named. */
  readonly name: string;
  readonly syntax: Syntax;
  /** In AD's own schema, as far as the table goes. */
  readonly isKnown: boolean;
  /** AD keeps one value. */
  readonly single: boolean;
  /** Most characters of a value as AD holds it; undefined: no limit of the schema's. */
  readonly longest: number | undefined;
  /** It may hold several values in inputs; one that the table does not know may. */
  readonly isList: boolean;
  /** It holds other objects: refs in inputs, distinguishedNames in AD. */
  readonly isReference: boolean;
  /** Its values travel as bytes. */
  readonly isBytes: boolean;
  /** Any text is a value of it: most attributes are so, and most values are one text. */
  readonly isPlain: boolean;
  /** How two values that are written otherwise are known to be the same; undefined: what is written otherwise is another one. */
  readonly key: ((value: string) => string) | undefined;
  readonly #writing: Writing;

  constructor(name: string, rule: AttributeRule | undefined, syntax: Syntax) {
    const { key, ...particular } = particulars[name.toLowerCase()] ?? {};
    this.name = rule?.name ?? name;
    this.syntax = syntax;
    this.isKnown = rule !== undefined;
    this.single = rule?.single ?? false;
    this.longest = rule?.longest;
    this.key = key;
    this.#writing = { ...writings[syntax], ...particular };
    this.isList = !this.single || this.#writing.listed === true;
    this.isReference = syntax === "dn";
    this.isBytes = this.#writing.bytes === true;
    this.isPlain = this.#writing.canonical === writings.text.canonical;
  }

  /** Values in any spelling → canonical. Throws SyntaxError: "expected …, found …". */
  canonical(values: readonly string[]): AttributeValue {
    const [only] = values;
    if (only !== undefined && values.length === 1 && this.isPlain) return oneForm(only);
    const given = clean(values).filter((value) => value !== "");
    const canonical = this.#writing.canonical(given).filter((value) => value !== "");
    return asValue(canonical, this.isReference ? referenceKey : this.syntax === "text" ? undefined : exact);
  }

  /** The same for values that others may have written: what is not to be understood stays as it is, so that it shows. */
  readable(values: readonly string[]): AttributeValue {
    try {
      return this.canonical(values);
    } catch (error) {
      if (this.isReference) throw error;
      return asValue(clean(values), exact);
    }
  }

  /** Raw values of AD (bytes as base64) → canonical. distinguishedNames stay: whoever knows the people makes refs of them. */
  toLive(raw: readonly string[]): string[] {
    if (this.isReference) return [...raw];
    let values = raw;
    try {
      values = this.#writing.read?.(raw) ?? raw;
    } catch {
      // shown as it is
    }
    return listOf(this.readable(values));
  }

  /** Canonical values → as AD writes them; references are the caller's. */
  toWire(value: AttributeValue | undefined): AttributeValues {
    const values = listOf(value);
    return this.#writing.write?.(values) ?? values;
  }

  /** What AD's schema does not allow of canonical values, as "expected …, found …"; undefined when it takes them. */
  check(value: AttributeValue): string | undefined {
    const values = listOf(value);
    if (values.length > 1 && !this.isList) return `expected one value, found ${values.length}`;
    const { longest } = this;
    if (longest === undefined) return undefined;
    const long = (this.syntax === "computers" ? this.toWire(value) : values).find((one) => one.length > longest);
    return long === undefined ? undefined : `expected at most ${longest} characters, found ${long.length}`;
  }
}
