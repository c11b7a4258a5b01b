/** halo:User, halo:Site and halo:Client against the sandbox's HaloITSM, which writes down what the real one would ignore in silence. */

import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { taken } from "../../base/notes.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import { client } from "../../providers/halo/place/client.ts";
import { site } from "../../providers/halo/place/site.ts";
import { user } from "../../providers/halo/user/user.ts";
import type { HaloServer } from "../../sandbox/halo/context.ts";
import { trusted } from "../trusted.ts";
import { memoryContext, update } from "./context.ts";
import { clientOf, ended, haloOf } from "./halo.ts";
import { lifecycle } from "./lifecycle.ts";

const context = memoryContext(async () => []);
const tls = trusted();
let halo: HaloServer;

beforeAll(async () => {
  halo = await haloOf(40, { tls });
});
afterEach(() => halo.faults.reset());
afterAll(() => ended(halo));

const connect = (): HaloClient => clientOf(halo);
const posts = (path: string) => halo.log.filter((entry) => entry.method === "POST" && entry.path === path).length;
const usersOf = (address: string) => [...halo.state.users.values()].filter((one) => one["emailaddress"] === address);
const attributes = ["azureoid", "emailaddress", "title", "other1", "custom.CFDepartment", "custom.CFManager", "roles"];
const wish = (name: string, more: object = {}) =>
  user.inputs.parse({
    person: name,
    name: `${name} Example`,
    site: "Northwind Ferries/Main",
    enabled: true,
    fields: { emailaddress: `${name}@corp.example.com`, azureoid: `oid-${name}` },
    ...more,
  });

describe("a life in the sandbox's Halo", () => {
  lifecycle({
    definition: client,
    client: connect,
    samples: () => ({
      create: { name: "Night Ferries", enabled: true, notes: "Made by haloform", website: "https://night.example.com", ref: "N1" },
      updates: {
        all: { name: "Night Ferries", enabled: true, notes: "", website: "https://nf.example.com", ref: "N2" },
        off: { name: "Night Ferries", enabled: false, notes: "", website: "https://nf.example.com", ref: "N2" },
      },
    }),
    asked: { detailed: ["Night Ferries"] },
    missing: "999999",
  });
  const base = { name: "Northwind Ferries/O'Pier", client: "Northwind Ferries" };
  const address = { line1: "1 Quay", postcode: "N1 1AA" };
  lifecycle({
    definition: site,
    client: connect,
    samples: () => ({
      create: { ...base, enabled: true, notes: "Cold", phonenumber: "1", timezone: "GMT", ref: "S1", address },
      updates: {
        plain: { ...base, enabled: true, notes: "", phonenumber: "2", timezone: "CET", ref: "S2", address },
        address: {
          ...base,
          enabled: true,
          notes: "",
          phonenumber: "2",
          timezone: "CET",
          ref: "S2",
          address: { ...address, line1: "2 Quay" },
        },
        off: { ...base, enabled: false, notes: "", phonenumber: "2", timezone: "CET", ref: "S2", address: { ...address, line1: "2 Quay" } },
      },
    }),
    asked: { detailed: [base.name] },
    missing: "999999",
  });
  const of = { roles: ["Approver", "User"] };
  const one = (more: object) => ({
    ...{ person: "x", name: "Zoë O'Neil", site: "Northwind Ferries/Main", enabled: true, roles: ["User"], of },
    fields: { emailaddress: "zoe@corp.example.com", title: "Deckhand" },
    custom: { CFDepartment: "Sales" },
    ...more,
  });
  lifecycle({
    definition: user,
    client: connect,
    samples: () => ({
      create: one({}),
      updates: {
        name: one({ name: "Zoë Smith" }),
        site: one({ name: "Zoë Smith", site: "Northwind Ferries/Lab" }),
        fields: one({
          name: "Zoë Smith",
          site: "Northwind Ferries/Lab",
          fields: { emailaddress: "zoe.smith@corp.example.com", title: "" },
        }),
        custom: one({ custom: { CFDepartment: "Finance", CFManager: "101" } }),
        roles: one({ roles: ["Approver"] }),
        off: one({ roles: [], enabled: false }),
      },
    }),
    fixed: ["of"],
    asked: { fields: attributes },
    missing: "999999",
  });
});

describe("a user's record", () => {
  /** What was sent of custom fields since the log was that long. */
  const sentCustom = (from: number): unknown[] =>
    halo.log
      .slice(from)
      .flatMap(({ path, body }) => (path === "/api/Users" && Array.isArray(body) ? (body as object[]) : []))
      .flatMap((row) => ("customfields" in row ? [row.customfields] : []));

  it("halo-real-1.5: only the custom fields that change are sent; roles are read, merged and written whole: others' stay", async () => {
    const halo1 = connect();
    const { id } = await user.create(halo1, wish("keeper", { custom: { CFDepartment: "Sales" } }), context);
    const row = halo.state.users.get(Number(id)) ?? {};
    row["customfields"] = [
      ...(row["customfields"] as object[]),
      { id: 203, name: "CFStartDate", type: 0, value: "2020-01-01", display: "2020-01-01" },
      { id: 290, name: "CFSum", type: 0, value: 12.5, display: "12.50", calculation: "$-a+$-b" },
      { id: 291, name: "CFSecret", type: 0, value: "77", display: "*****", isencrypted: true, value_is_password_id: true },
    ];
    row["roles"] = [{ id: 3, name: "Site manager" }];
    const from = halo.log.length;
    await update(
      user,
      halo1,
      id,
      wish("keeper", { custom: { CFDepartment: "Finance" }, roles: ["User"], of: { roles: ["User"] } }),
      wish("keeper"),
      context,
    );
    const now = halo.state.users.get(Number(id)) ?? {};
    expect((now["customfields"] as { id: number; display: string }[]).map((one) => [one.id, one.display])).toEqual([
      [201, "Finance"],
      [203, "2020-01-01"],
      [290, "12.50"],
      [291, "*****"],
    ]);
    const options = halo.state.fields.find((one) => one["id"] === 201)?.["values"] as { id: number; name: string }[];
    const option = options.find((one) => one.name === "Finance");
    expect(sentCustom(from)).toEqual([[{ id: 201, value: option?.id }]]);
    expect((now["roles"] as { name: string }[]).map((one) => one.name)).toEqual(["Site manager", "User"]);
  });

  it("halo-real-1.3: an option is known by its label in any case, and what was written by it is what was wished", async () => {
    const halo1 = connect();
    const asked = { fields: ["custom.CFDepartment"] };
    const lower = wish("lower", { custom: { CFDepartment: "sales" } });
    const { id } = await user.create(halo1, lower, context);
    const live = await user.get(halo1, id, asked);
    expect(live && user.view(live, lower, {}, context).custom).toEqual({ CFDepartment: "sales" });
    const other = wish("lower", { custom: { CFDepartment: "finance" } });
    expect(live && user.view(live, other, {}, context).custom).toEqual({ CFDepartment: "Sales" });
  });

  it("halo-real-1.3, 1.4: several choices are a list of ids, a day is compared without its time, and the second look wants nothing", async () => {
    halo.state.fields.push(
      {
        id: 210,
        name: "CFKeys",
        typeid: 4,
        type: 3,
        usage: 4,
        values: [
          { id: 1, name: "Boat, small" },
          { id: 2, name: "Quay" },
          { id: 3, name: "Store" },
        ],
      },
      { id: 211, name: "CFHired", typeid: 4, type: 4, usage: 4 },
    );
    const halo1 = connect();
    const asked = { fields: ["custom.CFKeys", "custom.CFHired"] };
    const wished = user.inputs.parse(wish("several", { custom: { CFKeys: "quay, Boat, small", CFHired: "2026-11-30" } }));
    const from = halo.log.length;
    const { id } = await user.create(halo1, wished, context);
    expect(sentCustom(from)).toEqual([
      [
        { id: 211, value: "2026-11-30" },
        { id: 210, value: [{ id: 2 }, { id: 1 }] },
      ],
    ]);
    const held = halo.state.users.get(Number(id))?.["customfields"] as { id: number; value: unknown; display: string }[];
    expect(held.find((one) => one.id === 211)).toMatchObject({ value: "2026-11-30T00:00:00", display: "30/11/2026" });
    const seen = async () => {
      const live = await user.get(halo1, id, asked);
      return live && user.view(live, wished, {}, context).custom;
    };
    expect(await seen()).toEqual(wished.custom);
    await update(user, halo1, id, wished, wished, context);
    expect(sentCustom(from)).toHaveLength(1);
    // One more day, one choice less, and none at all.
    const less = user.inputs.parse(wish("several", { custom: { CFKeys: "Quay", CFHired: "2026-12-01T09:30:00Z" } }));
    await update(user, halo1, id, less, wished, context);
    expect((await user.get(halo1, id, asked))?.values["custom"]).toEqual({ CFKeys: "Quay", CFHired: "2026-12-01" });
    await update(user, halo1, id, user.inputs.parse(wish("several", { custom: { CFKeys: "", CFHired: "" } })), less, context);
    expect((await user.get(halo1, id, asked))?.values["custom"]).toEqual({ CFKeys: "", CFHired: "" });
    await expect(
      update(user, halo1, id, user.inputs.parse(wish("several", { custom: { CFHired: "30/11/2026" } })), less, context),
    ).rejects.toThrow(/"30\/11\/2026" is no date/u);
  });

  it("halo-real-1.5: a value that Halo keeps as a secret is not written, though its field looks like any other", async () => {
    const { id } = await user.create(connect(), wish("secret", { custom: { CFManager: "101" } }), context);
    const rows = halo.state.users.get(Number(id))?.["customfields"] as object[];
    for (const row of rows) Object.assign(row, { value: "77", display: "*****", value_is_password_id: true });
    const from = halo.log.length;
    const wished = wish("secret", { custom: { CFManager: "102" } });
    await expect(update(user, connect(), id, user.inputs.parse(wished), user.inputs.parse(wished), context)).rejects.toThrow(
      /Could not write custom\.CFManager: Halo keeps its value as a secret/u,
    );
    expect(sentCustom(from)).toEqual([]);
  });

  it.each([
    [{ type: 10 }, "only shown"],
    [{ type: 0, calculation: "$-a+$-b" }, "calculated by Halo"],
    [{ type: 0, isencrypted: true }, "encrypted"],
    [{ type: 7, table_id: 12 }, "a table"],
  ])("halo-real-1.5: a field that is no text to write is refused before anything is (%o)", async (more, what) => {
    halo.state.fields.push({ id: 220, name: "CFFixed", typeid: 4, usage: 4, ...more });
    const line = new RegExp(`gives custom\\.CFFixed a value, but that field is ${what}; take it out of the mapping`, "u");
    await expect(user.list(connect(), { fields: ["custom.CFFixed"] })).rejects.toThrow(line);
    halo.state.fields.pop();
  });

  it("a create that got lost is looked for, not repeated", async () => {
    halo.faults.cutWrites = 1;
    const { id } = await user.create(connect(), wish("lost"), context);
    expect(usersOf("lost@corp.example.com").map((one) => String(one["id"]))).toEqual([id]);
    halo.faults.dropWrites = 1;
    await expect(user.create(connect(), wish("never"), context)).rejects.toThrow(/POST \/Users/u);
    expect(usersOf("never@corp.example.com")).toEqual([]);
  });

  it("H8: the Entra id finds the user before the address does; two of one address are refused", async () => {
    const { id } = await user.create(connect(), wish("mover"), context);
    const made = posts("/api/Users");
    const again = await user.create(
      connect(),
      wish("mover", { fields: { emailaddress: "mover@corp.example.com", azureoid: "oid-mover" } }),
      context,
    );
    expect(again.id).toBe(id);
    expect(posts("/api/Users")).toBe(made);
    await expect(
      user.create(connect(), wish("other", { fields: { emailaddress: "mover@corp.example.com", azureoid: "oid-other" } }), context),
    ).rejects.toThrow(/belongs to another Entra account/u);
    halo.state.users.set(90_001, { ...halo.state.users.get(Number(id)), id: 90_001 });
    await expect(user.create(connect(), wish("mover"), context)).rejects.toThrow(/2 users with that Entra id/u);
    halo.state.users.delete(90_001);
  });

  it("providers-B12: somebody with this Entra id is found whatever their address, and brought to the wish", async () => {
    const { id } = await user.create(
      connect(),
      wish("married", { fields: { emailaddress: "maiden@corp.example.com", azureoid: "oid-married" } }),
      context,
    );
    const made = posts("/api/Users");
    expect((await user.create(connect(), wish("married"), context)).id).toBe(id);
    expect(posts("/api/Users")).toBe(made + 1);
    expect([usersOf("maiden@corp.example.com").length, usersOf("married@corp.example.com").length]).toEqual([0, 1]);
  });

  it("providers-B12: a Halo that cannot be searched for Entra ids says so, and finds by the address", async () => {
    halo.faults.plainSearch = true;
    taken();
    const { id } = await user.create(connect(), wish("plain"), context);
    expect((await user.create(connect(), wish("plain"), context)).id).toBe(id);
    expect(taken()).toEqual([
      expect.stringMatching(/^This Halo does not look for users by their Entra id .*Invalid advanced search parameter/u),
    ]);
  });

  it("providers-B12: nobody is made on the word of a search that is not complete", async () => {
    const count = halo.state.users.size;
    halo.faults.recordCount = 1;
    await expect(user.create(connect(), wish("unseen"), context)).rejects.toThrow(/Could not read \/Users of HaloITSM as a whole/u);
    expect(halo.state.users.size).toBe(count);
  });

  it("a warning counts as failure, and what is not stored is noticed", async () => {
    halo.faults.warn = ["warned@"];
    await expect(user.create(connect(), wish("warned"), context)).rejects.toThrow(/warns: This change needs the approval/u);
    expect(usersOf("warned@corp.example.com")).toEqual([]);
    const { id } = await user.create(connect(), wish("stored"), context);
    // What the server makes itself is echoed and not stored.
    await expect(
      update(user, connect(), id, wish("stored", { fields: { client_name: "Sales" } }), wish("stored"), context),
    ).rejects.toThrow(/did not store client_name/u);
  });

  it("H1: an unknown custom field, site, option or role is one clear line with the nearest name", async () => {
    await expect(user.list(connect(), { fields: ["custom.CFDepartmnt"] })).rejects.toThrow(
      /no such custom field for users \(did you mean "custom.CFDepartment"\?\)/u,
    );
    await expect(user.create(connect(), wish("a", { site: "Northwind Ferries/Harbor" }), context)).rejects.toThrow(
      /did you mean "Northwind Ferries\/Harbour"/u,
    );
    await expect(user.create(connect(), wish("a", { custom: { CFDepartment: "Salez" } }), context)).rejects.toThrow(
      /no option "Salez" \(did you mean "Sales"/u,
    );
    await expect(user.create(connect(), wish("a", { roles: ["Usr"], of: { roles: ["Usr"] } }), context)).rejects.toThrow(
      /did you mean "User"/u,
    );
    expect(usersOf("a@corp.example.com")).toEqual([]);
  });

  it("H3: a site is made once, and two of one name are refused", async () => {
    const inputs = site.inputs.parse({ name: "Northwind Ferries/Twin", client: "Northwind Ferries", enabled: true });
    halo.faults.cutWrites = 1;
    const halo1 = connect();
    const [one, two] = await Promise.all([site.create(halo1, inputs, context), site.create(halo1, inputs, context)]);
    expect(one?.id).toBe(two?.id);
    halo.state.sites.set(8001, { ...halo.state.sites.get(Number(one?.id)), id: 8001 });
    await expect(site.create(connect(), inputs, context)).rejects.toThrow(/Halo has 2 of that name/u);
    await expect(user.create(connect(), wish("b", { site: "Northwind Ferries/Twin" }), context)).rejects.toThrow(
      /Halo has 2 sites of that name/u,
    );
  });
});
