/** Runs that are killed between what happens on the disk and what the register says of it: the next ones neither forget nor mistake a folder. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { home } from "../../../../providers/files/home.ts";
import { readRegister } from "../../../../providers/files/register.ts";
import { listed, update } from "../../../contract/context.ts";
import { contents, fill, Killed, otherDisk, type Share, share, wish } from "./share.ts";

let here: Share;
afterEach(() => here.stop());

const ada = wish("aexample");
const archived = wish("aexample-41", { place: "archive" });
const ben = wish("aexample", { person: "42" });

/** A new run makes a home, with a letter in it. */
async function make(wished = ada, letter = "dear"): Promise<string> {
  const client = await here.client();
  const { id } = await home.create(client, wished, here.context(client));
  fill(join(here.homes, wished.path), { "letter.txt": letter });
  return id;
}

/** A new run brings a home to a wish; with `step` it is killed there. */
async function bring(id: string, wished: typeof ada, step?: string): Promise<void> {
  const client = await here.client(step);
  const done = update(home, client, id, wished, ada, here.context(client));
  if (step === undefined) await done;
  else await expect(done).rejects.toThrow(Killed);
}
const places = async (): Promise<{ [person: string]: string }> =>
  Object.fromEntries(
    (await listed(home, await here.client())).map(({ values }) => [String(values["person"]), `${values["place"]}/${values["path"]}`]),
  );
const letterIn = (root: string, folder: string): string => readFileSync(join(root, folder, "letter.txt"), "utf8");

describe("between a rename and the register", () => {
  beforeEach(() => {
    here = share();
  });

  it("providers-B3: an archived folder is deleted when its stage comes", async () => {
    const id = await make();
    await bring(id, archived, "renamed");
    await bring(id, wish("aexample-41", { place: "deleted" }));
    expect(contents(here.archive)).toEqual({});
    expect(readRegister(here.homes).entries.size).toBe(0);
  });

  it("providers-B3: a folder that was moved back out of the archive is not deleted", async () => {
    const id = await make();
    await bring(id, archived);
    await bring(id, ada, "renamed");
    await expect(bring(id, wish("aexample-41", { place: "deleted" }))).rejects.toThrow(/not in the archive/u);
    expect(letterIn(here.homes, "aexample")).toBe("dear");
  });

  it("providers-B3: somebody who gets the path now is not taken for the one who had it", async () => {
    const id = await make();
    await bring(id, archived, "renamed");
    await make(ben, "Ben's");
    expect(await places()).toEqual({ "41": "archive/aexample-41", "42": "homes/aexample" });
    await bring(id, archived);
    expect([letterIn(here.archive, "aexample-41"), letterIn(here.homes, "aexample")]).toEqual(["dear", "Ben's"]);
  });

  it("providers-B3: neither is a folder that is moved to that path", async () => {
    const id = await make();
    const other = await make(wish("bexample", { person: "42" }), "Ben's");
    await bring(id, archived, "renamed");
    await bring(other, ben);
    expect(await places()).toEqual({ "41": "archive/aexample-41", "42": "homes/aexample" });
  });
});

describe("between a deletion and the register", () => {
  beforeEach(() => {
    here = share();
  });

  it("providers-B3: who is archived to the same path later is not taken for the one who was deleted", async () => {
    const id = await make();
    await bring(id, archived);
    rmSync(join(here.archive, "aexample-41"), { recursive: true });
    const other = await make(wish("bexample", { person: "42" }), "Ben's");
    await bring(other, wish("aexample-41", { person: "42", place: "archive" }));
    expect(await places()).toEqual({ "42": "archive/aexample-41" });
  });
});

describe.skipIf(otherDisk === undefined)("on the way to another disk", () => {
  beforeEach(() => {
    here = share(otherDisk);
  });

  it("providers-B3: the only copy is not given up for something that lies at the new place", async () => {
    const id = await make();
    await bring(id, archived, "taken");
    fill(here.archive, { "aexample-41/strange": "somebody else's" });
    await expect(bring(id, archived)).rejects.toThrow(/something else is there already/u);
    rmSync(join(here.archive, "aexample-41"), { recursive: true });
    await bring(id, archived);
    expect(contents(here.archive)).toEqual({ "aexample-41": "/", "aexample-41/letter.txt": "dear" });
    expect(Object.keys(contents(here.homes))).toEqual([".haloform", ".haloform/homes.jsonl"]);
  });

  it("providers-B3: somebody who gets the path meanwhile does not stop it", async () => {
    const id = await make();
    await bring(id, archived, "taken");
    await make(ben, "Ben's");
    expect(await places()).toEqual({ "41": "archive/aexample-41", "42": "homes/aexample" });
    await bring(id, archived);
    expect([letterIn(here.archive, "aexample-41"), letterIn(here.homes, "aexample")]).toEqual(["dear", "Ben's"]);
    expect(Object.keys(contents(here.homes))).toEqual([".haloform", ".haloform/homes.jsonl", "aexample", "aexample/letter.txt"]);
  });

  it("providers-B3: a folder that was about to be put aside is still the one", async () => {
    const id = await make();
    await bring(id, archived, "copied");
    const register = readRegister(here.homes);
    const entry = register.entries.get(id);
    if (entry) register.write({ ...entry, moving: { to: { place: "archive", path: "aexample-41" }, step: "taken" } });
    fill(here.archive, { "aexample-41/strange": "somebody else's" });
    await expect(bring(id, archived)).rejects.toThrow(/something else is there already/u);
    expect(await places()).toEqual({ "41": "homes/aexample" });
    expect(letterIn(here.homes, "aexample")).toBe("dear");
  });
});

describe.skipIf(process.platform !== "linux" || !existsSync("/usr/bin/prlimit"))("a register that the disk had no room for", () => {
  beforeEach(() => {
    here = share();
  });

  it("providers-B3: loses no line that is written once there is room again", () => {
    const script = `
      const { execFileSync } = await import("node:child_process");
      const { readRegister } = await import("./providers/files/register.ts");
      const register = readRegister(process.argv[1]);
      const write = (id) => register.write({ id, person: id, place: "homes", path: "x".repeat(100) });
      try {
        for (let id = 1; id < 100; id++) write(String(id));
      } catch (error) {
        execFileSync("prlimit", ["--pid", String(process.pid), "--fsize=unlimited"]);
        write("last");
        console.log(error.message);
      }`;
    mkdirSync(join(here.homes, ".haloform"));
    writeFileSync(join(here.homes, ".haloform/homes.jsonl"), "");
    // A limit on the size of a file stands for a full disk: the write that meets it is cut.
    const limited = [
      "-c",
      `trap '' XFSZ; exec prlimit --fsize=1000:unlimited "$0" "$@"`,
      process.execPath,
      "--input-type=module-typescript",
      "-e",
    ];
    const said = execFileSync("sh", [...limited, script, here.homes], { cwd: join(import.meta.dirname, "../../../.."), encoding: "utf8" });
    expect(said).toMatch(/Could not write down whose folder is whose/u);
    expect(readRegister(here.homes).entries.get("last")?.person).toBe("last");
  });
});
