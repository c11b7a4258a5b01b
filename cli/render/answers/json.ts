/** The plan itself, and what other commands found, for machines. */

/**
 * One JSON document, ending in a line break. What a terminal would obey or hide (controls, bidi overrides, line
 * separators) is written as \uXXXX, which any JSON reader gives back unchanged.
 */
export function renderJson(value: object): string {
  const text = JSON.stringify(value, null, 2).replace(/(?![\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (each) =>
    Array.from({ length: each.length }, (_, index) => `\\u${each.charCodeAt(index).toString(16).padStart(4, "0")}`).join(""),
  );
  return `${text}\n`;
}
