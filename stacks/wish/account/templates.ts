/** What attributes of accounts hold: texts of templates, and the people they point at (managers, assistants). */
import { fold } from "../../../base/text.ts";
import { writtenOf } from "../../../mappings/language/identity.ts";
import { compile, type Template } from "../../../mappings/language/template.ts";
import { type AttributeValue, sourcesOf } from "../../../mappings/language/values.ts";
import { remembered } from "../../model/remembered.ts";
import { personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { called } from "../../model/values.ts";
import { followerOf, followsNote, hasGone } from "../successors.ts";
import type { Directory } from "./directory.ts";

/** What a mapping file wants an attribute to hold. */
export interface AttributeTemplate {
  name: string;
  wanted: AttributeValue;
  place: string;
  templates: Template[];
  /** Fields that the templates read, each once, sorted. */
  read: string[];
  /** An attribute for which the templates give nothing is emptied. */
  clears: boolean;
  /** Written because people are recognised by it (`people.is`): `login` is the record's own field there. */
  recognises: boolean;
}

/**
 * Puts what people are recognised by (`people.is`) and the attribute sets that a line names together, once for each combination:
 * the last template that names an attribute counts.
 */
export function attributeTemplates(scene: Scene, system: "ad" | "entra"): (sets?: string | string[]) => readonly AttributeTemplate[] {
  const together = (sets: string[]): AttributeTemplate[] => {
    const byName = new Map<string, AttributeTemplate>();
    const put = (name: string, wanted: AttributeValue, place: string, recognises: boolean): void => {
      const templates = sourcesOf(wanted).map(({ source }) => compile(source));
      const read = [...new Set(templates.flatMap((template) => template.fields))].sort();
      const clears = typeof wanted === "object" && "whenEmpty" in wanted && wanted.whenEmpty === "clear";
      byName.set(fold(name), { name, wanted, place, templates, read, clears, recognises });
    };
    for (const [name, template] of writtenOf(scene.mappings.people, system))
      put(name, template, scene.at("people", "people", "is", system, name), true);
    for (const set of sets)
      for (const [name, wanted] of Object.entries(scene.mappings[system]?.attributes[set] ?? {}))
        put(name, wanted, scene.at(system, "attributes", set, name), false);
    return [...byName.values()];
  };
  const made = remembered((sets: string | string[] | undefined) => together([sets ?? []].flat()));
  return (sets) => made(sets);
}

type Rendering = Parameters<Template["render"]>;

/** What the templates give, without the empty ones. */
export function rendered({ templates, recognises }: AttributeTemplate, record: Rendering[0], extra?: Rendering[1]): string[] {
  const only = templates[0];
  if (only && templates.length === 1) {
    const text = only.render(record, recognises ? undefined : extra);
    return text === "" ? [] : [text];
  }
  return templates.map((template) => template.render(record, recognises ? undefined : extra)).filter((text) => text !== "");
}

/**
 * Turns what the template of an attribute gave into `person:<key>`: the key of a person, or an exact name that only one has.
 * Who has no account (and gets none) is left out, with a note. A manager who has left is followed by whom safety.yaml names; `notes`
 * say so.
 */
export function personRefs(
  scene: Scene,
  directory: Directory,
): (
  subject: Subject,
  attributes: { readonly [name: string]: string },
) => { refs: { [name: string]: string }; notes: { [name: string]: string } } {
  const byName = Map.groupBy(
    scene.subjects.filter((one) => isRemembered(scene, one, directory.type)),
    (one) => fold(one.name),
  );
  const find = (subject: Subject, text: string): Subject | string => {
    const byKey = scene.byKey.get(/^\d+\.0+$/u.test(text) ? String(Number(text)) : text);
    const all = byKey && isRemembered(scene, byKey, directory.type) ? [byKey] : (byName.get(fold(text)) ?? []);
    const [found] = all;
    if (!found) return `nobody is called "${text}"`;
    if (all.length > 1) return `${all.length} people are called "${text}"`;
    return found.key === subject.key ? "the record names the person itself" : found;
  };
  return (subject, attributes) => {
    const refs: { [name: string]: string } = {};
    const notes: { [name: string]: string } = {};
    const willHave = (one: Subject): boolean => directory.willHave(scene, one);
    for (const [name, text] of Object.entries(attributes)) {
      const found = find(subject, text);
      const leaver = typeof found !== "string" && fold(name) === "manager" && hasGone(found) ? found : undefined;
      const answer = leaver && { leaver, as: "manager" as const, of: called(subject) };
      const follower = answer && followerOf(scene, answer, (one) => one.key !== subject.key && willHave(one));
      const holder = follower ?? found;
      if (typeof holder !== "string" && willHave(holder)) refs[name] = `person:${holder.key}`;
      else {
        const why = typeof holder === "string" ? holder : `${called(holder)} has no ${directory.noun}`;
        scene.notes.push(`The ${name} of ${called(subject)}${directory.where} is left as it is: ${why}`);
      }
      if (leaver && follower) notes[name] = followsNote(leaver, follower);
    }
    return { refs, notes };
  };
}

/** Who is neither in the source nor managed is forgotten by the next run: naming such a person now would change the attribute twice. */
function isRemembered(scene: Scene, person: Subject, type: string): boolean {
  return person.record !== undefined || scene.previous(type, personName(person.key)) !== undefined;
}
