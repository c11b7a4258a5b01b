/**
 * `drift --since last` finds what a full drift finds: changes at random by fixed seeds, made by hand, looked at both ways. On the
 * sandbox's directory and on Samba.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { adFeed } from "../../cli/commands/drift/ad.ts";
import { type Given, look } from "../../cli/commands/drift/changes.ts";
import { runOf } from "../../cli/commands/drift/since.ts";
import { group } from "../../providers/ad/group/group.ts";
import { organizationalUnit } from "../../providers/ad/organizational-unit.ts";
import { user } from "../../providers/ad/user/user.ts";
import { knownAttributes } from "../../providers/ad/values/attribute-table.ts";
import { parentOf, rdn } from "../../providers/ad/values/dn.ts";
import type { AdClient } from "../../providers/ad/wire/client.ts";
import { changesSince, positionNow } from "../../providers/ad/wire/dirsync.ts";
import type { Session } from "../../providers/ad/wire/session.ts";
import { adapt } from "../../providers/core/adapter.ts";
import { makeContext } from "../../providers/core/context.ts";
import type { Definition } from "../../providers/core/definition.ts";
import type { PreviousResource } from "../../stacks/model/types.ts";
import { worldKey } from "../../stacks/plan/world.ts";
import { seeded } from "../samba/proxy.ts";
import { clientOf, type Directory, directories } from "./directories.ts";

const people = 30;
const rounds = 12;
const project = {
  stack: "since",
  config: {
    halo: { resourceServer: "https://halo.test", clientId: "x", scope: "all", limit: 300, window: 300 },
    mappings: "mappings",
    expires: 24,
  },
};

const asked = {
  "ad:OrganizationalUnit": { settings: [] },
  "ad:User": { attributes: knownAttributes.map((rule) => rule.name) },
  "ad:Group": {},
};

for (const kind of directories) {
  describe.skipIf(kind.missing !== undefined)(`drift since the last time on ${kind.name}`, () => {
    let directory: Directory;
    let client: Session;
    const definitions = new Map<string, Definition>([
      ["ad:OrganizationalUnit", organizationalUnit as unknown as Definition],
      ["ad:User", user as unknown as Definition],
      ["ad:Group", group as unknown as Definition],
    ]);
    const applied: PreviousResource[] = [];

    /** Applies a resource as the engine does, and keeps what its state would hold. */
    async function make(type: string, name: string, inputs: Values, run: ReturnType<typeof runOf>): Promise<void> {
      const definition = definitions.get(type);
      if (!definition) throw new Error(type);
      const context = makeContext(run, async (asked) => {
        const one = definitions.get(asked);
        return one ? one.list(client, one.unasked) : [];
      });
      const provider = adapt({ ...definition, client: async () => client }, async () => ({
        run: { ...run, mode: "stock" },
        folder: undefined,
        context,
        beforeWrite: () => undefined,
      }));
      const { id, outs } = await provider.create(inputs);
      if (type === "ad:User") run.people.ad[String(inputs["person"])] = id;
      const { computed, ...canonical } = outs;
      applied.push({
        type,
        name,
        id,
        inputs: canonical,
        outputs: { ...canonical, computed: computed ?? {} },
        modified: "2020-01-01T00:00:00Z",
      });
    }

    beforeAll(async () => {
      directory = await kind.start();
      client = (await clientOf(directory)) as Session;
      const run = runOf(project, [], new Date(), asked);
      const unit = (name: string): string => `OU=${name},${directory.base}`;
      for (const name of ["Main", "Harbour"]) await make("ad:OrganizationalUnit", unit(name), { distinguishedName: unit(name) }, run);
      for (let n = 1; n <= people; n++) {
        const manager = n === 1 ? "" : `person:${Math.ceil(n / 10)}`;
        const attributes = {
          employeeNumber: `${n}`,
          department: "Sales",
          title: "Deckhand",
          manager: manager === `person:${n}` ? "" : manager,
        };
        const login = { sAMAccountName: `s${n}`, userPrincipalName: `s${n}@ad.test` };
        await make(
          "ad:User",
          `person-${n}`,
          { person: `${n}`, name: `Ada Example ${n}`, path: unit(n % 2 === 0 ? "Main" : "Harbour"), enabled: true, ...login, attributes },
          run,
        );
      }
      await client.add(`CN=GG-Outside,${unit("Main")}`, { objectClass: ["top", "group"], sAMAccountName: ["GG-Outside"] });
      for (const [name, mode] of [
        ["GG-Exact", "exact"],
        ["GG-More", "additive"],
      ] as const) {
        const members = Array.from({ length: people / 2 }, (_, at) => `person:${at * 2 + 1}`);
        const refs = [...members, ...(mode === "exact" ? [`dn:CN=GG-Outside,${unit("Main")}`] : [])].sort();
        await make("ad:Group", name, { name, path: unit("Main"), scope: "global", kind: "security", mode, members: refs }, run);
      }
    }, 120_000);
    afterAll(async () => {
      await client?.close();
      await directory?.stop();
    });

    /** One change that somebody makes by hand. */
    async function byHand(by: AdClient, random: () => number): Promise<string> {
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
      const users = applied.filter((one) => one.type === "ad:User");
      const one = pick(users);
      const target = `<GUID=${one.id}>`;
      const entry = await by.read(target, ["cn", "userAccountControl"]);
      const groups = applied.filter((each) => each.type === "ad:Group");
      const kinds: { readonly [name: string]: () => Promise<void> } = {
        title: () => by.modify(target, [{ op: "replace", attribute: "title", values: [pick(["Bosun", "Mate", "Deckhand"])] }]),
        cleared: () => by.modify(target, [{ op: "replace", attribute: "department", values: [] }]),
        unmanaged: () => by.modify(target, [{ op: "replace", attribute: "description", values: [`seen ${random()}`] }]),
        disabled: () => by.modify(target, [{ op: "replace", attribute: "userAccountControl", values: ["514"] }]),
        manager: () => by.modify(target, [{ op: "replace", attribute: "manager", values: [`<GUID=${pick(users).id}>`] }]),
        renamed: () => by.move(target, rdn("CN", `Renamed ${Math.floor(random() * 1e6)}`), parentOf(entry?.dn ?? "")),
        moved: () => by.move(target, rdn("CN", String(entry?.attributes["cn"]?.[0])), `CN=Users,${directory.base}`),
        member: () => by.modify(`<GUID=${pick(groups).id}>`, [{ op: "add", attribute: "member", values: [target] }], { permissive: true }),
        left: () => by.modify(`<GUID=${pick(groups).id}>`, [{ op: "delete", attribute: "member", values: [target] }], { permissive: true }),
        deleted: () => by.delete(target),
        group: () =>
          by.modify(`<GUID=${pick(groups).id}>`, [
            { op: "replace", attribute: "sAMAccountName", values: [`GG-${Math.floor(random() * 1e6)}`] },
          ]),
        outside: () => by.add(`CN=GG-New-${Math.floor(random() * 1e9)},CN=Users,${directory.base}`, { objectClass: ["top", "group"] }),
        named: async () => {
          const other = await by.read(`CN=GG-Outside,OU=Main,${directory.base}`, ["objectGUID"]);
          if (other) await by.move(other.dn, "CN=GG-Elsewhere", parentOf(other.dn));
        },
      };
      const name = pick(Object.keys(kinds).filter((each) => each !== "deleted" || random() < 0.3));
      // What is gone, or a member already, cannot be changed: that is one change fewer.
      await kinds[name]?.().catch((error: unknown) => {
        if (!(error instanceof RefusedError)) throw error;
      });
      return name;
    }

    it("finds what a full drift finds, and looks at less", async () => {
      const notes: string[] = [];
      const given: Omit<Given, "text" | "how"> = {
        ...{ applied, definitions, notes, say: () => undefined },
        run: runOf(project, applied, new Date(), asked),
      };
      const feed = adFeed(client);
      const first = await look(feed, { ...given, text: undefined, how: "full" });
      expect(first.found).toEqual([]);
      const keys = ["at", "base", "cookie", "found"];
      expect(Object.keys(JSON.parse(first.kept))).toEqual(keys);
      let place = first.kept;
      const random = seeded(41);
      for (let round = 0; round < rounds; round++) {
        const done: string[] = [];
        for (let n = Math.floor(random() * 5); n >= 0; n--) done.push(await byHand(client, random));
        const since = await look(feed, { ...given, text: place, how: "last" });
        const full = await look(feed, { ...given, text: undefined, how: "full" });
        const key = (one: { type: string; resource: string }): string => `${one.type} ${one.resource}`;
        const sorted = (found: typeof full.found) => [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
        expect(sorted(since.found), `round ${round} after ${done.join(", ")}`).toEqual(sorted(full.found));
        expect(since.last, "it was not a full read").toBeDefined();
        expect(since.read.length).toBeLessThan(applied.length);
        place = since.kept;
        expect(JSON.parse(place).found).toEqual(since.found.map((one) => worldKey({ type: one.type, name: one.resource })));
      }
      expect(notes).toEqual([]);
      expect(JSON.parse(place).found.length, "there was something to find").toBeGreaterThan(5);
    });

    it("reads everything when a unit was renamed, when the cookie is refused, and says so", async () => {
      const run = runOf(project, applied, new Date(), asked);
      const given = { applied, definitions, run, how: "last" as const, say: () => undefined };
      const feed = adFeed(client);
      const place = { at: new Date().toISOString(), base: directory.base, cookie: await positionNow(client), found: [] };
      const unit = applied.find((one) => one.type === "ad:OrganizationalUnit");
      await client.move(`<GUID=${unit?.id}>`, "OU=Elsewhere", directory.base);
      const notes: string[] = [];
      const since = await look(feed, { ...given, text: JSON.stringify(place), notes });
      expect(notes).toEqual(["An organizational unit or container was renamed or moved, so everything was read."]);
      expect(since.found.filter((one) => one.type === "ad:OrganizationalUnit")).toHaveLength(1);
      expect(since.read).toHaveLength(applied.length);

      const refused: string[] = [];
      const text = JSON.stringify({ ...place, cookie: Buffer.from("not a cookie").toString("base64") });
      const full = await look(feed, { ...given, text, notes: refused });
      expect([full.last, full.changed]).toEqual([undefined, undefined]);
      expect(full.found).toEqual(since.found);
      expect(refused.join()).toMatch(/Could not read the changes of .*Everything was read instead\./u);
      expect((await changesSince(client, JSON.parse(full.kept).cookie)).changed.size).toBe(0);

      for (const [kept, why] of [
        [
          undefined,
          "There is no earlier `drift --since last` to go on from, so everything was read; the next one reads only what changed.",
        ],
        [JSON.stringify({ ...place, base: "DC=other,DC=test" }), "The last one was for DC=other,DC=test, so everything was read."],
        ["{}", "The place that was kept cannot be read, so everything was read."],
      ] as const) {
        const said: string[] = [];
        expect((await look(feed, { ...given, text: kept, notes: said })).read).toHaveLength(applied.length);
        expect(said).toEqual([why]);
      }
    });

    it("reads everything when the account lacks the right, and says which one", async () => {
      const dn = `CN=reader,CN=Users,${directory.base}`;
      const password = "Aa1-looks-at-everything";
      await client.add(dn, { objectClass: ["user"], sAMAccountName: ["reader"], userAccountControl: ["514"] });
      await client.modify(dn, [
        { op: "replace", attribute: "unicodePwd", values: [Buffer.from(`"${password}"`, "utf16le")] },
        { op: "replace", attribute: "userAccountControl", values: ["512"] },
      ]);
      const reader = (await clientOf({ ...directory, bind: dn, password })) as Session;
      try {
        const notes: string[] = [];
        const given = { applied, definitions, run: runOf(project, applied, new Date(), asked), notes, say: () => undefined };
        const looked = await look(adFeed(reader), { ...given, text: undefined, how: "full" });
        expect(looked.kept).toBe("");
        expect(looked.read).toHaveLength(applied.length);
        expect(notes.join()).toContain('Delegate "Replicating Directory Changes"');
      } finally {
        await reader.close();
      }
    });
  });
}
