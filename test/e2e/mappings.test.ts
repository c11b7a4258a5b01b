/**
 * Mistakes in mapping files, by the real command line: exit 64, file:line on stderr, nothing on stdout, and no system is
 * asked anything. What is said about each kind of mistake is held by test/unit/mappings.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root, type World, world } from "./support.ts";

/** A file of the sample mappings with something replaced; undefined = taken away. */
interface Mistake {
  what: string;
  file: "people" | "ad" | "entra" | "halo" | "safety";
  change: ((text: string) => string) | undefined;
  said: RegExp;
}

const replace = (from: string, to: string) => (text: string) => text.replace(from, to);

const mistakes: Mistake[] = [
  {
    what: "no people.yaml",
    file: "people",
    change: undefined,
    said: /^mappings\/people\.yaml:1:1 expected a file, found none; it says who the people are$/u,
  },
  {
    what: "a tab",
    file: "entra",
    change: replace("usageLocation: GB", "usageLocation:\n\tGB"),
    said: /^mappings\/entra\.yaml:4:1 expected blanks, found a tab; YAML indents with blanks only$/u,
  },
  {
    what: "a word written wrong",
    file: "safety",
    change: replace("membershipsLost:", "membership_lost:"),
    said: /^mappings\/safety\.yaml:\d+:3 limits\.membership_lost: expected one of .*, found "membership_lost"; did you mean "membershipsLost"\?$/u,
  },
  {
    what: "a field that no record has",
    file: "ad",
    change: replace('"{{ title }}"', '"{{ jobtitle }}"'),
    said: /^mappings\/ad\.yaml:\d+:\d+ attributes\.staff\.title: .*jobtitle.*did you mean .*title/u,
  },
  {
    what: "a broken template",
    file: "ad",
    change: replace('"{{ phonenumber | phone }}"', '"{{ phonenumber | fone }}"'),
    said: /^mappings\/ad\.yaml:\d+:\d+ attributes\.staff\.telephoneNumber: expected a filter, found "fone"/u,
  },
  {
    what: "a condition that is no pattern",
    file: "ad",
    change: replace("matches: ^Field", "matches: '^Field('"),
    said: /^mappings\/ad\.yaml:\d+:\d+ groups\[\d+\]\.for\.any\[0\]\.title\.matches: expected /u,
  },
  {
    what: "the same group twice",
    file: "ad",
    change: replace("name: GG-Finance", "name: gg-sales"),
    said: /^mappings\/ad\.yaml:\d+:\d+ groups\[\d+\]\.name: expected .*, found "gg-sales"/u,
  },
  {
    what: "an attribute that is not there",
    file: "ad",
    change: replace("attributes: staff", "attributes: stuff"),
    said: /^mappings\/ad\.yaml:\d+:\d+ accounts\.first\[0\]\.attributes: expected .*, found "stuff"; did you mean "staff"\?$/u,
  },
  {
    what: "a limit that is none",
    file: "safety",
    change: replace("most: 20, share: 5 %,", "most: 20, share: 5,"),
    said: /^mappings\/safety\.yaml:\d+:\d+ limits\.disabled\.share: expected per cent such as "5 %", found 5$/u,
  },
  {
    what: "an agent for a group that no mapping has",
    file: "halo",
    change: replace("group: GG-ServiceDesk", "group: GG-Servicedesk2"),
    said: /^mappings\/halo\.yaml:\d+:\d+ agents\.every\[0\]\.for\.group: expected .*, found "GG-Servicedesk2"; did you mean "GG-ServiceDesk"\?$/u,
  },
];

describe("a mistake in a mapping file", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 20 });
  });
  afterAll(() => w.stop());

  /** Puts the sample mappings there with one mistake. */
  function write(mistake: Mistake): void {
    for (const file of ["people", "ad", "entra", "halo", "safety"])
      cpSync(join(root, "mappings", `${file}.yaml`), join(w.mappings, `${file}.yaml`));
    const path = join(w.mappings, `${mistake.file}.yaml`);
    if (!mistake.change) {
      rmSync(path);
      return;
    }
    const text = readFileSync(path, "utf8");
    const changed = mistake.change(text);
    expect(changed, "the sample has what is replaced").not.toBe(text);
    writeFileSync(path, changed);
  }

  /** Runs a command and holds it to: 64, one line that says where and what, nothing on stdout, nobody was asked. */
  async function wrong(args: readonly string[], said: readonly RegExp[]): Promise<void> {
    const calls = w.sandbox.calls();
    const logged = () => [w.sandbox.halo.log.length, w.sandbox.graph.log.length, w.sandbox.ad.log.operations.length];
    const asked = logged();
    const done = await w.run(args);
    expect(done.code, done.err).toBe(64);
    expect(done.out).toBe("");
    const lines = done.err.trimEnd().split("\n");
    expect(lines, done.err).toHaveLength(said.length);
    for (const [index, line] of said.entries()) expect(lines[index]).toMatch(line);
    expect(w.sandbox.calls()).toEqual(calls);
    // Not even a token, a discovery or a bind.
    expect(logged()).toEqual(asked);
  }

  it.each(mistakes)("$what", async (mistake) => {
    write(mistake);
    await wrong(["preview"], [mistake.said]);
  });

  it("several at once are all told, and the bundle's comment has them too", async () => {
    const [, , word] = mistakes;
    if (!word) throw new Error("there are no mistakes");
    write(word);
    const ad = join(w.mappings, "ad.yaml");
    writeFileSync(ad, readFileSync(ad, "utf8").replace("attributes: staff", "attributes: stuff"));
    const out = join(w.home, "bundle");
    mkdirSync(out, { recursive: true });
    writeFileSync(join(out, "plan.json"), "{}");
    await wrong(["preview", "--out", out], [/^mappings\/ad\.yaml:\d+:\d+ accounts\.first\[0\]\.attributes: /u, word.said]);
    const comment = readFileSync(join(out, "plan.md"), "utf8");
    expect(comment).toMatch(/^> - .*accounts.*stuff/mu);
    expect(comment).toMatch(/^> - .*limits\.membership/mu);
    // A plan of an earlier preview must not stand beside it as if it were this one's.
    expect(existsSync(join(out, "plan.json"))).toBe(false);
  });

  it.each([["--json"], ["--format=markdown"], ["--format=html"]])("says nothing on stdout with %s either", async (option) => {
    const [, , word] = mistakes;
    if (!word) throw new Error("there are no mistakes");
    write(word);
    await wrong(["preview", String(option)], [word.said]);
  });

  it.each(["drift", "why"])("%s says the same", async (command) => {
    const [, , word] = mistakes;
    if (!word) throw new Error("there are no mistakes");
    write(word);
    await wrong([command, ...(command === "why" ? ["101"] : [])], [word.said]);
  });

  it("up says the same, with a plan that was approved while the files were right", async () => {
    for (const file of ["people", "ad", "entra", "halo"]) cpSync(join(root, "mappings", `${file}.yaml`), join(w.mappings, `${file}.yaml`));
    w.edit("safety", (content) => {
      content["limits"] = { disabled: { most: 10_000 }, membershipsLost: { most: 10_000 }, licencesLost: { most: 10_000 } };
    });
    const made = await w.plan();
    const halo = join(w.mappings, "halo.yaml");
    writeFileSync(halo, `${readFileSync(halo, "utf8")}\ncourses: []\n`);
    const writes = w.sandbox.writes();
    await wrong(
      ["up", "--plan", made.folder, "--approve", made.plan.digest],
      [/^mappings\/halo\.yaml:\d+:1 courses: expected one of .*, found "courses"/u],
    );
    expect(w.sandbox.writes()).toBe(writes);
  });
});
