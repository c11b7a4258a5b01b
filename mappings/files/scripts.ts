/** mappings/scripts.yaml: the administrator's own commands. Whether a command is there is seen where it runs. */
import { didYouMean, nearest, same } from "../../base/text.ts";
import { type Check, checkNamesOnce, checkOnce, placed } from "../check/check.ts";
import { checkCondition, checkTemplate, isField, LOGIN } from "../check/language.ts";
import { defineFile } from "../define.ts";
import { writtenOf } from "../language/identity.ts";
import { FIELD_SYNONYMS } from "../language/names.ts";
import { adFile } from "../schema/ad.ts";
import { entraFile } from "../schema/entra.ts";
import { peopleFile } from "../schema/people.ts";
import { type ScriptsFile, scriptsFile } from "../schema/scripts.ts";
import type { Path } from "../text/document.ts";
import { found } from "../text/issues.ts";

export const scripts = defineFile({
  name: "scripts",
  schema: scriptsFile,
  check: checkScripts,
  introduction:
    "Your own commands, run for a person before or after something happens to them (docs/operations.md says how). Without this file there are none.",
  whenMissing: { means: "there are no commands to run" },
  rules: { "scripts[].for": { everybody: true, leavers: true } },
});

/** Names that a list of `input` may hold besides fields and attributes. */
export const INPUT_WORDS = ["login", "objectGUID", "entraId", "userPrincipalName"] as const;

function checkScripts(check: Check, { scripts }: ScriptsFile): void {
  checkNamesOnce(check, "scripts", scripts, "command");
  for (const [script, path] of placed(scripts, "scripts")) {
    if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,59}$/u.test(script.name))
      check.report([...path, "name"], `expected letters, digits, - and _, at most 60, found ${found(script.name)}`);
    checkProgram(check, script.run[0] ?? "", [...path, "run", 0]);
    for (const [position, argument] of script.run.entries())
      if (argument.includes("\0"))
        check.report([...path, "run", position], "expected text, found a character that no command line can hold");
    if (script.before.length + script.after.length === 0)
      check.report(path, "expected before or after with at least one event, found neither, so that it would never run");
    for (const event of script.before)
      if (script.after.includes(event))
        check.report(
          [...path, "after", script.after.indexOf(event)],
          `expected each event under before or after, found ${event} under both; make two commands of it`,
        );
    checkCondition(check, script.for, [...path, "for"]);
    checkInput(check, script.input, [...path, "input"]);
    for (const list of ["env", "secrets"] as const)
      for (const [position, name] of script[list].entries()) checkVariable(check, name, [...path, list, position]);
  }
}

function checkProgram(check: Check, program: string, path: Path): void {
  const within = !program.split(/[\\/]/u).includes("..") && /[\\/]/u.test(program);
  if (/^(?:\/|[A-Za-z]:[\\/])/u.test(program) || within) return;
  const why = /\s/u.test(program)
    ? "; a command is a list, its arguments are entries of their own"
    : program.includes("..")
      ? "; it must be inside the project"
      : `; write its path, such as /usr/bin/${program} or ./scripts/${program}`;
  check.report(path, `expected an absolute path or a file inside the project such as scripts/welcome.sh, found ${found(program)}${why}`);
}

function checkInput(check: Check, input: ScriptsFile["scripts"][number]["input"], path: Path): void {
  if (!Array.isArray(input)) {
    for (const [name, wanted] of Object.entries(input))
      if (typeof wanted === "string") checkTemplate(check, wanted, [...path, name], { extras: LOGIN });
      else checkTemplate(check, wanted.value, [...path, name, "value"], { extras: LOGIN });
    return;
  }
  const ad = check.of(adFile);
  const { people } = check.of(peopleFile) ?? {};
  const ofSets = Object.values(ad?.attributes ?? {}).flatMap((set) => Object.keys(set));
  const ofCloud = Object.values(check.of(entraFile)?.attributes ?? {}).flatMap((set) => Object.keys(set));
  const attributes = [...new Set([...ofSets, ...ofCloud, ...(ad && people ? writtenOf(people, "ad").map(([name]) => name) : [])])];
  checkOnce(check, path, input, "field");
  for (const [index, name] of input.entries()) {
    if (name === "objectGUID" && !ad)
      check.report(
        [...path, index],
        "expected a name that somebody has, found objectGUID; there is no ad.yaml: entraId is the account's in Entra ID",
      );
    if (name === "entraId" && !check.of(entraFile))
      check.report([...path, index], "expected a name that somebody has, found entraId; there is no entra.yaml");
    if ((INPUT_WORDS as readonly string[]).includes(name)) continue;
    if (isField(check, name)) check.reads(name, [...path, index]);
    if (isField(check, name) || attributes.some((one) => same(one, name))) continue;
    const known = [...INPUT_WORDS, ...attributes, ...(check.knownFields ?? [])];
    const synonym = FIELD_SYNONYMS.get(name.toLowerCase());
    check.report(
      [...path, index],
      `expected a field of ${check.record}, an attribute that ad.yaml or entra.yaml writes, or one of ${INPUT_WORDS.join(", ")}, found ${found(name)}${didYouMean(synonym ?? nearest(name, known))}`,
    );
  }
}

function checkVariable(check: Check, name: string, path: Path): void {
  // Not a list of what is kept from it: haloform, its engine, its backend and whatever it runs in have variables nobody can list.
  if (!/^SCRIPT_[A-Za-z0-9_]+$/u.test(name))
    check.report(
      path,
      `expected a variable of the command's own, whose name begins with SCRIPT_ such as SCRIPT_MAIL_TOKEN, found ${found(name)}; a command gets no other`,
    );
}
