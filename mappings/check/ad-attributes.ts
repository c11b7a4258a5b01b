/** What the attribute templates and flags of ad.yaml must be beyond their shape. No I/O. */
import { didYouMean, nearest } from "../../base/text.ts";
import { type Attribute, attribute } from "../../providers/ad/values/attributes.ts";
import { flags } from "../../providers/ad/values/flags.ts";
import { FORBIDDEN_ATTRIBUTES, PERSON_ATTRIBUTES, USER_ATTRIBUTES } from "../language/names.ts";
import { type AttributeValue, type Source, sourcesOf } from "../language/values.ts";
import type { AdFile } from "../schema/ad.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkKeysOnce } from "./check.ts";
import { checkAgrees } from "./identity.ts";
import { checkTemplate, LOGIN } from "./language.ts";
import { slipOf } from "./slips.ts";

/** Flags that would open a hole are refused with the reason; switching them off is what anybody may do. */
export function checkFlags(check: Check, wanted: AdFile["accounts"][number]["flags"], path: Path): void {
  for (const [name, on] of Object.entries(wanted ?? {})) {
    const why = on === true ? flags[name]?.refused : undefined;
    if (why !== undefined) check.report([...path, name], `expected false, found true; ${why}`);
  }
}

/** Declared syntaxes are for attributes of the organisation's own schema. */
export function checkSyntax(check: Check, ad: AdFile): void {
  for (const [name, syntax] of Object.entries(ad.syntax)) {
    const path = ["syntax", name];
    if (!checkAttributeName(check, name, path)) continue;
    const known = attribute(name);
    if (known.isKnown && known.syntax !== syntax)
      check.report(
        path,
        `expected an attribute of your own schema, found ${JSON.stringify(name)}, which AD writes as ${known.syntax}; take this line away`,
      );
  }
}

export function checkAttributes(check: Check, ad: AdFile, attributes: AdFile["attributes"][string], path: Path): void {
  for (const [name, wanted] of Object.entries(attributes)) {
    const here = [...path, name];
    if (!checkAttributeName(check, name, here)) continue;
    const isObject = typeof wanted === "object" && !Array.isArray(wanted);
    const asks = isObject && "person" in wanted;
    if (PERSON_ATTRIBUTES.includes(name.toLowerCase()) && !asks)
      check.report(
        here,
        `expected { person: template }, as in { person: "{{ custom.CFManager }}" }, found ${found(wanted)}; ${name} holds another person's account`,
      );
    if (asks) {
      if (!attribute(name, ad.syntax).isReference)
        check.report(
          here,
          `expected a template, found { person: … }, which is for ${PERSON_ATTRIBUTES.join(", ")} and other attributes that hold an account`,
        );
      checkTemplate(check, wanted.person, [...here, "person"], { extras: LOGIN, differs: "which would name one person for everybody" });
      continue;
    }
    checkValues(check, ad, name, wanted, here);
    checkAgrees(check, "ad", name, wanted, here);
  }
  checkKeysOnce(check, path, attributes, "attribute");
}

function checkValues(check: Check, ad: AdFile, name: string, wanted: AttributeValue, here: Path): void {
  const many = Array.isArray(wanted) || (typeof wanted === "object" && "values" in wanted);
  const one = attribute(name, ad.syntax);
  if (many && !one.isList) {
    check.report(here, `expected one template, found a list; ${one.name} holds one value`);
    return;
  }
  // Single values can be added to and taken from an attribute that holds several, and no references.
  const isAddable = !one.single && !one.isReference;
  if (typeof wanted === "object" && "mode" in wanted && wanted.mode === "additive" && !isAddable) {
    check.report([...here, "mode"], `expected exact, found "additive"; ${one.name} is one value to AD`);
    return;
  }
  let fixed = true;
  const sources = sourcesOf(wanted, here);
  for (const { source, path } of sources) {
    const template = checkTemplate(check, source, path, { extras: LOGIN });
    if (!template || template.fields.length > 0 || /\{[{%]/u.test(source)) fixed = false;
    else checkFixed(check, one, [source], path);
  }
  const values = sources.map(({ source }) => source);
  if (fixed && sources.length > 1) checkFixed(check, one, values, here);
  if (name.toLowerCase() === "proxyaddresses") checkPrimary(check, wanted, sources, here);
}

/** What is the same for everybody is right or wrong now. */
function checkFixed(check: Check, one: Attribute, values: readonly string[], path: Path): void {
  try {
    const problem = one.check(one.canonical(one.isReference ? values.map((value) => `dn:${value}`) : values));
    if (problem) check.report(path, problem);
  } catch (error) {
    const text = (error as Error).message;
    check.report(path, text.startsWith("expected") ? text : `expected a distinguishedName, found ${found(values[0])}`);
  }
}

/** One primary address, whatever the templates give: `SMTP:` in upper case. */
function checkPrimary(check: Check, wanted: AttributeValue, sources: readonly Source[], here: Path): void {
  const exact = !(typeof wanted === "object" && "mode" in wanted && wanted.mode === "additive");
  const primary = sources.filter(({ source }) => /^\s*SMTP:/u.test(source));
  // a type that comes from the record is only known for each person
  const open = sources.some(({ source }) => /^\s*\{/u.test(source));
  const [, second] = primary;
  if (second) check.report(second.path, "expected one primary address (SMTP: in upper case), found a second one; write the others smtp:");
  else if (exact && !open && primary.length === 0)
    check.report(
      here,
      `expected one primary address (SMTP: in upper case), found none; others' addresses stay with { values: […], mode: additive }`,
    );
}

/** An LDAP attribute that a mapping may write; custom ones of the organisation's schema too, unless they look like a slip. */
function checkAttributeName(check: Check, name: string, path: Path): boolean {
  const why = FORBIDDEN_ATTRIBUTES.get(name.toLowerCase());
  const wrong = !/^[A-Za-z][A-Za-z0-9-]*$/u.test(name);
  const slip = wrong ? nearest(name, USER_ATTRIBUTES) : slipOf(name);
  if (why) check.report(path, `expected an attribute that templates may write, found ${JSON.stringify(name)}; ${why}`, "key");
  else if (wrong || slip)
    check.report(
      path,
      `expected the LDAP name of an attribute such as telephoneNumber, found ${JSON.stringify(name)}${didYouMean(slip)}`,
      "key",
    );
  return !why && !wrong;
}
