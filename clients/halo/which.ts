/** Which Halo it is, as it says itself before anybody signs in. */
import { type Clock, stoppable } from "../http/clock.ts";
import { makeLimiter } from "../http/limiter.ts";
import { makeWire } from "../http/wire.ts";
import { discover } from "./auth.ts";
import { called, type HaloConfig, serverOf } from "./settings.ts";

/**
 * Its tenant, and the address of its own authorisation server (GET /authinfo); undefined where it tells neither. Not from /InstanceInfo,
 * which says the same and needs a right: the identity that previews may lack what the one that applies has.
 */
export async function whichHalo(config: HaloConfig, options: Partial<Clock> = {}): Promise<{ name: string; id?: string } | undefined> {
  const clock = stoppable(options, called.system);
  const limiter = makeLimiter({ ...clock, limit: config.limit, window: config.window, spent: [] });
  const wire = makeWire({ ...clock, limiter, called, timeout: 60_000, ca: config.ca });
  const { tenant, server } = await discover(new URL("api/", serverOf(config)), wire);
  if (tenant === undefined) return server === undefined ? undefined : { name: server };
  return { name: tenant, ...(server === undefined ? {} : { id: server }) };
}
