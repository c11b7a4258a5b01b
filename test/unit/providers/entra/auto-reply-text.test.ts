/** A17: replies are compared as text, whatever HTML Exchange makes of them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { dateTimeTimeZone, html, instant, plain } from "../../../../providers/entra/mailbox/auto-reply-text.ts";

const exchange = (inner: string): string =>
  `<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n<style>p { margin: 0 }</style></head>\r\n<body>\r\n${inner}\r\n</body>\r\n</html>\r\n`;

test.each([
  ["Gone.", "Gone."],
  ["Gone.\nAsk Eve.", "Gone.\nAsk Eve."],
  ["a < b & c > d", "a < b & c > d"],
  ["  two   blanks \r\n\r\n and lines ", "two blanks\nand lines"],
  [exchange("<div>Gone.<br>\r\nAsk&nbsp;<b>Eve</b> &amp; co. &#8220;x&#x201D;</div>"), "Gone.\nAsk Eve & co. “x”"],
  ["<p>Ae\u0301</p><p>b</p>", "Aé\nb"],
  ["&#99999999;&bogus;&#xD800;", "&#99999999;&bogus;&#xD800;"],
  ["", ""],
])("A17: %j reads %j", (given, text) => {
  expect(plain(given)).toBe(text);
});

test("A17: what is sent comes back as it was wished, also through Exchange's wrapping", () => {
  for (const text of ["Gone.\nAsk Eve.", "5 < 6 & 7 > 6", "<b>not bold</b>", "&amp; stays"]) {
    expect(plain(html(text))).toBe(text);
    expect(plain(exchange(html(text)))).toBe(text);
  }
});

/** What a reader sees, said in the plainest way: a pattern after the other. Its time grows with the square of the text. */
function asRead(html: string): string {
  const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };
  return html
    .replace(/<(head|style|script)\b[^>]*>.*?<\/\1\s*>/gisu, " ")
    .replace(/<!--.*?-->/gsu, " ")
    .replace(/[\t\r\n ]+/gu, (blanks) => (/<[a-z!/]/iu.test(html) ? " " : blanks.includes("\n") ? "\n" : " "))
    .replace(/<(?:br|\/p|\/div|\/li|\/tr|\/h[1-6])\b[^>]*>/giu, "\n")
    .replace(/<\/?[a-z!][^>]*>/giu, "")
    .replace(/&([a-z]+);/giu, (whole, name: string) => entities[name.toLowerCase()] ?? whole)
    .normalize("NFC")
    .replace(/[^\S\n]+/gu, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

const parts = [
  "<style",
  "<STYLE>",
  "</style >",
  "<script x>",
  "</script>",
  "<head>",
  "</head>",
  "<header>",
  "<!--",
  "-->",
  "<!-->",
  "<br",
  "</p",
];
const fragment = fc.constantFrom(
  ...parts,
  "</div>",
  "<b",
  ">",
  "<",
  "/",
  "!",
  "a",
  "é",
  " ",
  "\n",
  "\t",
  "&amp;",
  "&nbsp;",
  "&x",
  ";",
  "--",
);

test("providers-B10: any text reads the same as by the plain patterns", () => {
  fc.assert(
    fc.property(fc.array(fragment, { maxLength: 40 }), (all) => {
      expect(plain(all.join(""))).toBe(asRead(all.join("")));
    }),
    { numRuns: 5000 },
  );
});

test.each([" x", "<style>", "<style ", "<!--", "<a", "</p", "<br", "<style></style>", "<!---->", "a\n", "&a", "<a>", "</style"])(
  "providers-B10: 200,000 characters of %j take no time to speak of",
  (part) => {
    const text = part.repeat(200_000 / part.length);
    for (const given of [text, `${text}<br>`, `<b>${text}`]) {
      const began = performance.now();
      plain(given);
      expect(performance.now() - began).toBeLessThan(1000);
    }
  },
);

test("moments are UTC, and another zone is named", () => {
  expect(instant(dateTimeTimeZone("2026-12-01T00:00:00Z"))).toBe("2026-12-01T00:00:00Z");
  expect(instant({ dateTime: "2026-12-01T00:00:00.0000000", timeZone: "W. Europe Standard Time" })).toBe(
    "2026-12-01T00:00:00 W. Europe Standard Time",
  );
  expect([instant(null), instant({ dateTime: "2026-12-01T00:00:00", timeZone: "tzone://Microsoft/Utc" })]).toEqual([
    "",
    "2026-12-01T00:00:00Z",
  ]);
});
