/** H15: devices of Intune as assets in Halo with their owners, by the real command line, wherever people come from. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { addDevice, devicesOf } from "../../sandbox/graph/devices.ts";
import { blankUser, putUser } from "../../sandbox/graph/state.ts";
import { real, type World, world } from "./support.ts";

type Row = Record<string, unknown>;
const worlds: World[] = [];
afterAll(async () => {
  for (const w of worlds) await w.stop();
});

const rule = {
  client: 12,
  site: 18,
  types: {
    first: [
      { type: "Laptop", devices: { operatingSystem: "Windows" }, fields: { Purpose: "{{ model }}" } },
      { type: "Phone", devices: { operatingSystem: "iOS" } },
    ],
  },
};
const assetOf = (w: World, number: string): Row | undefined =>
  [...w.sandbox.halo.state.assets.values()].find((one) => one["inventory_number"] === number);

describe("H15: devices as assets", () => {
  it("of people who are Halo's users: the owner and the owner's site; an asset that is there is taken over; a retired device's is switched off", async () => {
    const w = await world({ people: 20 });
    worlds.push(w);
    w.edit("halo", (content) => {
      content["assets"] = rule;
    });
    const { state } = w.sandbox.graph;
    // The asset of another person, which has no site.
    const taken = [...w.sandbox.halo.state.assets.values()][0] ?? {};
    const theirs = w.sandbox.halo.state.users.get(Number((taken["users"] as Row[])[0]?.["id"]))?.["name"];
    const named = (id: number): unknown => w.sandbox.halo.state.users.get(id)?.["name"];
    const [one] = w.sandbox.organisation.people.filter((each) => each.situation === "steady" && named(each.id) !== theirs);
    const mail = one?.email ?? "";
    const owner = String([...state.users.current.values()].find((row) => row["mail"] === mail)?.["id"]);
    addDevice(state, owner, "nf-laptop-1");
    addDevice(state, undefined, "nf-laptop-2");
    addDevice(state, owner, String(taken["inventory_number"]).toLowerCase());
    addDevice(state, owner, "nf-phone", { operatingSystem: "iOS", model: "iPhone 16" });
    addDevice(state, owner, "nf-tv", { operatingSystem: "Android" });
    await w.converge([0, 4]);
    expect(assetOf(w, "NF-LAPTOP-1")).toMatchObject({ assettype_id: 130, client_id: 12, inactive: false, users: [{ id: one?.id }] });
    expect(assetOf(w, "NF-LAPTOP-1")?.["site_name"]).toBe(one?.post.site);
    expect(((assetOf(w, "NF-LAPTOP-1")?.["fields"] ?? []) as Row[]).find((field) => field["name"] === "Purpose")).toMatchObject({
      value: "Latitude 7450",
    });
    expect(assetOf(w, "NF-LAPTOP-2")).toMatchObject({ site_id: 18, users: [] });
    expect(assetOf(w, "NF-PHONE")).toMatchObject({ assettype_id: 131 });
    expect(assetOf(w, "NF-TV")).toBeUndefined();
    // Known by its serial number: the same asset, with its owner.
    expect([...w.sandbox.halo.state.assets.values()].filter((each) => each["inventory_number"] === taken["inventory_number"])).toHaveLength(
      1,
    );
    expect(assetOf(w, String(taken["inventory_number"]))).toMatchObject({ id: taken["id"], users: [{ id: one?.id }] });
    await w.nothingIsLeft();
    const store = devicesOf(state);
    store.managed.splice(0, store.managed.length, ...store.managed.filter((row) => row["deviceName"] !== "nf-phone"));
    const { plan } = await w.converge([0, 4]);
    expect(real(plan).map((each) => [each.type, each.fields])).toEqual([["halo:Asset", ["enabled"]]]);
    expect(assetOf(w, "NF-PHONE")).toMatchObject({ inactive: true, users: [{ id: one?.id }] });
    await w.nothingIsLeft();
  });

  it("of people of Entra ID: the owner is their user in Halo, at that user's site; both follow the person", async () => {
    const w = await world({ people: 12 });
    worlds.push(w);
    const { state } = w.sandbox.graph;
    const write = (file: string, content: unknown): void => writeFileSync(join(w.mappings, `${file}.yaml`), stringify(content));
    rmSync(join(w.mappings, "ad.yaml"));
    write("entra", {});
    write("people", { people: { source: "entra.users", for: { companyName: "Imported" }, login: { is: "{{ userPrincipalName }}" } } });
    write("halo", { assets: rule });
    write("halo-users", {
      users: {
        fields: { name: "{{ displayName }}", emailaddress: "{{ mail }}" },
        links: true,
        sites: { first: [{ sequence: 1, organisation: "Northwind Ferries", siteFrom: "{{ officeLocation }}" }] },
      },
    });
    const more = { displayName: "Dee Vice", givenName: "Dee", surname: "Vice", companyName: "Imported", officeLocation: "Lab" };
    const row = blankUser(state, { mail: "dee@corp.example.com", userPrincipalName: "dee@corp.example.com", ...more });
    putUser(state, row);
    const id = String(row["id"]);
    addDevice(state, id, "dee-laptop");
    await w.converge([0, 4]);
    // Made in the first run, the user has a number in the next.
    await w.converge([0, 4]);
    const user = () => [...w.sandbox.halo.state.users.values()].find((one) => one["azureoid"] === id);
    expect(user()).toMatchObject({ name: "Dee Vice", site_name: "Lab" });
    expect(assetOf(w, "DEE-LAPTOP")).toMatchObject({ client_id: 12, site_id: user()?.["site_id"], users: [{ id: user()?.["id"] }] });
    await w.nothingIsLeft();
    putUser(state, { ...state.users.current.get(id), displayName: "Dee Moved", officeLocation: "Harbour" });
    await w.converge([0, 4]);
    expect(assetOf(w, "DEE-LAPTOP")).toMatchObject({ site_name: "Harbour", users: [{ id: user()?.["id"] }] });
    await w.nothingIsLeft();
    putUser(state, { ...state.users.current.get(id), accountEnabled: false });
    await w.converge([0, 4]);
    expect(assetOf(w, "DEE-LAPTOP")).toMatchObject({ site_id: 18, users: [], inactive: false });
    await w.nothingIsLeft();
  });
});
