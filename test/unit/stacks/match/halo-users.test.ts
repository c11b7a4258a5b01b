/** Who is which user of Halo, condition by condition. */
import { describe, expect, it } from "vitest";
import type { Values } from "../../../../base/json.ts";
import { haloUsersFile } from "../../../../mappings/schema/halo-users.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import { haloNumber } from "../../../../stacks/match/halo-users.ts";
import type { PreviousResource, SourceRecord } from "../../../../stacks/model/types.ts";
import { wish } from "../../../../stacks/wish/wish.ts";
import { mappings, world } from "../world.ts";

const record = (id: string, fields: Values = {}, from = "entra.users"): SourceRecord => ({
  ref: `${from} ${id}`,
  fields: { id, name: `Ada ${id}`, emailaddress: `${id}@corp.example.com`, officeLocation: "Main", inactive: false, ...fields },
});
const user = (id: number, fields: Values = {}): Live => ({
  id: String(id),
  values: { name: `Ada ${id}`, site: "N/Main", enabled: true, protected: false, fields: { azureoid: "", ...fields }, custom: {} },
});
const state = (person: string, id: string): PreviousResource => ({
  ...{ type: "halo:User", name: `person-${person}`, id, outputs: {} },
  inputs: { person, name: `Ada ${person}`, site: "N/Main", enabled: true, fields: {}, custom: {} },
});

function plan(records: SourceRecord[], users: Live[], previous: PreviousResource[] = [], source = "entra.users") {
  const people = { people: { source, key: "id", login: { is: "{{ id }}" } } };
  const haloUsers = haloUsersFile.parse({
    users: { fields: { emailaddress: "{{ emailaddress }}" }, organisation: { client: "N", siteFrom: "{{ officeLocation }}" } },
  });
  const live = {
    "halo:Site": [{ id: "18", values: { name: "N/Main", client: "N", enabled: true } }],
    "halo:Client": [{ id: "12", values: { name: "N", enabled: true } }],
    "halo:User": users,
  };
  const given = mappings({ people: people as never, ad: null, entra: null, halo: null });
  const made = wish(world({ records, mappings: { ...given, haloUsers }, live, previous }));
  return {
    users: made.resources.filter(({ type }) => type === "halo:User").map(({ person, adopt }) => [person, adopt]),
    parked: made.parked.map(({ key }) => key),
  };
}

describe("whom the state knows", () => {
  it("keeps the user, whatever the fields say of it or of another", () => {
    const others = [user(1, { emailaddress: "old@corp.example.com" }), user(2, { azureoid: "a" })];
    expect(plan([record("a")], others, [state("a", "1")])).toEqual({ users: [["a", undefined]], parked: [] });
  });
  it("keeps one that is linked to another Entra account by now", () => {
    expect(plan([record("a")], [user(1, { azureoid: "z" })], [state("a", "1")])).toEqual({ users: [["a", undefined]], parked: [] });
  });
  it("is looked for by the fields where the user is gone", () => {
    expect(plan([record("a")], [user(2, { azureoid: "a" })], [state("a", "1")])).toEqual({ users: [["a", "2"]], parked: [] });
  });
});

describe("a user that is linked to an Entra account", () => {
  it("is that account's, in capitals or not", () => {
    expect(plan([record("ab")], [user(1, { azureoid: "AB" })])).toEqual({ users: [["ab", "1"]], parked: [] });
  });
  it("is taken by its address where nobody knows the person's own Entra account", () => {
    const linked = user(1, { azureoid: "z", emailaddress: "a@corp.example.com" });
    expect(plan([record("a", {}, "hr")], [linked], [], "hr")).toEqual({ users: [["a", "1"]], parked: [] });
    expect(plan([record("a")], [linked])).toEqual({ users: [], parked: ["a"] });
  });
  it("is the active record's, where one of somebody who has left has its address", () => {
    const mail = { emailaddress: "x@corp.example.com" };
    const made = plan([record("a", { ...mail, inactive: true }), record("b", mail)], [user(1, { azureoid: "b", ...mail })]);
    expect(made).toEqual({ users: [["b", "1"]], parked: [] });
  });
});

describe("who cannot be told", () => {
  const twins = ["1", "2"].map((id) => user(Number(id), { emailaddress: "a@corp.example.com" }));
  it.each<[string, Values, PreviousResource[], string[]]>([
    ["is parked where a site is named", {}, [], ["a"]],
    ["is parked where the last run made a user", { officeLocation: "" }, [state("a", "9")], ["a"]],
    ["is nobody's matter where neither is so", { officeLocation: "" }, [], []],
  ])("%s", (_, fields, previous, parked) => {
    expect(plan([record("a", fields), record("b")], twins, previous).parked).toEqual(parked);
  });
});

it("the number in Halo is the record's, and the key of somebody gone only where the key is that number", () => {
  const people = mappings().people;
  const of = (more: Partial<typeof people>, ref?: string) =>
    haloNumber({ people: { ...people, ...more } }, { key: "41", ...(ref === undefined ? {} : { record: { ref, fields: {} } }) });
  expect(of({ key: "id" }, "halo.users 77")).toBe("77");
  expect(of({ key: "id" })).toBe("41");
  expect(of({ key: "emailaddress" })).toBeUndefined();
  expect(of({ source: "hr" }, "hr 77")).toBeUndefined();
});
