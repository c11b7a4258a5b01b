/** What ad.yaml's groups, organizational units, contacts and computers must be beyond their shape. No I/O. */
import { guess, same } from "../../base/text.ts";
import { dnKey } from "../../providers/ad/values/dn.ts";
import { groupsOf } from "../language/condition.ts";
import { FORBIDDEN_ATTRIBUTES, PERSON_ATTRIBUTES, USER_ATTRIBUTES } from "../language/names.ts";
import type { AdFile } from "../schema/ad.ts";
import { unitOf } from "../schema/ad-groups.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkKeysOnce, checkNamesOnce, checkOnce, placed } from "./check.ts";
import { checkCircles, checkGroupLine, checkGroupName, isAllowed } from "./groups.ts";
import { checkDn, checkKey } from "./language.ts";

type Group = AdFile["groups"][number];

export function checkUnits(check: Check, ad: AdFile): void {
  for (const [index, entry] of ad.ous.entries()) {
    const unit = unitOf(entry);
    const path = ["ous", index];
    checkDn(check, unit.ou, typeof entry === "string" ? path : [...path, "ou"]);
    checkManager(check, ad, unit.managedBy, [...path, "managedBy"]);
  }
  const keys = ad.ous.map((entry) => dnKey(unitOf(entry).ou));
  checkOnce(check, ["ous"], keys, "organizational unit");
}

export function checkGroups(check: Check, ad: AdFile): void {
  for (const [index, group] of ad.groups.entries()) checkGroup(check, ad, group, ["groups", index]);
  checkNamesOnce(check, "groups", ad.groups, "group");
  checkCircles(check, ad.groups, "for", (group) => (group.for ? groupsOf(group.for) : []));
  checkCircles(check, ad.groups, "contains");
}

function checkGroup(check: Check, ad: AdFile, group: Group, path: Path): void {
  checkGroupLine(check, group, path, (kind, name) => (kind === "dns" ? dnKey(name) : name));
  if (/["/\\[\]:;|=,+*?<>]|\.$/u.test(group.name)) {
    check.report(
      [...path, "name"],
      `expected a sAMAccountName (without " / \\ [ ] : ; | = , + * ? < > and no . at its end), found ${found(group.name)}`,
    );
  }
  if (group.ou !== undefined) checkDn(check, group.ou, [...path, "ou"]);
  else if (group.move) check.report([...path, "move"], "expected ou beside move: true, found none; say where to move the group");
  if (!group.for && !group.contains) {
    check.report(
      path,
      "expected for or contains (who belongs in the group), found neither; write for: {} for everybody, contains: {} for nobody",
    );
  }
  for (const field of ["contains", "mayContain"] as const) checkContents(check, ad, group[field], [...path, field]);
  checkManager(check, ad, group.managedBy, [...path, "managedBy"]);
  if (group.formerly !== undefined) {
    const { formerly } = group;
    const named = ad.groups.findIndex((other) => same(other.name, formerly));
    if (named >= 0)
      check.report(
        [...path, "formerly"],
        `expected the old name of this group, found ${found(formerly)}, which is the name of ${check.at(["groups", named])}`,
      );
    checkGroupName(check, formerly, [...path, "formerly"]);
  }
  if (isAllowed(check, group.name))
    for (const field of ["ou", "move", "convert", "description", "displayName", "mail", "notes", "managedBy", "formerly"] as const)
      if (group[field] !== undefined && group[field] !== false)
        check.report([...path, field], `expected only members of ${found(group.name)}, which AD protects, found ${field}`);
}

/** Members that only AD has. */
function checkContents(check: Check, ad: AdFile, contents: Group["contains"], path: Path): void {
  const contacts = ad.contacts.map((one) => one.name);
  for (const [index, name] of (contents?.contacts ?? []).entries())
    if (!contacts.some((each) => same(each, name)))
      check.report(
        [...path, "contacts", index],
        `expected a contact of this file, found ${found(name)}${guess(name, contacts) || "; write others under dns"}`,
      );
  for (const [index, dn] of (contents?.dns ?? []).entries()) checkDn(check, dn, [...path, "dns", index]);
}

function checkManager(check: Check, ad: AdFile, manager: Group["managedBy"], path: Path): void {
  if (!manager) return;
  if ("person" in manager) checkKey(check, manager.person, [...path, "person"]);
  else if ("dn" in manager) checkDn(check, manager.dn, [...path, "dn"]);
  else {
    const names = ad.groups.map((group) => group.name);
    if (!names.some((name) => same(name, manager.group)))
      check.report([...path, "group"], `expected a group of this file, found ${found(manager.group)}${guess(manager.group, names)}`);
  }
}

export function checkContacts(check: Check, ad: AdFile): void {
  for (const [contact, path] of placed(ad.contacts, "contacts")) {
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
          `expected the LDAP name of an attribute such as targetAddress, found ${JSON.stringify(name)}${guess(name, USER_ATTRIBUTES)}`,
          "key",
        );
    }
    checkKeysOnce(check, [...path, "attributes"], contact.attributes, "attribute");
  }
  checkNamesOnce(check, "contacts", ad.contacts, "contact");
}

export function checkComputers(check: Check, ad: AdFile): void {
  for (const [rule, path] of placed(ad.computers, "computers")) {
    if (rule.ou !== undefined) checkDn(check, rule.ou, [...path, "ou"]);
    else if (!rule.disable) check.report(path, "expected ou, or disable: true, found neither; the line would do nothing");
    if (/["/\\[\]:;|=,+<>$]/u.test(rule.name))
      check.report([...path, "name"], `expected a computer's name without its $, or a pattern with * and ?, found ${found(rule.name)}`);
    else if (/^[*?]+$/u.test(rule.name))
      check.report([...path, "name"], `expected at least one letter of the name, found ${found(rule.name)}, which is every computer`);
  }
  checkNamesOnce(check, "computers", ad.computers, "computer");
}
