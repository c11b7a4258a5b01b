/** mappings/people.yaml: who the people are, how their accounts are recognised, when a read of them is believed. */

import { guess } from "../../base/text.ts";
import { type Check, checkOnce, placed } from "../check/check.ts";
import { checkIdentity, SAME_FOR_ALL } from "../check/identity.ts";
import { checkCondition, checkField, checkKey, checkTemplate, isField } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { dayTemplate, isZone } from "../language/days.ts";
import { isTicketField, TICKET_FIELDS } from "../language/feeds.ts";
import { looserTrust } from "../overrides/looser.ts";
import { type PeopleFile, peopleFile } from "../schema/people.ts";
import { sourcesFile } from "../schema/sources.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const people = defineFile({
  name: "people",
  schema: peopleFile,
  check: checkPeople,
  introduction: "Who the people are, how their existing accounts are recognised, how logins are named. This file must be there.",
  whenMissing: { refused: "it says who the people are" },
  rules: { "people.for": {} },
  client: { looser: looserTrust },
});

function checkPeople(check: Check, { people }: PeopleFile): void {
  const known = Object.keys(check.of(sourcesFile)?.sources ?? {});
  if (!["halo.users", "entra.users"].includes(people.source) && !known.includes(people.source))
    check.report(
      ["people", "source"],
      `expected halo.users or a source of sources.yaml${known.length > 0 ? ` (${known.join(", ")})` : ""}, found ${JSON.stringify(people.source)}${guess(people.source, ["halo.users", "entra.users", ...known])}`,
    );
  checkCondition(check, people.for, ["people", "for"], { groups: false });
  checkLeaving(check, people.for, ["people", "for"], people.source === "entra.users" ? ["inactive", "accountEnabled"] : ["inactive"]);
  if (people.incremental && !["halo.users", "entra.users"].includes(people.source))
    check.report(
      ["people", "incremental"],
      `expected people.source: halo.users or entra.users beside people.incremental, found ${people.source}`,
      "key",
    );
  if (!isZone(people.zone))
    check.report(["people", "zone"], `expected a time zone of IANA's such as Europe/Oslo, found ${found(people.zone)}`);
  for (const part of ["starts", "ends"] as const) {
    const text = people[part];
    if (text !== undefined) checkTemplate(check, dayTemplate(text), ["people", part], { differs: SAME_FOR_ALL });
  }
  checkTickets(check, people);
  checkTemplate(check, people.login.is, ["people", "login", "is"], { differs: SAME_FOR_ALL });
  checkIdentity(check, people);
  checkNewKey(check, people);
}

function checkNewKey(check: Check, { newKey }: PeopleFile["people"]): void {
  for (const [index, field] of newKey.birth.entries()) checkField(check, field, ["people", "newKey", "birth", index]);
  for (const list of ["same", "different"] as const) {
    const keys = newKey[list].map((line) => JSON.stringify(Object.values(line).map(String)));
    checkOnce(check, ["people", "newKey", list], keys, "pair");
    for (const [line, path] of placed(newKey[list] as readonly { [word: string]: string | number }[], "people", "newKey", list))
      for (const [word, key] of Object.entries(line)) checkKey(check, key, [...path, word]);
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
    const over: Check = { ...check, record: "the ticket", knownFields: TICKET_FIELDS, reads: () => undefined };
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
