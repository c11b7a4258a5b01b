/** The attributes of an AD account from the mapping's templates. */

import { oneForm } from "../../../base/clean.ts";
import type { Json } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import type { AdFile } from "../../../mappings/schema/all.ts";
import { type Attribute, attribute } from "../../../providers/ad/values/attributes.ts";
import { lengthProblem } from "../../../providers/ad/values/rules.ts";
import { type AttributeValue, listOf } from "../../../providers/ad/values/syntax.ts";
import { remembered } from "../../model/remembered.ts";
import type { Scene } from "../../model/scene.ts";
import { type AttributeTemplate, attributeTemplates, rendered } from "../account/templates.ts";

type Line = AdFile["accounts"][number];

export interface AttributeSet {
  /** LDAP name → canonical value or values; "" = cleared; absent = not managed. */
  values: { [name: string]: AttributeValue };
  /** userPrincipalName is an input of its own. */
  upn?: string;
  /** Attributes that hold a person: LDAP name → what the template gave. */
  people: { [name: string]: string };
  /** Attributes in which others' values stay, sorted. */
  additive: string[];
  /** Declared syntax of those attributes that AD's own schema does not say. */
  syntax: { [name: string]: string };
  /** What AD would not take, in sentences: the person is parked. */
  problems: string[];
  /** The templates that gave something. */
  from: AttributeTemplate[];
}

/** Renders the attribute templates of a line in order; later ones win. */
export function attributeSets(scene: Scene): (line: Line, fields: { [field: string]: Json }, login: string) => AttributeSet {
  const templatesOf = attributeTemplates(scene, "ad");
  const declared = scene.mappings.ad?.syntax ?? {};
  const kindsOf = remembered((templates: readonly AttributeTemplate[]) =>
    templates.map((template) => ({ template, ...kindOf(template, declared) })),
  );
  return (line, fields, login) => {
    const set: AttributeSet = { values: {}, people: {}, additive: [], syntax: {}, problems: [], from: [] };
    const extra = { login };
    for (const { template, one, isUpn, isPerson, additive, syntax, isText } of kindsOf(templatesOf(line.attributes))) {
      const { name, place, clears } = template;
      const texts = rendered(template, fields, extra);
      if (texts.length === 0 && !clears) continue;
      const [text] = texts;
      // Nearly all attributes are one text, and nothing more is to be looked at where AD has room for it.
      if (isText && text !== undefined && texts.length === 1) {
        const value = oneForm(text);
        if (value.length <= (one.longest ?? value.length)) {
          if (value === "" && !clears) continue;
          set.values[name] = value;
          set.from.push(template);
          continue;
        }
      }
      if (isUpn) {
        const [upn] = texts;
        if (upn === undefined) continue;
        set.from.push(template);
        set.upn = upn;
        continue;
      }
      if (isPerson) {
        set.people[name] = texts[0] ?? "";
        set.from.push(template);
        continue;
      }
      const made = canonicalOf(one, texts, additive);
      if ("problem" in made) {
        set.problems.push(`${name} (${place}): ${made.problem}`);
        continue;
      }
      // a template whose address came out empty has given nothing after all
      if (made.value === "" && !clears) continue;
      set.values[name] = made.value;
      set.from.push(template);
      if (additive) set.additive.push(name);
      if (syntax !== undefined && syntax !== "text") set.syntax[name] = syntax;
    }
    if (set.additive.length > 1) set.additive.sort();
    return set;
  };
}

/** Whether an attribute is an input of its own. */
export const isLogin = ({ name }: Pick<AttributeTemplate, "name">): boolean => fold(name) === "userprincipalname";

/** What is the same of an attribute for everybody. */
function kindOf({ name, wanted }: AttributeTemplate, declared: Parameters<typeof attribute>[1] & {}) {
  const isMap = typeof wanted === "object" && !Array.isArray(wanted);
  const one = attribute(name, declared);
  const isUpn = isLogin({ name });
  const isPerson = isMap && "person" in wanted;
  const additive = isMap && "values" in wanted && wanted.mode === "additive";
  const syntax = one.isKnown ? undefined : declared[name];
  const isText = one.isPlain && !isUpn && !isPerson && !additive && (syntax === undefined || syntax === "text");
  return { one, isUpn, isPerson, additive, syntax, isText };
}

/** Texts of templates as an attribute's canonical value, or why AD would not take it. */
function canonicalOf(one: Attribute, texts: readonly string[], additive: boolean): { value: AttributeValue } | { problem: string } {
  try {
    const value = one.canonical(one.isReference ? texts.map((text) => (/^dn:/iu.test(text) ? text : `dn:${text}`)) : texts);
    if (typeof value === "string" && one.isPlain && value.length <= (one.longest ?? value.length)) return { value };
    const long = listOf(value).map((each) => lengthProblem(one.name, each));
    const problem =
      (one.syntax === "text" ? long.find((each) => each !== undefined) : undefined) ??
      one.check(value) ??
      primaryProblem(one.name, value, additive);
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
