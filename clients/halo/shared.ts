/** The one Halo client of this process, so that the source and the resource types share a token and a limit. */
import { ConfigurationError } from "../../base/errors.ts";
import type { HaloClient, HaloOptions } from "./client.ts";
import { connectHalo } from "./client.ts";
import { haloSettings } from "./settings.ts";

let options: HaloOptions = {};
let known: { key: string; client: HaloClient } | undefined;

/** What the process wants of the client (a countdown, the requests another process made). Before the first use. */
export function useHaloOptions(wanted: HaloOptions): void {
  options = wanted;
  known = undefined;
}

/** The client for the settings of this process. @throws ConfigurationError when the secret is missing. */
export async function haloClient(): Promise<HaloClient> {
  const halo = await haloSettings.given();
  if (!halo)
    throw new ConfigurationError("Sign in to HaloITSM: the stack has no `haloform:halo` settings; add them to Pulumi.<stack>.yaml.");
  const secret = process.env["HALO_CLIENT_SECRET"] ?? "";
  if (secret === "" && !halo.signIn)
    throw new ConfigurationError(
      "Sign in to HaloITSM: HALO_CLIENT_SECRET is not set; put the client secret of the Halo application into the environment",
    );
  const key = JSON.stringify([halo, secret]);
  if (known?.key !== key) known = { key, client: connectHalo(halo, secret, options) };
  return known.client;
}
