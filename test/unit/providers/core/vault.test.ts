/** Passwords on their way: encrypted, bound to whom they are for, on the disk before anything else happens. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { passphrase } from "../../../../providers/core/password-rules.ts";
import { notesIn, ofSlot, openVault, slotOf, type Waiting } from "../../../../providers/core/vault.ts";

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

describe("the vault", () => {
  it("gives back what was put there, and only with the passphrase; nothing is in clear", () => {
    const vault = openVault(folder, "one");
    vault.put(ada);
    expect(openVault(folder, "one").all()).toEqual([ada]);
    expect(notesIn(folder)).toEqual([{ person: "41", login: "alovelace", since: ada.since, why: "created", taken: false }]);
    expect(() => openVault(folder, "two").all()).toThrow(/another passphrase.*password reset/u);
    expect(bytes()).not.toContain(ada.password);
    expect(bytes()).not.toContain(Buffer.from(ada.password).toString("base64"));
    expect(statSync(join(folder, "41.json")).mode & 0o077).toBe(0);
  });

  it("is not fooled: another person, login or time makes it unreadable", () => {
    openVault(folder, "one").put(ada);
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
      expect(() => openVault(folder, "one").all(), JSON.stringify(change)).toThrow(/altered/u);
    }
  });

  it("knows what was taken, and removes only what it is told to", () => {
    const vault = openVault(folder, "one");
    vault.put(ada);
    vault.taken("41", ada.password);
    vault.taken("99", ada.password);
    expect(vault.all()).toEqual([{ ...ada, taken: true }]);
    vault.put({ ...ada, password: "Another2secret!" });
    vault.remove("41", ada.password);
    expect(vault.all().map((one) => one.password)).toEqual(["Another2secret!"]);
    vault.put({ ...ada, person: "../../x y", password: "Third2secret!ab" });
    expect(readdirSync(folder)).toHaveLength(2);
    vault.remove("41", "Another2secret!");
    vault.remove("../../x y");
    vault.remove("nobody");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("somebody with an account in each system", () => {
  const cloud: Waiting = { ...ada, system: "entra", login: "ada@example.com", password: "Cloud2secret!word" };

  it("has a password for each: neither replaces the other, nor passes for it", () => {
    const vault = openVault(folder, "one");
    vault.put(ada);
    vault.put(cloud);
    vault.taken(slotOf(cloud), cloud.password);
    expect(vault.all()).toEqual([ada, { ...cloud, taken: true }]);
    expect(notesIn(folder).map((one) => one.system)).toEqual([undefined, "entra"]);
    for (const one of [ada, cloud]) expect(ofSlot(slotOf(one))).toEqual({ person: "41", ...(one.system ? { system: one.system } : {}) });
    const file = readdirSync(folder).find((name) => name.startsWith("entra")) ?? "";
    const { system: _system, ...rest } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Record<string, unknown>;
    writeFileSync(join(folder, file), JSON.stringify(rest));
    expect(() => vault.all()).toThrow(/altered/u);
    vault.remove(slotOf(cloud));
    expect(vault.all()).toEqual([ada]);
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
