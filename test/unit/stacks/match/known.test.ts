/** Whose account is whose by the state alone: as where a list of the system is not believed. */
import { describe, expect, test } from "vitest";
import { keepKnown, membersKnown } from "../../../../stacks/match/known.ts";
import type { Ground } from "../../../../stacks/model/scene.ts";
import type { PreviousResource, Subject } from "../../../../stacks/model/types.ts";

const previous = (type: string, name: string, id: string, more: Partial<PreviousResource> = {}): PreviousResource => ({
  ...{ type, name, id, inputs: {}, outputs: {} },
  ...more,
});
const knownIn = (system: "ad" | "entra" | "halo", all: PreviousResource[]): Subject["accounts"] => {
  const subject = { key: "41", accounts: {} } as Subject;
  keepKnown({ world: { previous: all }, subjects: [subject] } as unknown as Ground, system);
  return subject.accounts;
};
const group = (more: Partial<PreviousResource>) => previous("ad:Group", "GG-All", "group", { inputs: { members: ["person:41"] }, ...more });

describe("an account by the state alone", () => {
  test("of the system that is asked, and of no other", () => {
    const all = [previous("ad:User", "person-41", "guid"), previous("halo:Agent", "person-41", "7")];
    expect(knownIn("ad", all)).toEqual({ ad: "guid" });
    expect(knownIn("halo", all)).toEqual({ halo: "7" });
    expect(knownIn("entra", all)).toEqual({});
  });

  test("what is no account says nothing", () => {
    expect(knownIn("ad", [previous("ad:Group", "person-41", "group")])).toEqual({});
  });

  test("their own account goes before the one that a group wrote down", () => {
    expect(knownIn("ad", [previous("ad:User", "person-41", "own"), group({ outputs: { resolved: { "person:41": "other" } } })])).toEqual({
      ad: "own",
    });
  });
});

describe("members that a group wrote down", () => {
  const ids = (...all: PreviousResource[]) => [...membersKnown(all, "ad")];

  test.each(["resolved", "owners"])("under %s, of the outputs and of what was computed", (field) => {
    expect(ids(group({ outputs: { [field]: { "person:41": "a" } } }))).toEqual([["41", "a"]]);
    expect(ids(group({ outputs: { computed: { [field]: { "person:41": "b" } } } }))).toEqual([["41", "b"]]);
  });

  test("people alone, and ids alone", () => {
    expect(ids(group({ outputs: { resolved: { "group:GG-All": "a", "person:41": 7 } } }))).toEqual([]);
  });

  test("of that system; of resources that have members; and none of a board of users, who are known by the key", () => {
    const outputs = { resolved: { "person:41": "a" } };
    expect([...membersKnown([group({ outputs })], "entra")]).toEqual([]);
    expect(ids(group({ inputs: {}, outputs }))).toEqual([]);
    const board = (as: string) => previous("halo:ChangeAdvisoryBoard", "CAB", "1", { inputs: { as, members: ["person:41"] }, outputs });
    expect([...membersKnown([board("user")], "halo")]).toEqual([]);
    expect([...membersKnown([board("agent")], "halo")]).toEqual([["41", "a"]]);
  });
});
