/** The adapter between a definition and Pulumi's wire, with a definition in memory. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { PendingError, RefusedError, UnreachableError } from "../../../../base/errors.ts";
import type { Values } from "../../../../base/json.ts";
import { type Adapted, adapt } from "../../../../providers/core/adapter.ts";
import type { Session } from "../../../../providers/core/attempt.ts";
import { makeContext } from "../../../../providers/core/context.ts";
import { type Definition, define, type Live } from "../../../../providers/core/definition.ts";
import { readOutcomes } from "../../../../providers/core/outcomes.ts";
import { type Run, writeRun } from "../../../../providers/core/run.ts";
import { stackConfig } from "../../../../providers/systems.ts";

type Thing = { person: string; name: string; colour?: string };
const inputs = z.strictObject({
  person: z.string(),
  name: z.string().trim(),
  colour: z.string().trim().toLowerCase().optional(),
}) as unknown as z.ZodType<Values>;

/** Things in memory; `fail` is thrown by the next write. */
function things() {
  const store = new Map<string, Values>();
  const state = { fail: undefined as Error | undefined, writes: 0 };
  const write = (): void => {
    if (state.fail) {
      const error = state.fail;
      state.fail = undefined;
      throw error;
    }
    state.writes += 1;
  };
  const definition: Definition = define<Values, Values, unknown, unknown>({
    type: "ad:User",
    system: "ad",
    noun: "account",
    about: "person",
    account: true,
    key: ({ person, name }) => String(person ?? name),
    wave: () => "accounts",
    access: {},
    unasked: {},
    inputs,
    outputs: z.record(z.string(), z.json()) as unknown as z.ZodType<Values>,
    immutable: ["person"] as never[],
    client: async () => undefined,
    list: async () => [...store].map(([id, values]) => ({ id, values })),
    find: (live, wished) => live.find((one) => one.values["name"] === wished["name"])?.id,
    view: (live, managed) => Object.fromEntries(Object.entries(live.values).filter(([key]) => key in managed)) as Values,
    async create(_client, wished) {
      write();
      const id = `id-${store.size + 1}`;
      store.set(id, wished);
      return { id, outputs: { size: 1 } };
    },
    async update(_client, { id }, wished) {
      write();
      store.set(id, { ...store.get(id), ...wished });
      return { size: 2 };
    },
    get: async (_client, id) => (store.has(id) ? { id, values: store.get(id) ?? {} } : undefined),
    computed: () => ({ size: 3 }),
  });
  return { definition, store, state };
}

function run(live: Live[], adopt: Record<string, string> = {}, mode: Run["mode"] = "haloform"): Run {
  const settings = stackConfig.parse({ halo: { resourceServer: "https://halo.example.org", clientId: "x" } });
  return {
    format: "haloform.run/1",
    stack: "t",
    owner: process.pid,
    made: "2026-01-01T00:00:00.000Z",
    mode,
    settings,
    live: { "ad:User": live },
    people: { ad: {}, entra: {}, halo: {} },
    adopt,
    spent: [],
    asked: {},
  };
}

describe("adapter", () => {
  let fixture: ReturnType<typeof things>;
  let folder: string;
  beforeEach(() => {
    fixture = things();
    folder = mkdtempSync(join(tmpdir(), "haloform-adapter-"));
  });

  async function open(
    adopted: Record<string, string> = {},
    mode: Run["mode"] = "haloform",
  ): Promise<{ adapted: Adapted; session: Session }> {
    const made = run(
      [...fixture.store].map(([id, values]) => ({ id, values })),
      adopted,
      mode,
    );
    writeRun(folder, made);
    const session: Session = { run: made, folder, context: makeContext(made, async () => []), beforeWrite: () => undefined };
    return { adapted: adapt(fixture.definition, async () => session), session };
  }
  const wish: Thing = { person: "1", name: " Ada ", colour: "RED" };

  test("check canonicalises, takes the line out, and is idempotent", async () => {
    const { adapted } = await open();
    const once = await adapted.check({}, { ...wish, __provider: "line" });
    expect(once).toEqual({ inputs: { person: "1", name: "Ada", colour: "red" }, failures: [] });
    expect(await adapted.check({}, once.inputs)).toEqual(once);
  });

  test("check names the property that is wrong, and leaves values alone that are not known yet", async () => {
    const { adapted } = await open();
    expect((await adapted.check({}, { person: "1", name: 3 })).failures).toEqual([
      { property: "name", reason: expect.stringContaining("expected string") },
    ]);
    const unknown = { person: "1", name: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" };
    expect((await adapted.check({}, unknown)).failures).toEqual([]);
  });

  test("create → read is a fixed point without undefined, and tells the run who got an account", async () => {
    const { adapted, session } = await open();
    const made = await adapted.create({ person: "1", name: "Ada", colour: "red", __provider: "line" });
    expect(session.context.account("ad", "1")).toBe(made.id);
    const { adapted: later } = await open();
    const seen = await later.read(made.id, { ...made.outs, __provider: "line" });
    expect(seen.inputs).toEqual({ person: "1", name: "Ada", colour: "red" });
    expect(JSON.parse(JSON.stringify(seen))).toEqual(seen);
    expect(readOutcomes(folder)).toMatchObject([{ key: "ad:User::1", op: "create", result: "done" }]);
  });

  test("read shows only what is managed; what is gone is {}", async () => {
    fixture.store.set("a", { person: "1", name: "Ada", colour: "blue" });
    const { adapted } = await open();
    expect((await adapted.read("a", { person: "1", name: "Ada", computed: {} })).inputs).toEqual({ person: "1", name: "Ada" });
    expect(await adapted.read("b", { person: "1", name: "Ada" })).toEqual({});
    expect(await adapted.read("parked-ad:User::1", { person: "1", name: "Ada" })).toEqual({});
  });

  test("providers-B2: what is not read without being asked for stays as the state has it where nobody asks (stock refresh)", async () => {
    const { unasked: _unasked, ...quiet } = fixture.definition;
    const props = { person: "1", name: "Ada", computed: { size: 2 } };
    const told = adapt(quiet as Definition, async () => ({
      run: undefined,
      folder: undefined,
      context: makeContext(undefined, async () => []),
      beforeWrite: () => undefined,
    }));
    expect(await told.read("a", { ...props, __provider: "line" })).toMatchObject({ id: "a", inputs: { person: "1", name: "Ada" } });
    // What is read all the same is gone when it is gone.
    const { adapted } = await open();
    expect(await adapted.read("a", props)).toEqual({});
  });

  test("what has gone since the plan is not changed: it is parked in words that name it", async () => {
    const { adapted } = await open();
    const outs = await adapted.update("nobody", { person: "1", name: "Ada" }, { person: "1", name: "Eve" });
    expect(outs.outs["parked"]).toBe("Could not change the account nobody (ad:User::1): it is gone; the next plan will see that.");
    expect(readOutcomes(folder)).toMatchObject([{ key: "ad:User::1", person: "1", op: "update", result: "parked" }]);
  });

  test("adopts what matching has named, without a write where nothing differs", async () => {
    fixture.store.set("a", { person: "1", name: "Ada", colour: "red" });
    const { adapted } = await open({ "ad:User::1": "a" });
    expect((await adapted.create({ person: "1", name: "Ada", colour: "red" })).id).toBe("a");
    expect(fixture.state.writes).toBe(0);
    expect((await adapted.create({ person: "1", name: "Ada", colour: "green" })).id).toBe("a");
    expect(fixture.state.writes).toBe(1);
  });

  test("outside O4: a system's own words, which say no way out, get one", async () => {
    const { adapted } = await open();
    fixture.state.fail = new RefusedError("Could not add Ada: odd.", "68", { advised: false });
    const made = await adapted.create({ person: "1", name: "Ada" });
    expect(made.outs["parked"]).toBe("Could not add Ada: odd; correct what it names, and the next run tries again");
  });

  test("parks a person whom the system refuses, and goes on", async () => {
    const { adapted } = await open();
    fixture.state.fail = new RefusedError("Could not add Ada:\nno", "68");
    const made = await adapted.create({ person: "1", name: "Ada" });
    expect(made.id).toBe("parked-ad:User::1");
    expect(made.outs["parked"]).toBe("Could not add Ada: no");
    expect((await adapted.create({ person: "2", name: "Bea" })).id).toBe("id-1");
    fixture.state.fail = new PendingError("waits");
    await adapted.create({ person: "3", name: "Cy" });
    fixture.state.fail = new UnreachableError("nobody answers");
    await adapted.create({ person: "4", name: "Di" });
    expect(readOutcomes(folder).map((one) => one.result)).toEqual(["parked", "done", "pending", "broken"]);
  });

  test("under the stock CLI a refusal fails as Pulumi's users expect", async () => {
    const { adapted } = await open({}, "stock");
    fixture.state.fail = new RefusedError("no", "68");
    await expect(adapted.create({ person: "1", name: "Ada" })).rejects.toThrow("no");
  });

  test("never replaces: a change of what is immutable is refused", async () => {
    fixture.store.set("a", { person: "1", name: "Ada" });
    const { adapted } = await open();
    await adapted.update("a", { person: "1", name: "Ada" }, { person: "2", name: "Ada" });
    expect(fixture.state.writes).toBe(0);
    expect(readOutcomes(folder)).toMatchObject([{ result: "parked", message: expect.stringContaining("haloform never replaces one") }]);
  });

  test("letting go changes nothing, twice", async () => {
    fixture.store.set("a", { person: "1", name: "Ada" });
    const { adapted } = await open();
    await adapted.delete("a", { person: "1", name: "Ada" });
    await adapted.delete("a", { person: "1", name: "Ada" });
    expect(fixture.store.size).toBe(1);
  });
});

describe("what is done rather than there", () => {
  type Did = { person: string; name: string; when: string; once: string };
  const done: string[] = [];
  const state = { fail: undefined as Error | undefined };
  const doing: Definition = {
    ...things().definition,
    type: "script:Run",
    system: "script",
    inputs: z.strictObject({ person: z.string(), name: z.string(), when: z.string(), once: z.string() }) as unknown as z.ZodType<Values>,
    immutable: [],
    recorded: true,
    gate: ({ when }) => (when === "before" ? "before" : "after"),
    list: async () => [],
    async create(_client, wished) {
      if (state.fail) throw state.fail;
      done.push(String(wished["once"]));
      return { id: String(wished["once"]), outputs: {}, said: "it said" };
    },
  };
  let folder: string;
  let fixture: ReturnType<typeof things>;
  let session: Session;
  let command: Adapted;
  let accounts: Adapted;
  const wish = (more: Partial<Did> = {}): Did => ({ person: "1", name: "welcome", when: "after", once: "o-1", ...more });

  beforeEach(() => {
    done.length = 0;
    state.fail = undefined;
    fixture = things();
    folder = mkdtempSync(join(tmpdir(), "haloform-adapter-"));
    fixture.store.set("group", { name: "G", members: ["person:1", "person:2"] });
    const made = run([{ id: "group", values: fixture.store.get("group") ?? {} }]);
    writeRun(folder, made);
    session = { run: made, folder, context: makeContext(made, async () => []), beforeWrite: () => undefined };
    command = adapt(doing, async () => session);
    accounts = adapt(
      { ...fixture.definition, inputs: z.record(z.string(), z.json()) as unknown as z.ZodType<Values> },
      async () => session,
    );
  });

  test("is done by a create, and again by an update; the state is its only record", async () => {
    const made = await command.create(wish());
    expect(made.id).toBe("o-1");
    expect(await command.read(made.id, made.outs)).toEqual({ id: "o-1", props: made.outs, inputs: wish() });
    const again = await command.update("o-1", made.outs, wish({ once: "o-2" }));
    expect(again.outs).toMatchObject(wish({ once: "o-2" }));
    expect(done).toEqual(["o-1", "o-2"]);
    expect(readOutcomes(folder)).toMatchObject([
      { op: "run", result: "done", key: "script:Run::1", of: { id: "o-1", name: "welcome", said: "it said" } },
      { op: "run", result: "done", of: { id: "o-2" } },
    ]);
    expect(JSON.stringify(again)).not.toContain("it said");
  });

  test("when it fails it is parked, and a refresh forgets it, so that the next run does it", async () => {
    state.fail = new RefusedError("no", "x");
    const made = await command.create(wish());
    expect(made).toMatchObject({ id: "parked-script:Run::1", outs: { parked: "no" } });
    expect(await command.read(made.id, made.outs)).toEqual({});
    const again = await command.update("o-1", { ...wish(), computed: {} }, wish({ once: "o-2" }));
    expect(await command.read("o-1", again.outs)).toEqual({});
  });

  test("before: its failure stops everything else of its person, and nothing of anybody else", async () => {
    state.fail = new RefusedError("no desk", "x");
    await command.create(wish({ when: "before" }));
    state.fail = undefined;
    const left = await accounts.create({ person: "1", name: "Ada" });
    expect(left).toMatchObject({ id: "parked-ad:User::1", outs: { parked: expect.stringMatching(/^Left as it is, .*: no desk$/u) } });
    expect((await accounts.create({ person: "2", name: "Bob" })).id).toBe("id-2");
    expect((await command.create(wish())).outs["parked"]).toMatch(/^it runs once nothing else/u);
    expect(done).toEqual([]);
    expect((await command.create(wish({ person: "2", once: "o-2" }))).id).toBe("o-2");
    expect(readOutcomes(folder).map((one) => one.result)).toEqual(["parked", "parked", "done", "pending", "done"]);
  });

  test("before: the person's places in groups stay as they are", async () => {
    state.fail = new RefusedError("no desk", "x");
    await command.create(wish({ when: "before" }));
    const out = await accounts.update("group", { name: "G" }, { name: "G", members: ["person:3"] });
    expect(out.outs["members"]).toEqual(["person:1", "person:3"]);
    expect(fixture.store.get("group")?.["members"]).toEqual(["person:1", "person:3"]);
    await accounts.create({ name: "new", members: ["person:1", "person:4"] });
    expect([...fixture.store.values()].at(-1)).toEqual({ name: "new", members: ["person:4"] });
  });

  test("after: it waits where anything of its person failed, not where it only waits", async () => {
    fixture.state.fail = new PendingError("later");
    await accounts.create({ person: "1", name: "Ada" });
    await command.create(wish());
    expect(done).toEqual(["o-1"]);
    fixture.state.fail = new RefusedError("no", "x");
    await accounts.create({ person: "1", name: "Ada" });
    await command.create(wish({ once: "o-2" }));
    expect(done).toEqual(["o-1"]);
  });
});
