/** What files.yaml and the photos of ad.yaml must be beyond their shape. No I/O. */

import { namesOf, pathProblem, windowsName } from "../language/path.ts";
import type { AdFile, FilesFile } from "../schema/all.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";
import { type Check, checkCondition, checkTemplate } from "./check.ts";

const LOGIN = ["login"];
const SAME = "which would give everybody the same";

export function checkFiles(check: Check, files: FilesFile): void {
  checkOrder(check, files.homes, "homes");
  for (const [index, line] of files.homes.entries()) {
    const path = ["homes", index];
    checkCondition(check, line.for, [...path, "for"]);
    checkPath(check, line.path, [...path, "path"]);
    for (const name of ["owner", "group"] as const) {
      const id = line[name];
      if (id !== undefined) checkTemplate(check, id, [...path, name], { extras: LOGIN });
    }
    for (const [position, entry] of (line.acl ?? []).entries()) {
      const here = [...path, "acl", position];
      checkTemplate(check, entry, here, { extras: LOGIN });
      if (!/^[^:]+:(?:ALLOWED|DENIED)\/[^/]*\/[^/]+$/u.test(entry.replace(/\{\{.*?\}\}/gsu, "x")))
        check.report(here, `expected NAME:ALLOWED/FLAGS/MASK as smbcacls takes it, found ${found(entry)}`);
    }
  }
  const { archive, delete: remove } = files.leaver;
  if (remove !== undefined && archive === undefined)
    check.report(["leaver", "delete"], "expected leaver.archive too, found only delete; folders are deleted from the archive only");
  if (remove !== undefined && archive !== undefined && remove <= archive)
    check.report(["leaver", "delete"], `expected more days than archive (${archive}), found ${remove}`);
}

export function checkPhotos(check: Check, photos: readonly Omit<AdFile["photos"][number], "size">[]): void {
  checkOrder(check, photos, "photos");
  for (const [index, { for: condition, from }] of photos.entries()) {
    const path = ["photos", index];
    checkCondition(check, condition, [...path, "for"]);
    const { people } = check.all;
    if (from === "halo" && people && people.people.from !== "halo.users")
      check.report(
        [...path, "from"],
        `expected a folder or an address, found halo; people do not come from there but from ${people.people.from}`,
      );
    if (from === "halo") continue;
    if ("url" in from) {
      const here = [...path, "from", "url"];
      checkTemplate(check, from.url, here, { extras: LOGIN, differs: `${SAME} photo` });
      if (!from.url.startsWith("https://") && !from.url.startsWith("{{"))
        check.report(here, `expected an https:// address, found ${found(from.url)}`);
    } else {
      const here = [...path, "from", "name"];
      checkTemplate(check, from.name, here, { extras: LOGIN, differs: `${SAME} photo` });
      if (namesOf(from.name).length > 1)
        check.report(here, `expected the name of a file, found ${found(from.name)}; folders belong into folder`);
    }
  }
}

/** A line after the one for everybody would never be used. */
function checkOrder(check: Check, lines: readonly { for?: object | undefined }[], what: string): void {
  const everybody = lines.findIndex((line) => line.for === undefined || Object.keys(line.for).length === 0);
  if (everybody >= 0 && everybody < lines.length - 1)
    check.report(
      [what, everybody + 1],
      `expected the line for everybody last, found one after ${what}[${everybody}], which is for everybody; it would never be used (put it before, or give that one a for)`,
    );
}

function checkPath(check: Check, path: string, at: Path): void {
  const names = namesOf(path);
  const templates = names.map((name) => checkTemplate(check, name, at, { extras: LOGIN }));
  if (templates.includes(undefined)) return;
  if (templates.every((template) => template?.fields.length === 0))
    check.report(at, `expected a template with a field of the record, found ${found(path)}, ${SAME} folder`);
  const plain = names.filter((name) => !name.includes("{"));
  const odd = plain.find((name) => windowsName(name) !== name || pathProblem(name) !== undefined);
  if (odd !== undefined) check.report(at, `expected names that Windows takes, with / between them, found ${found(odd)} in ${found(path)}`);
  if (names.length > 4) check.report(at, `expected a path of at most four names, found ${names.length}`);
}
