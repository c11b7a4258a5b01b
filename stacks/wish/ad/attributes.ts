/** The attributes of an AD account from the mapping's templates, each with its reason. */
import type { Json } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { compile, type Template } from "../../../mappings/language/template.ts";
import { sourcesOf } from "../../../mappings/language/values.ts";
import type { AdFile } from "../../../mappings/schema/all.ts";
import { ruleOf } from "../../../providers/ad/values/attribute-table.ts";
import { type AttributeValue, canonicalValues, isReference, listOf, valueProblem } from "../../../providers/ad/values/syntax.ts";
import { because, personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";
import { called } from "../../model/values.ts";

export interface AttributeSet {
  /** LDAP name → canonical value or values; "" = cleared; absent = not managed. */
  values: { [name: string]: AttributeValue };
  /** userPrincipalName is an input of its own. */
  upn?: string;
  /** Attributes that hold a person: LDAP name → what the template gave. */
  person: { [name: string]: string };
  /** Attributes in which others' values stay, sorted. */
  additive: string[];
  /** Declared syntax of those attributes that AD's own schema does not say. */
  syntax: { [name: string]: string };
  /** What AD would not take, in sentences: the person is parked. */
  problems: string[];
  because: { [name: string]: Because };
}

/** Renders the attribute templates of a rule in order; later ones win. */
export function attributeSet(
  scene: Scene,
  subject: Subject,
  rule: AdFile["accounts"][number],
  fields: { [field: string]: Json },
  login: string,
): AttributeSet {
  const names = rule.attributes === undefined ? [] : [rule.attributes].flat();
  const declared = scene.mappings.ad?.syntax ?? {};
  const set: AttributeSet = { values: {}, person: {}, additive: [], syntax: {}, problems: [], because: {} };
  for (const [name, { wanted, place, templates, read }] of merged(scene, names)) {
    const texts = templates.map((template) => template.render(fields, { login })).filter((text) => text !== "");
    const isMap = typeof wanted === "object" && !Array.isArray(wanted);
    const clear = isMap && "whenEmpty" in wanted && wanted.whenEmpty === "clear";
    if (texts.length === 0 && !clear) continue;
    const why = because(place, subject, read);
    if (fold(name) === "userprincipalname") {
      const [upn] = texts;
      if (upn === undefined) continue;
      set.because["userPrincipalName"] = why;
      set.upn = upn;
      continue;
    }
    if (isMap && "person" in wanted) {
      set.person[name] = texts[0] ?? "";
      set.because[name] = why;
      continue;
    }
    const additive = isMap && "values" in wanted && wanted.mode === "additive";
    const made = canonicalOf(name, texts, declared, additive);
    if ("problem" in made) {
      set.problems.push(`${name} (${place}): ${made.problem}`);
      continue;
    }
    // a template whose address came out empty has given nothing after all
    if (made.value === "" && !clear) continue;
    set.values[name] = made.value;
    set.because[name] = why;
    if (additive) set.additive.push(name);
    const syntax = ruleOf(name) ? undefined : declared[name];
    if (syntax !== undefined && syntax !== "text") set.syntax[name] = syntax;
  }
  set.additive.sort();
  return set;
}

/** Texts of templates as an attribute's canonical value, or why AD would not take it. */
function canonicalOf(
  name: string,
  texts: readonly string[],
  declared: { readonly [name: string]: string },
  additive: boolean,
): { value: AttributeValue } | { problem: string } {
  try {
    const given = isReference(name, declared) ? texts.map((text) => (/^dn:/iu.test(text) ? text : `dn:${text}`)) : texts;
    const value = canonicalValues(name, given, declared);
    const problem = valueProblem(name, value, declared) ?? primaryProblem(name, value, additive);
    return problem === undefined ? { value } : { problem };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

/** Mail goes out under one address: exactly one primary of what is managed whole, at most one of what is added to. */
function primaryProblem(name: string, value: AttributeValue, additive: boolean): string | undefined {
  if (fold(name) !== "proxyaddresses") return undefined;
  const all = listOf(value);
  const primary = all.filter((one) => one.startsWith("SMTP:"));
  if (primary.length > 1) return `expected one primary address (SMTP:), found ${primary.join(" and ")}`;
  return primary.length === 0 && all.length > 0 && !additive
    ? `expected one primary address (SMTP:), found only ${all.join(", ")}`
    : undefined;
}

type Wanted = AdFile["attributes"][string][string];

interface Merged {
  wanted: Wanted;
  place: string;
  templates: Template[];
  /** Fields that the templates read, each once, sorted. */
  read: string[];
}

/** Attribute → the last template that names it. LDAP names have no case. */
function merged(scene: Scene, names: readonly string[]): Map<string, Merged> {
  const known = merges.get(scene) ?? new Map<string, Map<string, Merged>>();
  merges.set(scene, known);
  const id = names.join("\u0000");
  const done = known.get(id);
  if (done) return done;
  const byFold = new Map<string, [string, Merged]>();
  for (const set of names) {
    for (const [name, wanted] of Object.entries(scene.mappings.ad?.attributes[set] ?? {})) {
      const templates = sourcesOf(wanted).map(({ source }) => compile(source));
      const read = [...new Set(templates.flatMap((template) => template.fields))].sort();
      byFold.set(fold(name), [name, { wanted, place: scene.at("ad", "attributes", set, name), templates, read }]);
    }
  }
  const result = new Map(byFold.values());
  known.set(id, result);
  return result;
}
/** Thousands of people share a rule: its templates are put together once a run. */
const merges = new WeakMap<Scene, Map<string, Map<string, Merged>>>();

/** Turns what templates gave into `person:<key>`; what names nobody with an account is left out with a note. */
export function managerOf(scene: Scene, subject: Subject, persons: { [name: string]: string }): { [name: string]: string } {
  const refs: { [name: string]: string } = {};
  for (const [name, text] of Object.entries(persons)) {
    const found = personCalled(scene, text);
    if (typeof found === "string") scene.notes.push(`The ${name} of ${called(subject)} is left as it is: ${found}`);
    else if (found.key === subject.key)
      scene.notes.push(`The ${name} of ${called(subject)} is left as it is: the record names the person itself`);
    else if (!scene.willHaveAd.has(found.key))
      scene.notes.push(`The ${name} of ${called(subject)} is left as it is: ${called(found)} has no AD account`);
    else refs[name] = `person:${found.key}`;
  }
  return refs;
}

/** Who is neither in Halo nor managed is forgotten by the next run: naming such a person now would change the attribute twice. */
function stays(scene: Scene, person: Subject, type: string): boolean {
  return person.record !== undefined || scene.previous(type, personName(person.key)) !== undefined;
}

/** A person by key, or by exact name when only one has it; else a sentence. `type`: whose state tells that haloform knows them. */
export function personCalled(scene: Scene, text: string, type = "ad:User"): Subject | string {
  const byKey = scene.byKey.get(/^\d+\.0+$/u.test(text) ? String(Number(text)) : text);
  if (byKey && stays(scene, byKey, type)) return byKey;
  const types = byName.get(scene) ?? new Map<string, Map<string, Subject[]>>();
  byName.set(scene, types);
  const names = types.get(type) ?? indexNames(scene, type);
  types.set(type, names);
  const [found, ...more] = names.get(fold(text)) ?? [];
  if (!found) return `nobody is called "${text}"`;
  return more.length > 0 ? `${more.length + 1} people are called "${text}"` : found;
}

function indexNames(scene: Scene, type: string): Map<string, Subject[]> {
  const names = new Map<string, Subject[]>();
  for (const subject of scene.subjects) {
    if (!stays(scene, subject, type)) continue;
    const name = fold(subject.name);
    const known = names.get(name);
    if (known) known.push(subject);
    else names.set(name, [subject]);
  }
  return names;
}
const byName = new WeakMap<Scene, Map<string, Map<string, Subject[]>>>();
