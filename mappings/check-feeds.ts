/** Conditions about devices, software and tickets, and people made from tickets: what they must be beyond their shape. */
import { didYouMean, nearest } from "../base/text.ts";
import { type Check, checkTemplate, checkTest } from "./check/check.ts";
import { TICKET_FIELDS, TICKET_WORDS } from "./language/feeds.ts";
import type { PeopleFile } from "./schema/all.ts";
import type { Path } from "./text/document.ts";

const isTicketField = (name: string): boolean => /^custom\.\S/u.test(name) || (TICKET_FIELDS as readonly string[]).includes(name);

/** A condition about one of Halo's further feeds. `allowed: false` where it is decided who is a person at all. */
export function checkFeed(check: Check, word: string, wanted: unknown, path: Path, allowed: boolean): void {
  const from = check.all.people?.people.from ?? "halo.users";
  if (!allowed) check.report(path, `expected fields of the record, found ${word}; this decides who is a person at all`, "key");
  else if (from !== "halo.users")
    check.report(path, `expected people.from: halo.users beside ${word}, which is about Halo's users, found ${from}`, "key");
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return;
  for (const [field, test] of Object.entries(wanted)) {
    if (word !== "has_ticket") {
      if (field !== "type") checkTest(check, test, [...path, field]);
      continue;
    }
    const name = ["person", "from", "until"].includes(field) ? String(test) : field;
    if (!TICKET_WORDS.has(field)) checkTest(check, test, [...path, field]);
    if (["type", "status"].includes(field) || isTicketField(name)) continue;
    check.report(
      [...path, field],
      `expected a field of a ticket (${TICKET_FIELDS.slice(0, 4).join(", ")}, …, custom.CFName), found ${name}`,
      name === field ? "key" : undefined,
    );
  }
}

/** People made from tickets: the key must be among the fields, and templates are over the ticket. */
export function checkTickets(check: Check, { people }: Pick<PeopleFile, "people">): void {
  if (people.incremental && people.from !== "halo.users")
    check.report(["people", "incremental"], `expected people.from: halo.users beside people.incremental, found ${people.from}`, "key");
  if (!people.tickets) return;
  if (people.from !== "halo.users")
    check.report(["people", "tickets"], `expected people.from: halo.users beside people made from tickets, found ${people.from}`, "key");
  if (people.key === "id")
    check.report(
      ["people", "tickets"],
      "expected another people.key than id beside people made from tickets, such as other1 with the number that HR gives: Halo's id is not known before Halo has the user",
      "key",
    );
  for (const [index, line] of people.tickets.entries()) {
    const path = ["people", "tickets", index];
    if (people.key !== "id" && !Object.hasOwn(line.fields, people.key))
      check.report(
        [...path, "fields"],
        `expected the field ${people.key}, which is people.key, among ${Object.keys(line.fields).join(", ") || "none"}: by it the person is the same when Halo has a user`,
      );
    for (const field of Object.keys(line.fields))
      if (check.knownFields && !/^custom\.\S/u.test(field) && !check.knownFields.includes(field))
        check.report(
          [...path, "fields", field],
          `expected a field of the Halo record, found ${JSON.stringify(field)}${didYouMean(nearest(field, check.knownFields))}`,
          "key",
        );
    const over: Check = { ...check, knownFields: TICKET_FIELDS, fields: new Set() };
    for (const [field, template] of Object.entries(line.fields)) checkTemplate(over, template, [...path, "fields", field]);
    for (const word of ["from", "until"] as const) {
      const name = line[word];
      if (name !== undefined && !isTicketField(name))
        check.report([...path, word], `expected a field of a ticket with a date (startdate, custom.CFName), found ${name}`);
    }
  }
}
