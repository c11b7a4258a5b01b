import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { visible } from "../../../../cli/render/answers/show.ts";
import { escapeMarkdown, linkTo, marker } from "../../../../cli/render/github.ts";
import { figures, sentence } from "../../../../cli/render/plan/figures.ts";
import { renderHtml } from "../../../../cli/render/plan/html.ts";
import { renderFailure, renderMarkdown } from "../../../../cli/render/plan/markdown.ts";
import type { Plan } from "../../../../stacks/model/plan.ts";
import { anyPlan, brief } from "./plans.ts";
import { hardNames, hardPlan, largePlan, planOf, samplePlan } from "./sample.ts";

/** What GitHub would show: our tags gone, entities decoded, the unseen blanks of escapeMarkdown gone. */
const seen = (markdown: string) =>
  markdown
    .replace(/<\/?[a-z][^>]*>|<!--.*?-->/gu, "")
    .replace(/&#(\d+);/gu, (_, code: string) => String.fromCodePoint(Number(code)))
    .replaceAll("\u200b", "");

/** Everything that is not ours must be inert: this takes our own markup away and looks at what is left. */
function expectInert(markdown: string): void {
  const lines = markdown.split("\n");
  expect(lines[0]).toMatch(/^<!-- haloform:[\w.%-]* -->$/u);
  const body = lines
    .slice(1)
    .join("\n")
    .replace(/```sh\nhaloform up --plan DIR --approve [A-Za-z0-9:]*\n```/u, "");
  const bare = body
    .replace(/<\/?(?:details|summary|b|i|code|sub)>/gu, "")
    .replace(/<a href="https?:\/\/[A-Za-z0-9:/?#=%.,;&+~_-]*">plan\.html<\/a>/gu, "")
    .replace(/&#\d+;/gu, "");
  expect(bare).not.toMatch(/[<&`[\]\\$@~^!]/u);
  expect(bare.replace(/^\|.*\|$/gmu, "")).not.toContain("|");
  expect(bare.replace(/^#{4,5} /gmu, "")).not.toContain("#");
  expect(bare.replace(/\*\*/gu, "")).not.toMatch(/[*_]/u);
  expect(body).not.toMatch(/:\/\/(?![^"]*">plan)/u);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: controls are what must not be there
  expect(body).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff]/u);
  // A list line is ours when nothing but our indentation stands before its mark.
  for (const line of lines) expect(line).not.toMatch(/^\s*(?:- )+(?:[-+=>] |\d+[.)] )/u);
}

describe("renderMarkdown", () => {
  test("golden: a realistic plan", async () => {
    await expect(renderMarkdown(samplePlan(), { redact: false, link: "https://example.com/runs/7" })).toMatchFileSnapshot("golden/plan.md");
  });

  test("golden: the same, redacted", async () => {
    await expect(renderMarkdown(samplePlan(), { redact: true })).toMatchFileSnapshot("golden/plan.redacted.md");
  });

  test("marker first, then verdict and summary, before any fold; the command names the digest", () => {
    const plan = samplePlan();
    const text = renderMarkdown(plan, { redact: false });
    expect(text.startsWith("<!-- haloform:northwind -->\n#### 📋 haloform · northwind: Ready for approval\n")).toBe(true);
    const head = text.slice(0, text.indexOf("<details>"));
    expect(head).toContain("6 people join, 4 leave, 9 change");
    expect(head).toContain(`haloform up --plan DIR --approve ${plan.digest}\n`);
  });

  test("refused: the breaches stand before the people, and there is no command", () => {
    const plan = {
      ...samplePlan(),
      guard: { verdict: "refused" as const, breaches: ["41 memberships would be lost; at most 25 may be."] },
    };
    const text = renderMarkdown(plan, { redact: false });
    expect(text).toContain("Refused: nothing will be applied");
    expect(text.indexOf("41 memberships would be lost")).toBeLessThan(text.indexOf("<details>"));
    expect(text).not.toContain("--approve");
  });

  test("nothing to change: says so, and asks for no command", () => {
    const text = renderMarkdown(planOf({}), { redact: false });
    expect(text).toContain("**Nothing to change.**");
    expect(text).not.toContain("--approve");
  });

  test("hard names are shown in full and mean nothing to GitHub", () => {
    const text = renderMarkdown(hardPlan(), { redact: false, max: 64_000 });
    expectInert(text);
    const summaries = [...text.matchAll(/<summary><b>(.*?)<\/b>/gu)].map((match) => seen(match[1] ?? ""));
    expect(summaries.length).toBeGreaterThan(15);
    for (const summary of summaries)
      expect(hardNames.map((name) => seen(visible(name))).some((name) => name === summary || summary.startsWith(name.slice(0, 100)))).toBe(
        true,
      );
    expect(text).toContain("&#60;/pre&#62;");
    expect(text).toContain("&#64;&#8203;team");
    expect(text).toContain("⟨U+202E⟩");
  });

  test("a comment is never longer than its limits, always has marker and summary, and its counts add up", () => {
    fc.assert(
      fc.property(
        anyPlan,
        fc.integer({ min: 12_000, max: 70_000 }),
        fc.boolean(),
        fc.option(fc.oneof(fc.webUrl({ withQueryParameters: true }), fc.string()), { nil: undefined }),
        (plan, max, redact, link) => {
          const text = renderMarkdown(plan, { redact, max, ...(link === undefined ? {} : { link }) });
          expect(text.length).toBeLessThanOrEqual(max);
          expect(Buffer.byteLength(text)).toBeLessThan(65_000);
          expect(text.startsWith(`${marker(plan.stack)}\n`)).toBe(true);
          expect(text).toContain(`**${sentence(figures(plan))}**`);
          const shown = text.match(/^<details><summary><b>/gmu)?.length ?? 0;
          const more = /^… and ([\d,]+) more (?:person|people): see /mu.exec(text)?.[1]?.replaceAll(",", "") ?? "0";
          expect(shown + Number(more)).toBe(plan.people.filter((person) => person.event !== "none" || person.changes.length > 0).length);
          expectInert(text);
          expect(text.match(/<details>/gu)?.length ?? 0).toBe(text.match(/<\/details>/gu)?.length ?? 0);
        },
      ),
      { numRuns: 150, ...brief },
    );
  });

  test("lists that do not fit are counted too", () => {
    const reason = "a reason of some length that repeats itself. ".repeat(8);
    const parked = Array.from({ length: 5000 }, (_, index) => ({ key: String(index), name: `Person ${index}`, where: "ad", reason }));
    const text = renderMarkdown(planOf({ parked, notes: parked.map((each) => each.reason) }), { redact: false });
    const listed = text.match(/^- Person /gmu)?.length ?? 0;
    expect(listed).toBeGreaterThan(5);
    expect(text).toContain(`- … and ${(5000 - listed).toLocaleString("en-GB")} more lines: see plan.html`);
    expect(text).toMatch(/more notes: see plan\.html/u);
  });

  test("5,000 people: as many as fit, the others counted, and the link said where", () => {
    const text = renderMarkdown(largePlan(5000), { redact: false, link: "https://example.com/runs/7?a=1&b=2" });
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toMatch(/… and 4,\d\d\d more people: see <a href="https:\/\/example\.com\/runs\/7\?a=1&amp;b=2">plan\.html<\/a>/u);
  });

  test("a limit that cannot hold the summary is an error", () => {
    expect(() => renderMarkdown(samplePlan(), { redact: false, max: 500 })).toThrow(RangeError);
    expect(() => renderMarkdown(samplePlan(), { redact: false, max: Number.NaN })).toThrow(RangeError);
  });

  test("only web addresses become links", () => {
    expect(linkTo("x", "javascript:alert(1)")).toBe("x");
    expect(linkTo("x", `https://example.com/"onmouseover="x`)).not.toMatch(/"onmouseover/u);
    expect(linkTo("x", "https://example.com/a)b|c")).toBe(`<a href="https://example.com/a%29b%7Cc">x</a>`);
  });
});

describe("redaction", () => {
  const secrets = [
    "Hildegard Qwertz",
    "hqwertz",
    "hqwertz@example.org",
    "Chief Zebra Officer",
    "CN=Hildegard Qwertz,OU=Main",
    "Zebra Sanctuary",
    "SPE_ZEBRA",
  ];
  const [name = "", login = "", mail = "", title = "", dn = "", site = "", sku = ""] = secrets;
  const plan: Plan = planOf({
    people: [
      {
        key: "41",
        name,
        event: "mover",
        why: `${name} is ${title} now`,
        changes: [
          {
            system: "ad",
            type: "ad:User",
            resource: "person-41",
            label: login,
            op: "update",
            fields: [
              {
                path: "attributes.title",
                before: site,
                after: title,
                because: { rule: "mappings/ad.yaml:23", record: "halo.users 41", field: "title", note: `because of ${name}` },
              },
              { path: "attributes.manager", before: `dn:${dn}`, after: "person:42" },
              { path: `odd.${mail}`, before: null, after: [mail, { deep: title }] },
            ],
          },
          { system: "ad", type: "ad:Membership", resource: "GG-Sales", label: "GG-Sales", op: "create", fields: [] },
          {
            system: "entra",
            type: "entra:Licence",
            resource: "licence-41",
            label: mail,
            op: "update",
            pending: `waits for ${mail}`,
            fields: [{ path: `skus.${sku}`, before: null, after: { sku, without: [] } }],
          },
        ],
      },
    ],
    shared: [
      {
        system: "ad",
        type: "ad:Group",
        resource: "GG-Sales",
        label: "GG-Sales",
        op: "update",
        fields: [
          { path: `members.dn:${dn}`, before: `dn:${dn}`, after: null },
          { path: "members.person:41", before: null, after: "person:41" },
        ],
      },
    ],
    parked: [{ key: "43", name: "Ulrike Xylophon", where: "ad", reason: `${login} is taken by Ulrike Xylophon` }],
    notes: [`${mail} belongs to nobody`],
    guard: {
      verdict: "refused",
      breaches: [`${name.toUpperCase()} is protected: 12 of 30 may be lost, not of ${login}`, `${name} would lose ${title}`],
    },
    source: { name: "Halo users", records: 3, trust: "doubted", doubts: [`Ulrike Xylophon and ${title} are missing`] },
  });

  test("no name and no value of a person is left; counts, fields and rules are", () => {
    const text = seen(renderMarkdown(plan, { redact: true }));
    // The licence's name stands in the table of figures, as a count of licences; nowhere beside a person.
    const people = text.slice(text.indexOf("Limits that would be broken"));
    for (const secret of [...secrets, "Ulrike Xylophon"].filter((each) => each !== sku))
      expect(text.toLowerCase()).not.toContain(secret.toLowerCase());
    expect(people).not.toContain(sku);
    for (const kept of [
      "person 41",
      "person 43",
      "title: ••• → •••",
      "mappings/ad.yaml:23, halo.users 41 title",
      "GG-Sales",
      "12 of 30",
      "manager: ••• → person 42",
    ])
      expect(text).toContain(kept);
  });

  test("not redacted, all of it is there", () => {
    const text = seen(renderMarkdown(plan, { redact: false }));
    for (const secret of secrets) expect(text).toContain(secret);
  });

  test("whatever the plan: no name, login or value", () => {
    const word = fc.stringMatching(/^[A-Z][a-z]{7,12} [A-Z][a-z]{7,12}$/u);
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 8, maxLength: 8 }),
        fc.constantFrom("attributes.title", "path", "members.person:41", "name"),
        ([a = "", b = "", c = "", d = "", e = "", f = "", g = "", h = ""], path) => {
          const random = planOf({
            people: [
              {
                key: "41",
                name: a,
                event: "leaver",
                why: `${a} ${b}`,
                changes: [
                  {
                    system: "ad",
                    type: "ad:User",
                    resource: c,
                    label: c,
                    op: "update",
                    fields: [{ path, before: d, after: [e, { x: f }] }],
                    pending: g,
                  },
                ],
              },
            ],
            parked: [{ key: "42", name: h, reason: `${h} ${c}`, where: "ad" }],
            notes: [a, b, c, d],
            guard: { verdict: "refused", breaches: [`${a}, ${c}, ${d}, ${e}, ${f} and ${h}`] },
          });
          const text = seen(renderMarkdown(random, { redact: true }));
          for (const secret of [a, b, c, d, e, f, g, h]) expect(text).not.toContain(secret);
        },
      ),
    );
  });
});

describe("renderFailure", () => {
  test("same marker, exit code and message", () => {
    const text = renderFailure({ stack: "northwind", exitCode: 3, message: "Halo said 250 records and gave 120", redact: false });
    expect(text.startsWith(`${marker("northwind")}\n`)).toBe(true);
    expect(text).toContain("Exit code 3");
    expect(text).toContain("> Halo said 250 records and gave 120");
  });

  test("redacted: the message stays in the log, but for mistakes in the mapping and what the caller vouches for", () => {
    const message = "cannot create Ada Example";
    expect(renderFailure({ stack: "n", exitCode: 1, message, redact: true })).not.toContain("Ada");
    expect(renderFailure({ stack: "n", exitCode: 64, message: "mappings/ad.yaml:3: unknown field", redact: true })).toContain(
      "unknown field",
    );
    expect(renderFailure({ stack: "n", exitCode: 3, message: "120 of 250 records", redact: true, impersonal: true })).toContain(
      "120 of 250 records",
    );
  });

  test("several lines stay lines; a line end within one is no new line", () => {
    const text = renderFailure({ stack: "n", exitCode: 64, message: ["first", "second\n# third"], redact: false });
    expect(text.split("\n").filter((line) => line.startsWith("> "))).toEqual(["> - first", expect.stringMatching(/^> - second.*third$/u)]);
    expect(
      renderFailure({ stack: "n", exitCode: 64, message: Array.from({ length: 500 }, (_, at) => `line ${at}`), redact: false }),
    ).toContain("> - and 480 more, in the log of this run");
  });

  test("any message is inert and fits", () => {
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...hardNames), fc.string({ unit: "binary", maxLength: 9000 })), (message) => {
        const text = renderFailure({ stack: message, exitCode: 1, message, redact: false });
        expectInert(text);
        expect(text.length).toBeLessThan(10_000);
      }),
    );
  });
});

test("escapeMarkdown breaks every reference GitHub would follow, and loses nothing", () => {
  for (const name of hardNames) expect(seen(escapeMarkdown(visible(name))).replaceAll("\u200b", "")).toBe(visible(name));
  expect(escapeMarkdown("@team #12 GH-56 www.example.org https://example.org :tada: 08:00")).toBe(
    "&#64;&#8203;team &#35;&#8203;12 GH&#8203;-56 www&#8203;.example.org https&#58;&#8203;//example.org &#58;&#8203;tada: 08:00",
  );
});

test("marker: one line, whatever the stack is called, and different for different stacks", () => {
  expect(marker("a--> <script>")).toBe("<!-- haloform:a%2D-%3E%20%3Cscript%3E -->");
  for (const name of hardNames) expect(marker(name)).toMatch(/^<!-- haloform:(?!.*--.*-->)[\w.%-]+ -->$/u);
  expect(marker("prod")).not.toBe(marker("prod2"));
});

describe("whose doubts they are", () => {
  const [mine, theirs] = ["130 people are missing.", "What was read of Entra ID is not believed."];
  const said = (source: Pick<Plan["source"], "trust" | "doubts" | "targets">): string[] => {
    const plan = { ...samplePlan(), source: { name: "Halo users", records: 3, ...source } };
    const html = [...renderHtml(plan).matchAll(/<h2>(Doubts [^<]*)</gu)].map(([, heading]) => heading);
    const markdown = renderMarkdown(plan, { redact: false }).match(/Doubts about [^*]*/gu) ?? [];
    expect(html).toEqual([...markdown]);
    return [...markdown];
  };
  test.each([
    ["the source", { trust: "doubted" as const, doubts: [mine] }, ["Doubts about the source"]],
    ["a system", { trust: "trusted" as const, doubts: [theirs], targets: [theirs] }, ["Doubts about what was read of the systems"]],
    [
      "both",
      { trust: "doubted" as const, doubts: [mine, theirs], targets: [theirs] },
      ["Doubts about the source", "Doubts about what was read of the systems"],
    ],
    ["nobody", { trust: "trusted" as const, doubts: [] }, []],
    [
      "a system, in a plan made before systems were told apart",
      { trust: "trusted" as const, doubts: [theirs] },
      ["Doubts about what was read of the systems"],
    ],
  ])("%s", (_whose, source, headings) => expect(said(source)).toEqual(headings));
});
