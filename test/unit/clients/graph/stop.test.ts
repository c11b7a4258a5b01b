/** A run that is told to stop, as the provider process is: by a file in its run folder. A file of its own: a stop is for good. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { UnreachableError } from "../../../../base/errors.ts";
import { stopping, stopWithRun, tellToStop } from "../../../../base/stop.ts";
import { apart, type GraphServer, startGraphServer } from "./graph-server.ts";

const folder = mkdtempSync(join(tmpdir(), "haloform-stop-"));
let graph: GraphServer;
beforeAll(async () => {
  graph = await startGraphServer();
}, 60_000); // a key is made
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await graph.close();
});

it("the write under way is answered, who waits for the quota is let go at once, and nothing more is sent", async () => {
  stopWithRun(folder);
  expect(stopping()).toBe(false);
  graph.script = apart(async () => {
    tellToStop(folder);
    await new Promise((resolve) => setTimeout(resolve, 50));
    return { status: 204 };
  });
  // One write now, the next one in a thousand seconds.
  const client = graph.client({ pace: { writes: 1, window: 1_000_000 } });
  const [first, waits] = await Promise.allSettled([client.patch("/users/1", { city: "Hull" }), client.patch("/users/2", { city: "Hull" })]);
  expect(first).toMatchObject({ status: "fulfilled", value: { status: 204 } });
  expect(waits).toMatchObject({ status: "rejected", reason: expect.any(UnreachableError) });
  await expect(client.submit({ method: "PATCH", path: "/users/3", body: { city: "Hull" } })).rejects.toThrow(/the run was stopped/u);
  await expect(client.list("/users", ["id"])).rejects.toThrow(/the run was stopped/u);
  expect(graph.outer.map((one) => one.path)).toEqual(["/v1.0/users/1"]);
  expect(stopping()).toBe(true);
});
