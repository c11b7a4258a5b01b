/** mappings/files.yaml: people's home folders on a share. */
import { type Check, checkOrder, placed } from "../check/check.ts";
import { checkCondition, checkTemplate, LOGIN } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { namesOf, pathProblem, windowsName } from "../language/path.ts";
import { type FilesFile, filesFile } from "../schema/files.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const files = defineFile({
  name: "files",
  key: "files",
  schema: filesFile,
  check: checkFiles,
  introduction: "People's home folders on a share (docs/operations.md says how). Without this file home folders are not managed.",
  whenMissing: { means: "home folders are not to be managed" },
  owns: { types: "files:", in: "the file share" },
  rules: { "homes[].for": { everybody: true, first: true } },
});

function checkFiles(check: Check, files: FilesFile): void {
  checkOrder(check, files.homes, "homes");
  for (const [line, path] of placed(files.homes, "homes")) {
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
}

function checkPath(check: Check, path: string, at: Path): void {
  const names = namesOf(path);
  const templates = names.map((name) => checkTemplate(check, name, at, { extras: LOGIN }));
  if (templates.includes(undefined)) return;
  if (templates.every((template) => template?.fields.length === 0))
    check.report(at, `expected a template with a field of the record, found ${found(path)}, which would give everybody the same folder`);
  const plain = names.filter((name) => !name.includes("{"));
  const odd = plain.find((name) => windowsName(name) !== name || pathProblem(name) !== undefined);
  if (odd !== undefined) check.report(at, `expected names that Windows takes, with / between them, found ${found(odd)} in ${found(path)}`);
  if (names.length > 4) check.report(at, `expected a path of at most four names, found ${names.length}`);
}
