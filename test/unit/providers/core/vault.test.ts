/** Passwords on their way: encrypted, bound to whom they are for, on the disk before anything else happens. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newIdentity } from "../../../../base/age.ts";
import { passphrase } from "../../../../providers/core/password-rules.ts";
import { decrypted, forget, giveTo, heldBy, keep, keptIn, type Note, ofSlot, slotOf, taken } from "../../../../providers/core/vault.ts";
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

describe("security-2: for recipients", () => {
  const note = { person: "41", login: "alovelace", since: "2026-11-21T08:00:00.000Z", why: "created", taken: false } as const;

  it("nothing opens one but an identity, not the passphrase either, and only as whom it is for", async () => {
    const [desk, other] = await Promise.all([newIdentity(), newIdentity()]);
    const kept = await keep(folder, { recipients: [desk.recipient] }, note, ada.password);
    expect(keptIn(folder)).toEqual([kept]);
    expect(bytes()).not.toContain(ada.password);
    const held = heldBy(kept, "one");
    if (!("age" in held)) throw new Error("it is under the passphrase");
    expect(heldBy(kept, undefined)).toEqual(held);
    expect(await decrypted([desk.identity], note, held.age)).toBe(ada.password);
    expect(await decrypted([other.identity], note, held.age)).toBeUndefined();
    const others: Partial<Note>[] = [
      { person: "42" },
      { login: "other" },
      { since: "2027-01-01T00:00:00.000Z" },
      { why: "reset" },
      { system: "entra" },
    ];
    for (const one of others)
      await expect(decrypted([desk.identity], { ...note, ...one }, held.age), JSON.stringify(one)).rejects.toThrow(
        /altered, or is another's.*password reset/u,
      );
    const altered = held.age.replace(/(\n\S{20})(\S)/u, (_all, before: string, one: string) => `${before}${one === "A" ? "B" : "A"}`);
    await expect(decrypted([desk.identity], note, altered)).rejects.toThrow(/altered/u);
  });

  it("one that waited under the passphrase becomes theirs at its place, and only with the passphrase", async () => {
    const { identity, recipient } = await newIdentity();
    taken(await put(ada));
    const [old] = keptIn(folder);
    if (!old) throw new Error("nothing is kept");
    await expect(giveTo([recipient], old, undefined)).rejects.toThrow(/set PULUMI_CONFIG_PASSPHRASE/u);
    await expect(giveTo([recipient], old, "two")).rejects.toThrow(/another passphrase/u);
    expect(waitingIn(folder, "one")).toEqual([{ ...ada, taken: true }]);
    const now = await giveTo([recipient], old, "one");
    expect(keptIn(folder)).toEqual([now]);
    expect(now).toMatchObject({ ...note, taken: true, path: old.path });
    const held = heldBy(now, undefined);
    expect("age" in held && (await decrypted([identity], note, held.age))).toBe(ada.password);
    expect(await giveTo([recipient], now, undefined)).toBe(now);
  });

  it("one that was taken, and one that a killed run left, are told apart and forgotten without being opened", async () => {
    const { recipient } = await newIdentity();
    const lock = { recipients: [recipient] };
    const [first, second] = [await keep(folder, lock, note, "First2secret!ab"), await keep(folder, lock, note, "Second2secret!a")];
    expect(keptIn(folder)).toHaveLength(2);
    taken(second);
    expect(keptIn(folder)).toEqual([{ ...second, taken: true, content: { ...second.content, taken: true } }]);
    forget(first);
    forget(second);
    expect(keptIn(folder)).toEqual([]);
  });
});
