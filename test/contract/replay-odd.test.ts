/**
 * Rows as no recording has them: any keys missing, null or of another type. Whatever a reader makes of them, a row is read, or counted
 * and said; and a value that is not understood is counted where a mapping reads it.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { taken } from "../../base/notes.ts";
import type { HaloClient } from "../../clients/halo/client.ts";
import type { Live } from "../../providers/core/definition.ts";
import { definition } from "../../providers/registry.ts";
import { readFeeds } from "../../sources/halo/feeds.ts";
import { readPeople } from "../../sources/halo/people.ts";
import { type Replayed, replayed } from "../replay/replayed.ts";
import { clientOf } from "../unit/clients/halo/server.ts";
import { recordedAsks } from "./replay.ts";

type Row = { [key: string]: unknown };

/** Values of every type, none of them what a field is likely to hold. */
const odd = fc.constantFrom<unknown[]>(null, undefined, {}, [], [{}], "odd", -7, 1.5, true, { id: {} });

/** Reads rows in which the keys at these places are something else; gives the ids that were found and everything that was said. */
type Reader = (client: HaloClient) => Promise<{ ids: string[]; said: string[] }>;

const ofType =
  (type: string): Reader =>
  async (client) => ({
    ids: (await definition(type).list(client, (recordedAsks[type] ?? {}) as never)).map((one: Live) => one.id),
    said: [],
  });

const feeds = {
  assets: { types: ["Laptop"], fields: ["Serial number"] },
  software: ["Chart plotter"],
  tickets: [{ type: "Access request", statuses: ["Approved"] }],
  ticketFields: ["summary"],
};
const ofFeed =
  (feed: "assets" | "software" | "tickets"): Reader =>
  async (client) => {
    const need = { assets: { types: [], fields: [] }, software: [], tickets: [], ticketFields: [], [feed]: feeds[feed] };
    const { feeds: found } = await readFeeds(client, { ...need, ticketFields: feeds.ticketFields }, [
      { ref: "halo.users 101", fields: { id: 101 } },
    ]);
    const report = found.reports[feed];
    return { ids: Array.from({ length: report?.count ?? 0 }, () => "1"), said: report?.doubts ?? [] };
  };

/**
 * Name → the resource whose rows are odd, the reader, and rows that are rightly left out, as what they say is that they are none of
 * those that are read: of another type or client, deleted, inactive, without a name by which they could be meant.
 */
const readers: { [name: string]: { resource: string; read: Reader; none?: (row: Row) => boolean } } = {
  people: {
    resource: "Users",
    async read(client) {
      const { records, read } = await readPeople(client, { fields: ["title", "azureoid"] });
      return { ids: records.map(({ ref }) => ref.slice("halo.users ".length)), said: read.doubts };
    },
    none: (row) => row["name"] === "General User",
  },
  assets: {
    resource: "Asset",
    read: ofFeed("assets"),
    none: (row) => row["inactive"] === true || (typeof row["assettype_id"] === "number" && row["assettype_id"] !== 130),
  },
  software: { resource: "AssetSoftware", read: ofFeed("software"), none: (row) => !(Number(row["user_id"]) > 0) },
  tickets: {
    resource: "Tickets",
    read: ofFeed("tickets"),
    none: (row) =>
      (typeof row["tickettype_id"] === "number" && row["tickettype_id"] !== 41) ||
      (typeof row["status_id"] === "number" && row["status_id"] !== 20),
  },
  "halo:User": { resource: "Users", read: ofType("halo:User"), none: (row) => row["name"] === "General User" },
  "halo:Agent": { resource: "Agent", read: ofType("halo:Agent") },
  "halo:Role": { resource: "Roles", read: ofType("halo:Role") },
  "halo:Team": { resource: "Team", read: ofType("halo:Team") },
  "halo:ChangeAdvisoryBoard": { resource: "CAB", read: ofType("halo:ChangeAdvisoryBoard") },
  "halo:Site": { resource: "Site", read: ofType("halo:Site"), none: (row) => row["name"] === undefined || row["name"] === null },
  "halo:Client": { resource: "Client", read: ofType("halo:Client"), none: (row) => row["name"] === undefined || row["name"] === null },
  "halo:Licence": {
    resource: "SoftwareLicence",
    read: ofType("halo:Licence"),
    none: (row) => row["deleted"] === true || (typeof row["client_id"] === "number" && row["client_id"] !== 12),
  },
  "halo:Asset": {
    resource: "Asset",
    read: ofType("halo:Asset"),
    none: (row) => typeof row["assettype_id"] === "number" && row["assettype_id"] !== 130,
  },
};

it.each(Object.keys(readers))("%s: a row is read, or counted and said", async (name) => {
  const { resource, read, none = () => false } = readers[name] ?? { resource: "", read: async () => ({ ids: [], said: [] }) };
  let change: (row: Row) => Row = (row) => row;
  const halo: Replayed = await replayed("2.236", (of, row) => (of === resource ? change(row) : row));
  try {
    const keys = [...new Set(halo.rows(resource).flatMap((row) => Object.keys(row)))];
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom(...keys), odd, fc.nat(3)), { minLength: 1, maxLength: 4 }), async (changes) => {
        change = (row) => {
          const at = halo.rows(resource).findIndex((one) => one["id"] === row["id"]);
          const mine = changes.filter(([, , index]) => index === at || index === 3);
          return { ...row, ...Object.fromEntries(mine.map(([key, value]) => [key, value])) };
        };
        taken();
        const expected = halo
          .rows(resource)
          .map((row) => change(row))
          .filter((row) => !none(row));
        const { ids, said } = await read(clientOf(halo, { limit: 1_000_000 })).catch((error: Error) => ({
          ids: [],
          said: [error.message],
        }));
        const told = [...said, ...taken()];
        const lost = expected.length - ids.length;
        if (lost > 0) expect(told.length, `${lost} lost: ${JSON.stringify(changes)}`).toBeGreaterThan(0);
        // A crash is no sentence.
        for (const line of told) expect(line).not.toMatch(/undefined|is not a function|Cannot read properties|\n/u);
      }),
      { numRuns: 150, seed: 13 },
    );
  } finally {
    await halo.stop();
  }
});

it("a value of another type is counted, with the field and whose the first is: doubted where a mapping reads it, else noted", async () => {
  const halo = await replayed("2.236", (of, row) =>
    of === "Users" ? { ...row, title: { text: "Engineer" }, notes: ["x"], customfields: [{ id: 201, type: 0, value: {} }] } : row,
  );
  taken();
  const { read, records } = await readPeople(clientOf(halo), { fields: ["title", "custom.CFDepartment"] });
  await halo.stop();
  expect(records).toHaveLength(2);
  expect(read.doubts).toEqual([
    "2 values of title of Halo's users were not understood (the first is of 101)",
    "2 values of custom.CFDepartment of Halo's users were not understood (the first is of 101)",
  ]);
  expect(read.complete).toBe(false);
  expect(taken()).toContain("2 values of notes of Halo's users were not understood (the first is of 101)");
});
