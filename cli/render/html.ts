/** What haloform's pages have in common. A page is one file: no request leaves it, and nothing in a record can run or style anything in it. */
import { createHash } from "node:crypto";

/** For text and quoted attributes. What is unseen was made seen before (view.ts). */
export function esc(text: string): string {
  return text.replace(/[&<>"'`]/gu, (each) => `&#${each.charCodeAt(0)};`);
}

/** A source of a page's policy. */
const hash = (text: string): string => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

/** Up to the body. `title` is escaped already; only `style` and `script`, which are constants, may style and run; nothing may be loaded, sent or framed from. */
export function headHtml(title: string, style: string, script: string): string {
  const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title} · haloform</title>
<style>${style}</style>
</head>`;
}

/** What is wrong, at the top of a page; nothing where nothing is. */
export function alert(kind: "refused" | "doubt", title: string, texts: readonly string[]): string {
  if (texts.length === 0) return "";
  return `<section class="alert ${kind}" aria-label="${title}"><h2>${title}</h2><ul>${texts.map((text) => `<li>${esc(text)}</li>`).join("")}</ul></section>`;
}
