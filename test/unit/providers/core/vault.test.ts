/** Passwords on their way: encrypted, bound to whom they are for, on the disk before anything else happens. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passphrase } from "../../../../providers/core/password-rules.ts";
import { forget, keep, keptIn, ofSlot, slotOf, taken } from "../../../../providers/core/vault.ts";
import { type Waiting, waitingIn } from "../../../vault.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "haloform-vault-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ada: Waiting = {
  person: "41",
  login: "alovelace",
  since: "2026-11-21T08:00:00.000Z",
  why: "created",
  taken: false,
  password: "Very2secret!word",
};
const bytes = (): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), "latin1"))
    .join("\n");

const put = ({ password, ...note }: Waiting, phrase = "one") => keep(folder, { phrase }, note, password);

describe("the vault", () => {
  it("gives back what was put there, and only with the passphrase; nothing is in clear", async () => {
    await put(ada);
    expect(waitingIn(folder, "one")).toEqual([ada]);
    expect(keptIn(folder)).toMatchObject([{ person: "41", login: "alovelace", since: ada.since, why: "created", taken: false }]);
    expect(() => waitingIn(folder, "two")).toThrow(/another passphrase.*password reset/u);
    expect(bytes()).not.toContain(ada.password);
    expect(bytes()).not.toContain(Buffer.from(ada.password).toString("base64"));
    expect(statSync(join(folder, "41.json")).mode & 0o077).toBe(0);
  });

  it("is not fooled: another person, login or time makes it unreadable", async () => {
    await put(ada);
    const file = join(folder, "41.json");
    const good = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    for (const change of [
      { person: "42" },
      { login: "other" },
      { since: "2027-01-01T00:00:00.000Z" },
      { why: "reset" },
      { tag: Buffer.alloc(16).toString("base64") },
    ]) {
      writeFileSync(file, JSON.stringify({ ...good, ...change }));
      expect(() => waitingIn(folder, "one"), JSON.stringify(change)).toThrow(/altered/u);
    }
  });

  it("knows what was taken, and removes only what it is told to", async () => {
    const first = await put(ada);
    taken(first);
    expect(waitingIn(folder, "one")).toEqual([{ ...ada, taken: true }]);
    const second = await put({ ...ada, password: "Another2secret!" });
    forget(first);
    // Read and removed by somebody meanwhile: it does not come back.
    taken(first);
    expect(waitingIn(folder, "one").map((one) => one.password)).toEqual(["Another2secret!"]);
    const third = await put({ ...ada, person: "../../x y", password: "Third2secret!ab" });
    expect(readdirSync(folder)).toHaveLength(2);
    taken(second);
    expect(keptIn(folder, "../../x y")).toHaveLength(1);
    for (const one of [second, third, first]) forget(one);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("somebody with an account in each system", () => {
  const cloud: Waiting = { ...ada, system: "entra", login: "ada@example.com", password: "Cloud2secret!word" };

  it("has a password for each: neither replaces the other, nor passes for it", async () => {
    await put(ada);
    taken(await put(cloud));
    expect(waitingIn(folder, "one")).toEqual([ada, { ...cloud, taken: true }]);
    expect(keptIn(folder).map((one) => one.system)).toEqual([undefined, "entra"]);
    for (const one of [ada, cloud]) expect(ofSlot(slotOf(one))).toEqual({ person: "41", ...(one.system ? { system: one.system } : {}) });
    const file = readdirSync(folder).find((name) => name.startsWith("entra")) ?? "";
    const { system: _system, ...rest } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>;
    writeFileSync(join(folder, file), JSON.stringify(rest));
    expect(() => waitingIn(folder, "one")).toThrow(/altered/u);
    for (const one of keptIn(folder, slotOf(cloud))) forget(one);
    expect(waitingIn(folder, "one")).toEqual([ada]);
  });
});

describe("the passphrase", () => {
  it("is the variable, else what the file holds; empty is none", () => {
    const file = join(folder, "phrase");
    writeFileSync(file, "from a file\n");
    expect(passphrase({ PULUMI_CONFIG_PASSPHRASE: "given", PULUMI_CONFIG_PASSPHRASE_FILE: file })).toBe("given");
    expect(passphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file })).toBe("from a file");
    // as Pulumi itself: a variable that is set, though empty, comes before the file
    expect(passphrase({ PULUMI_CONFIG_PASSPHRASE: "", PULUMI_CONFIG_PASSPHRASE_FILE: file })).toBeUndefined();
    expect(passphrase({})).toBeUndefined();
    writeFileSync(file, "\n");
    expect(passphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: file })).toBeUndefined();
    expect(() => passphrase({ PULUMI_CONFIG_PASSPHRASE_FILE: join(folder, "none") })).toThrow(/ENOENT/u);
  });
});
