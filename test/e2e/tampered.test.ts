/**
 * A bundle that was changed in any single place is refused, before an engine or a provider starts and before any system is asked
 * (security-15). The places are generated: values, keys and entries of the documents, and single bytes of the files.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderJson } from "../../cli/render/answers/json.ts";
import { copyOf, type Made, of } from "./refusals.ts";
import { type World, world } from "./support.ts";

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
interface Place {
  file: string;
  what: string;
  text: string;
}

/** Places of each kind in each document. */
const each = 20;

/** Numbers that look like any, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** The ways to every value of a document, the whole of it aside. */
function waysIn(value: Json, way: (string | number)[] = []): (string | number)[][] {
  if (typeof value !== "object" || value === null) return [way];
  const inner = Array.isArray(value) ? value.map((one, at) => [at, one] as const) : Object.entries(value);
  return [...(way.length > 0 ? [way] : []), ...inner.flatMap(([key, one]) => waysIn(one, [...way, key]))];
}

function otherThan(value: Json): Json {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value === "string") return value === "" ? "x" : `${value.slice(0, -1)}${value.endsWith("0") ? "1" : "0"}`;
  if (value === null) return "something";
  return Array.isArray(value) ? [...value, "one more"] : { ...value, "one more": 1 };
}

/** The document with the value at the end of a way changed, or taken out. */
function changed(document: Json, way: readonly (string | number)[], kind: "other" | "gone"): Json {
  const copy = structuredClone(document);
  let at = copy as { [key: string]: Json };
  for (const key of way.slice(0, -1)) at = at[String(key)] as { [key: string]: Json };
  const last = String(way.at(-1));
  if (kind === "other") at[last] = otherThan(at[last] ?? null);
  else if (Array.isArray(at)) (at as Json[]).splice(Number(last), 1);
  else delete at[last];
  return copy;
}

function placesIn(file: string, text: string, write: (document: object) => string, random: (below: number) => number): Place[] {
  const document = JSON.parse(text) as Json;
  const ways = waysIn(document);
  const ofKind = (kind: "other" | "gone"): Place[] =>
    Array.from({ length: each }, () => {
      const way = ways[random(ways.length)] ?? [];
      return { file, what: `${way.join(".")}: ${kind}`, text: write(changed(document, way, kind) as object) };
    });
  const bytes = Array.from({ length: each }, (): Place => {
    const at = random(text.length);
    const other = text[at] === "1" ? "2" : "1";
    return { file, what: `byte ${at}`, text: `${text.slice(0, at)}${other}${text.slice(at + 1)}` };
  });
  return [...ofKind("other"), ...ofKind("gone"), ...bytes];
}

describe("security-15: a bundle that was changed in a single place", () => {
  let w: World;
  let made: Made;
  beforeAll(async () => {
    w = await world({ people: 40 });
    await w.converge();
    w.edit("ad", (content) => {
      (content["groups"] as object[]).push({ name: "GG-Deck", ou: "OU=Groups,DC=corp,DC=example,DC=com", for: { title: "Team Lead" } });
    });
    made = await w.plan("made");
  });
  afterAll(() => w?.stop());

  it("is refused with one line, and nobody is asked", async () => {
    const random = numbers(15);
    const text = (file: string): string => readFileSync(join(made.folder, file), "utf8");
    const compact = (document: object): string => JSON.stringify(document);
    const places = [
      ...placesIn("plan.json", text("plan.json"), renderJson, random),
      ...placesIn("world.json", text("world.json"), compact, random),
      ...placesIn("operations.json", text("operations.json"), compact, random),
    ];
    expect(places.length).toBeGreaterThanOrEqual(150);
    expect(places.filter((one) => one.text === text(one.file))).toEqual([]);
    const [calls, writes] = [w.sandbox.calls(), w.sandbox.writes()];
    const wrong: string[] = [];
    for (const place of places) {
      const folder = copyOf(made, join(w.home, "changed"));
      writeFileSync(join(folder, place.file), place.text);
      const { code, err, out } = await w.run(["up", "--plan", folder, "--approve", made.plan.digest]);
      // A plan that was given another digest is another plan, and not the approved one; all else is an alteration.
      if (code !== 3 || out !== "" || !/^Refused: [^\n]*(?:altered|was approved)[^\n]*\n$/u.test(err))
        wrong.push(`${place.file} ${place.what}: ${code} ${err}`);
      rmSync(folder, { recursive: true });
    }
    expect(wrong).toEqual([]);
    expect([w.sandbox.calls(), w.sandbox.writes()]).toEqual([calls, writes]);
  });

  it("as it was, it is applied", async () => {
    const done = await w.run(["up", ...of(made)]);
    expect(done.code, done.err).toBe(0);
  });
});
