/**
 * One stack by two machines, on Pulumi's own engine: whatever becomes of its run, it writes the salt of the passphrase into the state, and
 * the passwords that wait under it anew, and that is signed. What one machine writes, if only under the lock, is believed by the other.
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newKey } from "../../base/ed25519.ts";
import { journalTag, readJournal } from "../../cli/ledger/journal.ts";
import { keyVariable } from "../../cli/ledger/signature.ts";
import { stateDigest } from "../../stacks/model/state-digest.ts";
import { StateFile } from "../engine/state.ts";
import { passphrase, rules } from "./passwords.ts";
import { configure, type World, world } from "./support.ts";

describe("a signed stack from two homes", () => {
  let w: World;
  let someone: number;
  const key = newKey();
  const first = {};
  const second: { HALOFORM_HOME?: string } = {};
  const settings = () => ["--config-file", w.stackFile, "--mappings", w.mappings];

  const state = () => new StateFile(w.home, "test").raw().deployment as { secrets_providers: { state: { salt: string } } };
  const salt = (): string => state().secrets_providers.state.salt;
  const isSigned = (): boolean =>
    readJournal(new StateFile(w.home, "test").tags()[journalTag] ?? "")?.signed?.state === stateDigest(state());
  /** Runs a command that writes, which must leave a signed state. */
  const writes = async (args: readonly string[], home: NodeJS.ProcessEnv): Promise<string> => {
    const { code, out, err } = await w.processes.run(args, home);
    expect([0, 4], `${args[0]}: ${err}`).toContain(code);
    expect(isSigned(), `what ${args[0]} left: ${err}`).toBe(true);
    return out + err;
  };
  const stopAndGo = async (home: NodeJS.ProcessEnv): Promise<void> => {
    expect(await writes(["stop", "wait"], home)).toContain("It stands in the journal.");
    expect(await writes(["go", "--yes"], home)).toContain("It stands in the journal.");
  };

  beforeAll(async () => {
    w = await world({ people: 12 });
    second.HALOFORM_HOME = join(w.home, "second");
    for (const folder of ["state", "history", "second"]) mkdirSync(join(w.home, folder));
    // What a server would keep for both.
    for (const folder of ["state", "history"]) symlinkSync(join(w.home, folder), join(w.home, "second", folder));
    configure(w, (config) => void (config["haloform:keys"] = [key.public]));
    w.env[keyVariable] = key.private;
    someone = w.sandbox.organisation.people.find(({ situation, id }) => situation === "steady" && id > 110)?.id ?? 0;
    await w.processes.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("what a home writes under the lock that has never run the stack is believed, there and in the first one", async () => {
    const before = salt();
    await stopAndGo(second);
    await stopAndGo(first);
    expect(salt()).toBe(before);
  });

  it("a passphrase that is set between a stop and its go: the state goes under it, signed, and is the other home's, too", async () => {
    const before = salt();
    await writes(["stop", "wait"], first);
    Object.assign(w.env, passphrase);
    await writes(["go", "--yes"], second);
    const after = salt();
    expect(after).not.toBe(before);
    await stopAndGo(first);
    expect(salt()).toBe(after);
  });

  it("a wrong passphrase changes nothing: the stop counts, and the state stays as it was signed", async () => {
    rules(w, { handover: "output", rotate: { key: "one", for: { person: [someone] } } });
    const made = await w.processes.plan();
    await writes(["up", "--plan", made.folder, "--approve", made.plan.digest], second);
    expect(JSON.stringify(state())).toContain("ciphertext");
    const out = await writes(["stop", "wait"], { ...second, PULUMI_CONFIG_PASSPHRASE: "another" });
    expect(out).toContain("the journal takes it over with the next run");
    await writes(["go", "--yes"], first);
  });

  it("laid out in shards, and back in one stack, it is believed, with a password that waits", async () => {
    const believed = async (): Promise<void> => {
      const { code, err } = await w.processes.run(["preview", "--detailed-exitcode"], { ...second, [keyVariable]: "" });
      expect(code, err).toBe(0);
    };
    for (const shards of [{ count: 3, by: "key" }, undefined]) {
      configure(w, (config) => {
        if (shards) config["haloform:shards"] = shards;
        else delete config["haloform:shards"];
      });
      const { code, err } = await w.processes.run(["shards", "set"], first);
      expect(code, err).toBe(0);
      await believed();
    }
    expect(JSON.stringify(state())).toContain("ciphertext");
    expect(isSigned()).toBe(true);
  });

  it("after an up on one machine all that writes on the other leaves what is signed, with a password that waits", async () => {
    await stopAndGo(first);
    await writes(["keys", "adopt", "--yes", ...settings()], first);
    await stopAndGo(second);
    await writes(["password", "show", String(someone), ...settings()], first);
    const { code, err } = await w.processes.run(["preview", "--detailed-exitcode"], { ...second, [keyVariable]: "" });
    expect(code, err).toBe(0);
  });
});
