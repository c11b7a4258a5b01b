/** What ad.yaml must be beyond its shape. No I/O. */
import { type Check, checkCondition, checkOnce, checkTemplate } from "./check.ts";
import { fold, groupsOf } from "./condition.ts";
import { dnProblem, foldDn } from "./dn.ts";
import type { Path } from "./document.ts";
import { found } from "./issues.ts";
import { FORBIDDEN_ATTRIBUTES, GUARDED_GROUPS, PERSON_ATTRIBUTES, USER_ATTRIBUTES } from "./names.ts";
import { didYouMean, mistakes, nearest } from "./nearest.ts";
import type { AdFile } from "./schema.ts";

const LOGIN = ["login"];
const A_DN = "a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com";

export function checkAd(check: Check, ad: AdFile): void {
  checkAccounts(check, ad);
  for (const [name, attributes] of Object.entries(ad.attributes)) checkAttributes(check, attributes, ["attributes", name]);
  for (const [index, ou] of ad.ous.entries()) checkDn(check, ou, ["ous", index]);
  checkOnce(
    check,
    "ad",
    ad.ous.map((ou, index) => ({ name: foldDn(ou), path: ["ous", index] })),
    "organizational unit",
  );
  for (const [index, group] of ad.groups.entries()) checkGroup(check, group, ["groups", index]);
  checkOnce(
    check,
    "ad",
    ad.groups.map((group, index) => ({ name: group.name, path: ["groups", index, "name"] })),
    "group",
  );
  checkCircles(check, ad);
}

function checkAccounts(check: Check, ad: AdFile): void {
  let everybody: number | undefined;
  for (const [index, account] of ad.accounts.entries()) {
    const path = ["accounts", index];
    if (everybody !== undefined)
      check.report(
        path,
        `expected the line for everybody last, found one after accounts[${everybody}], which is for everybody; it would never be used (put it before, or give that one a when)`,
      );
    else if (account.when === undefined || Object.keys(account.when).length === 0) everybody = index;
    checkCondition(check, account.when, [...path, "when"]);
    checkDnTemplate(check, account.ou, [...path, "ou"]);
    checkTemplate(check, account.name, [...path, "name"], { extras: LOGIN, differs: "which would give everybody the same name" });
    const named = account.attributes ?? [];
    for (const [position, name] of (Array.isArray(named) ? named : [named]).entries()) {
      if (Object.hasOwn(ad.attributes, name)) continue;
      const here = [...path, "attributes", ...(Array.isArray(named) ? [position] : [])];
      check.report(
        here,
        `expected the name of an attribute template (${Object.keys(ad.attributes).join(", ") || "there is none"}), found ${found(name)}${didYouMean(nearest(name, Object.keys(ad.attributes)))}`,
      );
    }
  }
}

function checkDnTemplate(check: Check, source: string, path: Path): void {
  const template = checkTemplate(check, source, path, { extras: LOGIN, dn: true });
  if (!template || source.includes("{%")) return;
  const sample = Object.fromEntries(template.fields.map((field) => [field, "x"]));
  const problem = dnProblem(template.render(sample));
  if (problem) check.report(path, `expected ${A_DN}, found ${found(source)}: ${problem}`);
}

function checkDn(check: Check, dn: string, path: Path): void {
  const problem = dn.includes("{{") ? "templates work only in accounts[].ou" : dnProblem(dn);
  if (problem) check.report(path, `expected ${A_DN}, found ${found(dn)}: ${problem}`);
}

function checkAttributes(check: Check, attributes: AdFile["attributes"][string], path: Path): void {
  for (const [name, wanted] of Object.entries(attributes)) {
    const here = [...path, name];
    if (!checkAttributeName(check, name, here)) continue;
    const isPerson = PERSON_ATTRIBUTES.includes(name.toLowerCase());
    const asks = typeof wanted === "object" && "person" in wanted;
    if (isPerson && !asks)
      check.report(
        here,
        `expected { person: template }, as in { person: "{{ custom.CFManager }}" }, found ${found(wanted)}; ${name} holds another person's account`,
      );
    if (!isPerson && asks)
      check.report(here, `expected a template, found { person: … }, which is for ${PERSON_ATTRIBUTES.join(", ")} only`);
    if (typeof wanted === "string") checkTemplate(check, wanted, here, { extras: LOGIN });
    else if ("person" in wanted)
      checkTemplate(check, wanted.person, [...here, "person"], { extras: LOGIN, differs: "which would name one person for everybody" });
    else checkTemplate(check, wanted.value, [...here, "value"], { extras: LOGIN });
  }
  checkOnce(
    check,
    "ad",
    Object.keys(attributes).map((name) => ({ name, path: [...path, name] })),
    "attribute",
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

/** The usual attribute one letter away; names of five letters or fewer, or that differ in a number only, are believed. */
export function slipOf(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.length < 6 || USER_ATTRIBUTES.some((known) => known.toLowerCase() === lower)) return undefined;
  const bare = (text: string) => text.toLowerCase().replace(/\d+/gu, "#");
  return USER_ATTRIBUTES.find((known) => known.length > 5 && bare(known) !== bare(name) && mistakes(known.toLowerCase(), lower, 2) === 1);
}

function checkGroup(check: Check, group: AdFile["groups"][number], path: Path): void {
  checkGroupName(check, group.name, [...path, "name"]);
  if (/["/\\[\]:;|=,+*?<>]|\.$/u.test(group.name)) {
    check.report(
      [...path, "name"],
      `expected a sAMAccountName (without " / \\ [ ] : ; | = , + * ? < > and no . at its end), found ${found(group.name)}`,
    );
  }
  if (group.ou !== undefined) checkDn(check, group.ou, [...path, "ou"]);
  checkCondition(check, group.members, [...path, "members"]);
  if (group.from !== undefined && group.until !== undefined && group.from > group.until) {
    check.report([...path, "until"], `expected a day not before from (${group.from}), found ${group.until}`);
  }
}

/** A group that may be changed: neither AD nor safety.yaml protects it. */
export function checkGroupName(check: Check, name: string, path: Path): void {
  const listed = check.all.safety?.protected.groups.findIndex((each) => fold(each) === fold(name)) ?? -1;
  if (listed >= 0)
    check.report(
      path,
      `expected a group that is not protected, found ${found(name)}, which ${check.at("safety", ["protected", "groups", listed])} protects`,
    );
  else if (GUARDED_GROUPS.some((each) => fold(each) === fold(name)))
    check.report(path, `expected a group that is not protected, found ${found(name)}, which is always protected`);
}

/** Groups whose members ask for each other have no answer; each circle is told once. */
function checkCircles(check: Check, ad: AdFile): void {
  const names = ad.groups.map((group) => fold(group.name));
  const done = new Set<number>();
  const visit = (index: number, trail: number[]): void => {
    const group = ad.groups[index];
    if (!group || done.has(index)) return;
    const from = trail.indexOf(index);
    if (from >= 0) {
      const circle = [...trail.slice(from), index].map((each) => ad.groups[each]?.name ?? "");
      check.report(
        ["groups", trail[from] ?? index, "members"],
        `expected groups that do not ask for each other in a circle, found ${circle.join(" → ")}`,
      );
      return;
    }
    for (const name of groupsOf(group.members)) visit(names.indexOf(fold(name)), [...trail, index]);
    done.add(index);
  };
  for (const index of ad.groups.keys()) visit(index, []);
}
