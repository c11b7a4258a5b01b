/** Mail contacts of the tenant, made in Exchange Online or brought from AD: no accounts, but nobody else may have their addresses. */
import { z } from "zod";
import { defined } from "../../base/defined.ts";
import { order } from "../../base/order.ts";
import { keptRowsOf } from "../../base/rows.ts";
import type { EntraClient } from "../../clients/graph/client.ts";
import { GraphRefusal } from "../../clients/graph/errors.ts";
import type { Live } from "../core/definition.ts";

const text = z.string().nullish();
const contactSchema = z.object({
  id: z.string().min(1),
  displayName: text,
  mail: text,
  mailNickname: text,
  proxyAddresses: z.array(z.string()).nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
});

/** All of them in ⌈N/999⌉ calls; undefined where the app may not read them (OrgContact.Read.All). */
export async function readContacts(client: EntraClient): Promise<Live[] | undefined> {
  try {
    const rows = await client.list("/contacts", Object.keys(contactSchema.shape), { what: "read mail contacts" });
    return keptRowsOf(contactSchema, rows, "Entra ID's contacts")
      .map(liveContact)
      .sort((a, b) => order(a.id, b.id));
  } catch (error) {
    if (error instanceof GraphRefusal && error.kind === "forbidden") return undefined;
    throw error;
  }
}

function liveContact({ id, displayName, mail, mailNickname, proxyAddresses, onPremisesSyncEnabled }: z.infer<typeof contactSchema>): Live {
  const named = defined({ name: displayName || undefined, mail: mail || undefined, mailNickname: mailNickname || undefined });
  return { id, values: { ...named, addresses: proxyAddresses ?? [], synced: onPremisesSyncEnabled === true } };
}
