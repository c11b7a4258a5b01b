/** Other systems of record than Halo's users, by the real command line: a REST API and files (A20 to A24, H9), and captures. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { SourceTest, WhyNot } from "../../cli/answers/answers.ts";
import type { Capture } from "../../sources/capture.ts";
import { type Api, client, serve } from "../unit/sources/rest/server.ts";
import { type World, world } from "./support.ts";

let w: World;
let api: Api;
let records: Capture["records"] = [];
let capture = "";

beforeAll(async () => {
  process.env["SOURCE_HR_CLIENT_SECRET"] = client.secret;
  api = await serve(({ path, query }) => {
    if (path !== "/secure/people") return undefined;
    const page = Number(query.get("page"));
    const rows = records.slice((page - 1) * 15, page * 15).map(({ fields }) => ({ ...fields, id: Number(fields["id"]) }));
    return { json: { meta: { total: records.length }, data: rows } };
  });
  w = await world({ people: 40 });
  capture = join(w.home, "people.json");
});
afterAll(async () => {
  delete process.env["SOURCE_HR_CLIENT_SECRET"];
  await w?.stop();
  await api?.stop();
});

const sources = () => ({
  sources: {
    hr: {
      base: api.base,
      ca: api.ca,
      auth: { kind: "clientCredentials", tokenUrl: `${api.base}/oauth/token`, clientId: client.id },
      unique: "id",
      endpoints: [
        {
          name: "people",
          path: "secure/people",
          select: "$.data[*]",
          repeat: { by: "parameter", parameter: "page", until: { total: "$.meta.total" } },
        },
      ],
    },
    list: { kind: "csv", file: "people.csv", unique: "id" },
  },
});
const json = async <T>(args: readonly string[]): Promise<T> => {
  const ended = await w.run([...args, "--json"]);
  expect(ended.err.replace(/^(?:Reading|Read|Comparing).*\n/gmu, ""), ended.err).toBe("");
  expect(ended.code).toBe(0);
  return JSON.parse(ended.out) as T;
};
const changes = async (args: readonly string[]): Promise<unknown[]> => {
  const plan = await json<{ people: { key: string; changes: { op: string; fields: { path: string; after: unknown }[] }[] }[] }>([
    "preview",
    ...args,
  ]);
  return plan.people.map(({ key, changes: all }) => [
    key,
    all.map(({ op, fields }) => [op, fields.map(({ path, after }) => [path, after])]),
  ]);
};

describe("sources", () => {
  it("a capture of Halo gives the plan that Halo gives (H9)", async () => {
    await json(["source", "pull", "--out", capture]);
    records = (JSON.parse(readFileSync(capture, "utf8")) as Capture).records;
    expect(records.length).toBeGreaterThan(35);
    const live = await changes([]);
    expect(live.length).toBeGreaterThan(3);
    expect(await changes(["--from", capture])).toEqual(live);
  });

  it("A20, A21, A22, A23, A24: the same people from a REST API with OAuth and pages make the same plan", async () => {
    const live = await changes([]);
    writeFileSync(join(w.mappings, "sources.yaml"), stringify(sources()));
    const before = api.asked.length;
    const test = await json<SourceTest>(["source", "test", "hr"]);
    expect(test).toMatchObject({
      source: "hr",
      records: records.length,
      pages: Math.ceil(records.length / 15),
      complete: true,
      doubts: [],
    });
    expect(test.elements.find((one) => one.name === "emailaddress")).toMatchObject({ kinds: ["string"], used: true });
    expect(test.people).toHaveLength(3);
    expect(JSON.stringify(test.people[0]?.makes)).toContain("sAMAccountName");
    expect(
      api.asked
        .slice(before)
        .map((one) => one.path)
        .filter((path) => path === "/oauth/token"),
    ).toHaveLength(1);
    w.edit("people", (content) => {
      (content["people"] as Record<string, unknown>)["source"] = "hr";
    });
    expect(await changes([])).toEqual(live);
  });

  it("the same people from a CSV file too; a broken file changes nothing and names its line", async () => {
    const live = await changes([]);
    const columns = [...new Set(records.flatMap((one) => Object.keys(one.fields)))];
    const cell = (value: unknown): string => `"${String(value ?? "").replaceAll('"', '""')}"`;
    const rows = records.map(({ fields }) => columns.map((column) => cell(fields[column])).join(","));
    const text = `${columns.join(",")}\n${rows.join("\n")}\n`;
    writeFileSync(join(w.mappings, "people.csv"), text);
    w.edit("people", (content) => {
      (content["people"] as Record<string, unknown>)["source"] = "list";
    });
    expect(await changes([])).toEqual(live);
    writeFileSync(join(w.mappings, "people.csv"), text.replace(/\n(.*)\n/u, '\n$1,"one too many"\n'));
    const broken = await w.run(["preview"]);
    expect(broken.code).toBe(1);
    expect(broken.err).toMatch(/people\.csv:2: /u);
  });

  it("what is wrong in sources.yaml or in the login is one clear line", async () => {
    w.edit("people", (content) => {
      (content["people"] as Record<string, unknown>)["source"] = "hrr";
    });
    const misspelt = await w.run(["preview"]);
    expect(misspelt.code).toBe(64);
    expect(misspelt.err).toMatch(
      /people\.yaml:\d+:\d+ people\.source: expected halo\.users or a source of sources\.yaml \(hr, list\), found "hrr"; did you mean "hr"\?/u,
    );
    w.edit("people", (content) => {
      (content["people"] as Record<string, unknown>)["source"] = "hr";
    });
    const refused = await w.run(["preview"], { SOURCE_HR_CLIENT_SECRET: "wr0ng-s3cret" });
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/Could not log in to the source hr: .* says invalid_client/u);
    expect(refused.err).not.toContain("wr0ng");
    const path = structuredClone(sources());
    path.sources.hr.endpoints[0] = { ...(path.sources.hr.endpoints[0] as object), select: "$.data[" } as never;
    writeFileSync(join(w.mappings, "sources.yaml"), stringify(path));
    const wrong = await w.run(["preview"]);
    expect(wrong.code).toBe(64);
    expect(wrong.err).toMatch(/sources\.yaml:\d+:\d+ sources\.hr\.endpoints\[0\]\.select: expected a JSON path \(RFC 9535\)/u);
    writeFileSync(join(w.mappings, "sources.yaml"), stringify(sources()));
  });

  it("why-not says which rule did not match, and on which value (H12, C6); history says what was done", async () => {
    const made = await w.converge();
    const joiner = made.plan.people.find((one) => one.event === "joiner");
    const answer = await json<WhyNot>(["why-not", joiner?.key ?? "", "GG-"]);
    const missed = answer.rules.filter((one) => !one.holds);
    expect(missed.length).toBeGreaterThan(0);
    for (const rule of missed) expect(rule.points.length + (rule.note ? 1 : 0), rule.of).toBeGreaterThan(0);
    const done = await json<{ broken: string[]; runs: { plan: string; ended: string; changes: { person: string; result: string }[] }[] }>([
      "history",
      joiner?.name ?? "",
    ]);
    expect(done.broken).toEqual([]);
    expect(done.runs).toHaveLength(1);
    expect(done.runs[0]).toMatchObject({ plan: made.plan.digest, ended: "done" });
    expect(new Set(done.runs[0]?.changes.map((one) => one.person))).toEqual(new Set([joiner?.key]));
    const file = join(w.home, "history", "test.jsonl");
    writeFileSync(file, readFileSync(file, "utf8").replace('"op":"create"', '"op":"update"'));
    const forged = await w.run(["history"]);
    expect(forged.code).toBe(1);
    expect(forged.out).toContain("The run record cannot be trusted: record 1 of");
  });
});
