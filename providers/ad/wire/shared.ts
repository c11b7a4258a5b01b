/** The connection of this process, made when a type of this system is first used. */
import { calls } from "../../../base/calls.ts";
import { ConfigurationError } from "../../../base/errors.ts";
import { type AdConfig, settings } from "../../../base/settings.ts";
import { connect, type Session } from "./session.ts";

let connection: Promise<Session> | undefined;

async function open(): Promise<Session> {
  const { ad } = await settings();
  if (!ad)
    throw new ConfigurationError(
      "Could not connect to Active Directory: the stack has no `ad` settings; add `haloform:ad` with url, base and bind to Pulumi.<stack>.yaml.",
    );
  return connect(ad, process.env["AD_BIND_PASSWORD"], { counter: calls });
}

/** One client a process. A connection that failed is tried again by the next call. */
export function client(): Promise<Session> {
  connection ??= open().catch((error: unknown) => {
    connection = undefined;
    throw error;
  });
  return connection;
}

/** The settings with the domain controller that this process uses in front: the other process of the run then uses it too. */
export async function pinned(config: AdConfig): Promise<AdConfig> {
  const { url } = (await connection?.catch(() => undefined)) ?? {};
  return url === undefined ? config : { ...config, url: [url, ...config.url.filter((other) => other !== url)] };
}
