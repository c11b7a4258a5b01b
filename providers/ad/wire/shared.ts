/** The connection of this process, made when a type of this system is first used. */
import { calls } from "../../../base/calls.ts";
import { ConfigurationError } from "../../../base/errors.ts";
import { once } from "../../../base/once.ts";
import { connect, type Session } from "./session.ts";
import { type AdConfig, adSettings } from "./settings.ts";

let connected: Session | undefined;

/** One client a process. A connection that failed is tried again by the next call. */
export const client = once(async (): Promise<Session> => {
  const ad = await adSettings.given();
  if (!ad)
    throw new ConfigurationError(
      "Could not connect to Active Directory: the stack has no `ad` settings; add `haloform:ad` with url, base and bind to Pulumi.<stack>.yaml.",
    );
  connected = await connect(ad, process.env["AD_BIND_PASSWORD"], { counter: calls });
  return connected;
});

/** The settings with the domain controller that this process uses in front: the other process of the run then uses it too. */
export function pinned(config: AdConfig): AdConfig {
  if (connected === undefined) return config;
  const { url } = connected;
  return { ...config, url: [url, ...config.url.filter((other) => other !== url)] };
}
