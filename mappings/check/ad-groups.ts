/** What ad.yaml's groups, organizational units, contacts and computers must be beyond their shape. No I/O. */

import { didYouMean, fold, nearest } from "../../base/text.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import { groupsOf } from "../language/condition.ts";
import { dnProblem } from "../language/dn.ts";
import { FORBIDDEN_ATTRIBUTES, GUARDED_GROUPS, PERSON_ATTRIBUTES, PRIMARY_GROUPS, USER_ATTRIBUTES } from "../language/names.ts";
import { unitOf } from "../schema/ad-groups.ts";
import type { AdFile } from "../schema/all.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkCondition, checkKey, checkOnce } from "./check.ts";

type Group = AdFile["groups"][number];

const A_DN = "a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com";

export function checkDn(check: Check, dn: string, path: Path): void {
  const problem = dn.includes("{{") ? "templates work only in accounts[].ou" : dnProblem(dn);
  if (problem) check.report(path, `expected ${A_DN}, found ${found(dn)}: ${problem}`);
}

export function checkUnits(check: Check, ad: AdFile): void {
  for (const [index, entry] of ad.ous.entries()) {
    const unit = unitOf(entry);
    const path = ["ous", index];
    checkDn(check, unit.ou, typeof entry === "string" ? path : [...path, "ou"]);
    checkManager(check, ad, unit.managedBy, [...path, "managedBy"]);
  }
  checkOnce(
    check,
    "ad",
    ad.ous.map((entry, index) => ({ name: dnKey(unitOf(entry).ou), path: ["ous", index] })),
    "organizational unit",
  );
}

export function checkGroups(check: Check, ad: AdFile): void {
  for (const [index, group] of ad.groups.entries()) checkGroup(check, ad, group, ["groups", index]);
  checkOnce(
    check,
    "ad",
    ad.groups.map((group, index) => ({ name: group.name, path: ["groups", index, "name"] })),
    "group",
  );
  checkCircles(check, ad, (group) => (group.members ? groupsOf(group.members) : []), "members", "ask for each other");
  checkCircles(check, ad, (group) => group.contains?.groups ?? [], "contains", "contain each other");
}

function checkGroup(check: Check, ad: AdFile, group: Group, path: Path): void {
  checkGroupName(check, group.name, [...path, "name"]);
  if (/["/\\[\]:;|=,+*?<>]|\.$/u.test(group.name)) {
    check.report(
      [...path, "name"],
      `expected a sAMAccountName (without " / \\ [ ] : ; | = , + * ? < > and no . at its end), found ${found(group.name)}`,
    );
  }
  if (group.ou !== undefined) checkDn(check, group.ou, [...path, "ou"]);
  else if (group.move) check.report([...path, "move"], "expected ou beside move: true, found none; say where to move the group");
  checkCondition(check, group.members, [...path, "members"]);
  checkCondition(check, group.may, [...path, "may"]);
  if (!group.members && !group.contains) {
    check.report(
      path,
      "expected members or contains (who belongs in the group), found neither; write members: {} for everybody, contains: {} for nobody",
    );
  }
  for (const field of ["may", "mayContain"] as const)
    if (group[field] && group.mode === "additive")
      check.report([...path, field], `expected mode: exact beside ${field}, found additive, in which everybody may be a member anyway`);
  for (const field of ["contains", "mayContain"] as const) checkContents(check, ad, group, field, [...path, field]);
  checkManager(check, ad, group.managedBy, [...path, "managedBy"]);
  if (group.formerly !== undefined) {
    const named = ad.groups.findIndex((other) => fold(other.name) === fold(group.formerly ?? ""));
    if (named >= 0)
      check.report(
        [...path, "formerly"],
        `expected the old name of this group, found ${found(group.formerly)}, which is the name of ${check.at("ad", ["groups", named])}`,
      );
    checkGroupName(check, group.formerly, [...path, "formerly"]);
  }
  if (isAllowed(check, group.name))
    for (const field of ["ou", "move", "convert", "description", "displayName", "mail", "notes", "managedBy", "formerly"] as const)
      if (group[field] !== undefined && group[field] !== false)
        check.report([...path, field], `expected only members of ${found(group.name)}, which AD protects, found ${field}`);
  if (group.from !== undefined && group.until !== undefined && group.from > group.until) {
    check.report([...path, "until"], `expected a day not before from (${group.from}), found ${group.until}`);
  }
}

function checkContents(check: Check, ad: AdFile, group: Group, field: "contains" | "mayContain", path: Path): void {
  const contents = group[field];
  if (!contents) return;
  for (const [index, name] of contents.groups.entries())
    if (fold(name) === fold(group.name)) check.report([...path, "groups", index], `expected another group, found ${found(name)} itself`);
  const contacts = ad.contacts.map((one) => one.name);
  for (const [index, name] of contents.contacts.entries())
    if (!contacts.some((each) => fold(each) === fold(name)))
      check.report(
        [...path, "contacts", index],
        `expected a contact of this file, found ${found(name)}${didYouMean(nearest(name, contacts)) || "; write others under dns"}`,
      );
  for (const [index, dn] of contents.dns.entries()) checkDn(check, dn, [...path, "dns", index]);
  for (const kind of ["groups", "contacts", "dns"] as const)
    checkOnce(
      check,
      "ad",
      contents[kind].map((name, index) => ({ name: kind === "dns" ? dnKey(name) : name, path: [...path, kind, index] })),
      "member",
    );
}

function checkManager(check: Check, ad: AdFile, manager: Group["managedBy"], path: Path): void {
  if (!manager) return;
  if ("person" in manager) checkKey(check, manager.person, [...path, "person"]);
  else if ("dn" in manager) checkDn(check, manager.dn, [...path, "dn"]);
  else {
    const names = ad.groups.map((group) => group.name);
    if (!names.some((name) => fold(name) === fold(manager.group)))
      check.report(
        [...path, "group"],
        `expected a group of this file, found ${found(manager.group)}${didYouMean(nearest(manager.group, names))}`,
      );
  }
}

/** Whether safety.yaml lets a mapping fill a group that AD protects. */
function isAllowed(check: Check, name: string): boolean {
  return check.all.safety?.protected.allow.some((each) => fold(each) === fold(name)) ?? false;
}

/** A group that may be changed: neither AD nor safety.yaml protects it, or safety.yaml names it under `allow`. */
export function checkGroupName(check: Check, name: string, path: Path): void {
  const listed = check.all.safety?.protected.groups.findIndex((each) => fold(each) === fold(name)) ?? -1;
  if (listed >= 0)
    check.report(
      path,
      `expected a group that is not protected, found ${found(name)}, which ${check.at("safety", ["protected", "groups", listed])} protects`,
    );
  else if (PRIMARY_GROUPS.some((each) => fold(each) === fold(name)))
    check.report(path, `expected a group that is not protected, found ${found(name)}, which is always protected`);
  else if (GUARDED_GROUPS.some((each) => fold(each) === fold(name)) && !isAllowed(check, name))
    check.report(path, `expected a group that is not protected, found ${found(name)}, which is always protected`);
}

/** Groups that lead to each other have no answer (members) or no use (contains); each circle is told once. */
function checkCircles(check: Check, ad: AdFile, next: (group: Group) => readonly string[], field: string, words: string): void {
  const names = ad.groups.map((group) => fold(group.name));
  const done = new Set<number>();
  const visit = (index: number, trail: number[]): void => {
    const group = ad.groups[index];
    if (!group || done.has(index)) return;
    const from = trail.indexOf(index);
    if (from >= 0) {
      const circle = [...trail.slice(from), index].map((each) => ad.groups[each]?.name ?? "");
      // a group that contains itself has been told already
      if (field === "members" || circle.length > 2)
        check.report(
          ["groups", trail[from] ?? index, field],
          `expected groups that do not ${words} in a circle, found ${circle.join(" → ")}`,
        );
      return;
    }
    for (const name of next(group)) visit(names.indexOf(fold(name)), [...trail, index]);
    done.add(index);
  };
  for (const index of ad.groups.keys()) visit(index, []);
}

export function checkContacts(check: Check, ad: AdFile): void {
  for (const [index, contact] of ad.contacts.entries()) {
    const path = ["contacts", index];
    checkDn(check, contact.ou, [...path, "ou"]);
    for (const name of Object.keys(contact.attributes)) {
      const here = [...path, "attributes", name];
      const why = FORBIDDEN_ATTRIBUTES.get(name.toLowerCase());
      if (PERSON_ATTRIBUTES.includes(name.toLowerCase()))
        check.report(here, `expected an attribute that holds text, found ${JSON.stringify(name)}, which holds another object`, "key");
      else if (why) check.report(here, `expected an attribute that mappings may write, found ${JSON.stringify(name)}; ${why}`, "key");
      else if (!/^[A-Za-z][A-Za-z0-9-]*$/u.test(name))
        check.report(
          here,
          `expected the LDAP name of an attribute such as targetAddress, found ${JSON.stringify(name)}${didYouMean(nearest(name, USER_ATTRIBUTES))}`,
          "key",
        );
    }
    checkOnce(
      check,
      "ad",
      Object.keys(contact.attributes).map((name) => ({ name, path: [...path, "attributes", name] })),
      "attribute",
    );
  }
  checkOnce(
    check,
    "ad",
    ad.contacts.map((contact, index) => ({ name: contact.name, path: ["contacts", index, "name"] })),
    "contact",
  );
}

export function checkComputers(check: Check, ad: AdFile): void {
  for (const [index, rule] of ad.computers.entries()) {
    const path = ["computers", index];
    if (rule.ou !== undefined) checkDn(check, rule.ou, [...path, "ou"]);
    else if (!rule.disable) check.report(path, "expected ou, or disable: true, found neither; the line would do nothing");
    if (/["/\\[\]:;|=,+<>$]/u.test(rule.name))
      check.report([...path, "name"], `expected a computer's name without its $, or a pattern with * and ?, found ${found(rule.name)}`);
    else if (/^[*?]+$/u.test(rule.name))
      check.report([...path, "name"], `expected at least one letter of the name, found ${found(rule.name)}, which is every computer`);
  }
  checkOnce(
    check,
    "ad",
    ad.computers.map((rule, index) => ({ name: rule.name, path: ["computers", index, "name"] })),
    "computer",
  );
}

/** safety.yaml's `protected.allow`. */
export function checkAllowed(check: Check): void {
  const safety = check.all.safety;
  if (!safety) return;
  const { allow, groups } = safety.protected;
  for (const [index, name] of allow.entries()) {
    const path = ["protected", "allow", index];
    const listed = groups.findIndex((each) => fold(each) === fold(name));
    if (listed >= 0)
      check.report(
        path,
        `expected a group that protected.groups does not name, found ${found(name)}, which ${check.at("safety", ["protected", "groups", listed])} protects`,
      );
    if (PRIMARY_GROUPS.some((each) => fold(each) === fold(name)))
      check.report(path, `expected a group whose members are listed in it, found ${found(name)}, which holds primary members`);
  }
  checkOnce(
    check,
    "safety",
    allow.map((name, index) => ({ name, path: ["protected", "allow", index] })),
    "group",
  );
}
