/** The one Exchange client of this process, made from the settings when first asked for. */
import { ConfigurationError } from "../../base/errors.ts";
import { entraSettings } from "../graph/settings.ts";
import { connectExchange, type ExchangeClient } from "./client.ts";

let connected: Promise<ExchangeClient> | undefined;

/** Memoised; throws ConfigurationError when the stack has no `entra` settings or the environment no credential. */
export function exchange(): Promise<ExchangeClient> {
  connected ??= entraSettings.given().then((config) => {
    if (!config)
      throw new ConfigurationError(
        "Could not connect to Exchange Online: the stack has no `haloform:entra` settings (tenantId, clientId).",
      );
    return connectExchange(config, process.env);
  });
  return connected;
}
