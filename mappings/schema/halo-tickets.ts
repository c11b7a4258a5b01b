/** mappings/halo.yaml, tickets: a ticket for each person's change. */
import { z } from "zod";
import { filled, haloId, template } from "../language/words.ts";

export const TICKET_EVENTS = ["joiner", "mover", "leaver", "other"] as const;

export const haloTickets = z
  .strictObject({
    type: filled.describe("Name of the ticket type in Halo, such as `Service request`."),
    events: z
      .array(z.enum(TICKET_EVENTS))
      .min(1)
      .default(["joiner", "mover", "leaver"])
      .describe("Whose changes get a ticket. Somebody who comes back counts as a joiner; `other` is whatever else is put right."),
    client: haloId.describe("Number of the client in Halo whose tickets they are, where the person is no Halo user."),
    site: haloId.optional().describe("Number of that client's site; left out = Halo decides."),
    team: filled.optional().describe("Name of the team that gets the ticket; left out = Halo decides."),
    status: z
      .strictObject({
        open: filled.describe("While the change is being made, and while something of it waits."),
        parked: filled.describe("When something of it could not be done: the ticket says what and why."),
        done: filled.describe("When all of it is done. It must be a status that closes a ticket."),
      })
      .describe("Statuses by name."),
    rules: z
      .enum(["run", "skip"])
      .default("run")
      .describe(
        "What Halo's own rules do with a new ticket. `run`: they route it as any other; the team and status that they or the workflow choose stay, and are told. `skip`: it is made without them (`dont_do_rules`), as it is asked for here.",
      ),
    summary: template
      .default("{{ event | capitalize }}: {{ name }}")
      .describe("The ticket's summary: a template over the record, with `event` (joiner, mover, leaver, other)."),
    details: z
      .enum(["values", "names"])
      .default("values")
      .describe("`values`: each change with the value before and after; `names`: only what changes. Secrets are in neither."),
  })
  .optional()
  .describe(
    "A ticket for each person's change: opened by `up` before the change is made, closed with what came of it. One that could not be closed is closed by the next run.",
  );
