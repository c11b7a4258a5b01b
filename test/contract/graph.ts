/** A tenant of the sandbox's Graph as the contract tests have it: its app, and the client under test. */
import { connectEntra, type EntraClient } from "../../clients/graph/client.ts";
import type { GraphServer } from "../../sandbox/graph/server.ts";

export const tenantId = "northwind.example.com";

/** An app with these permissions. Its secret is made for this run. */
export const appWith = (roles: string[]) => ({
  ...{ id: "00000000-0000-4000-8000-0000000000aa", name: "haloform", secret: crypto.randomUUID() },
  roles,
});

/** The client of an app; waits take a hundredth of their time. */
export function clientOf(graph: GraphServer, app: { id: string; secret: string }, syncWait = 0): EntraClient {
  const clock = {
    now: () => Date.now(),
    sleep: (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, Math.max(1, ms / 100))),
  };
  return connectEntra(
    { tenantId, clientId: app.id, authority: graph.url, graph: graph.url, syncWait },
    { ENTRA_CLIENT_SECRET: app.secret },
    { counter: { graph: 0 }, clock },
  );
}
