/** Automatic replies as text: Exchange keeps them as HTML of its own making, so they are compared by what a reader sees. */

const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** HTML (or plain text) → the words, with one line break for each block and one blank between words. Takes time in proportion to the text. */
export function plain(html: string): string {
  const isHtml = /<[a-z!/]/iu.test(html);
  const words = withoutComments(withoutSections(html)).replace(/[\t\r\n ]+/gu, (blanks) => (!isHtml && blanks.includes("\n") ? "\n" : " "));
  const lines = upToLastTag(words, (text) => text.replace(/<(?:br|\/p|\/div|\/li|\/tr|\/h[1-6])\b[^>]*>/giu, "\n"));
  return upToLastTag(lines, (text) => text.replace(/<\/?[a-z!][^>]*>/giu, ""))
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/giu, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole;
      const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex ?? "", 16);
      return code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) ? String.fromCodePoint(code) : whole;
    })
    .normalize("NFC")
    .replace(/[^\S\n]+/gu, " ")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .join("\n");
}

/** Changes what may hold a whole tag: beyond the last `>` every `<` would be looked at to the end of the text, and in vain. */
function upToLastTag(text: string, change: (text: string) => string): string {
  const end = text.lastIndexOf(">") + 1;
  return change(text.slice(0, end)) + text.slice(end);
}

/** Head, styles and scripts from their first tag to their last; of a kind that is not closed any more nothing is taken. */
function withoutSections(html: string): string {
  const kinds = new Set(["head", "style", "script"]);
  let text = "";
  let rest = html;
  while (kinds.size > 0) {
    const end = rest.lastIndexOf(">") + 1;
    const begin = new RegExp(`<(${[...kinds].join("|")})\\b[^>]*>`, "iu").exec(rest.slice(0, end));
    if (!begin) break;
    const kind = begin[1]?.toLowerCase() ?? "";
    const inner = begin.index + begin[0].length;
    const close = new RegExp(`</${kind}\\s*>`, "iu").exec(rest.slice(inner));
    if (!close) {
      kinds.delete(kind);
      continue;
    }
    text += `${rest.slice(0, begin.index)} `;
    rest = rest.slice(inner + close.index + close[0].length);
  }
  return text + rest;
}

function withoutComments(html: string): string {
  let text = "";
  let at = 0;
  for (;;) {
    const begin = html.indexOf("<!--", at);
    const end = begin < 0 ? -1 : html.indexOf("-->", begin + 4);
    if (end < 0) return text + html.slice(at);
    text += `${html.slice(at, begin)} `;
    at = end + 3;
  }
}

/** Plain text → the HTML that is sent: escaped, a <br> for each line break. */
export function html(text: string): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return `<html><body>${escaped.replaceAll("\n", "<br>")}</body></html>`;
}

/** `{ dateTime: "2026-12-01T00:00:00.0000000", timeZone: "UTC" }` → `2026-12-01T00:00:00Z`; another zone is named as it stands. */
export function instant(value: { dateTime?: string | null | undefined; timeZone?: string | null | undefined } | null | undefined): string {
  const written = value?.dateTime ?? "";
  if (written === "") return "";
  const seconds = written.replace(/\.\d+$/u, "").replace(/Z$/u, "");
  const zone = value?.timeZone ?? "UTC";
  return /^(?:UTC|Etc\/GMT|GMT|tzone:\/\/Microsoft\/Utc)$/iu.test(zone) ? `${seconds}Z` : `${seconds} ${zone}`;
}

/** `2026-12-01T00:00:00Z` → what Graph takes. */
export function dateTimeTimeZone(utc: string): { dateTime: string; timeZone: string } {
  return { dateTime: `${utc.replace(/Z$/u, "")}.0000000`, timeZone: "UTC" };
}
