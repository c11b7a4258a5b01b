/** `people.is`: by which fields people are recognised and known again, and that no other mapping file writes them otherwise. No I/O. */
import { didYouMean, fold, nearest } from "../../base/text.ts";
import type { Directory } from "../../providers/core/system.ts";
import { directories } from "../../providers/systems.ts";
import { isWritable, writtenOf } from "../language/identity.ts";
import { MATCHABLE } from "../language/names.ts";
import { compile } from "../language/template.ts";
import { type AttributeValue, sourcesOf } from "../language/values.ts";
import { type PeopleFile, peopleFile } from "../schema/people.ts";
import type { Path } from "../text/document.ts";
import { found, oneOf } from "../text/issues.ts";
import { type Check, checkKeysOnce } from "./check.ts";
import { checkTemplate } from "./language.ts";
import { slipOf } from "./slips.ts";

export const SAME_FOR_ALL = "which would be the same for everybody";

export function checkIdentity(check: Check, { is }: PeopleFile["people"]): void {
  for (const { name: system } of directories) {
    const path = ["people", "is", system];
    for (const [field, template] of Object.entries(is[system])) {
      checkName(check, system, field, [...path, field]);
      checkTemplate(check, template, [...path, field], { differs: SAME_FOR_ALL });
    }
    checkKeysOnce(check, path, is[system], "attribute");
  }
  const { ad, halo } = is;
  if (Object.keys(ad).every((field) => !isWritable("ad", field)))
    check.report(
      ["people", "is", "ad"],
      'expected an attribute that haloform writes, such as employeeNumber: "{{ id }}", by which a new account is known again by a run that was cut off, found none',
    );
  if (Object.keys(is.entra).length === 0) check.report(["people", "is", "entra"], "expected at least one property, found none");
  if (halo["email"] === undefined)
    check.report(
      ["people", "is", "halo"],
      'expected email: "{{ emailaddress | downcase }}" among the fields, as no agent is without an address, found none',
    );
}

function checkName(check: Check, system: Directory, name: string, path: Path): void {
  const known = MATCHABLE[system];
  const slip = known ? nearest(name, known) : slipOf(name);
  const wrong = known ? !known.includes(name) : slip !== undefined || !/^[A-Za-z][A-Za-z0-9-]*$/u.test(name);
  const expected = known ? oneOf(known) : "the LDAP name of an attribute such as employeeNumber";
  if (wrong) check.report(path, `expected ${expected}, found ${found(name)}${didYouMean(slip)}`, "key");
  else if (/^(?:displayname|cn|sn|givenname)$/iu.test(name))
    check.report(path, `expected an attribute that no two people share, found ${found(name)}`, "key");
}

/** What a mapping file writes of a field by which people are recognised must be the value they are recognised by. */
export function checkAgrees(check: Check, system: Directory, name: string, wanted: AttributeValue, path: Path): void {
  const { people } = check.of(peopleFile) ?? {};
  const [field, template] = (people ? writtenOf(people, system) : []).find(([one]) => fold(one) === fold(name)) ?? [];
  if (field === undefined || template === undefined) return;
  const sources = sourcesOf(wanted, path);
  const [only] = sources;
  // `login` is the account's here and the record's own field there.
  if (only && sources.length === 1 && canonical(only.source) === canonical(template) && !fieldsOf(template).includes("login")) return;
  check.report(
    only?.path ?? path,
    `expected ${found(template)}, by which people.is.${system}.${field} (${check.at(["people", "is", system, field], peopleFile)}) recognises people and which is written without this line too, found ${found(only?.source ?? wanted)}; take this line out, or change people.is`,
  );
}

/** Blanks between braces mean nothing. */
const canonical = (template: string): string =>
  template.trim().replace(/\{[{%].*?[}%]\}/gsu, (part) => part.replace(/\s*(\{\{|\}\}|[|:,])\s*/gu, "$1").replace(/\s+/gu, " "));

function fieldsOf(template: string): readonly string[] {
  try {
    return compile(template).fields;
  } catch {
    return [];
  }
}
