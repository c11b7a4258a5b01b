/** The connection of this process, made when a type of this system is first used. */
import { calls } from "../core/calls.ts";
import { ConfigurationError } from "../core/errors.ts";
import { settings } from "../core/settings.ts";
import { type AdClient, connect } from "./client.ts";

let connection: Promise<AdClient> | undefined;

async function open(): Promise<AdClient> {
  const { ad } = await settings();
  if (!ad)
    throw new ConfigurationError(
      "Could not connect to Active Directory: the stack has no `ad` settings; add `haloform:ad` with url, base and bind to Pulumi.<stack>.yaml.",
    );
  return connect(ad, process.env["AD_BIND_PASSWORD"], { counter: calls });
}

/** One client a process. A connection that failed is tried again by the next call. */
export function client(): Promise<AdClient> {
  connection ??= open().catch((error: unknown) => {
    connection = undefined;
    throw error;
  });
  return connection;
}
