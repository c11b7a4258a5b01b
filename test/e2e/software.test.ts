/**
 * Row S3 (software and assets in files) and what tickets can be before one configures (`source test tickets --schema`), through the
 * command line on the sandbox's Halo.
 */
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SchemaAnswer } from "../../cli/answers/answers.ts";
import { type Ended, type World, world } from "./support.ts";

type Row = { [key: string]: unknown };

describe("Halo's software, assets and ticket types", () => {
  let w: World;
  let [ada, grace] = [0, 0];
  const state = () => w.sandbox.halo.state;
  const pull = async (what: string, file: string, ...args: string[]): Promise<Ended & { file: string }> => {
    const path = join(w.home, file);
    return { ...(await w.run(["source", "pull", what, "--out", path, ...args])), file: path };
  };
  const jsonOf = (file: string): { [field: string]: unknown } => JSON.parse(readFileSync(file, "utf8")) as { [field: string]: unknown };
  const software = async (...args: string[]): Promise<Row[]> => {
    const done = await pull("software", `software-${Math.random()}.json`, ...args);
    expect(done.code, done.err).toBe(0);
    return jsonOf(done.file)["software"] as Row[];
  };
  const licence = (id: number, name: string, more: Row = {}): void => {
    const row = { id, name, type: 0, client_id: 12, client_name: "Northwind Ferries", count: 10, is_active: true, deleted: false };
    state().licences.set(id, { ...row, ...more });
  };

  beforeAll(async () => {
    w = await world({ people: 40 });
    [ada = 0, grace = 0] = w.sandbox.organisation.people.filter((one) => one.situation === "steady").map((one) => one.id);
    licence(1, "Chart Plotter", { manufacturer: "=Harbour", end_date: "1900-01-01T00:00:00", start_date: "2025-02-01T00:00:00" });
    licence(2, "Old Office", { is_active: false });
    licence(3, "Subscription", { type: 2, client_id: 13, client_name: "Southwind" });
    for (const [index, user] of [ada, grace].entries())
      state().links.set(index + 1, { id: index + 1, licence_id: 1, licence_name: "Chart Plotter", user_id: user, count: 1 });
    state().links.set(9, { id: 9, licence_id: 1, device_id: 5001, count: 1 });
    const north = [...state().clients.values()].find((one) => one["id"] === 12) ?? {};
    state().clients.set(13, { ...north, id: 13, name: "Southwind" });
    const [first] = [...state().assets.values()];
    state().assets.set(9001, { ...first, id: 9001, inventory_number: "OFF-1", inactive: true });
    state().assets.set(9002, {
      ...first,
      id: 9002,
      inventory_number: "PHONE-1",
      assettype_id: 131,
      client_id: 13,
      client_name: "Southwind",
    });
  });
  afterAll(() => w?.stop());

  it("S3: software with its counts and who has it, as JSON and as CSV, for this user alone and without formulas", async () => {
    const json = await pull("software", "s.json");
    expect(json.code, json.err).toBe(0);
    expect(json.out).toContain("2 software are in");
    expect(statSync(json.file).mode & 0o777).toBe(0o600);
    const { format, software: rows } = jsonOf(json.file) as { format: string; software: Row[] };
    expect(format).toBe("haloform.software/1");
    expect(rows.map((one) => [one["id"], one["name"], one["active"], one["count"], one["inUse"], one["inUseByUsers"]])).toEqual([
      [1, "Chart Plotter", true, 10, 3, 2],
      [3, "Subscription", true, 10, 0, 0],
    ]);
    expect(rows[0]).toMatchObject({ client: "Northwind Ferries", fields: { manufacturer: "=Harbour", start_date: "2025-02-01T00:00:00" } });
    expect(((rows[0]?.["people"] ?? []) as Row[]).map((one) => one["id"])).toEqual([ada, grace].sort((a, b) => a - b).map(String));
    const csv = await pull("software", "s.csv");
    expect(csv.code, csv.err).toBe(0);
    const [plotter] = parse(readFileSync(csv.file, "utf8"), { columns: true }) as { [column: string]: string }[];
    expect(plotter).toMatchObject({ name: "Chart Plotter", active: "yes", count: "10", manufacturer: "'=Harbour" });
    expect(plotter?.["users"]).toContain("; ");
  });

  it("S3: chosen kinds and customers, and inactive ones; what nobody has is said", async () => {
    const names = (rows: readonly Row[]) => rows.map((one) => one["name"]);
    expect(names(await software("--inactive"))).toEqual(["Chart Plotter", "Old Office", "Subscription"]);
    expect(names(await software("--type", "2"))).toEqual(["Subscription"]);
    expect(names(await software("--client", "Southwind"))).toEqual(["Subscription"]);
    expect(names(await software("--client", "12", "Southwind", "--inactive"))).toEqual(["Chart Plotter", "Old Office", "Subscription"]);
    const wrong: [string[], RegExp, number][] = [
      [["software", "--client", "Southwindd"], /--client names "Southwindd", but Halo has no such client.*Southwind/u, 1],
      [["software", "--type", "Office"], /--type Office: of software expected Halo's number/u, 64],
      [["assets", "--type", "Laptpo"], /--type names "Laptpo", but Halo has no such asset type.*Laptop/u, 1],
      [["assets", "--systems"], /--systems goes with a source of people, not with assets/u, 64],
      [["halo.users", "--type", "Laptop"], /go with `source pull assets` and `source pull software`/u, 64],
    ];
    for (const [[what = "", ...args], said, code] of wrong) {
      const done = await pull(what, "never.json", ...args);
      expect([done.code, done.err]).toEqual([code, expect.stringMatching(said)]);
      expect(existsSync(done.file)).toBe(false);
    }
  });

  it("S3: assets of chosen types and customers, and those that are switched off", async () => {
    const assets = async (...args: string[]): Promise<Row[]> => {
      const done = await pull("assets", `assets-${Math.random()}.json`, ...args);
      expect(done.code, done.err).toBe(0);
      return jsonOf(done.file)["assets"] as Row[];
    };
    const ids = (rows: readonly Row[]) => rows.map((one) => one["id"]);
    const all = await assets();
    expect(ids(all)).not.toContain(9001);
    expect(ids(all)).toContain(9002);
    const off = (await assets("--inactive")).find((one) => one["id"] === 9001);
    expect(off?.["fields"]).toMatchObject({ inactive: true });
    expect(ids(await assets("--type", "Phone"))).toEqual([9002]);
    expect(ids(await assets("--client", "Southwind", "--type", "Laptop", "Phone"))).toEqual([9002]);
    expect(ids(await assets("--client", "Southwind", "--type", "Laptop"))).toEqual([]);
  });

  it("S3: a list that is not whole is never written as a whole one, and one that is there already stays", async () => {
    const file = join(w.home, "kept.csv");
    writeFileSync(file, "what was here\n");
    // One page of people fails to come: who has what is not known.
    w.sandbox.halo.faults.recordCount = 2;
    const done = await w.run(["source", "pull", "software", "--out", file]);
    w.sandbox.halo.faults.reset();
    expect([done.code, done.err]).toEqual([
      3,
      expect.stringMatching(/Refused: the list of software is not whole, so nothing is written: .*rows but gave/u),
    ]);
    expect(readFileSync(file, "utf8")).toBe("what was here\n");
  });

  it("S3: the file is a source afterwards", async () => {
    const done = await pull("software", "feed.json");
    writeFileSync(join(w.mappings, "feed.json"), readFileSync(done.file));
    w.edit("sources", (content) => {
      content["sources"] = { software: { kind: "json", file: "feed.json", select: "$.software[*]", unique: "id" } };
    });
    const test = await w.run(["source", "test", "software", "--json"]);
    expect(test.code, test.err).toBe(0);
    expect(JSON.parse(test.out)).toMatchObject({ source: "software", records: 2, complete: true });
    w.edit("sources", (content) => delete content["sources"]);
  });

  it("ticket types, statuses by kind, priorities and fields are listed before anything is configured", async () => {
    state().statuses.set(60, { id: 60, name: "Closed", type: 3 });
    state().fields.push({
      ...{ id: 71, name: "CFUrgency", label: "How urgent", type: 2, typeid: 1 },
      values: [
        { id: 1, name: "Today" },
        { id: 2, name: "This week" },
      ],
    });
    const asked = await w.run(["source", "test", "tickets", "--schema", "--json"]);
    expect(asked.code, asked.err).toBe(0);
    const schema = JSON.parse(asked.out) as SchemaAnswer;
    expect(schema.unread).toEqual([]);
    expect(schema.types.map((one) => one.name)).toEqual(["Access request", "Incident", "New starter", "Service request"]);
    expect(schema.statuses.filter((one) => one.name === "Closed")).toEqual([
      { kind: "ticket", id: 9, name: "Closed" },
      { kind: "kind 3", id: 60, name: "Closed" },
    ]);
    expect(schema.priorities).toContainEqual({ id: 4, name: "Low", sla: 1, hidden: false });
    expect(schema.fields).toContainEqual({ name: "custom.CFUrgency", label: "How urgent", kind: "one of", values: ["Today", "This week"] });
    expect(schema.fields.map((one) => one.name)).toContain("summary");
    const text = await w.run(["source", "test", "tickets", "--schema"]);
    for (const line of ["Ticket types", "kind 3  60", "Urgent", "custom.CFUrgency  How urgent  one of"]) expect(text.out).toContain(line);
    const wrong = await w.run(["source", "test", "halo.users", "--schema"]);
    expect([wrong.code, wrong.err]).toEqual([64, expect.stringContaining("--schema goes with `source test tickets`")]);
  });
});
