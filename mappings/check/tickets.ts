/** `people.tickets` beyond its shape: people made from tickets. The key must be among the fields, and templates are over the ticket. No I/O. */
import { guess } from "../../base/text.ts";
import { isTicketField, TICKET_FIELDS } from "../language/feeds.ts";
import type { PeopleFile } from "../schema/people.ts";
import type { Check } from "./check.ts";
import { checkTemplate, isField } from "./language.ts";

export function checkTickets(check: Check, { people }: Pick<PeopleFile, "people">): void {
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
    const over: Check = { ...check, knownFields: TICKET_FIELDS, fields: new Set() };
    for (const [field, template] of Object.entries(line.fields)) {
      const here = [...path, "fields", field];
      if (!isField(check, field))
        check.report(
          here,
          `expected a field of the Halo record, found ${JSON.stringify(field)}${guess(field, check.knownFields ?? [])}`,
          "key",
        );
      checkTemplate(over, template, here);
    }
    for (const word of ["from", "until"] as const) {
      const name = line[word];
      if (name !== undefined && !isTicketField(name))
        check.report([...path, word], `expected a field of a ticket with a date (startdate, custom.CFName), found ${name}`);
    }
  }
}
