/** What an administrator reads where a plan's world is not the one it is to be applied to: security-15. */
import { describe, expect, test } from "vitest";
import { moved } from "../../../../stacks/plan/stale.ts";
import { type WorldParts, worldDigest } from "../../../../stacks/plan/world.ts";

const corp = { name: "corp.example.com", id: "S-1-5-21-1-2-3" };
const parts = {
  mappings: "sha256:m",
  settings: { ad: "sha256:a", halo: "sha256:h" },
  targets: { ad: corp, halo: { name: "northwind" } },
  programs: { welcome: "sha256:w" },
  haloform: { version: "1.2.0", sum: "sha256:v" },
  state: "sha256:s",
  trust: "sha256:t",
  rest: "sha256:r",
  resources: { "ad:User::person-41": { wish: "sha256:1", live: "sha256:2" } },
};
const worldFrom = (more: Partial<WorldParts> = {}): WorldParts => ({ ...parts, ...more, digest: worldDigest({ ...parts, ...more }) });
const said = (more: Partial<WorldParts>, then: Partial<WorldParts> = {}): string[] =>
  moved(worldFrom(then), worldFrom(more), [{ key: "41", name: "Ada Example" }]);

describe("security-15: each part of what a plan rests on says that it moved", () => {
  test("the same world says nothing", () => expect(said({})).toEqual([]));

  const cases: [string, Partial<WorldParts>, string][] = [
    ["mapping files", { mappings: "x" }, "the mapping files are not the ones the plan was made from"],
    ["settings", { settings: { ad: "x", halo: "sha256:h" } }, "the settings are not the ones it was made with (haloform:ad)"],
    ["programs", { programs: { welcome: "x" } }, "what commands run has changed (welcome)"],
    ["version", { haloform: { version: "1.3.0", sum: "x" } }, "it was made by haloform 1.2.0, this is 1.3.0"],
    ["source files", { haloform: { version: "1.2.0", sum: "x" } }, "haloform's own files are not the ones that made it"],
    ["state", { state: "x" }, "another run has changed the state since"],
    ["trust", { trust: "x" }, "the source of people is judged differently now"],
    ["memory", { rest: "x" }, "who is parked or remembered has changed"],
    [
      "wish",
      { resources: { "ad:User::person-41": { wish: "x", live: "sha256:2" } } },
      "what is wanted has changed for ad:User of Ada Example (41)",
    ],
    ["live", { resources: { "ad:User::person-41": { wish: "sha256:1", live: "x" } } }, "somebody has changed ad:User of Ada Example (41)"],
  ];
  test.each(cases)("%s", (_what, more, sentence) => expect(said(more)).toEqual([sentence]));

  test("another domain by the same name: that alone is said, as everything else is other there too", () => {
    const other = { ...corp, id: "S-1-5-21-9-9-9" };
    expect(said({ targets: { ...parts.targets, ad: other }, state: "x", mappings: "x" })).toEqual([
      "it was made for the domain corp.example.com (S-1-5-21-1-2-3), this is the domain corp.example.com (S-1-5-21-9-9-9)",
    ]);
  });

  test("a system that does not say which one it is, is not taken for the one that did", () => {
    expect(said({ targets: { ...parts.targets, halo: {} } })).toEqual([
      "it was made for the Halo northwind, this is a Halo that did not say which one it is (whoever asked may not read that, or people came from a capture)",
    ]);
  });

  test("a system that the mapping has no more is the mapping's doing", () => {
    const { halo } = parts.targets;
    expect(said({ targets: { halo }, settings: { halo: "sha256:h" }, mappings: "x" })).toEqual([
      "the mapping files are not the ones the plan was made from",
      "the settings are not the ones it was made with (haloform:ad)",
    ]);
  });
});
