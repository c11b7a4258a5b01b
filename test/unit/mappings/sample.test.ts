/** The sample mappings and the sandbox's organisation say the same in two languages: a first plan changes only whom it should. */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Json } from "../../../base/json.ts";
import { isGeneralUser } from "../../../clients/halo/users.ts";
import { type Facts, holds } from "../../../mappings/language/condition.ts";
import { compile, renderDn } from "../../../mappings/language/template.ts";
import { sourcesOf } from "../../../mappings/language/values.ts";
import { loadMappings } from "../../../mappings/load.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { directorySeed, dnOf } from "../../../sandbox/organisation/directory.ts";
import { haloRows } from "../../../sandbox/organisation/halo-rows.ts";
import { makePeople, type Person } from "../../../sandbox/organisation/people.ts";
import { agentOf, groups, inGroups, licenceOf } from "../../../sandbox/organisation/policy.ts";
import { knownFields } from "./helpers.ts";

const base = "DC=corp,DC=example,DC=com";
const everybody = makePeople({ people: 250, seed: 1 });
const rows = haloRows(everybody).users;
const steady = everybody.filter((person) => person.situation === "steady");
const entries = new Map(directorySeed(everybody, base).entries.map((entry) => [entry.dn, entry.attributes]));

function fieldsOf(row: { [field: string]: unknown }): { [field: string]: Json } {
  const { customfields, ...rest } = row as { [field: string]: Json } & { customfields: { name: string; display: string }[] };
  return { ...rest, ...Object.fromEntries(customfields.map(({ name, display }) => [`custom.${name}`, display])) };
}

describe("the sample mappings on the sandbox's people", () => {
  let mappings: Mappings;
  beforeAll(async () => {
    mappings = await loadMappings(join(import.meta.dirname, "../../../mappings"), { knownFields });
  });
  const facts = (person: Person): Facts => {
    const row = rows.find((each) => each["id"] === person.id) ?? {};
    const one: Facts = { fields: fieldsOf(row), key: String(person.id), groups: new Set() };
    const wanted = (mappings.ad?.groups ?? []).filter((group) => group.for && holds(group.for, one).holds).map((group) => group.name);
    return { ...one, groups: new Set(wanted) };
  };

  it("take people for people, and nothing else", () => {
    // Halo's own contacts for nobody in particular are left out by whoever reads its users.
    const taken = rows
      .filter((row) => !isGeneralUser(row) && holds(mappings.people.for ?? {}, { fields: fieldsOf(row), key: "", groups: new Set() }).holds)
      .map((row) => row["id"]);
    expect(taken).toEqual(everybody.filter((person) => person.situation !== "absent").map((person) => person.id));
  });

  it("change nothing about an account that is right", () => {
    const account = mappings.ad?.accounts[0];
    const template = mappings.ad?.attributes["staff"] ?? {};
    for (const person of steady) {
      const { fields } = facts(person);
      const held = entries.get(dnOf(person, base)) ?? {};
      expect(`,${renderDn(account?.ou ?? "", fields)}`).toBe(dnOf(person, base).slice(-1 - renderDn(account?.ou ?? "", fields).length));
      for (const [name, wanted] of Object.entries(template)) {
        if (typeof wanted === "object" && "person" in wanted) continue;
        const value = compile(sourcesOf(wanted)[0]?.source ?? "").render(fields, { login: person.login });
        expect([name, value]).toEqual([name, held[name] ?? ""]);
      }
    }
  });

  it("want the groups, licences and agents that the organisation wants", () => {
    for (const person of steady) {
      const is = facts(person);
      expect([...is.groups].sort()).toEqual(
        groups
          .filter((group) => group.has(person.post, person))
          .map((group) => group.name)
          .sort(),
      );
      const licence = mappings.entra?.licences.find((each) => holds(each.for, is).holds);
      expect(licence?.sku).toEqual(licenceOf(person.post));
      expect(holds(mappings.entra?.groups[0]?.for ?? {}, is).holds).toBe(inGroups(person));
      const agent = mappings.halo?.agents.find((each) => holds(each.for, is).holds);
      const policy = agentOf(person.post);
      expect(agent && { roles: agent.roles, team: agent.team }).toEqual(policy && { roles: policy.roles, team: policy.team });
      // Teams that the mapping does not name (Second line) are somebody else's business.
      expect(policy?.teams ?? []).toEqual(expect.arrayContaining(agent?.teams ?? []));
    }
  });
});
