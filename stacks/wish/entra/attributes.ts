/** The attributes of an Entra account from the mapping's templates, each with its reason. */
import type { Json } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import { sourcesOf } from "../../../mappings/language/values.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import { isCloudMastered, type Rule, userRule, userValue } from "../../../providers/entra/user/attributes.ts";
import { because, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";

export interface CloudAttributes {
  /** Graph property → canonical value; "" or [] = cleared; absent = not managed. */
  values: { [name: string]: string | string[] };
  /** What the template of the manager gave. */
  manager?: string;
  /** Names that Active Directory masters, where the account comes from there: not written here. */
  mastered: { rule: Rule; place: string }[];
  /** What Graph would not take, in sentences. */
  problems: string[];
  because: { [name: string]: Because };
}

type Wanted = EntraFile["attributes"][string][string];

/** Renders the attribute templates of a line in order; later ones win. */
export function cloudAttributes(
  scene: Scene,
  subject: Subject,
  line: EntraFile["accounts"][number],
  fields: { [field: string]: Json },
  options: { login: string; hybrid: boolean },
): CloudAttributes {
  const set: CloudAttributes = { values: {}, mastered: [], problems: [], because: {} };
  for (const [rule, { wanted, place }] of merged(scene, line.attributes === undefined ? [] : [line.attributes].flat())) {
    if (options.hybrid && !isCloudMastered(rule)) {
      set.mastered.push({ rule, place });
      continue;
    }
    const templates = sourcesOf(wanted).map(({ source }) => compile(source));
    const texts = templates.map((template) => template.render(fields, { login: options.login })).filter((text) => text !== "");
    const isMap = typeof wanted === "object" && !Array.isArray(wanted);
    const clear = isMap && "whenEmpty" in wanted && wanted.whenEmpty === "clear" && !rule.always;
    if (texts.length === 0 && !clear && rule.kind !== "person") continue;
    const why = because(place, subject, [...new Set(templates.flatMap((template) => template.fields))].sort());
    if (rule.kind === "person") {
      if (texts[0] === undefined) continue;
      set.manager = texts[0];
      set.because[rule.name] = why;
      continue;
    }
    const made = userValue(rule, texts);
    if ("problem" in made) {
      set.problems.push(`${rule.name} (${place}): ${made.problem}`);
      continue;
    }
    if (made.value.length === 0 && !clear) continue;
    set.values[rule.name] = made.value;
    set.because[rule.name] = why;
  }
  return set;
}

/** Property → the last template that names it. */
function merged(scene: Scene, names: readonly string[]): [Rule, { wanted: Wanted; place: string }][] {
  const known = merges.get(scene) ?? new Map<string, [Rule, { wanted: Wanted; place: string }][]>();
  merges.set(scene, known);
  const id = names.join("\u0000");
  const done = known.get(id);
  if (done) return done;
  const byName = new Map<string, [Rule, { wanted: Wanted; place: string }]>();
  for (const set of names)
    for (const [name, wanted] of Object.entries(scene.mappings.entra?.attributes[set] ?? {})) {
      const rule = userRule(name);
      if (rule) byName.set(fold(name), [rule, { wanted, place: scene.at("entra", "attributes", set, name) }]);
    }
  const result = [...byName.values()];
  known.set(id, result);
  return result;
}
const merges = new WeakMap<Scene, Map<string, [Rule, { wanted: Wanted; place: string }][]>>();

/** What ad.yaml does not carry of the attributes that Active Directory masters: one sentence an attribute, whoever it is for. */
export function masteredNotes(scene: Scene, all: Iterable<{ rule: Rule; place: string }>): string[] {
  const carried = new Set(Object.values(scene.mappings.ad?.attributes ?? {}).flatMap((set) => Object.keys(set).map(fold)));
  const notes = new Set<string>();
  for (const { rule, place } of all) {
    if (rule.ad.startsWith("("))
      notes.add(
        `${rule.name} (${place}) of people whose account comes from Active Directory is mastered by AD: map the AD attribute that ${rule.ad.slice(1, -1)} makes it of in ad.yaml; nothing is written in Entra ID`,
      );
    else if (!carried.has(fold(rule.ad)))
      notes.add(
        `${rule.name} (${place}) of people whose account comes from Active Directory is mastered by AD: map ${rule.ad} in ad.yaml; nothing is written in Entra ID`,
      );
  }
  return [...notes];
}
