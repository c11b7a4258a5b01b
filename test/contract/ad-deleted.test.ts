/** Deleting an account and bringing it back (rows A2 and A18, and the rehire), on the sandbox with and without recycle bin and on Samba. */

import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Values } from "../../base/json.ts";
import { group } from "../../providers/ad/group/group.ts";
import { organizationalUnit } from "../../providers/ad/organizational-unit.ts";
import { readDeleted } from "../../providers/ad/user/deleted.ts";
import type { UserInputs } from "../../providers/ad/user/inputs.ts";
import type { Snapshot } from "../../providers/ad/user/snapshot.ts";
import { user } from "../../providers/ad/user/user.ts";
import { child } from "../../providers/ad/values/dn.ts";
import { byGuid } from "../../providers/ad/values/guid.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { sidOf, textOf, textsOf } from "../../providers/ad/wire/entry.ts";
import type { Live } from "../../providers/core/definition.ts";
import { listed, type MemoryContext, memoryContext, update } from "./context.ts";
import { clientOf, type Directory, directories, withoutBin } from "./directories.ts";

let numbers = 0;

for (const kind of [...directories, withoutBin]) {
  describe.skipIf(kind.missing !== undefined)(`deleted accounts on ${kind.name}`, () => {
    const bin = kind.name === "sandbox";
    const before = process.env["HALOFORM_HOME"];
    const project = mkdtempSync(join(tmpdir(), "haloform-deleted-"));
    let directory: Directory;
    let client: AdClient;
    let home: string;

    const newContext = (): MemoryContext => memoryContext((type) => (type === "ad:User" ? listed(user, client) : listed(group, client)));
    const person = (more: Partial<UserInputs> = {}): UserInputs => {
      const number = String(7000 + ++numbers);
      return user.inputs.parse({
        person: number,
        name: `Person ${number}`,
        path: home,
        enabled: true,
        sAMAccountName: `d${number}`,
        userPrincipalName: `d${number}@example.com`,
        attributes: { employeeNumber: number, department: "Sales" },
        ...more,
      });
    };
    const liveOf = async (id: string): Promise<Live> => {
      const live = (await listed(user, client)).find((one) => one.id === id);
      if (!live) throw new Error(`${id} is not in the list.`);
      return live;
    };
    /** One step as the adapter makes it: seen, then brought to the wish. */
    const bring = async (id: string, wish: UserInputs, outputs: Values = {}): Promise<Values> => {
      const context = newContext();
      const live = (await context.liveById("ad:User")).get(id);
      const was = live ? user.inputs.parse(user.view(live, wish, outputs, context)) : wish;
      return update(user, client, id, wish, was, context, outputs);
    };
    const seen = async (id: string, wish: UserInputs): Promise<UserInputs> => user.view(await liveOf(id), wish, {}, newContext());

    beforeAll(async () => {
      process.env["HALOFORM_HOME"] = project;
      directory = await kind.start();
      client = await clientOf(directory);
      home = child("OU", "Deleted", directory.base);
      await organizationalUnit.create(client, { distinguishedName: home }, newContext());
    });
    afterAll(async () => {
      await client?.close();
      await directory?.stop();
      rmSync(project, { recursive: true, force: true });
      if (before === undefined) delete process.env["HALOFORM_HOME"];
      else process.env["HALOFORM_HOME"] = before;
    });

    it("A2: refuses to delete an enabled account, deletes a disabled one after a snapshot, and then sees what was wished", async () => {
      const wish = person();
      const { id } = await user.create(client, wish, newContext());
      const off = user.inputs.parse({ ...wish, enabled: false });
      const gone = user.inputs.parse({ ...off, deleted: true });
      await expect(bring(id, gone)).rejects.toThrow(/Could not delete .*somebody has enabled it/u);
      expect((await liveOf(id)).values["deleted"]).toBeUndefined();
      await bring(id, off);
      const outputs = await bring(id, gone);
      expect(user.outputs.parse(outputs)).toEqual(outputs);
      expect(await client.read(byGuid(id), ["cn"])).toBeUndefined();
      expect(await seen(id, gone)).toEqual(gone);
      // and again: already gone is success
      await bring(id, gone, outputs);
      expect(await seen(id, gone)).toEqual(gone);

      const file = readdirSync(join(project, "deleted")).find((name) => name.includes(id)) ?? "";
      expect(statSync(join(project, "deleted", file)).mode & 0o777).toBe(0o600);
      const text = readFileSync(join(project, "deleted", file), "utf8");
      const snapshot = JSON.parse(text) as Snapshot;
      expect(snapshot).toMatchObject({ format: "haloform.snapshot/1", objectGUID: id, attributes: { department: ["Sales"] } });
      expect(text).not.toMatch(/unicodePwd/iu);
    });

    it("restores under the old id and SID, with attributes, another login where the old is taken, enabled; the second run changes nothing", async () => {
      const wish = person();
      const { id } = await user.create(client, wish, newContext());
      const sid = sidOf((await client.read(byGuid(id), ["objectSid"])) ?? { dn: "", attributes: {} });
      const off = user.inputs.parse({ ...wish, enabled: false });
      await bring(id, off);
      await bring(id, user.inputs.parse({ ...off, deleted: true }));
      // somebody new has the login by now
      await user.create(client, person({ sAMAccountName: wish.sAMAccountName }), newContext());
      const back = user.inputs.parse({
        ...wish,
        name: `${wish.name} again`,
        sAMAccountName: `${wish.sAMAccountName}b`,
        userPrincipalName: `b${wish.userPrincipalName}`,
      });
      const was = await seen(id, back);
      expect(was).toEqual({ ...back, deleted: true });
      const outputs = await bring(id, back);
      expect(user.outputs.parse(outputs)).toEqual(outputs);
      const entry = await client.read(byGuid(id), ["objectSid", "userAccountControl", "adminDescription", "department", "cn"]);
      if (!entry) throw new Error("It is not there.");
      expect(sidOf(entry)).toBe(sid);
      expect(textOf(entry, "userAccountControl")).toBe("512");
      expect(textOf(entry, "adminDescription")).toBeUndefined();
      expect(textOf(entry, "department")).toBe("Sales");
      expect(await seen(id, back)).toEqual(back);
      expect((await readDeleted(client)).some((one) => one.id === id)).toBe(false);
    });

    it("a restored account is in its groups again", async () => {
      const wish = person();
      const { id } = await user.create(client, wish, newContext());
      const context = memoryContext((type) => (type === "ad:User" ? listed(user, client) : listed(group, client)), {
        ad: { [wish.person]: id },
      });
      const team = group.inputs.parse({
        name: `Team ${wish.person}`,
        path: home,
        scope: "global",
        kind: "security",
        mode: "exact",
        members: [`person:${wish.person}`],
      });
      const made = await group.create(client, team, context);
      await bring(id, user.inputs.parse({ ...wish, enabled: false }));
      await bring(id, user.inputs.parse({ ...wish, enabled: false, deleted: true }));
      const members = async (): Promise<string[]> =>
        textsOf((await client.read(byGuid(made.id), ["member"])) ?? { dn: "", attributes: {} }, "member");
      expect(await members()).toEqual([]);
      await bring(id, wish);
      expect((await members()).length).toBe(bin ? 1 : 0);
      context.refresh();
      const live = (await context.liveById("ad:Group")).get(made.id);
      if (!live) throw new Error("The group is gone.");
      const was = group.inputs.parse(group.view(live, team, made.outputs, context));
      await update(group, client, made.id, team, was, context, made.outputs);
      expect((await members()).length).toBe(1);
    });

    it("a run killed between restoring and finishing leaves a disabled, marked account that the next one finishes", async () => {
      const wish = person();
      const { id } = await user.create(client, wish, newContext());
      await bring(id, user.inputs.parse({ ...wish, enabled: false }));
      await bring(id, user.inputs.parse({ ...wish, enabled: false, deleted: true }));
      const { reanimate } = await import("../../providers/ad/user/deleted.ts");
      await reanimate(client, await liveOf(id), wish);
      const half = await liveOf(id);
      expect(half.values).toMatchObject({ enabled: false, unfinished: true });
      expect(half.values["deleted"]).toBeUndefined();
      await bring(id, wish);
      expect(await seen(id, wish)).toEqual(wish);
      expect((await liveOf(id)).values["unfinished"]).toBe(false);
    });

    it("what was deleted by hand while enabled comes back disabled first", async () => {
      const wish = person();
      const { id } = await user.create(client, wish, newContext());
      await client.delete(byGuid(id));
      expect(await seen(id, wish)).toEqual({ ...wish, deleted: true });
      const { reanimate } = await import("../../providers/ad/user/deleted.ts");
      await reanimate(client, await liveOf(id), wish);
      expect((await liveOf(id)).values).toMatchObject({ enabled: false, unfinished: true });
      await bring(id, wish);
      expect(await seen(id, wish)).toEqual(wish);
    });

    it("refuses what is protected and what has something below it", async () => {
      const off = person({ enabled: false });
      const { id } = await user.create(client, off, newContext());
      const gone = user.inputs.parse({ ...off, deleted: true });
      const set = (attribute: string, values: string[]): Promise<void> => client.modify(byGuid(id), [{ op: "replace", attribute, values }]);
      await set("adminCount", ["1"]);
      await expect(bring(id, gone)).rejects.toThrow(/adminCount is 1/u);
      await set("adminCount", []);
      await set("servicePrincipalName", ["HTTP/web.example.com"]);
      await expect(bring(id, gone)).rejects.toThrow(/a service runs under it/u);
      await expect(bring(id, user.inputs.parse({ ...off, name: "Renamed" }))).rejects.toThrow(/protected account/u);
      await set("servicePrincipalName", []);
      await bring(id, gone);
      expect((await liveOf(id)).values["deleted"]).toBe(true);
    });

    it("finds tombstones only in the list, never as somebody's living account", async () => {
      const off = person({ enabled: false });
      const { id } = await user.create(client, off, newContext());
      await bring(id, user.inputs.parse({ ...off, deleted: true }));
      const all = await listed(user, client);
      expect(user.find(all, off)).toBeUndefined();
      expect(all.find((one) => one.id === id)?.values).toMatchObject({ deleted: true, sAMAccountName: off.sAMAccountName, name: off.name });
    });
  });
}
