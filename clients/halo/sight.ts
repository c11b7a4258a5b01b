/** What the agent that an application logs in as gets to see: a restricted one gets short lists without a word (facts 1.2). */
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { once } from "../http/once.ts";
import type { HaloClient } from "./client.ts";
import type { Row } from "./decode.ts";

const restrictions = z.object({
  clients: z.array(z.looseObject({ client_id: z.unknown().optional(), client_name: z.unknown().optional() })).nullish(),
});

/** Clients that an agent's own row (/Agent/me) is restricted to, by name; none: all, as far as the row says. */
export const clientsIn = (row: Row | undefined): string[] =>
  (restrictions.safeParse(row).data?.clients ?? []).map((one) => String(one.client_name ?? one.client_id));

/** The same of the agent behind a client; one call, of about 2 MB (recorded), however many ask. One who may not ask is restricted by nothing known. */
export const restrictedTo = once(async (halo: Pick<HaloClient, "get">): Promise<string[]> => {
  const row = await halo.get("Agent", "me").catch((error: unknown) => {
    if (error instanceof RefusedError) return undefined;
    throw error;
  });
  return clientsIn(row);
});
