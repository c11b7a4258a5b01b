/** The one ticket in Halo that says what stands: made where there is none, brought up to date, closed when nothing is left. */
import { PendingError } from "../../base/errors.ts";
import { haloClient } from "../../clients/halo/shared.ts";
import type { MessageSettings } from "../../providers/core/message-settings.ts";
import { open, result, type TicketInputs } from "../../providers/halo/ticket/ticket.ts";
import type { Message } from "./message.ts";

/** Throws what Halo said. */
export async function toTicket(message: Message, { type, client, site, team, status, rules }: NonNullable<MessageSettings["ticket"]>) {
  const halo = await haloClient();
  const inputs: TicketInputs = {
    ...{ person: message.stack, called: "what waits and went wrong", step: "open", once: message.id, reasons: [] },
    // No person's: their markers have a stack's name there.
    marker: `haloform//${message.stack}`,
    ...{ type, client, statuses: { ...status, parked: status.open } },
    ...(site === undefined ? {} : { site }),
    ...(team === undefined ? {} : { team }),
    ...(rules === "skip" ? { rules } : {}),
    summary: `haloform ${message.stack}: needs attention`,
    details: message.text,
  };
  if (message.state === "attention") return void (await open(halo, inputs));
  await result(halo, { ...inputs, step: "result" }, {}).catch((error: unknown) => {
    // Somebody has closed it by hand.
    if (!(error instanceof PendingError)) throw error;
  });
}
