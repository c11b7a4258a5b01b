import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { rulesOf } from "../../../../../cli/commands/why/why-not.ts";
import { printWhyNot } from "../../../../../cli/render/answers/why-not.ts";
import { loadMappings } from "../../../../../mappings/load.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../../../../sources/halo/fields.ts";

describe("why-not (C6, H12)", () => {
  it("knows every rule about people of the sample mappings", async () => {
    const rules = rulesOf(
      await loadMappings(join(import.meta.dirname, "../../../../../mappings"), { knownFields: [...LIST_FIELDS, ...DETAIL_FIELDS] }),
    );
    const labels = rules.map((one) => one.of);
    expect(labels).toContain("groups GG-VPN");
    expect(labels).toContain("licences SPE_E5");
    expect(labels).toContain("groups SG-Intranet");
    expect(labels.filter((one) => one.startsWith("accounts"))).toHaveLength(1);
    expect(labels.filter((one) => one.startsWith("agents"))).toHaveLength(2);
  });

  it("says what was asked and what the record has, without control characters", () => {
    const text = printWhyNot(
      {
        format: "haloform.why-not/1",
        key: "41",
        name: "Ada\u001b[2J Example",
        stage: "active",
        parked: [],
        rules: [
          {
            rule: "mappings/ad.yaml:32",
            of: "groups GG-VPN",
            holds: false,
            points: [
              { at: "title", asks: "matches ^Field", found: "Mate", holds: false },
              { at: "not.site_name", asks: "is Lab", found: "Lab", holds: true },
            ],
          },
        ],
      },
      false,
    );
    expect(text).not.toContain("\u001b");
    expect(text).toContain("groups GG-VPN  does not match  mappings/ad.yaml:32");
    expect(text).toContain('title matches ^Field: the record has "Mate", which does not fit');
    expect(text).toContain('not.site_name is Lab: the record has "Lab", which excludes');
  });
});
