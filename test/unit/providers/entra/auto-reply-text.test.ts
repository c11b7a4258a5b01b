/** A17: replies are compared as text, whatever HTML Exchange makes of them. */
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
