/** Which domain it is, as the domain says itself. */
import type { Identity } from "../core/system.ts";
import type { AdClient } from "./wire/client.ts";
import { guidOf, sidOf } from "./wire/entry.ts";

/**
 * Name, SID and objectGUID of the domain that a distinguishedName is in; undefined where the domain's own object may not be read. Not the
 * rootDSE: it tells names, which a copy of the domain has too, and these of another domain with the same name differ.
 */
export async function domainOf(client: Pick<AdClient, "read">, base: string): Promise<Identity | undefined> {
  const parts = base.split(",").map((part) => part.trim());
  const domain = parts.filter((part) => /^DC=/iu.test(part));
  const entry = await client.read(domain.join(","), ["objectSid", "objectGUID"]);
  const ids = entry ? [sidOf(entry), guidOf(entry)].filter((id) => id !== undefined) : [];
  if (ids.length === 0) return undefined;
  return { name: domain.map((part) => part.slice(3).toLowerCase()).join("."), id: ids.join(", ") };
}
