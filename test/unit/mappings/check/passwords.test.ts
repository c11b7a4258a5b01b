/** The section `passwords` of ad.yaml: defaults, and what an administrator is told of a wrong one. */
import { describe, expect, it } from "vitest";
import { load, mistakes } from "../helpers.ts";

const ad = (passwords: string): { ad: string } => ({
  ad: `accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\npasswords:\n${passwords}`,
});

describe("passwords in ad.yaml", () => {
  it("has safe defaults", async () => {
    expect((await load(ad("  length: 16\n"))).ad?.passwords).toEqual({
      length: 16,
      sets: ["upper", "lower", "digits", "signs"],
      mustChange: true,
      handover: "nobody",
    });
    const { ad: file } = await load(
      ad("  handover: { command: [/usr/local/bin/hand, --fast] }\n  rotate: { key: 2027-01, for: { site_name: Main } }\n"),
    );
    expect(file?.passwords).toMatchObject({
      handover: { command: ["/usr/local/bin/hand", "--fast"], timeout: 30, env: [] },
      rotate: { key: "2027-01" },
    });
  });

  it.each([
    ["  length: 8\n", /^mappings\/ad\.yaml:5:\d+ .*12/u],
    ["  sets: [upper, lower]\n", /^mappings\/ad\.yaml:5:\d+/u],
    ["  sets: [upper, lower, lower]\n", /three different kinds/u],
    ["  handover: mail\n", /nobody, output or \{ command/u],
    ["  handover: { command: [hand-over] }\n", /the absolute path of a program, found "hand-over"/u],
    ["  handover: { command: [] }\n", /^mappings\/ad\.yaml:5:\d+/u],
    ["  handover: { command: [/x], env: [AD_BIND_PASSWORD] }\n", /whose name begins with SCRIPT_ .* found "AD_BIND_PASSWORD"/u],
    ["  rotate: { key: a }\n", /found nobody, to whom a new password would be handed over/u],
    ["  handover: output\n  rotate: { key: a, for: { sitename: Main } }\n", /expected a field of the Halo record.*site_name/u],
    ['  handover: output\n  rotate: { key: "a b" }\n', /such as 2027-01/u],
  ])("refuses %j", async (text, said) => {
    const lines = await mistakes(ad(text));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(said);
  });
});
