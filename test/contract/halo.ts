/** A HaloITSM of the sandbox as the contract tests have it: judged by Halo's contract where that is there, and the client under test. */
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { connectHalo, type HaloClient } from "../../clients/halo/client.ts";
import { haloContract } from "../../sandbox/contracts/halo.ts";
import type { HaloOptions, HaloServer } from "../../sandbox/halo/context.ts";
import { startHalo } from "../../sandbox/halo/server.ts";
import { organisation } from "../../sandbox/organisation/index.ts";

const contracts = fileURLToPath(new URL("../../../shared/contracts", import.meta.url));

/** The application of the tests, which may do everything. */
export const application = { id: "haloform", secret: "invented", write: true, scopes: ["all"] };

/** A Halo of an invented organisation of so many people. */
export const haloOf = (people: number, more: Partial<HaloOptions> & Pick<HaloOptions, "tls">): Promise<HaloServer> =>
  startHalo({
    ...{ seed: organisation({ people }).halo, clients: [application], tenant: "northwind" },
    contract: haloContract(contracts, more.version),
    ...more,
  });

/** Ends it. Fails where something was sent that Halo would have ignored. */
export async function ended(halo: HaloServer): Promise<void> {
  expect([...halo.violations], "what Halo would have ignored in silence").toEqual([]);
  await halo.stop();
}

/** A new client, whose waits take no time. */
export function clientOf(
  halo: HaloServer,
  { clientId = application.id, secret = application.secret, scope = "all", limit = 10_000 } = {},
): HaloClient {
  let waited = 0;
  return connectHalo({ resourceServer: halo.url, clientId, scope, limit, window: 300 }, secret, {
    sleep: async (milliseconds) => void (waited += milliseconds),
    now: () => new Date(Date.now() + waited),
  });
}
