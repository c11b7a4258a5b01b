/** What a run does with the passwords that it has made, and with those that waited under the passphrase of before. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decryptWith, newIdentity } from "../../../../base/age.ts";
import type { Edit, Stored } from "../../../../cli/engine/opened.ts";
import { keepPasswords } from "../../../../cli/engine/passwords.ts";
import type { Run } from "../../../../providers/core/run.ts";
import { keep, type Note, taken } from "../../../../providers/core/vault.ts";
import { waitingIn } from "../../../vault.ts";

const phrase = "the phrase of before";
const desk = await newIdentity();
const before = process.env["PULUMI_CONFIG_PASSPHRASE"];
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-keep-"));
  process.env["PULUMI_CONFIG_PASSPHRASE"] = phrase;
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (before === undefined) delete process.env["PULUMI_CONFIG_PASSPHRASE"];
  else process.env["PULUMI_CONFIG_PASSPHRASE"] = before;
});

const runWith = (recipients?: string[]): Run => {
  const rules = { length: 16, sets: [], mustChange: true, handover: "output", vault: folder };
  return { settings: recipients ? { passwords: { recipients } } : {}, passwords: rules } as unknown as Run;
};
const noteOf = (person: string): Note => ({
  person,
  login: `login${person}`,
  since: `2027-01-0${person}T00:00:00.000Z`,
  why: "created",
  taken: false,
});
const waited = (person: string) => {
  const { login, since, why } = noteOf(person);
  return { login, since, why, password: `Waited2!${person}` };
};
const stateOf = (all: Stored): Edit & { all: Stored } =>
  Object.assign(async (change: (stored: Stored) => boolean) => void change(all), { all });
const readBy = async (one: unknown): Promise<unknown> =>
  JSON.parse((await decryptWith([desk.identity], (one as { age: string }).age)) ?? "{}").password;

describe("security-2: passwords after a run", () => {
  it("go to the recipients: new ones as they are, those under the passphrase once; what somebody has read meanwhile stays gone", async () => {
    taken(await keep(folder, { recipients: [desk.recipient] }, noteOf("1"), "New2!1"));
    taken(await keep(folder, { phrase }, noteOf("2"), "Left2!2"));
    await keep(folder, { phrase }, noteOf("3"), "Unknown2!3");
    const ciphertext = { ...waited("4"), password: { ciphertext: "v1:…" } };
    // 5 was read, and 6 read and made anew, since this run has read the state.
    const state = stateOf({ 4: ciphertext, 6: { ...ciphertext, since: "2027-02-01T00:00:00.000Z" } });
    expect(await keepPasswords(state, runWith([desk.recipient]), { 4: waited("4"), 5: waited("5"), 6: waited("6") })).toBeUndefined();
    expect(Object.keys(state.all)).toEqual(["1", "2", "4", "6"]);
    expect(await Promise.all(["1", "2", "4"].map((slot) => readBy(state.all[slot])))).toEqual(["New2!1", "Left2!2", "Waited2!4"]);
    expect(state.all["6"]).toHaveProperty("password.ciphertext");
    // What may never have been taken stays here, for the recipients.
    expect(readdirSync(folder)).toEqual(["3.json"]);
    expect(() => waitingIn(folder, phrase)).toThrow(/encrypted to recipients/u);
  });

  it("need no passphrase: what waits for the recipients moves, what only the passphrase opens stays", async () => {
    taken(await keep(folder, { recipients: [desk.recipient] }, noteOf("1"), "New2!1"));
    taken(await keep(folder, { phrase }, noteOf("2"), "Left2!2"));
    delete process.env["PULUMI_CONFIG_PASSPHRASE"];
    const state = stateOf({});
    expect(await keepPasswords(state, runWith([desk.recipient]))).toBeUndefined();
    expect(await readBy(state.all["1"])).toBe("New2!1");
    expect(Object.keys(state.all)).toEqual(["1"]);
    expect(waitingIn(folder, phrase)).toMatchObject([{ person: "2", password: "Left2!2", taken: true }]);
  });

  it("whose recipients were taken out of the settings still go as they are", async () => {
    taken(await keep(folder, { recipients: [desk.recipient] }, noteOf("1"), "New2!1"));
    const state = stateOf({ 4: { ...waited("4"), password: { ciphertext: "v1:…" } } });
    expect(await keepPasswords(state, runWith(), { 4: waited("4") })).toBeUndefined();
    expect(await readBy(state.all["1"])).toBe("New2!1");
    expect(state.all["4"]).toHaveProperty("password.ciphertext");
  });

  it("are forgotten here only when they are there", async () => {
    taken(await keep(folder, { recipients: [desk.recipient] }, noteOf("1"), "New2!1"));
    const locked: Edit = () => Promise.reject(new Error("the stack is locked"));
    expect(await keepPasswords(locked, runWith([desk.recipient]))).toMatch(
      /could not be put into the state \(the stack is locked\); they are kept, encrypted/u,
    );
    expect(readdirSync(folder)).toEqual(["1.json"]);
    rmSync(join(folder, "1.json"));
    expect(await keepPasswords(locked, runWith([desk.recipient]), { 4: waited("4") })).toMatch(
      /^passwords that wait could not be encrypted to the recipients of haloform:passwords \(the stack is locked\); the next run tries again$/u,
    );
  });
});
