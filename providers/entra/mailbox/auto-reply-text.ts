/** Automatic replies as text: Exchange keeps them as HTML of its own making, so they are compared by what a reader sees. */

const entities: { readonly [name: string]: string } = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: " " };

/** HTML (or plain text) → the words, with one line break for each block and one blank between words. */
export function plain(html: string): string {
  return html
    .replace(/<(head|style|script)\b[^>]*>.*?<\/\1\s*>/gisu, " ")
    .replace(/<!--.*?-->/gsu, " ")
    .replace(/[\t\r\n ]+/gu, (blanks) => (/<[a-z!/]/iu.test(html) ? " " : blanks.includes("\n") ? "\n" : " "))
    .replace(/<(?:br|\/p|\/div|\/li|\/tr|\/h[1-6])\b[^>]*>/giu, "\n")
    .replace(/<\/?[a-z!][^>]*>/giu, "")
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
