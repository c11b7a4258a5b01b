/** People of Entra ID as records: members and guests, names, groups, and what makes a read incomplete. */
import { describe, expect, it } from "vitest";
import type { GraphLists } from "../../../../sources/entra/groups.ts";
import { readEntraPeople } from "../../../../sources/entra/people.ts";

const row = (id: string, more: object = {}) => ({
  id,
  displayName: `Ada ${id}`,
  givenName: "Ada",
  mail: `${id}@corp.example.com`,
  accountEnabled: true,
  userType: "Member",
  ...more,
});

function graph(rows: unknown[], groups: { id: string; displayName: string; members: string[] }[] = []) {
  const asked: { path: string; filter?: string; expand?: string }[] = [];
  const lists: GraphLists = {
    async list(path, _select, options = {}) {
      asked.push({ path, ...(options.filter ? { filter: options.filter } : {}), ...(options.expand ? { expand: options.expand } : {}) });
      if (path === "/users") return rows;
      // Graph compares names without regard to case.
      if (path === "/groups")
        return groups.filter(
          (one) =>
            options.filter === undefined ||
            options.filter?.toLowerCase() === `displayname eq '${one.displayName.toLowerCase().replaceAll("'", "''")}'`,
        );
      return (groups.find((one) => path === `/groups/${one.id}/members`)?.members ?? []).map((id) => ({ id }));
    },
  };
  return { lists, asked };
}

describe("people of Entra ID", () => {
  it("H1: fields by Graph's names, the names haloform knows people by, and the manager only when it is asked for", async () => {
    const { lists, asked } = graph([
      row("a", { jobTitle: " Deckhand ", manager: { id: "b" }, businessPhones: ["+44 1"] }),
      row("b", { mail: null, userPrincipalName: "b@corp.example.com", accountEnabled: false }),
    ]);
    const { records, read } = await readEntraPeople(lists, { fields: ["manager"], groups: [], external: false });
    expect(read).toMatchObject({ complete: true, rows: 2 });
    expect(records[0]).toEqual({
      ref: "entra.users a",
      fields: {
        id: "a",
        displayName: "Ada a",
        name: "Ada a",
        givenName: "Ada",
        firstname: "Ada",
        mail: "a@corp.example.com",
        emailaddress: "a@corp.example.com",
        accountEnabled: true,
        inactive: false,
        userType: "Member",
        jobTitle: "Deckhand",
        businessPhones: ["+44 1"],
        manager: "b",
      },
    });
    expect(records[1]?.fields).toMatchObject({ emailaddress: "b@corp.example.com", inactive: true });
    expect(asked).toEqual([{ path: "/users", expand: "manager($select=id)" }]);
    const bare = graph([row("a")]);
    await readEntraPeople(bare.lists, { fields: [], groups: [], external: false });
    expect(bare.asked).toEqual([{ path: "/users" }]);
  });

  it("H2: guests in or out; members of exactly the named group; a group that is missing or doubled is one clear line", async () => {
    const rows = [row("a"), row("g", { userType: "Guest", mail: null, userPrincipalName: "g_x#EXT#@corp.example.com" })];
    const groups = [
      { id: "1", displayName: "O'Desk", members: ["a", "g"] },
      { id: "2", displayName: "o'desk", members: [] },
      { id: "3", displayName: "Twice", members: [] },
      { id: "4", displayName: "Twice", members: [] },
    ];
    const need = { fields: [], groups: ["O'Desk"], external: true };
    const all = await readEntraPeople(graph(rows, groups).lists, need);
    expect(all.records.map((one) => [one.ref, one.fields["groups"], one.fields["emailaddress"]])).toEqual([
      ["entra.users a", ["O'Desk"], "a@corp.example.com"],
      ["entra.users g", ["O'Desk"], undefined],
    ]);
    expect((await readEntraPeople(graph(rows, groups).lists, { ...need, external: false })).records).toHaveLength(1);
    await expect(readEntraPeople(graph(rows, groups).lists, { ...need, groups: ["Desk"] })).rejects.toThrow(
      /names the group Desk, which Entra ID does not have/u,
    );
    await expect(readEntraPeople(graph(rows, groups).lists, { ...need, groups: ["Twice"] })).rejects.toThrow(/has 2 of that name/u);
  });

  it("a row that is no user, or one that comes twice, makes the read doubtful, never somebody a leaver", async () => {
    const { records, read } = await readEntraPeople(graph([row("a"), row("a"), { id: "b", accountEnabled: null }]).lists, {
      fields: [],
      groups: [],
      external: false,
    });
    expect(records.map((one) => one.ref)).toEqual(["entra.users a"]);
    expect(read.complete).toBe(false);
    expect(read.doubts).toEqual([
      "1 row of /users was not understood: accountEnabled: Invalid input: expected boolean, received null",
      "Graph gave 1 user twice",
    ]);
    const odd = await readEntraPeople(graph([row("a"), { ...row("b"), mail: 7 }]).lists, { fields: [], groups: [], external: false });
    expect(odd.read.doubts).toEqual(["1 row of /users was not understood: mail: Invalid input: expected string, received number"]);
  });

  it("rows-B1: reads the groups whose names match, beside those that are named", async () => {
    const groups = ["SG-Staff", "SG-Crew", "sg-crew", "Board"].map((displayName, index) => ({
      ...{ id: `g${index}`, displayName },
      members: [index === 3 ? "b" : "a"],
    }));
    const { lists, asked } = graph([row("a"), row("b")], groups);
    const need = { fields: [], groups: ["SG-Staff"], patterns: [/^sg-c/iu], external: false };
    const { records } = await readEntraPeople(lists, need);
    expect(records.map((one) => one.fields["groups"])).toEqual([["SG-Crew", "SG-Staff", "sg-crew"], undefined]);
    expect(asked.filter((one) => one.path.endsWith("/members"))).toHaveLength(3);
  });
});
