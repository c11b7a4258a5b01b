/** 10,000 people within Halo's limit: how many requests, what happens when the window is used up, and what reading costs beside the bare requests. */
import { afterEach, describe, expect, it } from "vitest";
import { readPeople } from "../../../../sources/halo/people.ts";
import { clientOf, fakeClock, pageOf, people, type Served, serve } from "./server.ts";

let served: Served | undefined;
afterEach(async () => {
  await served?.stop();
  served = undefined;
});

const rows = people(10_000).map((one) => ({ ...one, customfields: [{ id: 201, value: "Sales", display: "Sales" }] }));
const halo = (): Promise<Served> =>
  serve((call) => {
    if (call.path === "/api/Users") return pageOf(rows, call);
    return call.path === "/api/FieldInfo" ? { json: [{ id: 201, name: "CFDepartment", type: 2 }] } : undefined;
  });
const fields = ["firstname", "surname", "emailaddress", "custom.CFDepartment"];

describe("10,000 people of Halo", () => {
  it("are read whole in at most 105 requests, signing in and the proof that there is no further page among them", async () => {
    served = await halo();
    const { records, read } = await readPeople(clientOf(served), { fields });
    expect(records).toHaveLength(10_000);
    expect(read.doubts).toEqual([]);
    expect(served.asked.length).toBeLessThanOrEqual(105);
  });

  it("a used-up window is a countdown, never an error, and never more requests than the limit allows", async () => {
    served = await halo();
    const clock = fakeClock();
    const waits: number[] = [];
    const times: number[] = [];
    const client = clientOf(served, { limit: 40, window: 300 }, { ...clock, onWait: (seconds) => waits.push(seconds) });
    const list = client.list.bind(client);
    const { read } = await readPeople({ ...client, list }, { fields });
    times.push(...client.spent());
    expect(read.doubts).toEqual([]);
    expect(waits[0]).toBeGreaterThan(290);
    expect(waits.slice(0, 3)).toEqual([waits[0], (waits[0] ?? 0) - 1, (waits[0] ?? 0) - 2]);
    expect(times.length).toBeLessThanOrEqual(40);
    // 104 requests, 40 in 300 seconds: two whole windows are waited for.
    expect(clock.slept()).toBeGreaterThanOrEqual(2 * 300_000);
  });
});
