/** HaloITSM: people come from here, and its own agents are accounts. */
import { type HaloConfig, haloSettings } from "../../clients/halo/settings.ts";
import { type Asked, defineSystem } from "../core/system.ts";
import type { HaloNeeds } from "./doctor/doctor.ts";

declare module "../core/system.ts" {
  interface Systems {
    halo: "directory";
  }
}

export const halo = defineSystem({
  name: "halo",
  title: "Halo",
  short: "Halo",
  product: "HaloITSM",
  settings: haloSettings,
  required: true,
  secrets: ["HALO_CLIENT_SECRET", "HALO_API_KEY", "HALO_PASSWORD", "HALO_PASSPHRASE"],
  whenShort:
    "the agent that Halo's application logs in as: an API-only one without a default team sees no other agents, and one of some clients only theirs",
  calls: { counter: "halo", title: "Halo" },
  accounts: {
    type: "halo:Agent",
    title: "Halo agent",
    counted: "Halo agents",
    label: ({ values }) => `${String(values["name"] ?? "")} <${String(values["email"] ?? "")}>`,
    untouchable: ["protected", "isapiagent"],
    is: {
      fields: { email: "{{ emailaddress | downcase }}" },
      says: 'The same for Halo agents: `email`, which every agent has, `name`, and `id`, which only recognises (`"{{ linked_agent_id }}"`).',
    },
  },
  target: {
    noun: "the Halo",
    settings: {
      ...{ resourceServer: "plan", authorisationServer: "plan", tenant: "plan" },
      ...{ clientId: "run", scope: "run", limit: "run", window: "run", ca: "run", signIn: "run" },
    },
    async identity(config: HaloConfig) {
      return (await import("../../clients/halo/which.ts")).whichHalo(config);
    },
  },
  async doctor({ config, env, needs, now, onWait }: Asked<HaloConfig, HaloNeeds>) {
    const { doctorHalo } = await import("./doctor/doctor.ts");
    return doctorHalo(config, env, needs, now, onWait);
  },
});
