/** The share itself: what is found, what is taken over, the register, and Windows rights by a declared command. */

import { appendFileSync, chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConfigurationError, RefusedError } from "../../../../base/errors.ts";
import { aclCommand } from "../../../../providers/files/acl.ts";
import { connectFiles } from "../../../../providers/files/client.ts";
import { home } from "../../../../providers/files/home.ts";
import { readRegister } from "../../../../providers/files/register.ts";
import { filesSettings } from "../../../../providers/files/settings.ts";
import { update } from "../../../contract/context.ts";
import { contents, fill, Killed, type Share, share, wish } from "./share.ts";

let here: Share;
beforeEach(() => {
  here = share();
});
afterEach(() => here.stop());

describe("A14: home folders", () => {
  it("are listed as deep as the mapping's paths, without reading what is in them", async () => {
    fill(here.homes, { "Main/ada/letter": "x", "Main/bob/deep/letter": "x", "Main/a file": "x", ".haloform-x.part/y/z": "x" });
    const client = await here.client();
    const found = async (...depths: number[]): Promise<string[]> =>
      (await home.list(client, { depths })).map((one) => String(one.values["path"])).sort();
    expect(await found(2)).toEqual(["Main/ada", "Main/bob"]);
    expect(await found(1)).toEqual(["Main"]);
    expect(await found()).toEqual([]);
  });

  it("made by hand are taken over with an id that stays when they move", async () => {
    fill(here.homes, { "Main/aexample/letter": "dear" });
    const client = await here.client();
    const context = here.context(client);
    const id = home.find(await context.live("files:HomeFolder"), wish("Main/aexample")) ?? "";
    await update(home, client, id, wish("Lab/aexample"), wish("Main/aexample"), context);
    const [live] = await home.list(await here.client(), { depths: [2] });
    expect(live).toMatchObject({ id, values: { person: "41", path: "Lab/aexample" } });
    expect(contents(join(here.homes, "Lab"))).toEqual({ aexample: "/", "aexample/letter": "dear" });
  });

  it("that a killed run has made, but not written down, are used; those of others and full ones are not", async () => {
    const killed = await here.client("made");
    await expect(home.create(killed, wish("Main/aexample"), here.context(killed))).rejects.toThrow(Killed);
    const client = await here.client();
    const { id } = await home.create(client, wish("Main/aexample"), here.context(client));
    await expect(home.create(client, { ...wish("Main/aexample"), person: "42" }, here.context(client))).rejects.toThrow(
      "something is there already",
    );
    fill(here.homes, { "Main/bsample/letter": "x" });
    await expect(home.create(client, { ...wish("Main/bsample"), person: "43" }, here.context(client))).rejects.toThrow(
      "something is there already",
    );
    await expect(update(home, client, id, { ...wish("Main/x"), person: "42" }, wish("Main/x"), here.context(client))).rejects.toThrow(
      "that of person 41",
    );
  });

  it("whose share is not mounted are an error and not an empty list", async () => {
    const config = { homes: join(here.homes, "nowhere"), smbcacls: "smbcacls" };
    await expect(connectFiles(config, undefined)).rejects.toThrow(ConfigurationError);
    await expect(connectFiles({ ...config, homes: here.homes, archive: here.homes }, undefined)).rejects.toThrow("one is inside the other");
  });
});

describe("the register", () => {
  it("holds what was written last, leaves a cut line out, and is written anew when it has grown", () => {
    const register = readRegister(here.homes);
    const entry = { id: "a", person: "41", place: "homes" as const, path: "x" };
    register.write(entry);
    const file = join(here.homes, ".haloform/homes.jsonl");
    appendFileSync(file, '{"id":"a","person":"41","pla');
    const cut = readRegister(here.homes);
    expect(cut.entries.get("a")).toEqual(entry);
    cut.write({ ...entry, path: "y" });
    expect(readRegister(here.homes).entries.get("a")?.path).toBe("y");
    for (let index = 0; index < 300; index++) cut.write({ ...entry, path: String(index) });
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(250);
    expect(readRegister(here.homes).of("41")?.path).toBe("299");
    cut.remove("a");
    expect([...readRegister(here.homes).entries]).toEqual([]);
  });
});

describe("Windows rights", () => {
  const script = (text: string): string => {
    const file = join(here.archive, "smbcacls");
    writeFileSync(file, `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const config = (smbcacls: string, user?: string) =>
    filesSettings.schema.parse({ homes: here.homes, share: "//fs1.example.org/homes", smbcacls, ...(user === undefined ? {} : { user }) });
  const acl = ["CORP\\aexample:ALLOWED/OI|CI/FULL", "Domain Admins:ALLOWED/OI|CI/FULL"];

  it("are set by an argument list, the password in the environment alone", async () => {
    const out = join(here.archive, "out");
    await aclCommand(config(script(`printf '%s\\n' "$@" "$PASSWD" "$HALO_CLIENT_SECRET" > ${out}`), "CORP\\svc"), "hush")(
      "Main/$(touch x);aexample",
      acl,
    );
    expect(readFileSync(out, "utf8").split("\n")).toEqual([
      ...["//fs1.example.org/homes", "/Main/$(touch x);aexample", "--user", "CORP\\svc", "--set", `ACL:${acl[0]},ACL:${acl[1]}`],
      ...["hush", "", ""],
    ]);
  });

  it("that cannot be set say why, without the password", async () => {
    const set = (text: string) => aclCommand(config(script(text), "CORP\\svc"), "hush")("Main/a", acl);
    await expect(set("echo 'NT_STATUS_LOGON_FAILURE hush' >&2; exit 1")).rejects.toThrow(/NT_STATUS_LOGON_FAILURE …; look at the account/u);
    await expect(aclCommand(config(join(tmpdir(), "no-such-smbcacls")), undefined)("Main/a", acl)).rejects.toThrow(
      /not installed here; install Samba's client tools/u,
    );
    await expect(set("exit 0").then(() => aclCommand(config("x"), undefined)("a", ["A, B:ALLOWED/0/FULL"]))).rejects.toThrow(RefusedError);
  });

  it("are set once, and again when the list changes or the first time failed", async () => {
    const said: string[] = [];
    let broken = true;
    const client = {
      ...(await here.client()),
      setAcl: async (path: string, list: readonly string[]) => {
        if (broken) throw new RefusedError("smbcacls is not installed", "acl");
        said.push(`${path} ${list.length}`);
      },
    };
    const wished = wish("Main/aexample", { acl });
    await expect(home.create(client, wished, here.context(client))).rejects.toThrow("not installed");
    broken = false;
    const { id } = await home.create(client, wished, here.context(client));
    await update(home, client, id, wished, wished, here.context(client));
    await update(home, client, id, { ...wished, acl: acl.slice(1) }, wished, here.context(client));
    expect(said).toEqual(["Main/aexample 2", "Main/aexample 1"]);
  });
});

it("keeps what it knows out of the people's reach", async () => {
  const client = await here.client();
  await home.create(client, wish("ada"), here.context(client));
  const { statSync } = await import("node:fs");
  expect([statSync(join(here.homes, ".haloform")).mode & 0o777, statSync(join(here.homes, ".haloform/homes.jsonl")).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
  rmSync(join(here.homes, ".haloform"), { recursive: true });
  mkdirSync(join(here.homes, ".haloform"));
});
