/** How messages name Halo, and the settings that lead to it. */
import type { Called } from "../http/answer.ts";

export const called: Called = {
  system: "HaloITSM",
  address: "halo.resourceServer (the Resource Server shown in Halo's API details)",
  authority: "halo.ca",
  limit: "halo.limit",
  rights: {
    token: "check halo.scope, the Halo application's permissions and that the agent it logs in as is enabled",
    forbidden: "give the agent that the Halo application logs in as the right to do this, and check the application's permissions",
  },
};
