/** How long the client waits, and for what: what replicas have not heard of, services that ask for it, and a run that is to stop. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { UnreachableError } from "../../../../base/errors.ts";
import { sayWaits } from "../../../../base/waits.ts";
import { graphError } from "../../../../clients/graph/errors.ts";
import { addEach } from "../../../../providers/entra/group/links.ts";
import { apart, fakeClock, type GraphServer, graphProblem, type Scripted, startGraphServer } from "./graph-server.ts";

let graph: GraphServer;
beforeAll(async () => {
  graph = await startGraphServer();
}, 60_000); // a key is made
afterAll(() => graph.close());
beforeEach(() => {
  graph.outer = [];
  graph.inner = [];
});

const [group, ghost] = ["11111111-0000-4000-8000-0000000000a1", "11111111-0000-4000-8000-0000000000b2"];
const absent = graphProblem(
  404,
  "Request_ResourceNotFound",
  `Resource '${ghost}' does not exist or one of its queried objects is not there.`,
);
const sum = (all: readonly number[]): number => all.reduce((one, other) => one + other, 0);
const failure = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => {
      throw new Error("It should have failed.");
    },
    (error: Error) => error,
  );

describe("providers-B5: what was just made", () => {
  it("is waited for five minutes in all, however many requests are about it", async () => {
    graph.script = apart((request) =>
      request.path === "/v1.0/groups" ? { status: 201, body: { id: group, displayName: "SG-Fresh" } } : absent,
    );
    const clock = fakeClock();
    const client = graph.client({ clock });
    await client.post("/groups", { displayName: "SG-Fresh", mailEnabled: false, mailNickname: "x", securityEnabled: true });
    const [refused] = await addEach(client, { id: group, name: "SG-Fresh" }, [ghost], "owners");
    expect(refused?.message).toMatch(new RegExp(`^Could not make ${ghost} an owner of the group SG-Fresh: .*does not exist`, "u"));
    expect(sum(clock.slept)).toBeGreaterThan(240_000);
    expect(sum(clock.slept)).toBeLessThanOrEqual(315_000);
    const calls = client.calls();
    expect(calls).toBeLessThan(30);
    // The five minutes are the group's: whoever is the next to ask for it is answered at once.
    expect(await addEach(client, { id: group, name: "SG-Fresh" }, [ghost], "owners")).toHaveLength(1);
    expect(client.calls() - calls).toBe(1);
  });

  it("is waited for a quarter of a minute where the asker alone knows that it passes, and not at all otherwise", async () => {
    graph.script = apart(() => absent);
    const clock = fakeClock();
    const client = graph.client({ clock });
    expect(await addEach(client, { id: group, name: "SG-Old" }, [ghost], "owners")).toHaveLength(1);
    expect(clock.slept).toEqual([1000, 2000, 4000, 8000]);
    expect((await client.submit({ method: "PATCH", path: `/groups/${group}`, body: { description: "x" } })).status).toBe(404);
    expect(clock.slept).toHaveLength(4);
  });

  it("an object that somebody else made is asked for twice more before it is gone, also where reads share a call", async () => {
    graph.script = apart(() => absent);
    const clock = fakeClock();
    const client = graph.client({ clock });
    expect(await client.get(`/users/${ghost}`, ["id"])).toBeUndefined();
    expect((await client.read(`/users/${ghost}?$select=id`, "read")).status).toBe(404);
    expect(clock.slept).toEqual([1000, 2000, 1000, 2000]);
  });

  it("does the same for any work, and ends with the last outcome", async () => {
    const clock = fakeClock();
    const client = graph.client({ clock });
    let n = 0;
    expect(
      await client.again(
        async () => (n += 1),
        (outcome) => outcome < 3,
      ),
    ).toBe(3);
    expect(
      await client.again(
        async () => "never",
        () => true,
      ),
    ).toBe("never");
    expect(clock.slept).toEqual([1000, 2000, 1000, 2000, 4000, 8000]);
  });
});

describe("outside O14: a service that asks for a pause", () => {
  const busy: Scripted = {
    status: 429,
    headers: { "Retry-After": "5" },
    body: { error: { code: "TooManyRequests", message: "slow down" } },
  };

  it("gets it as long as it asks: a storm of half a minute is nothing, outside and inside a batch", async () => {
    for (const inside of [false, true]) {
      const clock = fakeClock();
      const until = clock.now() + 30_000;
      graph.script = (request) => {
        if (inside && request.path === "/v1.0/$batch") return { status: 0 };
        if (clock.now() < until) return busy;
        return request.path === "/v1.0/$batch" ? { status: 0 } : { status: 204 };
      };
      const answer = await graph.client({ clock }).submit({ method: "POST", path: "/users", body: { displayName: "Ada" } });
      expect([answer.status, clock.slept]).toEqual([204, [5000, 5000, 5000, 5000, 5000, 5000]]);
    }
  });

  it("is given up after ten minutes, also where it asks for no time at all", async () => {
    for (const asked of ["45", "0"]) {
      graph.script = () => ({ ...busy, headers: { "Retry-After": asked } });
      const clock = fakeClock();
      const thrown = await failure(graph.client({ clock }).list("/users", ["id"], { what: "read users" }));
      expect(thrown).toBeInstanceOf(UnreachableError);
      expect(thrown.message).toMatch(/^Could not read users: Microsoft Graph answered 429 again and again/u);
      expect(sum(clock.slept)).toBeGreaterThan(550_000);
      expect(sum(clock.slept)).toBeLessThanOrEqual(600_000);
    }
  });

  it("is said, and then counted down every half minute; what is short is not", async () => {
    const said: string[] = [];
    sayWaits((line) => said.push(line));
    const clock = fakeClock();
    let n = 0;
    graph.script = () => {
      n += 1;
      return n === 1
        ? { ...busy, headers: { "Retry-After": "2" } }
        : n === 2
          ? { ...busy, headers: { "Retry-After": "100" } }
          : { status: 200, body: { value: [] } };
    };
    await graph.client({ clock }).list("/users", ["id"]);
    sayWaits(() => undefined);
    expect(said).toEqual([100, 70, 40, 10].map((left) => `Microsoft Graph allows no more requests for now; going on in ${left} s.`));
    expect(sum(clock.slept)).toBe(102_000);
  });
});

describe("providers-B17: a run that is to stop", () => {
  /** Counts who listens for the stop. */
  function counted(): { signal: AbortSignal; stop(): void; listening(): number } {
    const controller = new AbortController();
    const { signal } = controller;
    let listening = 0;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      listening += 1;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      listening -= 1;
      remove(...given);
    };
    return { signal, stop: () => controller.abort(), listening: () => listening };
  }

  it("leaves nobody listening, whether the wait ends well, fails or is stopped", async () => {
    graph.script = () => ({ status: 429, headers: { "Retry-After": "1" } });
    const ends = { well: counted(), badly: counted(), early: counted() };
    let n = 0;
    const wait = {
      well: async () => {
        n += 1;
        if (n > 2) graph.script = () => ({ status: 200, body: { value: [] } });
      },
      badly: async () => {
        throw new Error("the clock is broken");
      },
      early: () => {
        ends.early.stop();
        return new Promise<void>(() => {});
      },
    };
    const client = (how: keyof typeof ends) => graph.client({ signal: ends[how].signal, clock: { now: Date.now, sleep: wait[how] } });
    await expect(client("badly").list("/users", ["id"])).rejects.toThrow("the clock is broken");
    await expect(client("early").list("/users", ["id"])).rejects.toThrow(/the run was stopped/u);
    expect(await client("well").list("/users", ["id"])).toEqual([]);
    expect(Object.values(ends).map((one) => one.listening())).toEqual([0, 0, 0]);
  });

  it("providers-B11: ends every wait, for new objects and for what passes too", async () => {
    graph.script = apart(() => absent);
    for (const what of ["submit", "again", "sleep"] as const) {
      const { signal, stop } = counted();
      const client = graph.client({ signal, clock: { now: Date.now, sleep: () => new Promise(() => setImmediate(stop)) } });
      const work = {
        submit: () => client.submit({ method: "PATCH", path: `/users/${ghost}`, body: { city: "Hull" } }, { passing: () => true }),
        again: () =>
          client.again(
            async () => 1,
            () => true,
          ),
        sleep: () => client.clock.sleep(1_000_000),
      };
      const thrown = await failure(work[what]());
      expect(thrown).toBeInstanceOf(UnreachableError);
      expect(thrown.message).toMatch(/the run was stopped; run it again to go on/u);
    }
  });
});

describe("lists", () => {
  it("providers-B9: take a page of any size", async () => {
    const rows = Array.from({ length: 200_000 }, (_, n) => ({ id: String(n) }));
    graph.script = () => ({ status: 200, body: { value: rows } });
    expect(await graph.client().list("/deviceManagement/managedDevices", ["id"], { top: null })).toHaveLength(rows.length);
  });
});

it("an answer about the whole batch is each request's own to judge: what may be sent again is, the rest is not", async () => {
  let n = 0;
  graph.script = (request) => {
    if (request.path !== "/v1.0/$batch") return { status: 204 };
    n += 1;
    return n === 1 ? { status: 504 } : { status: 0 };
  };
  const client = graph.client({ clock: fakeClock() });
  const [created, changed] = await Promise.allSettled([
    client.submit({ method: "POST", path: "/users", body: { displayName: "A" } }),
    client.submit({ method: "PATCH", path: "/users/1", body: { city: "B" } }),
  ]);
  expect(created).toMatchObject({ status: "rejected", reason: expect.any(UnreachableError) });
  expect(changed).toMatchObject({ status: "fulfilled", value: { status: 204 } });
  expect(graph.inner.map((one) => one.method)).toEqual(["PATCH"]);
  expect(graphError("x", "POST", "/$batch", { status: 504, headers: new Headers(), body: undefined }).message).toContain("504");
});
