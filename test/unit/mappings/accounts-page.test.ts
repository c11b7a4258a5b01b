/** docs/accounts.md: its example is a mapping that loads, its table is the one of the code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { knownAttributes } from "../../../providers/ad/values/attribute-table.ts";
import { flags } from "../../../providers/ad/values/flags.ts";
import { load, mistakes } from "./helpers.ts";

const page = readFileSync(join(import.meta.dirname, "../../../docs/accounts.md"), "utf8");
const yaml = /```yaml\n([\s\S]*?)```/u.exec(page)?.[1] ?? "";

describe("docs/accounts.md", () => {
  it("has an example without a mistake, whose own attributes are read", async () => {
    expect(await mistakes({ ad: yaml })).toEqual([]);
    expect((await load({ ad: yaml })).adAttributes).toEqual(expect.arrayContaining(["northwindBadge", "proxyAddresses"]));
  });

  it("names every attribute of the table under its syntax, with its length", () => {
    const cells = new Map(
      page.split("\n").flatMap((line) => {
        const [, syntax, , names = ""] = line.split("|");
        const word = /`(\w+)`:/u.exec(syntax ?? "")?.[1];
        return word === undefined ? [] : [[word, names.split(",").map((one) => one.trim())] as const];
      }),
    );
    const apart =
      /^(?:cn|ou|sAMAccountName|userPrincipalName)$|^(?:extensionAttribute|msExchExtensionCustomAttribute|msDS-cloudExtensionAttribute)\d/u;
    for (const { name, syntax, longest, single } of knownAttributes.filter((rule) => !apart.test(rule.name))) {
      const said = `${name}${syntax === "text" && longest !== undefined ? ` ${longest}` : ""}${single ? "" : " *"}`;
      expect(cells.get(syntax), said).toContain(said);
    }
  });

  it("names every flag", () => {
    for (const name of Object.keys(flags)) expect(page).toContain(name);
  });
});
