/** What spreadsheets say of people, through the real command line: who has left, dates, empty cells (reports R2, R4, R22; behaviour F5, F7). */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Plan } from "../../stacks/model/plan.ts";
import { type World, world } from "./support.ts";

type Row = Record<string, string>;
let w: World;
let people: Row[];

/** The people of the sandbox's Halo as a CSV file, as Excel would write it. */
function write(rows: readonly Row[], columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]): void {
  const cell = (value = ""): string => `"${value.replaceAll('"', '""')}"`;
  writeFileSync(
    join(w.mappings, "people.csv"),
    [columns, ...rows.map((row) => columns.map((name) => row[name]))].map((row) => row.map(cell).join(",")).join("\r\n"),
  );
}

beforeAll(async () => {
  w = await world({ people: 20 });
  await w.run(["source", "pull", "--out", join(w.home, "people.json")]);
  const { records } = JSON.parse(readFileSync(join(w.home, "people.json"), "utf8")) as {
    records: { fields: Record<string, unknown> }[];
  };
  people = records.map(({ fields }) => ({
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value ?? "")])),
    other2: "",
  }));
  writeFileSync(join(w.mappings, "sources.yaml"), stringify({ sources: { list: { kind: "csv", file: "people.csv", unique: "id" } } }));
  w.edit("people", (content) => {
    (content["people"] as Record<string, unknown>)["source"] = "list";
  });
  write(people);
  await w.converge();
});
afterAll(async () => {
  await w?.stop();
});

/** Everything that becomes of people. */
const changes = ({ people: all }: Plan): unknown[] => all.flatMap((one) => one.changes);

describe("who has left", () => {
  it("reports R2: words of spreadsheets mean what they say; another one, and a column that is gone, change nothing for anybody", async () => {
    const words = (row: Row): string => (row["inactive"] === "true" ? "Inaktiv" : "Aktiv");
    write(people.map((row) => ({ ...row, inactive: words(row) })));
    const same = await w.plan();
    expect(same.plan.source).toMatchObject({ trust: "trusted" });
    expect(changes(same.plan)).toEqual([]);

    const steady = w.sandbox.organisation.people.find((each) => each.situation === "steady")?.id;
    const one = people.findIndex((row) => row["id"] === String(steady));
    write(people.map((row, index) => ({ ...row, inactive: index === one ? "Inactive" : words(row) })));
    const left = await w.plan();
    expect(left.plan.people.filter((each) => each.event === "leaver").map((each) => each.key)).toEqual([people[one]?.["id"]]);

    write(people.map((row, index) => ({ ...row, inactive: index === one ? "Maybe" : words(row) })));
    const doubted = await w.plan();
    expect(doubted.plan.source.doubts).toEqual([expect.stringContaining(`list.people.csv ${people[one]?.["id"]} says "Maybe"`)]);
    expect(changes(doubted.plan)).toEqual([]);

    const fresh = {
      ...(people[one] as Row),
      id: "9901",
      firstname: "Nova",
      surname: "Newly",
      name: "Nova Newly",
      emailaddress: "nova@corp.example.com",
    };
    write(
      [...people, fresh],
      [...new Set(people.flatMap((row) => Object.keys(row)))].filter((name) => name !== "inactive"),
    );
    const gone = await w.plan();
    expect(gone.plan.source.doubts).toEqual([expect.stringContaining("is gone or empty for all")]);
    expect(changes(gone.plan)).toEqual([]);
    expect(gone.plan.parked.map((each) => each.key)).toContain("9901");
  });
});

describe("a column that decides who is a person, or who gets what", () => {
  it.each([
    ["isserviceaccount", (row: Row) => row["isserviceaccount"] === "true"],
    ["custom.CFDepartment", (row: Row) => row["id"] === "9902"],
  ])("reports R2: %s is gone: by that nobody is made or given anything, and who waits is parked by name", async (column, waits) => {
    const fresh = { ...people.find((row) => row["isserviceaccount"] === "false"), id: "9902", firstname: "Nova", surname: "Newly" };
    const all: Row[] = [...people, { ...fresh, name: "Nova Newly", emailaddress: "nova@corp.example.com", inactive: "false" }];
    expect(all.filter(waits).length).toBeGreaterThan(0);
    write(
      all,
      [...new Set(people.flatMap((row) => Object.keys(row)))].filter((name) => name !== column),
    );
    const { plan } = await w.plan();
    write(people);
    expect(plan.source.doubts).toEqual([expect.stringMatching(new RegExp(`^${column} is filled for 0 of `, "u"))]);
    expect(changes(plan)).toEqual([]);
    const parked = plan.parked.filter((each) => each.reason.includes(`: ${column} decides it and is doubted`));
    expect(parked.map((each) => each.key)).toEqual(expect.arrayContaining(all.filter(waits).map((row) => row["id"])));
    await w.nothingIsLeft();
  });
});

describe("values that a system would refuse", () => {
  it("reports R6, R21: a country that is none parks its person in the plan, with line, value and the nearest code", async () => {
    const here = await world({ people: 20 });
    try {
      const joiner = here.sandbox.organisation.people.find((one) => one.situation === "joiner");
      here.sandbox.hand({ halo: { table: "users", id: joiner?.id ?? 0, set: { other2: "Germany" } } });
      here.edit("entra", (content) => {
        content["usageLocation"] = "{{ other2 | default: 'GB' }}";
      });
      const { plan } = await here.plan();
      expect(plan.parked.filter(({ key }) => key === String(joiner?.id)).map(({ reason }) => reason)).toEqual([
        expect.stringMatching(
          /^SPE_E\d cannot be given: usageLocation \(.*entra\.yaml:\d+\): expected a country's two letters \(ISO 3166-1\) such as GB, found "Germany"; correct other2 in Halo; did you mean "DE"\?$/u,
        ),
      ]);
      expect(plan.people.length).toBeGreaterThan(3);
    } finally {
      await here.stop();
    }
  });
});

describe("a file as Excel writes it", () => {
  it("behaviour F5, F7: sep=, padded headers, trailing separators, blank rows and empty cells change nothing, and nobody is doubted", async () => {
    const was = readFileSync(join(w.mappings, "ad.yaml"), "utf8");
    w.edit("ad", (content) => {
      for (const set of Object.values(content["attributes"] as Record<string, Row>))
        set["displayName"] = "{{ firstname }} {{ surname }}{% if other2 %} of {{ other2 }}{% endif %}";
    });
    const columns = [...new Set(people.flatMap((row) => Object.keys(row)))];
    const cell = (value = ""): string => `"${value.replaceAll('"', '""')}"`;
    const rows = people.map((row) => `${columns.map((name) => cell(row[name])).join(";")};;`);
    const blank = ";".repeat(columns.length + 1);
    const head = `${columns.map((name) => ` ${name} `).join(";")};;`;
    writeFileSync(join(w.mappings, "people.csv"), `\ufeff${["sep=;", head, ...rows, blank, blank].join("\r\n")}\r\n`);
    const { plan } = await w.plan();
    expect(plan.source).toMatchObject({ trust: "trusted", records: people.length });
    expect(changes(plan)).toEqual([]);
    writeFileSync(join(w.mappings, "ad.yaml"), was);
    write(people);
  });
});

describe("dates", () => {
  it("reports R4, R15, R22: no date is never, eight digits are a day, anything else parks its person; the next plan is the same", async () => {
    const [day, none, ever, odd] = w.sandbox.organisation.people
      .filter((each) => each.situation === "steady")
      .map((each) => String(each.id));
    const given: Row = {
      [day ?? ""]: "20271231",
      [none ?? ""]: "0001-01-01T00:00:00",
      [ever ?? ""]: "9999-12-31",
      [odd ?? ""]: "31/12/2027",
    };
    const was = readFileSync(join(w.mappings, "ad.yaml"), "utf8");
    w.edit("ad", (content) => {
      for (const set of Object.values(content["attributes"] as Record<string, Row>)) set["accountExpires"] = "{{ other2 }}";
    });
    write(people.map((row) => ({ ...row, other2: given[row["id"] ?? ""] ?? "" })));
    const { plan } = await w.converge([0, 4]);
    const set = plan.people.flatMap((one) => one.changes.flatMap(({ fields }) => fields.map(({ path, after }) => [one.key, path, after])));
    const until = [
      [day, "2027-12-31"],
      [none, "never"],
      [ever, "never"],
    ];
    expect(set).toEqual(until.map(([key, value]) => [key, "attributes.accountExpires", value]));
    expect(plan.parked.filter(({ key }) => key === odd).map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^accountExpires \(.*ad\.yaml:\d+\): expected a day such as .*, found "31\/12\/2027"$/u),
    ]);
    expect(changes(await w.nothingIsLeft())).toEqual([]);
    writeFileSync(join(w.mappings, "ad.yaml"), was);
  });
});
