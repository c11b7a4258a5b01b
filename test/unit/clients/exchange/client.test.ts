/** The Exchange client is on the same sender as Graph's: it waits as it is asked, hears a stop, and reads pages of any size. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { UnreachableError } from "../../../../base/errors.ts";
import { sayWaits } from "../../../../base/waits.ts";
import { connectExchange, type ExchangeClient } from "../../../../clients/exchange/client.ts";
import type { SenderOptions } from "../../../../clients/graph/sender.ts";
import { fakeClock, type GraphServer, startGraphServer } from "../graph/graph-server.ts";

let server: GraphServer;
beforeAll(async () => {
  server = await startGraphServer();
}, 60_000); // a key is made
afterAll(() => server.close());

function client(options: SenderOptions): ExchangeClient {
  const at = server.origin;
  const config = { tenantId: "contoso.example.com", clientId: "c", authority: at, graph: at, exchange: at, syncWait: 0 };
  return connectExchange(config, { ENTRA_CLIENT_SECRET: "not-a-real-secret" }, { counter: { graph: 0 }, ...options });
}
const busy = (seconds: number) => ({ status: 429, headers: { "Retry-After": String(seconds) } });

it("outside O14: a mailbox server that is busy for four minutes is waited for, with a countdown", async () => {
  const said: string[] = [];
  sayWaits((line) => said.push(line));
  const clock = fakeClock();
  const until = clock.now() + 240_000;
  server.script = () => (clock.now() < until ? busy(60) : { status: 200, body: { value: [1] } });
  expect(await client({ clock }).invoke("Get-Mailbox", {}, "read mailboxes")).toEqual([1]);
  sayWaits(() => undefined);
  expect(clock.slept.reduce((sum, one) => sum + one, 0)).toBe(240_000);
  expect(said[0]).toBe("Exchange Online allows no more requests for now; going on in 60 s.");
  expect(said).toHaveLength(8);
});

it("outside O14: after ten minutes it says so", async () => {
  const clock = fakeClock();
  server.script = () => busy(100);
  await expect(client({ clock }).invoke("Get-Mailbox", {}, "read mailboxes")).rejects.toThrow(
    /^Could not read mailboxes: Exchange Online answered 429 again and again: .*; try later$/u,
  );
  expect(clock.slept.reduce((sum, one) => sum + one, 0)).toBe(600_000);
});

it("providers-B11: a wait of minutes ends at once when the run is to stop", async () => {
  server.script = () => busy(300);
  const stop = new AbortController();
  const clock = { now: Date.now, sleep: () => new Promise<void>(() => setImmediate(() => stop.abort())) };
  await expect(client({ clock, signal: stop.signal }).invoke("Set-Mailbox", {}, "change a mailbox")).rejects.toThrow(
    new UnreachableError("Could not change a mailbox: the run was stopped; run it again to go on."),
  );
});

it("providers-B9: takes a page of any size", async () => {
  server.script = () => ({ status: 200, body: { value: Array.from({ length: 200_000 }, (_, n) => n) } });
  expect(await client({}).invoke("Get-Mailbox", {}, "read mailboxes")).toHaveLength(200_000);
});
