import { fold } from "../../../base/text.ts";
import { compile, type Template } from "../../../mappings/language/template.ts";
import { type AttributeValue, sourcesOf } from "../../../mappings/language/values.ts";
import { remembered } from "../../model/remembered.ts";
import type { Scene } from "../../model/scene.ts";

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
}

/** Puts the attribute sets that a line names together, once for each combination: the last template that names an attribute counts. */
export function attributeTemplates(scene: Scene, system: "ad" | "entra"): (sets?: string | string[]) => readonly AttributeTemplate[] {
  const put = (sets: string[]): AttributeTemplate[] => {
    const byName = new Map<string, AttributeTemplate>();
    for (const set of sets)
      for (const [name, wanted] of Object.entries(scene.mappings[system]?.attributes[set] ?? {})) {
        const templates = sourcesOf(wanted).map(({ source }) => compile(source));
        const read = [...new Set(templates.flatMap((template) => template.fields))].sort();
        const clears = typeof wanted === "object" && "whenEmpty" in wanted && wanted.whenEmpty === "clear";
        byName.set(fold(name), { name, wanted, place: scene.at(system, "attributes", set, name), templates, read, clears });
      }
    return [...byName.values()];
  };
  const made = remembered(put, (sets) => sets.join("\u0000"));
  return (sets = []) => made([sets].flat());
}

/** What the templates give, without the empty ones. */
export function rendered({ templates }: AttributeTemplate, ...given: Parameters<Template["render"]>): string[] {
  return templates.map((template) => template.render(...given)).filter((text) => text !== "");
}
