/** The attributes of an Entra account from the mapping's templates, each with its reason. */
import { fold } from "../../../base/text.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import { isCloudMastered, type Rule, userRule, userValue } from "../../../providers/entra/user/attributes.ts";
import { because, type Scene } from "../../model/scene.ts";
import type { Because } from "../../model/types.ts";
import type { Draft } from "../account/directory.ts";
import { attributeTemplates, rendered } from "../account/templates.ts";

/** An account in Entra ID on its way to a resource. */
export interface CloudDraft extends Draft<EntraFile["accounts"][number]> {
  /** It comes from Active Directory. */
  hybrid: boolean;
  upn?: string;
  attributes?: CloudAttributes;
}

export interface CloudAttributes {
  /** Graph property → canonical value; "" or [] = cleared; absent = not managed. */
  values: { [name: string]: string | string[] };
  /** Properties that hold a person: name → what the template gave. */
  people: { [name: string]: string };
  /** Names that Active Directory masters, where the account comes from there: not written here. */
  mastered: { rule: Rule; place: string }[];
  /** What Graph would not take, in sentences. */
  problems: string[];
  because: { [name: string]: Because };
}

/** Renders the attribute templates of a draft's line in order; later ones win. */
export function cloudAttributes(scene: Scene): (one: CloudDraft) => CloudAttributes {
  const templatesOf = attributeTemplates(scene, "entra");
  return ({ subject, line, record, login = "", hybrid }) => {
    const set: CloudAttributes = { values: {}, people: {}, mastered: [], problems: [], because: {} };
    for (const template of templatesOf(line.attributes)) {
      const { name, place } = template;
      const rule = userRule(name);
      if (!rule) continue;
      if (hybrid && !isCloudMastered(rule)) {
        if (!template.recognises) set.mastered.push({ rule, place });
        continue;
      }
      const texts = rendered(template, record, { login });
      const clears = template.clears && !rule.always;
      if (texts.length === 0 && (!clears || rule.kind === "person")) continue;
      if (rule.kind === "person") set.people[rule.name] = texts[0] ?? "";
      else {
        const made = userValue(rule, texts);
        if ("problem" in made) {
          set.problems.push(`${rule.name} (${place}): ${made.problem}`);
          continue;
        }
        if (made.value.length === 0 && !clears) continue;
        set.values[rule.name] = made.value;
      }
      set.because[rule.name] = because(place, subject, template.read);
    }
    return set;
  };
}

/** What ad.yaml does not carry of the attributes that Active Directory masters: one sentence an attribute, whoever it is for. */
export function masteredNotes(scene: Scene, all: Iterable<{ rule: Rule; place: string }>): string[] {
  const carried = new Set(Object.values(scene.mappings.ad?.attributes ?? {}).flatMap((set) => Object.keys(set).map(fold)));
  const notes = new Set<string>();
  for (const { rule, place } of all) {
    // In brackets: what Entra Connect makes it of, no attribute of that name.
    const isMade = rule.ad.startsWith("(");
    if (!isMade && carried.has(fold(rule.ad))) continue;
    const source = isMade ? `the AD attribute that ${rule.ad.slice(1, -1)} makes it of` : rule.ad;
    notes.add(
      `${rule.name} (${place}) of people whose account comes from Active Directory is mastered by AD: map ${source} in ad.yaml; nothing is written in Entra ID`,
    );
  }
  return [...notes];
}
