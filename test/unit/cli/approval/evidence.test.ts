/** Whether what was verified is what a part needs: 15.4. */
import { describe, expect, it } from "vitest";
import { type Evidence, met, type Needs, partsOf } from "../../../../cli/approval/evidence.ts";

const approved = (approver: string, by: string, how: Evidence["how"] = "ssh"): Evidence => ({
  ...{ approver, by, how, at: "2027-01-04T08:00:00.000Z", part: "all", digest: "sha256:1" },
});
const needs = (more: Partial<Needs> = {}): Needs => ({ approvers: 1, never: [], ...more });
const [ada, bob] = [approved("ada@example.com", "ED25519 SHA256:a"), approved("bob@example.com", "ED25519 SHA256:b")];

describe("15.4: who counts", () => {
  it.each<[string, Partial<Needs>, Evidence[], number, string[]]>([
    ["nobody is needed", { approvers: 0 }, [], 0, []],
    ["nobody has approved", {}, [], 1, []],
    ["one of one", {}, [ada], 0, []],
    ["one of two", { approvers: 2 }, [ada], 1, []],
    ["two of two", { approvers: 2 }, [ada, bob], 0, []],
    [
      "the same twice, in letters of another case and with another key",
      { approvers: 2 },
      [ada, approved("Ada@Example.com", "ED25519 SHA256:z")],
      1,
      [],
    ],
    ["the same by two ways", { approvers: 2 }, [ada, approved("ada@example.com", "ada-e", "github-review")], 1, []],
    [
      "one key under two names",
      { approvers: 2 },
      [ada, approved("bob@example.com", "ED25519 SHA256:a")],
      1,
      ["bob@example.com has approved with the key of ada@example.com"],
    ],
    ["one who may not", { of: ["bob@example.com"] }, [ada], 1, ["ada@example.com is none of those who may approve it"]],
    ["where nobody can", { of: [] }, [ada], 1, ["ada@example.com is none of those who may approve it"]],
    [
      "what is needed besides",
      { also: [{ approvers: 1, of: ["bob@example.com"] }] },
      [ada],
      1,
      ["ada@example.com is none of those who may approve it"],
    ],
    [
      "what is needed besides, and one who may both",
      { of: ["bob@example.com"], also: [{ approvers: 1, of: ["bob@example.com"] }] },
      [bob],
      0,
      [],
    ],
    ["one who may", { of: ["BOB@example.com"] }, [bob], 0, []],
    ["who gains by it", { never: ["Ada@example.com"] }, [ada], 1, ["ada@example.com gains by it and may not approve it"]],
    [
      "who gains by it, although they are named",
      { of: ["ada@example.com"], never: ["ada@example.com"] },
      [ada],
      1,
      ["ada@example.com gains by it and may not approve it"],
    ],
    [
      "who gains by it beside another",
      { never: ["ada@example.com"] },
      [ada, bob],
      0,
      ["ada@example.com gains by it and may not approve it"],
    ],
  ])("%s", (_what, more, evidence, missing, not) => {
    const found = met(needs(more), evidence);
    expect([found.missing, found.not]).toEqual([missing, not]);
  });

  it("a plan that nobody has cut is one part, with its own digest", () => {
    expect(partsOf({ digest: "sha256:1" }, 2)).toEqual([{ id: "all", digest: "sha256:1", needs: { approvers: 2, never: [] } }]);
  });
});
