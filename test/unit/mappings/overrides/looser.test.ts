/** No client is protected less than the common files say without its being said. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { loadMappings } from "../../../../mappings/load.ts";
import { type SafetyFile, safetyFile } from "../../../../mappings/schema/safety.ts";
import { MappingError } from "../../../../mappings/text/errors.ts";
import { knownFields } from "../helpers.ts";

const top = mkdtempSync(join(tmpdir(), "haloform-looser-"));
afterAll(() => rmSync(top, { recursive: true, force: true }));
let worlds = 0;

/** What counts for the client and what the plan says of it, or the mistakes. */
async function client(common: { [file: string]: unknown }, own: { [file: string]: unknown }) {
  const at = join(top, String((worlds += 1)));
  const put = (name: string, files: { [file: string]: unknown }): string => {
    mkdirSync(join(at, name), { recursive: true });
    for (const [file, content] of Object.entries(files)) writeFileSync(join(at, name, `${file}.yaml`), stringify(content));
    return join(at, name);
  };
  const people = { people: { source: "halo.users", login: { is: "{{ firstname }}" } } };
  const folders = { dir: put("north", own), common: put("common", { people, ...common }) };
  try {
    const { safety, looser = [] } = await loadMappings(folders.dir, { knownFields, common: folders.common });
    return { safety, looser, mistakes: [] };
  } catch (error) {
    if (error instanceof MappingError) return { looser: [], mistakes: error.lines };
    throw error;
  }
}

const limits = fc.dictionary(
  fc.constantFrom("disabled", "membershipsLost", "gained"),
  fc.record({ most: fc.nat(40), share: fc.nat(30).map((of) => `${of} %`), below: fc.nat(9) }, { requiredKeys: ["most"] }),
);
const names = fc.uniqueArray(fc.constantFrom("GG-A", "gg-a", "GG-B", "GG-C"), { selector: (name) => name.toLowerCase() });
const safety = fc.record(
  {
    limits,
    protected: fc.record({ groups: names, people: fc.uniqueArray(fc.nat(5)), allow: names }, { requiredKeys: [] }),
    leaver: fc.record(
      {
        disable: fc.constantFrom("at once", "2 days"),
        strip: fc.constantFrom("at once", "5 days", "never"),
        delete: fc.constantFrom("90 days", "1 year", "never"),
        when: fc.constantFrom(["inactive"], ["inactive", "absent"]),
        groups: fc.constantFrom("named", "all"),
      },
      { requiredKeys: [] },
    ),
  },
  { requiredKeys: [] },
);

/** Of which few do anything to the common one. */
const little = fc.oneof(safety, fc.record({ protected: fc.record({ groups: names }) }, { requiredKeys: [] }), fc.record({ limits }));

/** Whether whatever the one refuses or protects the other does, too: told by trying, not by comparing fields. */
function holdsAll(common: SafetyFile, own: SafetyFile): boolean {
  const allows = ({ most = Infinity, share, below }: SafetyFile["limits"]["disabled"], lost: number, of: number): boolean =>
    lost <= most && (share === undefined || lost <= Math.max(below, Math.floor((of * share) / 100)));
  const amounts = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 15, 20, 25, 30, 40, 41, 100, 500, 1000];
  const limited = (Object.keys(common.limits) as (keyof SafetyFile["limits"])[]).every((name) =>
    amounts.every((lost) => [1, 30, 100, 3000].every((of) => allows(common.limits[name], lost, of) || !allows(own.limits[name], lost, of))),
  );
  const low = (all: readonly (string | number)[]): string[] => all.map((one) => String(one).toLowerCase());
  const within = (some: readonly (string | number)[], all: readonly (string | number)[]): boolean =>
    low(some).every((one) => low(all).includes(one));
  const day = (days: number | null): number => days ?? Infinity;
  return (
    limited &&
    within(common.protected.groups, own.protected.groups) &&
    within(common.protected.people, own.protected.people) &&
    within(own.protected.allow, common.protected.allow) &&
    within(common.leaver.when, own.leaver.when) &&
    day(own.leaver.disable) <= day(common.leaver.disable) &&
    day(own.leaver.strip) <= day(common.leaver.strip) &&
    day(own.leaver.delete) >= day(common.leaver.delete) &&
    (common.leaver.groups === "named" || own.leaver.groups === "all")
  );
}

describe("a client is never protected less without its being said", () => {
  it("whatever safety.yaml says, by extending, replacing or having none", async () => {
    let [loose, tight] = [0, 0];
    const out = fc.record({
      limits: fc.subarray(["disabled", "membershipsLost", "gained"], { maxLength: 1 }),
      protected: fc.subarray(["groups", "people", "allow"], { maxLength: 1 }),
    });
    const way = fc.constantFrom("extend", "replace", "none");
    await fc.assert(
      fc.asyncProperty(safety, little, way, fc.boolean(), out, async (common, own, how, says, lines) => {
        // What is taken out of the common file, as far as it is there.
        const there = (section: "limits" | "protected"): string[] =>
          lines[section].filter((name) => Object.hasOwn(common[section] ?? {}, name));
        const without = how === "extend" ? { without: { limits: there("limits"), protected: there("protected") } } : {};
        const words = { common: how, ...without, ...(says ? { looser: "the yard closes" } : {}) };
        const found = await client({ safety: common }, { safety: { ...words, ...(how === "none" ? {} : own) } });
        if (found.mistakes.some((line) => !line.includes("or something tighter") && !line.includes("nothing here is looser"))) return;
        if (found.safety) {
          const isAsTight = holdsAll(safetyFile.parse(common), found.safety);
          if (!isAsTight) expect(found.looser, "looser and said").not.toEqual([]);
          expect(found.looser.length > 0).toBe(says);
          if (isAsTight) tight += 1;
          else loose += 1;
        } else expect(found.mistakes.length).toBeGreaterThan(0);
      }),
      { numRuns: 400, seed: 16 },
    );
    // Both were met, often enough to mean something.
    expect([loose > 10, tight > 10], `${loose} looser, ${tight} as tight`).toEqual([true, true]);
  }, 120_000);

  it("protected lists add up, limits are the tighter of the client's", async () => {
    const found = await client(
      { safety: { protected: { groups: ["GG-A"], people: [1] }, limits: { disabled: { most: 20, share: "5 %" } } } },
      { safety: { common: "extend", protected: { groups: ["GG-B"], people: [41] }, limits: { disabled: { most: 5 } } } },
    );
    expect(found.mistakes).toEqual([]);
    expect(found.safety?.protected).toMatchObject({ groups: ["GG-A", "GG-B"], people: [1, 41] });
    expect(found.safety?.limits.disabled).toEqual({ most: 5, share: 5, below: 3 });
  });

  it("a looser one is a mistake with both places, and with a reason it is the plan's sentence", async () => {
    const common = { safety: { limits: { disabled: { most: 20 } } } };
    const looser = { limits: { disabled: { most: 50 } } };
    expect((await client(common, { safety: { common: "extend", ...looser } })).mistakes).toEqual([
      'north/safety.yaml:4:11 limits.disabled.most: expected what common/safety.yaml has (20) or something tighter, found 50; if it is meant, say why at the top of this file, as looser: "…"',
    ]);
    expect((await client(common, { safety: { common: "extend", looser: "the yard closes", ...looser } })).looser).toEqual([
      "Looser than common/safety.yaml: limits.disabled.most is 50 instead of 20 (north/safety.yaml:5): the yard closes",
    ]);
  });

  it("trust, approvals: higher shares, and any other lines", async () => {
    const login = { source: "halo.users", login: { is: "{{ firstname }}" } };
    const approvals = { otherwise: { two: ["ada@example.com", "ben@example.com"] } };
    const common = { people: { people: login, trust: { shrink: "10 %", onDoubt: "refuse" } }, approvals };
    const lines = (own: object) =>
      client(common, own as never).then(({ mistakes }) => mistakes.map((line) => line.replace(/: expected what.*/u, "")));
    expect(await lines({ people: { common: "extend", trust: { shrink: "5 %" } } })).toEqual([]);
    expect(await lines({ people: { common: "extend", trust: { shrink: "50 %", onDoubt: "hold" } } })).toEqual([
      "north/people.yaml:3:11 trust.shrink",
      "north/people.yaml:4:12 trust.onDoubt",
    ]);
    // What is left out of a file that replaces the common one is the default, and counts.
    expect(await lines({ people: { common: "replace", people: login } })).toHaveLength(2);
    for (const own of [{ common: "none" }, { common: "replace", otherwise: { one: ["eve@example.com"] } }])
      expect((await client(common, { approvals: own })).mistakes).toEqual([
        expect.stringMatching(/^north\/approvals\.yaml:1:\d+ expected what common/u),
      ]);
  });
});
