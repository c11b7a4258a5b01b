/** The attributes of an AD account from the mapping's templates, each with its reason. */
import { fold } from "../mappings/condition.ts";
import type { AdFile } from "../mappings/schema.ts";
import { compile } from "../mappings/template.ts";
import type { Json } from "../providers/core/definition.ts";
import type { Subject } from "./lifecycle.ts";
import { because, personName, type Scene } from "./scene.ts";
import type { Because } from "./types.ts";
import { called } from "./values.ts";

export interface AttributeSet {
  /** LDAP name → value; "" = cleared; absent = not managed. */
  values: { [name: string]: string };
  /** userPrincipalName is an input of its own. */
  upn?: string;
  /** Attributes that hold a person: LDAP name → what the template gave. */
  person: { [name: string]: string };
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
  const set: AttributeSet = { values: {}, person: {}, because: {} };
  for (const [name, { wanted, place }] of merged(scene, names)) {
    const source = typeof wanted === "string" ? wanted : "person" in wanted ? wanted.person : wanted.value;
    const template = compile(source);
    const text = template.render(fields, { login });
    const clear = typeof wanted === "object" && "value" in wanted && wanted.whenEmpty === "clear";
    if (text === "" && !clear) continue;
    const upn = fold(name) === "userprincipalname";
    if (upn && text === "") continue;
    set.because[upn ? "userPrincipalName" : name] = because(place, subject, template.fields);
    if (upn) set.upn = text;
    else if (typeof wanted === "object" && "person" in wanted) set.person[name] = text;
    else set.values[name] = text;
  }
  return set;
}

type Wanted = AdFile["attributes"][string][string];

/** Attribute → the last template that names it. LDAP names have no case. */
function merged(scene: Scene, names: readonly string[]): Map<string, { wanted: Wanted; place: string }> {
  const known = merges.get(scene) ?? new Map<string, Map<string, { wanted: Wanted; place: string }>>();
  merges.set(scene, known);
  const id = names.join("\u0000");
  const done = known.get(id);
  if (done) return done;
  const byFold = new Map<string, [string, { wanted: Wanted; place: string }]>();
  for (const set of names) {
    for (const [name, wanted] of Object.entries(scene.mappings.ad?.attributes[set] ?? {})) {
      byFold.set(fold(name), [name, { wanted, place: scene.at("ad", "attributes", set, name) }]);
    }
  }
  const result = new Map(byFold.values());
  known.set(id, result);
  return result;
}
/** Thousands of people share a rule: its templates are put together once a run. */
const merges = new WeakMap<Scene, Map<string, Map<string, { wanted: Wanted; place: string }>>>();

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
function stays(scene: Scene, person: Subject): boolean {
  return person.record !== undefined || scene.previous("ad:User", personName(person.key)) !== undefined;
}

/** A person by key, or by exact name when only one has it; else a sentence. */
function personCalled(scene: Scene, text: string): Subject | string {
  const byKey = scene.byKey.get(/^\d+\.0+$/u.test(text) ? String(Number(text)) : text);
  if (byKey && stays(scene, byKey)) return byKey;
  const names = byName.get(scene) ?? indexNames(scene);
  byName.set(scene, names);
  const [found, ...more] = names.get(fold(text)) ?? [];
  if (!found) return `nobody is called "${text}"`;
  return more.length > 0 ? `${more.length + 1} people are called "${text}"` : found;
}

function indexNames(scene: Scene): Map<string, Subject[]> {
  const names = new Map<string, Subject[]>();
  for (const subject of scene.subjects) {
    if (!stays(scene, subject)) continue;
    const name = fold(subject.name);
    const known = names.get(name);
    if (known) known.push(subject);
    else names.set(name, [subject]);
  }
  return names;
}
const byName = new WeakMap<Scene, Map<string, Subject[]>>();
