import { describe, expect, it } from "vitest";
import type { EntraClient } from "../../../clients/graph/client.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { computer } from "../../../providers/ad/computer.ts";
import { group } from "../../../providers/ad/group/group.ts";
import { listGroups } from "../../../providers/entra/group/read.ts";
import { client } from "../../../providers/halo/place/client.ts";
import type { HaloLists } from "../../../providers/halo/record.ts";
import { customNamed } from "../../../providers/halo/user/custom-values.ts";
import { customFields } from "../../../sources/halo/custom.ts";
import * as world from "../stacks/world.ts";

const composed = "Caf\u00e9";
const decomposed = "Cafe\u0301";

/** A Halo that knows these rows, by path. */
const halo = (rows: { [path: string]: Row[] }) => ({ rows: async (path: string) => rows[path] ?? [] }) as unknown as HaloLists;

// middle: `fold` had three meanings, and the one of providers/halo/rows.ts knew no Unicode; comparisons by toLowerCase neither.
describe("what is typed in another Unicode form in a system than in the mapping", () => {
  it("a client of Halo is found, and not made a second time", () => {
    const live = { id: "7", values: { name: decomposed, enabled: true } };
    expect(client.find?.([live], { name: composed, enabled: true })).toBe("7");
  });

  it("a custom field of Halo is found, and not told as missing", async () => {
    const known = halo({ FieldInfo: [{ id: 3, name: `CF${decomposed}`, values: [] }] });
    expect((await customNamed(known, [composed])).get(composed)?.id).toBe(3);
    expect((await customFields(known, [`custom.CF${composed}`])).map((one) => one.id)).toEqual([3]);
    expect((await customFields(known, [`custom.${composed}`])).map((one) => one.id)).toEqual([3]);
  });

  it("a group and a computer of AD are found", () => {
    const found = group.find?.([world.group(decomposed)], { name: composed, mode: "exact", members: [] });
    expect(found).toBe(`group-${decomposed}`);
    const pc = { id: "pc", values: { ...world.group(decomposed).values, enabled: true } };
    expect(computer.find?.([pc], { name: composed })).toBe("pc");
  });

  it("of a cloud group the members are read", async () => {
    const row = { id: "g", displayName: decomposed, groupTypes: [], securityEnabled: true, mailEnabled: false };
    const graph = {
      list: async () => [row],
      read: async () => ({ status: 200, body: { value: [{ id: "u" }] } }),
    } as unknown as EntraClient;
    expect((await listGroups(graph, { members: [composed], owners: [], licences: [] }))[0]?.values["members"]).toEqual(["u"]);
  });
});
