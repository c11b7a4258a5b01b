/** Stops in the journal: summed up they are kept, and lifted ones are not open again; and what lies beside a state that is a folder. */
import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { newKey } from "../../../../base/ed25519.ts";
import { saidPlace } from "../../../../cli/engine/said.ts";
import { appended, type Journal, known } from "../../../../cli/ledger/journal.ts";
import type { Stop } from "../../../../cli/ledger/said-schema.ts";
import { keyVariable } from "../../../../cli/ledger/signature.ts";
import { idOf, provenBy, type Said, stated } from "../../../../cli/ledger/statements.ts";
import { stopsOf } from "../../../../cli/ledger/stops.ts";
import { homeEach } from "../home.ts";

const at = "2027-01-04T08:00:00.000Z";
const key = newKey();
const home = homeEach();

const stack = (config: object = {}) => ({ folder: home(), home: home(), stack: "test", config: config as never });
const stop = (nonce = "1"): Said => ({ format: "haloform.said/1", event: "stop", stack: "test", at, who: "ada@here", why: "x", nonce });
const go = (...of: string[]): Said => ({ format: "haloform.said/1", event: "go", stack: "test", at, who: "ada@here", of });
const nothing = { known: { losses: [], due: [], used: [], emergencies: [], stops: [] as Stop[] } };
const leave = async (said: Said, name = idOf(said)): Promise<void> =>
  saidPlace(stack()).add(name, JSON.stringify(await stated(stack({ keys: [key.public] }), said)));
const open = async (config: object = {}, ledger = nothing): Promise<string[]> =>
  (await stopsOf(stack(config), ledger)).open.map(({ why, gone }) => `${why}${gone ? " gone" : ""}`);

describe("stops in the journal", () => {
  it("are kept through years of runs, and lifted ones are remembered as lifted", () => {
    const one = (id: string): Stop => ({ id, at, who: "ada@here", why: id });
    const lift = { at, who: "ben@there" };
    let journal: Journal | undefined = appended(undefined, { event: "stop", stop: one("a") }, new Date(at));
    journal = appended(journal, { event: "stop", stop: one("b") }, new Date(at));
    journal = appended(journal, { event: "go", of: ["b"], lift }, new Date(at));
    for (let run = 0; run < 200; run += 1)
      journal = appended(journal, { event: "end", plan: `${run}`, record: "r" }, new Date(Date.parse(at) + run * 86_400_000));
    expect(known(journal).stops).toEqual([one("a"), { ...one("b"), lifted: lift }]);
    expect(journal.entries.length).toBeLessThan(50);
  });
});

describe("what lies beside the state", () => {
  it("is read by whoever may read the state, and says nothing where nothing was left", async () => {
    expect([...(await saidPlace(stack()).read())]).toEqual([]);
    mkdirSync(join(home(), "state"));
    chmodSync(join(home(), "state"), 0o770);
    await leave(stop());
    const folder = join(home(), "state", ".haloform-said", "test");
    expect([statSync(folder).mode & 0o777, statSync(join(folder, `${idOf(stop())}.json`)).mode & 0o777]).toEqual([0o770, 0o660]);
    expect(await open()).toEqual(["x"]);
  });

  it("stays a stop while another machine takes something else away just as it is read", async () => {
    await leave(stop());
    // As readdir has it, and is not there any more when it is read.
    symlinkSync(join(home(), "nowhere"), join(home(), "state", ".haloform-said", "test", "0gone.json"));
    expect(await open()).toEqual(["x"]);
  });

  it("is a stop where nobody can read it, where it is another stack's, or says something else than its name", async () => {
    await leave(stop());
    await leave({ ...stop("2"), stack: "other" });
    await leave(go("x"), "0123456789ab");
    writeFileSync(join(home(), "state", ".haloform-said", "test", "abc.json"), "{");
    expect((await open()).filter((why) => why.includes("is no statement"))).toHaveLength(3);
  });

  it("is lifted by a go with a key of the settings, for the stops that it names and for no later one", async () => {
    vi.stubEnv(keyVariable, key.private);
    const keys = { keys: [key.public] };
    await leave(stop());
    expect(await open(keys)).toEqual(["x"]);
    await leave(go(idOf(stop())));
    expect(await open(keys)).toEqual([]);
    const other = await stopsOf(stack({ keys: [newKey().public] }), nothing);
    expect([other.open.length, other.odd]).toEqual([1, [expect.stringContaining("haloform:keys does not name that")]]);
    await leave(stop("2"));
    expect(await open(keys)).toEqual(["x"]);
  });

  it("is not lifted without a signature where the settings name keys or signers, and is where they name neither", async () => {
    await leave(stop());
    await leave(go(idOf(stop())));
    expect(await open({ keys: [key.public] })).toEqual(["x"]);
    expect(await open({ signers: "nowhere" })).toEqual(["x"]);
    expect(await open()).toEqual([]);
  });

  it("is not forgotten by a machine that has seen it, until the journal says that it was lifted", async () => {
    await leave(stop());
    expect(await open()).toEqual(["x"]);
    await saidPlace(stack()).remove(idOf(stop()));
    expect(await open()).toEqual(["x gone"]);
    const lifted = { id: idOf(stop()), at, who: "ada@here", why: "x", lifted: { at, who: "ben@there" } };
    expect(await open({}, { known: { ...nothing.known, stops: [lifted] } })).toEqual([]);
    expect(await open()).toEqual([]);
  });

  it("has a signature of what it says, for this stack and this purpose", async () => {
    vi.stubEnv(keyVariable, key.private);
    const place = stack({ keys: [key.public] });
    const { proof } = await stated(place, go("a"));
    expect(await provenBy(place, { said: go("a"), proof })).toEqual({ name: expect.stringMatching(/^production's key [0-9a-f]{8}$/u) });
    for (const said of [go("b"), { ...go("a"), stack: "other" }, { ...go("a"), who: "eve" }, stop()])
      expect(await provenBy(place, { said, proof })).toEqual({ why: expect.stringContaining("its signature is not one of") });
  });
});
