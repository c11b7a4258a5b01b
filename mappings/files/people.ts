/** mappings/people.yaml: who the people are, how their accounts are recognised, when a read of them is believed. */

import { didYouMean, guess, nearest } from "../../base/text.ts";
import { directories } from "../../providers/systems.ts";
import { slipOf } from "../check/ad-attributes.ts";
import { type Check, checkOnce, isWritten, placed } from "../check/check.ts";
import { checkCondition, checkTemplate, isField } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { isTicketField, TICKET_FIELDS } from "../language/feeds.ts";
import { MATCHABLE } from "../language/names.ts";
import { type PeopleFile, peopleFile } from "../schema/people.ts";
import { sourcesFile } from "../schema/sources.ts";
import type { Path } from "../text/document.ts";
import { found, oneOf } from "../text/issues.ts";

export const people = defineFile({
  name: "people",
  schema: peopleFile,
  check: checkPeople,
  introduction: "Who the people are, how their existing accounts are recognised, how logins are named. This file must be there.",
  whenMissing: { refused: "it says who the people are" },
  rules: { "people.for": {} },
});

const SAME_FOR_ALL = "which would be the same for everybody";

function checkPeople(check: Check, { people }: PeopleFile): void {
  const known = Object.keys(check.of(sourcesFile)?.sources ?? {});
  if (!["halo.users", "entra.users"].includes(people.source) && !known.includes(people.source))
    check.report(
      ["people", "source"],
      `expected halo.users or a source of sources.yaml${known.length > 0 ? ` (${known.join(", ")})` : ""}, found ${JSON.stringify(people.source)}${guess(people.source, ["halo.users", "entra.users", ...known])}`,
    );
  checkCondition(check, people.for, ["people", "for"], { groups: false });
  checkLeaving(check, people.for, ["people", "for"], people.source === "entra.users" ? ["inactive", "accountEnabled"] : ["inactive"]);
  if (people.incremental && people.source !== "halo.users")
    check.report(["people", "incremental"], `expected people.source: halo.users beside people.incremental, found ${people.source}`, "key");
  checkTickets(check, people);
  checkTemplate(check, people.login.is, ["people", "login", "is"], { differs: SAME_FOR_ALL });
  for (const { name: system } of directories) {
    const names = people.match[system];
    const path = ["people", "match", system];
    for (const [index, name] of names.entries()) checkMatch(check, people, system, name, [...path, index]);
    checkOnce(check, path, names, "attribute");
  }
  // New agents get `email` as their address, whether or not anything is matched by it.
  const used = [...new Set([...Object.values(people.match).flat(), "email"])];
  for (const [name, source] of Object.entries(people.identify)) {
    const path = ["people", "identify", name];
    // A default of identify that match does not use is no mistake; its fields are not read either.
    if (source === undefined || !(isWritten(check, path) || used.includes(name))) continue;
    if (!used.includes(name))
      check.report(
        path,
        `expected an attribute that people.match names (${used.join(", ")}), found ${JSON.stringify(name)}${guess(name, used)}`,
        "key",
      );
    checkTemplate(check, source, path, { differs: SAME_FOR_ALL });
  }
}

/** A leaver whom people.for leaves out is no leaver but nobody: the account would stay on for ever. */
function checkLeaving(check: Check, condition: unknown, path: Path, leaving: readonly string[]): void {
  if (typeof condition !== "object" || condition === null) return;
  for (const [word, inner] of Object.entries(condition)) {
    if (!Array.isArray(condition) && leaving.includes(word))
      check.report(
        [...path, word],
        `expected who a person is, found ${word}, which says who has left: whom people.for leaves out keeps every access; take it out, leaver.when of safety.yaml decides about leavers`,
        "key",
      );
    else if (Array.isArray(condition) || ["any", "all", "not"].includes(word))
      checkLeaving(check, inner, [...path, Array.isArray(condition) ? Number(word) : word], leaving);
  }
}

function checkMatch(check: Check, people: PeopleFile["people"], system: "ad" | "entra" | "halo", name: string, path: Path): void {
  const known = MATCHABLE[system];
  const slip = known ? nearest(name, known) : slipOf(name);
  const wrong = known ? !known.includes(name) : slip !== undefined || !/^[A-Za-z][A-Za-z0-9-]*$/u.test(name);
  if (wrong)
    check.report(
      path,
      `expected ${known ? oneOf(known) : "the LDAP name of an attribute such as employeeNumber"}, found ${found(name)}${didYouMean(slip)}`,
    );
  else if (/^(?:displayname|cn|sn|givenname)$/iu.test(name))
    check.report(path, `expected an attribute that no two people share, found ${found(name)}`);
  else if (!Object.hasOwn(people.identify, name) || people.identify[name] === undefined) {
    check.report(path, `expected a line people.identify.${name} beside it (the template of what the attribute must hold), found none`);
  }
}

/** People made from tickets. The key must be among the fields, and templates are over the ticket. */
function checkTickets(check: Check, people: PeopleFile["people"]): void {
  if (!people.tickets) return;
  if (people.source !== "halo.users")
    check.report(
      ["people", "tickets"],
      `expected people.source: halo.users beside people made from tickets, found ${people.source}`,
      "key",
    );
  if (people.key === "id")
    check.report(
      ["people", "tickets"],
      "expected another people.key than id beside people made from tickets, such as other1 with the number that HR gives: Halo's id is not known before Halo has the user",
      "key",
    );
  for (const [line, path] of placed(people.tickets, "people", "tickets")) {
    if (people.key !== "id" && !Object.hasOwn(line.fields, people.key))
      check.report(
        [...path, "fields"],
        `expected the field ${people.key}, which is people.key, among ${Object.keys(line.fields).join(", ") || "none"}: by it the person is the same when Halo has a user`,
      );
    const over: Check = { ...check, record: "the ticket", knownFields: TICKET_FIELDS, fields: new Set() };
    for (const [field, template] of Object.entries(line.fields)) {
      const here = [...path, "fields", field];
      if (!isField(check, field))
        check.report(
          here,
          `expected a field of ${check.record}, found ${JSON.stringify(field)}${guess(field, check.knownFields ?? [])}`,
          "key",
        );
      checkTemplate(over, template, here);
    }
    for (const word of ["starts", "ends"] as const) {
      const name = line[word];
      if (name !== undefined && !isTicketField(name))
        check.report([...path, word], `expected a field of a ticket with a date (startdate, custom.CFName), found ${name}`);
    }
  }
}
