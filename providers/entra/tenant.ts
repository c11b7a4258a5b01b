/** Which tenant it is, as Graph answers it. */
import { z } from "zod";
import type { EntraClient } from "../../clients/graph/client.ts";
import { graphError } from "../../clients/graph/errors.ts";
import { query } from "../../clients/graph/odata.ts";
import type { Identity } from "../core/system.ts";

const path = "/organization";
const page = z.object({ value: z.array(z.object({ id: z.string(), displayName: z.string().nullish() })).min(1) });

/**
 * Id and name of the tenant that the app is signed in to, whatever the settings say; undefined where the app may not see that (any
 * permission to read users lets it). Shares its call with other reads.
 */
export async function tenantOf(client: Pick<EntraClient, "read">): Promise<Identity | undefined> {
  const what = "read the tenant";
  const answer = await client.read(`${path}${query({ select: ["id", "displayName"] })}`, what);
  if (answer.status === 403) return undefined;
  if (answer.status >= 400) throw graphError(what, "GET", path, answer);
  const [tenant] = page.safeParse(answer.body).data?.value ?? [];
  return tenant && { name: tenant.displayName ?? tenant.id, id: tenant.id.toLowerCase() };
}
