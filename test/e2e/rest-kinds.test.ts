/** Everything that a REST source can say, through the real command line: rows A21 (what is sent), A22 (paging), A23 (the table), A24 (joining). */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { SourceTest } from "../../cli/answers/answers.ts";
import { type Api, type Asked, serve } from "../unit/sources/rest/server.ts";
import { type World, world } from "./support.ts";

type Row = { [key: string]: unknown };

let w: World;
let api: Api;
const people = Array.from({ length: 7 }, (_, index) => ({ id: index + 1, firstname: `Ada${index}`, surname: "Example" }));
const rows = (from: number, count = 3) => people.slice(from, from + count);
/** What each path answers. */
const answers: { [path: string]: (asked: Asked) => unknown } = {};

beforeAll(async () => {
  api = await serve((asked) => (answers[asked.path] ? { json: answers[asked.path]?.(asked) } : undefined));
  w = await world({ people: 10 });
  w.edit("people", (content) => void delete (content["people"] as Row)["for"]);
});
afterAll(async () => {
  rmSync(join(w.mappings, "sources.yaml"), { force: true });
  await w?.stop();
  await api?.stop();
});

const write = (endpoints: readonly Row[], more: Row = {}): void =>
  writeFileSync(
    join(w.mappings, "sources.yaml"),
    stringify({ sources: { hr: { base: api.base, ca: api.ca, unique: "id", endpoints, ...more } } }),
  );
async function tested(endpoints: readonly Row[], more: Row = {}): Promise<SourceTest> {
  write(endpoints, more);
  const ended = await w.run(["source", "test", "hr", "--json"], { SOURCE_HR_KEY: "k-1" });
  expect(ended.code, ended.err).toBe(0);
  return JSON.parse(ended.out) as SourceTest;
}
const page = ({ query }: Asked): number => Number(query.get("page"));

describe("a REST source", () => {
  it("A22: every kind of paging gives the same seven people", async () => {
    const counting = { by: "parameter", parameter: "page" };
    const numbered = (more: (asked: Asked) => Row) => (asked: Asked) => ({ ...more(asked), rows: rows((page(asked) - 1) * 3) });
    const kinds: [repeat: Row, answer: (asked: Asked) => unknown, more?: Row][] = [
      [counting, numbered(() => ({}))],
      [{ ...counting, until: { short: 3 } }, numbered(() => ({}))],
      [{ ...counting, until: { path: "$.more", is: false } }, numbered((asked) => ({ more: page(asked) < 3 }))],
      [{ ...counting, until: { path: "$.left", below: 1 } }, numbered((asked) => ({ left: 3 - page(asked) }))],
      [{ ...counting, while: { path: "$.next", empty: false } }, numbered((asked) => ({ next: page(asked) < 3 ? "on" : null }))],
      [{ ...counting, while: { path: "$.state", matches: "^go" } }, numbered((asked) => ({ state: page(asked) < 3 ? "Going" : "end" }))],
      [
        { by: "parameter", parameter: "offset", start: 0, step: 3, until: { total: "$.total" } },
        ({ query }) => ({ total: 7, rows: rows(Number(query.get("offset"))) }),
      ],
      [{ by: "pageCount", parameter: "page", pages: "$.pages" }, numbered(() => ({ pages: 3 }))],
      [
        { by: "cursor", parameter: "after", at: "$.next" },
        ({ query }) => ({
          rows: rows(Number(query.get("after") ?? 0)),
          next: Number(query.get("after") ?? 0) < 6 ? Number(query.get("after") ?? 0) + 3 : null,
        }),
      ],
      [
        { by: "cursor", parameter: "after", at: "$.next", in: "body" },
        ({ body }) => {
          const { after = 0 } = JSON.parse(body) as { after?: number };
          return { rows: rows(after), next: after < 6 ? after + 3 : "" };
        },
        { method: "POST", body: { content: { size: 3 } } },
      ],
      [
        { by: "nextLink", at: "$.next" },
        ({ query, path }) => ({
          rows: rows(Number(query.get("after") ?? 0)),
          next: Number(query.get("after") ?? 0) < 6 ? `${path}?after=${Number(query.get("after") ?? 0) + 3}` : null,
        }),
      ],
    ];
    for (const [repeat, answer, more = {}] of kinds) {
      answers["/people"] = answer;
      const test = await tested([{ name: "people", path: "people", select: "$.rows[*]", repeat, ...more }]);
      expect([test.records, test.complete, test.doubts], JSON.stringify(repeat)).toEqual([7, true, []]);
    }
    answers["/people"] = numbered(() => ({}));
    const typo = await tested([
      { name: "people", path: "people", select: "$.rows[*]", repeat: { ...counting, until: { total: "$.totl" } } },
    ]);
    expect([typo.complete, typo.doubts.join()]).toEqual([false, expect.stringContaining("there is no number of rows at $.totl")]);
  });

  it("A21, A24: message types, headers, a prefix, a key from the environment, a slow answer; endpoints are joined", async () => {
    answers["/people"] = ({ body, headers }) => [{ ...people[0], sent: body, type: headers["content-type"], region: headers["x-region"] }];
    answers["/phones"] = ({ query }) => [
      { id: "1.0", number: `+47 ${query.get("kind")}` },
      { id: 99, number: "nobody's" },
    ];
    const sent = async (body: Row, headers: Row = {}): Promise<unknown[]> => {
      const test = await tested([
        { name: "people", path: "people", method: "POST", body, headers: { "X-Region": "north", ...headers } },
        { name: "phones", path: "phones", query: { kind: "mobile" }, prefix: "phone.", columns: { id: "$.id", number: "$.number" } },
      ]);
      const element = (name: string): unknown => test.elements.find((one) => one.name === name)?.example;
      expect([test.records, element("region"), element("phone.number")]).toEqual([1, "north", "+47 mobile"]);
      return [element("sent"), element("type")];
    };
    const key = { key: { env: "SOURCE_HR_KEY" } };
    expect(await sent({ type: "json", content: { active: true, ...key } })).toEqual(['{"active":true,"key":"k-1"}', "application/json"]);
    expect(await sent({ type: "form", content: key })).toEqual(["key=k-1", "application/x-www-form-urlencoded"]);
    expect(await sent({ type: "text", content: "<q/>" }, { "Content-Type": "application/xml" })).toEqual(["<q/>", "application/xml"]);
  });

  it("A21: what would never be sent is refused where it stands", async () => {
    const cursor = { by: "cursor", parameter: "after", at: "$.next", in: "body" };
    write([
      { name: "a", path: "a", repeat: cursor },
      { name: "b", path: "b", method: "POST", body: { type: "text", content: "x" }, repeat: cursor },
      { name: "c", path: "c", method: "POST", body: { type: "form", content: "x=1" } },
      { name: "d", path: "d", method: "POST", body: { type: "form", content: { a: { b: 1 } } } },
      { name: "e", path: "e", method: "POST", body: { content: { key: { env: "HOME" } } } },
      { name: "f", path: "f", repeat: { by: "parameter", parameter: "page", until: { short: 3 }, while: { path: "$.x", empty: false } } },
    ]);
    const said = (await w.run(["check"])).err
      .split("\n")
      .flatMap((line) => /sources\.hr\.(endpoints\S+: expected .*)$/u.exec(line)?.[1] ?? []);
    expect(said).toEqual([
      "endpoints[0].repeat.in: expected query, as a GET has no body, found body",
      "endpoints[1].repeat.in: expected query, as a text has no parameters, found body; a body of type json or form with a map has",
      "endpoints[2].body.content: expected a map of names and values with form, found a text; `type: text` sends a text",
      "endpoints[3].body.content.a: expected a value with form, found a map; `type: json` sends maps and lists",
      'endpoints[4].body.content.key.env: expected the name of a variable that begins with SOURCE_, found "HOME"',
      "endpoints[5].repeat.while: expected until or while, found both; until says when it ends, while as long as what it goes on",
    ]);
  });

  it("A23: the elements as a table, and the first answer as it came", async () => {
    answers["/people"] = () => [
      { id: 1, firstname: "Ada", surname: "Byron", address: { city: "Bergen" }, tags: ["a"], apiKey: "never-shown" },
      { id: 2, firstname: "Bob", surname: "", address: { city: null }, tags: [] },
    ];
    write([{ name: "people", path: "people" }]);
    const { out, code } = await w.run(["source", "test", "hr", "--raw"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^hr: 2 records on 1 page$/mu);
    expect(out).toMatch(/^element +kind +filled +mapping +example$/mu);
    expect(out).toMatch(/^firstname +string +2\/2 +used +Ada$/mu);
    expect(out).toMatch(/^address\.city +string +1\/2 +Bergen$/mu);
    expect(out).toMatch(/^tags +list +1\/2 +\["a"\]$/mu);
    const raw = out.slice(out.indexOf("As it came: people"));
    expect(raw).toContain('"city": "Bergen"');
    expect(raw).toContain('"apiKey": "•••"');
    expect(raw).not.toContain("never-shown");
  });
});
