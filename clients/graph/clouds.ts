/**
 * The clouds that Microsoft runs apart from each other: where one signs in, where Graph is, and the audience of a federated
 * credential's assertion (Microsoft's pages on national cloud deployments and on workload identity federation).
 */
import type { EntraConfig } from "./settings.ts";

export interface Cloud {
  authority: string;
  graph: string;
  /** `aud` that Entra ID of this cloud wants in a foreign token. */
  audience: string;
}

export const clouds: { readonly [name in NonNullable<EntraConfig["cloud"]>]: Cloud } = {
  global: { authority: "https://login.microsoftonline.com", graph: "https://graph.microsoft.com", audience: "api://AzureADTokenExchange" },
  usgov: {
    authority: "https://login.microsoftonline.us",
    graph: "https://graph.microsoft.us",
    audience: "api://AzureADTokenExchangeUSGov",
  },
  dod: {
    authority: "https://login.microsoftonline.us",
    graph: "https://dod-graph.microsoft.us",
    audience: "api://AzureADTokenExchangeUSGov",
  },
  china: {
    authority: "https://login.partner.microsoftonline.cn",
    graph: "https://microsoftgraph.chinacloudapi.cn",
    audience: "api://AzureADTokenExchangeChina",
  },
};

/** The addresses of a stack: those of its cloud (global when none is named), `authority` and `graph` going before them. */
export function cloudOf(config: Pick<EntraConfig, "cloud" | "authority" | "graph">): Cloud {
  const cloud = clouds[config.cloud ?? "global"];
  return { ...cloud, authority: config.authority ?? cloud.authority, graph: config.graph ?? cloud.graph };
}
