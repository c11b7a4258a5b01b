import { describe, expect, it } from "vitest";
import { countries, countryCode, countryMeant } from "../../../base/countries.ts";
import { attribute } from "../../../providers/ad/values/attributes.ts";
import { userRule, userValue } from "../../../providers/entra/user/attributes.ts";

describe("reports R6, R21: countries by ISO 3166-1", () => {
  it("are the 249 of the standard and Kosovo, each with a name", () => {
    expect(countries.size).toBe(250);
    const called = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
    for (const code of countries) expect(called.of(code), code).toBeDefined();
  });

  it.each([
    ["UK", "GB"],
    ["GBR", "GB"],
    ["Germany", "DE"],
    ["Deutschland", "DE"],
    ["Germny", "DE"],
    ["France", "FR"],
    ["italia", "IT"],
    ["ZZ", undefined],
    ["EU", undefined],
    ["Atlantis", undefined],
  ])("%s is none; %s is meant", (text, meant) => {
    expect(countryCode(text)).toBeUndefined();
    expect(countryMeant(text)).toBe(meant);
    const advice = meant === undefined ? "" : `; did you mean "${meant}"?`;
    const rule = userRule("usageLocation");
    if (!rule) throw new Error("Entra ID has no usageLocation");
    expect(userValue(rule, [text])).toEqual({
      problem: `expected a country's two letters (ISO 3166-1) such as GB, found "${text}"${advice}`,
    });
    expect(() => attribute("c").canonical([text])).toThrow(`found "${text}"${advice}`);
  });

  it("in any case, with blanks", () => {
    expect(countryCode(" gb ")).toBe("GB");
    expect(attribute("c").canonical(["de"])).toBe("DE");
  });
});
