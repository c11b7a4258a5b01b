/** Paths of folders from templates: each name made by itself, safe on Windows, so that no value of a record leads elsewhere. */
import type { Json } from "../../base/json.ts";
import { compile } from "./template.ts";

/** Longest name of a folder: 255 UTF-16 units on NTFS, 255 bytes on most others. */
const longest = 255;
/** Windows' own names, with or without an extension. */
const reserved = /^(?:con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/iu;

/** The templates of a path's names: cut at each / that stands outside of {{ }} and {% %}. */
export function namesOf(template: string): string[] {
  return template
    .replace(/\{\{.*?\}\}|\{%.*?%\}/gsu, (part) => part.replaceAll("/", "\u0000"))
    .split("/")
    .map((name) => name.replaceAll("\u0000", "/"));
}

/**
 * A name as Windows takes it: its forbidden characters become _, dots and blanks at the end are dropped, its own names get
 * a _ behind. "" when nothing is left.
 */
export function windowsName(text: string): string {
  const plain = text
    .toWellFormed()
    .normalize("NFC")
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what Windows forbids
    .replace(/[\u0000-\u001f\u007f<>:"/\\|?*]/gu, "_")
    .trim()
    .replace(/[. ]+$/u, "");
  return reserved.test(plain) ? plain.replace(/^([^.]*)/u, "$1_") : plain;
}

/** Why this is no path below a root, in the one spelling that paths have here: `Main/aexample`. Undefined when it is one. */
export function pathProblem(path: string): string | undefined {
  for (const name of path.split("/")) {
    if (name === "") return "a name in it is empty";
    if (/^\.haloform/iu.test(name)) return "names that begin with .haloform are haloform's own";
    if (name.length > longest || Buffer.byteLength(name) > longest) return `a name in it is longer than ${longest} bytes`;
    if (windowsName(name) !== name) return `${JSON.stringify(name)} is no name that Windows takes`;
  }
  return undefined;
}

/** The path for a record, or why there is none. */
export function renderPath(
  template: string,
  fields: { [field: string]: Json },
  extra: { [name: string]: Json } = {},
): { path: string } | { problem: string; fields: string[] } {
  const compiled = namesOf(template).map(compile);
  const path = compiled.map((name) => windowsName(name.render(fields, extra))).join("/");
  const problem = pathProblem(path);
  return problem === undefined ? { path } : { problem, fields: [...new Set(compiled.flatMap((name) => name.fields))].sort() };
}
