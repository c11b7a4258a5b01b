/** The one client of this process, made from the settings when first asked for. */
import { ConfigurationError } from "../../base/errors.ts";
import { connectEntra, type EntraClient } from "./client.ts";
import { entraSettings } from "./settings.ts";

let connected: Promise<EntraClient> | undefined;

/** Memoised; throws ConfigurationError when the stack has no `entra` settings or the environment no credential. */
export function entra(): Promise<EntraClient> {
  connected ??= entraSettings.given().then((config) => {
    if (!config)
      throw new ConfigurationError("Could not connect to Entra ID: the stack has no `haloform:entra` settings (tenantId, clientId).");
    return connectEntra(config, process.env);
  });
  return connected;
}
