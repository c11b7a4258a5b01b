/** Broken glass: who signs it off. */
import { expect, test } from "vitest";
import { mayNotReview } from "../../../../cli/ledger/emergencies.ts";

test("whoever broke the glass does not sign it off, by another key, another spelling, or both", () => {
  const used = { who: "ada@example.com", key: "SHA256:a" } as Parameters<typeof mayNotReview>[0];
  for (const by of [
    { name: "ada@example.com", key: "SHA256:b" },
    { name: "Ada@Example.com", key: "SHA256:b" },
    { name: "ben@example.com", key: "SHA256:a" },
  ])
    expect(mayNotReview(used, by)).toMatch(/ada@example\.com broke the glass/u);
  expect(mayNotReview(used, { name: "ben@example.com" })).toMatch(/no SSH key/u);
  expect(mayNotReview(used, { name: "ben@example.com", key: "SHA256:b" })).toBeUndefined();
});
