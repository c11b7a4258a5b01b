/** Moves that are cut off at each of their steps, and what must never be moved over or followed. Row A15. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RefusedError } from "../../../../base/errors.ts";
import { home } from "../../../../providers/files/home.ts";
import { listed, update } from "../../../contract/context.ts";
import { contents, fill, Killed, otherDisk, type Share, share, wish } from "./share.ts";

const files = { "letter.txt": "dear", "deep/er/still.bin": "\0\u0001", "empty/.keep": "" };
let here: Share;
let id: string;

async function make(second?: string): Promise<void> {
  here = share(second);
  const client = await here.client();
  id = (await home.create(client, wish("Main/aexample"), here.context(client))).id;
  fill(join(here.homes, "Main/aexample"), files);
  symlinkSync("/etc/hostname", join(here.homes, "Main/aexample/link"));
}
afterEach(() => here.stop());

const whole = { ...files, deep: "/", "deep/er": "/", empty: "/", link: "→ /etc/hostname" };
const archived = wish("aexample-41", { place: "archive" });

/** What the next run does: it reads everything, sees whether anything differs, and writes what does. */
async function nextRun(wished = archived): Promise<boolean> {
  const client = await here.client();
  const context = here.context(client);
  const live = (await context.liveById("files:HomeFolder")).get(id);
  if (!live) throw new Error("the folder is not there any more");
  const was = home.view(live, wished, {}, context);
  if (was.path === wished.path && was.place === wished.place) return false;
  await update(home, client, id, wished, was, context);
  return true;
}

describe.skipIf(otherDisk === undefined)("a move to another disk", () => {
  beforeEach(() => make(otherDisk));

  for (const step of ["begun", "copied", "taken", "placed", "removing"]) {
    it(`A15: killed when it has ${step}, is finished by the next run, and then done`, async () => {
      const client = await here.client(step);
      await expect(update(home, client, id, archived, wish("Main/aexample"), here.context(client))).rejects.toThrow(step);
      // The person goes on working where the folder still is.
      if (existsSync(join(here.homes, "Main/aexample"))) appendFileSync(join(here.homes, "Main/aexample/letter.txt"), " Ada");
      const letter = step === "begun" || step === "copied" ? "dear Ada" : "dear";
      expect(await nextRun()).toBe(true);
      expect(contents(join(here.archive, "aexample-41"))).toEqual({ ...whole, "letter.txt": letter });
      expect(Object.keys(contents(here.archive)).filter((path) => !path.startsWith("aexample-41"))).toEqual([]);
      expect(Object.keys(contents(here.homes))).toEqual([".haloform", ".haloform/homes.jsonl", "Main"]);
      expect(await nextRun(), "the second run has nothing to do").toBe(false);
    });
  }

  for (const step of ["begun", "copied", "taken", "placed"]) {
    it(`killed when it has ${step}, and wished back to where it was, ends there with nothing lost or left over`, async () => {
      const client = await here.client(step);
      await expect(update(home, client, id, archived, wish("Main/aexample"), here.context(client))).rejects.toThrow(step);
      await nextRun(wish("Main/aexample"));
      expect(contents(join(here.homes, "Main/aexample"))).toEqual(whole);
      expect(contents(here.archive)).toEqual({});
      expect(await nextRun(wish("Main/aexample"))).toBe(false);
    });
  }

  it("security-12: rights come along, and none by which a program runs as somebody else", async () => {
    const from = join(here.homes, "Main/aexample");
    writeFileSync(join(from, "tool"), "#!/bin/sh\n");
    mkdirSync(join(from, "shared"));
    chmodSync(join(from, "tool"), 0o6755);
    chmodSync(join(from, "shared"), 0o3770);
    expect([statSync(join(from, "tool")), statSync(join(from, "shared"))].map(({ mode }) => mode & 0o7777)).toEqual([0o6755, 0o3770]);
    expect(await nextRun()).toBe(true);
    const to = join(here.archive, "aexample-41");
    expect([statSync(join(to, "tool")), statSync(join(to, "shared"))].map(({ mode }) => mode & 0o7777)).toEqual([0o755, 0o1770]);
    expect(await nextRun()).toBe(false);
  });

  it("what an earlier try has copied is kept, but only if it is the same to the last byte", async () => {
    const client = await here.client("copied");
    await expect(update(home, client, id, archived, wish("Main/aexample"), here.context(client))).rejects.toThrow(Killed);
    const part = join(here.archive, `.haloform-${id}.part`);
    writeFileSync(join(part, "letter.txt"), "DEAR");
    writeFileSync(join(part, "stray"), "not in the original");
    await nextRun();
    expect(contents(join(here.archive, "aexample-41"))).toEqual(whole);
  });

  it("a full disk leaves the original untouched and nothing on the disk; later it is moved", async () => {
    const client = await here.client();
    const full = Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    let many = 0;
    const onFile = (): void => {
      if (++many > 2) throw full;
    };
    await expect(update(home, { ...client, tree: { onFile } }, id, archived, wish("Main/aexample"), here.context(client))).rejects.toThrow(
      /the disk is full \(ENOSPC\); make room/u,
    );
    expect(many).toBe(3);
    expect(contents(join(here.homes, "Main/aexample"))).toEqual(whole);
    expect(contents(here.archive)).toEqual({});
    expect(await nextRun()).toBe(true);
    expect(contents(join(here.archive, "aexample-41"))).toEqual(whole);
  });

  it("a folder that somebody works in all the time stays where it is", async () => {
    const client = await here.client();
    let many = 0;
    const onStep = (step: string): void => {
      if (step === "copied") appendFileSync(join(here.homes, "Main/aexample/letter.txt"), String(many++));
    };
    await expect(update(home, { ...client, onStep }, id, archived, wish("Main/aexample"), here.context(client))).rejects.toThrow(
      "logged off",
    );
    expect(readFileSync(join(here.homes, "Main/aexample/letter.txt"), "utf8")).toBe("dear012");
    await nextRun();
    expect(readFileSync(join(here.archive, "aexample-41/letter.txt"), "utf8")).toBe("dear012");
  });

  it("what is written in the last moment comes along", async () => {
    const client = await here.client();
    const onStep = (step: string): void => {
      if (step === "taken") appendFileSync(join(here.homes, `Main/.haloform-${id}.old/letter.txt`), "est");
    };
    await update(home, { ...client, onStep }, id, archived, wish("Main/aexample"), here.context(client));
    expect(readFileSync(join(here.archive, "aexample-41/letter.txt"), "utf8")).toBe("dearest");
  });

  it("A15: a process that is killed for good in the middle of a large move loses nothing", async () => {
    for (let index = 0; index < 40; index++) writeFileSync(join(here.homes, `Main/aexample/large${index}`), Buffer.alloc(200_000, index));
    const script = `
      const { connectFiles } = await import("./providers/files/client.ts");
      const { home } = await import("./providers/files/home.ts");
      const client = await connectFiles({ homes: process.argv[1], archive: process.argv[2], smbcacls: "smbcacls" }, undefined);
      client.tree = { onFile: (path) => console.log(path) };
      const live = await home.get(client, process.argv[3], { depths: [] });
      await home.update(client, live, { person: "41", place: "archive", path: "aexample-41" }, {}, {});`;
    const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script, here.homes, here.archive, id], {
      cwd: join(import.meta.dirname, "../../../.."),
      stdio: ["ignore", "pipe", "inherit"],
    });
    let lines = 0;
    child.stdout.on("data", (data: Buffer) => {
      lines += data.toString().split("\n").length - 1;
      if (lines > 15) child.kill("SIGKILL");
    });
    expect((await once(child, "exit"))[1]).toBe("SIGKILL");
    expect(await nextRun()).toBe(true);
    const moved = contents(join(here.archive, "aexample-41"));
    expect(Object.keys(moved)).toHaveLength(Object.keys(whole).length + 40);
    expect(moved["large39"]).toBe("'".repeat(200_000));
    expect(Object.keys(contents(here.homes))).toEqual([".haloform", ".haloform/homes.jsonl", "Main"]);
  });
});

describe("a move", () => {
  beforeEach(() => make());
  const go = async (to = wish("Harbour/aexample")): Promise<unknown> => {
    const client = await here.client();
    return update(home, client, id, to, wish("Main/aexample"), here.context(client));
  };

  it("killed after the rename, before it is written down, is found where it is", async () => {
    const client = await here.client("renamed");
    await expect(update(home, client, id, wish("Harbour/aexample"), wish("Main/aexample"), here.context(client))).rejects.toThrow(Killed);
    expect(await nextRun(wish("Harbour/aexample"))).toBe(false);
    expect(await nextRun(wish("Lab/aexample"))).toBe(true);
    expect(contents(join(here.homes, "Lab/aexample"))).toEqual(whole);
  });

  it("never goes over something that is there", async () => {
    mkdirSync(join(here.homes, "Harbour/aexample"), { recursive: true });
    await expect(go()).rejects.toThrow(/something else is there already/u);
    rmSync(join(here.homes, "Harbour/aexample"), { recursive: true });
    writeFileSync(join(here.homes, "Harbour/aexample"), "a file");
    await expect(go()).rejects.toThrow(/something else is there already/u);
    expect(contents(join(here.homes, "Main/aexample"))).toEqual(whole);
  });

  it("goes through no link, neither of a folder on the way nor of the folder itself", async () => {
    mkdirSync(join(here.archive, "outside"));
    symlinkSync(join(here.archive, "outside"), join(here.homes, "Harbour"));
    await expect(go()).rejects.toThrow(/no folder but a file or a link/u);
    symlinkSync(join(here.archive, "outside"), join(here.homes, "Lab"));
    await expect(go(wish("Lab"))).rejects.toThrow(/something else is there already/u);
    expect(contents(here.archive)).toEqual({ outside: "/" });
    expect(contents(join(here.homes, "Main/aexample"))).toEqual(whole);
  });

  it("sets the rights of the folder and not of what a link leads to", async () => {
    const outside = join(here.archive, "outside");
    mkdirSync(outside, { mode: 0o711 });
    chmodSync(outside, 0o711);
    rmSync(join(here.homes, "Main/aexample"), { recursive: true });
    symlinkSync(outside, join(here.homes, "Main/aexample"));
    const client = await here.client();
    const wished = wish("Main/aexample", { rights: "0777" });
    await expect(update(home, client, id, wished, wished, here.context(client))).rejects.toThrow(RefusedError);
    const { statSync } = await import("node:fs");
    expect(statSync(outside).mode & 0o777).toBe(0o711);
  });

  it("deletes from the archive only", async () => {
    const gone = wish("aexample-41", { place: "deleted" });
    await expect(go(gone)).rejects.toThrow(/not in the archive/u);
    await go(archived);
    await go(gone);
    expect([contents(here.archive), (await listed(home, await here.client())).length]).toEqual([{}, 0]);
  });

  it("refuses paths that lead out of the share", async () => {
    for (const path of [
      "../out",
      "Main/../../out",
      "/etc",
      "Main//x",
      "Main/./x",
      "Main/..",
      ".haloform/x",
      "Main/.HALOFORM-x.part",
      "a\\b",
      "a\0b",
    ])
      await expect(go(wish(path)), path).rejects.toThrow(RefusedError);
    expect(contents(join(here.homes, "Main/aexample"))).toEqual(whole);
  });
});
