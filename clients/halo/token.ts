/** What the token that Halo gives is good for (`haloform source test --token`). */
import { type Clock, stoppable } from "../http/clock.ts";
import { makeLimiter } from "../http/limiter.ts";
import { makeWire } from "../http/wire.ts";
import type { OAuthConfig, Place } from "../oauth/config.ts";
import { locator } from "./auth.ts";
import { called, type HaloConfig, serverOf } from "./settings.ts";
import { oauthOf, placeOf } from "./sign-in.ts";

/** How Halo is signed in to, with the addresses that it says itself. */
export async function haloSignIn(config: HaloConfig, options: Partial<Clock> = {}): Promise<{ auth: OAuthConfig; place: Place }> {
  const clock = stoppable(options, called.system);
  const limiter = makeLimiter({ ...clock, limit: config.limit, window: config.window, spent: [] });
  const wire = makeWire({ ...clock, limiter, called, timeout: 60_000 });
  const token = await locator(config, new URL("api/", serverOf(config)), wire)();
  return { auth: oauthOf(config, token), place: placeOf(config, clock.now) };
}
