/** Roles and teams that somebody gave a Halo agent by hand, when the agent's owner leaves (issue 12; decisions 0058, 0059). */
import { describe, expect, test } from "vitest";
import type { Values } from "../../../../../base/json.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { type World, wish } from "../../../../../stacks/wish/wish.ts";
import { apply, find, mappings, record, world } from "../../world.ts";

const agent = (values: Values = {}): Live => ({
  id: "101",
  values: {
    name: "Ada1 Example1",
    email: "user1@corp.example.com",
    enabled: true,
    isapiagent: false,
    roles: ["Reader"],
    teams: [],
    ...values,
  },
});
const role = (name: string, id: string): Live => ({ id, values: { name } });
const made = (mode: "additive" | "exact", leaver: object = {}) =>
  mappings({
    ad: null,
    entra: null,
    halo: { agents: { every: [{ for: { site_name: "Main" }, roles: ["Reader", "Approver"], mode }] } },
    safety: { leaver },
  } as never);
const company = (values: Values, { mode = "additive" as "additive" | "exact", leaver = {}, gone = true, ...more } = {}): World =>
  world({
    records: [record(1, gone ? { inactive: true } : {})],
    mappings: made(mode, leaver),
    live: { "halo:Agent": [agent(values)], "halo:Role": [role("Reader", "1"), role("Approver", "2"), role("Vault", "3")] },
    ...more,
  });
const inputs = (given: World) => find(wish(given), "halo:Agent", "person-1")?.inputs;
const said = (given: World): string[] => wish(given).notes.filter((note) => note.startsWith("The Halo agent"));
const hand = { roles: ["Approver", "Reader", "Vault"], teams: ["Night"] };

describe("a leaver's agent", () => {
  test("keeps what somebody gave by hand where lines are additive, and the plan says so", () => {
    const given = company(hand);
    expect(inputs(given)).toMatchObject({ enabled: false, roles: [], of: { roles: [], teams: [] } });
    expect(said(given)).toEqual([
      "The Halo agent Ada1 Example1 of Ada1 Example1 (1), who has left, keeps the roles Approver, Reader, Vault and the teams Night, which haloform did not give: take them away by hand, or say roles: all in leaver (mappings/safety.yaml:leaver)",
    ]);
  });
  test("in exact mode only what no line names", () => {
    expect(said(company(hand, { mode: "exact" }))).toEqual([expect.stringContaining("keeps the roles Vault and the teams Night, which")]);
    expect(said(company({ roles: ["Approver"] }, { mode: "exact" }))).toEqual([]);
  });
  test("loses everything where leaver.roles says all, and two plans are the same", () => {
    const given = company(hand, { leaver: { roles: "all" } });
    const first = wish(given);
    expect(find(first, "halo:Agent", "person-1")?.inputs).toMatchObject({
      ...{ enabled: false, roles: [], teams: [] },
      of: { roles: ["Approver", "Reader", "Vault"], teams: ["Night"] },
    });
    expect(said(given)).toEqual([]);
    const bare = { "halo:Agent": [agent({ enabled: false, roles: [], teams: [] })] };
    const after = apply(given, first);
    const next = world({ ...after, records: given.records, mappings: given.mappings, live: { ...given.live, ...bare } });
    expect(inputs(next)).toEqual(find(first, "halo:Agent", "person-1")?.inputs);
  });
  test("whose record is gone is treated alike", () => {
    const start = company(hand, { gone: false });
    const after = { ...apply(start, wish(start)), records: [record(2, { site_name: "Lab" })] };
    const gone = (leaver: object): World => world({ ...after, mappings: made("additive", leaver), live: start.live });
    expect(said(gone({}))).toHaveLength(1);
    expect(inputs(gone({ roles: "all" }))).toMatchObject({
      enabled: false,
      of: { roles: ["Approver", "Reader", "Vault"], teams: ["Night"] },
    });
  });
  test("is told of when it happens, not in every plan; nobody who stays, and nobody of a doubted read", () => {
    expect(said(company({ ...hand, enabled: false }))).toEqual([]);
    expect(said(company(hand, { gone: false }))).toEqual([]);
    const later = company(hand, { leaver: { strip: "7 days", roles: "all" } });
    expect(said(later)).toEqual([]);
    expect(inputs(later)).toMatchObject({ of: { roles: [], teams: [] } });
  });
});
