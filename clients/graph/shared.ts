/** The clients of this process, each made from the settings when it is first asked for. */
import { ConfigurationError } from "../../base/errors.ts";
import { once } from "../../base/once.ts";
import { connectEntra } from "./client.ts";
import { type EntraConfig, entraSettings } from "./settings.ts";

/** Memoised; throws ConfigurationError when the stack has no `entra` settings or the environment no credential. */
export function shared<T>(name: string, connect: (config: EntraConfig, env: NodeJS.ProcessEnv) => T): () => Promise<T> {
  return once(async () => {
    const config = await entraSettings.given();
    if (config) return connect(config, process.env);
    throw new ConfigurationError(`Could not connect to ${name}: the stack has no \`haloform:entra\` settings (tenantId, clientId).`);
  });
}

export const entra = shared("Entra ID", connectEntra);
