import { describe, expect, it } from "vitest";
import { dateForm, dayAs, endOfDay } from "../../../base/date-forms.ts";
import { compile } from "../../../mappings/language/template.ts";
import { attribute } from "../../../providers/ad/values/attributes.ts";

describe("reports R4: dates by declared forms", () => {
  it.each([
    ["46418", "excel", "2027-01-31"],
    ["46418.625", "excel", "2027-01-31T15:00:00Z"],
    ["46418,5", "excel", "2027-01-31T12:00:00Z"],
    ["61", "excel", "1900-03-01"],
    ["59", "excel", "1900-02-28"],
    ["0", "excel", "0001-01-01"],
    ["2958465", "excel", "9999-12-31"],
    ["20270131", "excel", "2027-01-31"],
    ["2027-01-31", "excel", "2027-01-31"],
    ["134458812000000000", "filetime", "2027-01-31T15:00:00Z"],
    ["9223372036854775807", "filetime", "9999-12-31"],
    ["1801353600", "unix", "2027-01-31"],
    ["1801353600000", "unixMs", "2027-01-31"],
    ["31.01.2027", "dd.mm.yyyy", "2027-01-31"],
    ["1/31/2027", "mm/dd/yyyy", "2027-01-31"],
    ["31/01/2027 00:00:00", "dd/mm/yyyy", "2027-01-31"],
    ["31-01-2027 15:30", "dd-mm-yyyy", "2027-01-31T15:30:00Z"],
    ["01/01/1900", "dd/mm/yyyy", "0001-01-01"],
    ["", "excel", ""],
    ["soon", "excel", "soon"],
    ["31/02/2027", "dd/mm/yyyy", "31/02/2027"],
  ])("%s as %s is %s", (text, form, is) => expect(dayAs(text, form)).toBe(is));

  it("days that a vendor writes for none are declared beside the form", () => {
    const template = compile('{{ other1 | day: "dd.mm.yyyy", "01.01.2099", "00.00.0000" }}');
    const ends = attribute("accountExpires");
    for (const other1 of ["01.01.2099", "00.00.0000"]) expect(ends.canonical([template.render({ other1 })])).toBe("never");
    expect(ends.canonical([template.render({ other1: "31.01.2027" })])).toBe("2027-01-31");
    expect(() => ends.canonical([template.render({ other1: "01/31/2027" })])).toThrow('found "01/31/2027"');
  });

  it("a form or a zone that is none is a mistake of the mapping", () => {
    for (const form of ["exel", "dd.mm", "dd.mm.yyyy hh", "dd.dd.yyyy", ""]) expect(dateForm(form)).toBeUndefined();
    expect(() => compile('{{ other1 | day: "exel" }}')).toThrow(/expected a form of dates after day/u);
    expect(compile("{{ other1 | day }}|{{ other1 | endOfDay }}").render({ other1: "20270131" })).toBe("2027-01-31|2027-02-01T00:00:00Z");
    expect(() => compile('{{ other1 | endOfDay: "Mars" }}')).toThrow(/expected a time zone after endOfDay/u);
    expect(() => compile("{% if other1 %}{{ other1 | day: 'mm/dd/yyyy' | endOfDay: 'America/New_York' }}{% endif %}")).not.toThrow();
  });
});

describe("a last day is worked to its end, whatever the zone", () => {
  const ends = (text: string) => attribute("accountExpires").canonical([text]);
  it("midnight with a zone is a day of that zone, to its end", () => {
    expect(ends("2027-01-31T00:00:00Z")).toBe("2027-01-31");
    expect(ends("2027-01-31T00:00:00+02:00")).toBe("2027-01-31T22:00:00Z");
    expect(ends("2027-01-31T00:00:00-08:00")).toBe("2027-02-01T08:00:00Z");
    expect(ends("2027-01-31T15:00:00Z")).toBe("2027-01-31T15:00:00Z");
  });
  it.each([
    ["2027-01-31", "America/Los_Angeles", "2027-02-01T08:00:00Z"],
    ["2027-07-31", "America/Los_Angeles", "2027-08-01T07:00:00Z"],
    ["20270131", "Pacific/Auckland", "2027-01-31T11:00:00Z"],
    ["2027-03-27", "Europe/Copenhagen", "2027-03-27T23:00:00Z"],
    ["2027-03-28", "Europe/Copenhagen", "2027-03-28T22:00:00Z"],
    ["2027-01-31T15:00:00Z", "Europe/Copenhagen", "2027-01-31T15:00:00Z"],
    ["9999-12-31", "Europe/Copenhagen", "9999-12-31"],
    ["soon", "Europe/Copenhagen", "soon"],
  ])("%s ends in %s at %s", (text, zone, is) => {
    expect(endOfDay(text, zone)).toBe(is);
    expect(compile(`{{ other1 | endOfDay: "${zone}" }}`).render({ other1: text })).toBe(is);
  });
});
