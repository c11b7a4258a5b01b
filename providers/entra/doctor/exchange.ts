/** Whether the app may use Exchange Online's admin interface, for `haloform doctor`. Reads one mailbox. */

import { connectExchange, ExchangeClosed } from "../../../clients/exchange/client.ts";
import type { Environment } from "../../../clients/graph/credential.ts";
import type { EntraConfig } from "../../../clients/graph/settings.ts";
import { type Check, checks } from "../../core/check.ts";

const { ok, bad, failed } = checks("Exchange");

/** One check. That it may also write shows only when something is written: Exchange tells of no role. */
export async function doctorExchange(config: EntraConfig, env: Environment): Promise<Check[]> {
  try {
    await connectExchange(config, env).invoke("Get-Mailbox", { ResultSize: 1 }, "read mailboxes");
    return [ok("reads mailboxes")];
  } catch (error) {
    if (!(error instanceof ExchangeClosed)) return [failed(error)];
    const [said = ""] = error.message.split("; it needs ");
    return [
      bad(
        said,
        "Give the app the application permission Exchange.ManageAsApp (Office 365 Exchange Online) with admin consent, and the Entra role Exchange Recipient Administrator (the reader: a role group with View-Only Recipients).",
      ),
    ];
  }
}
