/** Entra ID, and what stands on its accounts in Microsoft 365: licences, Exchange Online's mailboxes. */
import { type EntraConfig, entraSettings } from "../../clients/graph/settings.ts";
import { safely } from "../core/check.ts";
import { type Asked, defineSystem } from "../core/system.ts";
import type { EntraNeeds } from "./doctor/granted.ts";

declare module "../core/system.ts" {
  interface Systems {
    entra: "directory";
  }
}

export const entra = defineSystem({
  name: "entra",
  title: "Entra ID",
  short: "Entra",
  product: "Entra ID",
  settings: entraSettings,
  secrets: ["ENTRA_CLIENT_SECRET", "ACTIONS_ID_TOKEN_REQUEST_TOKEN"],
  lag: 15 * 60 * 1000,
  whenShort: "the app's permissions (User.ReadBasic.All shows a part of each user only)",
  calls: { counter: "graph", title: "Graph" },
  accounts: {
    type: "entra:Licence",
    title: "Entra ID",
    counted: "in Entra ID",
    label: ({ id, values }) => String(values["userPrincipalName"] ?? "") || id,
    untouchable: ["protected"],
    is: {
      fields: { employeeId: "{{ id }}", mail: "{{ emailaddress | downcase }}" },
      says: "The same for Entra ID, in names of Graph; written to accounts that are made there. An account that is synced from the person's AD account comes before all of them. `mail` only recognises, as Exchange writes it.",
    },
  },
  target: {
    noun: "the tenant",
    settings: {
      ...{ tenantId: "plan", cloud: "plan", authority: "plan", graph: "plan", exchange: "plan" },
      ...{ clientId: "run", ca: "run", limit: "run", syncWait: "run" },
    },
    async identity() {
      const { tenantOf } = await import("./tenant.ts");
      const { entra: client } = await import("../../clients/graph/shared.ts");
      return tenantOf(await client());
    },
  },
  /** `exchange`: the mappings change something in Exchange Online. */
  async doctor({ config, env, needs, now, readOnly }: Asked<EntraConfig, EntraNeeds & { exchange: boolean }>) {
    const checks = await Promise.all([
      safely("Entra", async () => (await import("./doctor/doctor.ts")).doctorEntra(config, env, needs, now, readOnly)),
      safely("Exchange", async () => (needs?.exchange ? (await import("./doctor/exchange.ts")).doctorExchange(config, env) : [])),
    ]);
    return checks.flat();
  },
});
