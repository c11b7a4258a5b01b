/** What every mapping file's checks have in common: conditions, templates, names used once. No I/O. */

import { didYouMean, fold, nearest } from "../../base/text.ts";
import { checkFeed } from "../check-feeds.ts";
import { CONDITION_WORDS, regex } from "../language/condition.ts";
import { FEED_OF } from "../language/feeds.ts";
import { FIELD_SYNONYMS } from "../language/names.ts";
import { compile, compileDn, FILTERS, type Template } from "../language/template.ts";
import type {
  AdFile,
  Condition,
  EntraFile,
  FilesFile,
  HaloFile,
  HaloUsersFile,
  PeopleFile,
  SafetyFile,
  ScriptsFile,
  SourcesFile,
} from "../schema/all.ts";
import type { Path } from "../text/document.ts";
import { TemplateError } from "../text/errors.ts";
import { found, type Problem, valueAt } from "../text/issues.ts";

export interface Parsed {
  people?: PeopleFile;
  ad?: AdFile;
  entra?: EntraFile;
  halo?: HaloFile;
  "halo-users"?: HaloUsersFile;
  files?: FilesFile;
  safety?: SafetyFile;
  scripts?: ScriptsFile;
  sources?: SourcesFile;
}
export type FileName = keyof Parsed;

/** One file's checks: where mistakes go, and what is known. */
export interface Check {
  /** All files, for what one says about another. */
  all: Parsed;
  knownFields: readonly string[] | undefined;
  report(path: Path, text: string, on?: Problem["on"]): void;
  /** `mappings/ad.yaml:12`, of another file too. */
  at(file: FileName, path: Path): string;
  /** The file as written, before defaults. */
  written: unknown;
  /** Fields of the record that something in the file reads. */
  fields: Set<string>;
}

/** Whether the file itself says something at a path, or only a default does. */
export function isWritten(check: Check, path: Path): boolean {
  return valueAt(check.written, path) !== undefined;
}

/** Checks a condition: fields, groups, keys, regular expressions, nothing that is always so. `groups: false` where nobody is in a group yet. */
export function checkCondition(
  check: Check,
  condition: Condition | undefined,
  path: Path,
  options: { groups: boolean } = { groups: true },
): void {
  for (const [word, wanted] of Object.entries(condition ?? {})) {
    if (wanted === undefined) continue;
    const here = [...path, word];
    if (word === "any" || word === "all") {
      for (const [index, inner] of (wanted as Condition[]).entries()) checkInner(check, inner, [...here, index], options);
    } else if (word === "not") checkInner(check, wanted as Condition, here, options);
    else if (word === "person") for (const [index, key] of (wanted as unknown[]).entries()) checkKey(check, key, [...here, index]);
    else if (word === "has_device") checkDevice(check, wanted as { [property: string]: unknown }, here, options.groups);
    else if (Object.hasOwn(FEED_OF, word)) checkFeed(check, word, wanted, here, options.groups);
    else if (word === "group") checkGroup(check, String(wanted), here, options.groups);
    else {
      checkField(check, word, here, "key", CONDITION_WORDS);
      checkTest(check, wanted, here);
    }
  }
}

function checkInner(check: Check, condition: Condition, path: Path, options: { groups: boolean }): void {
  if (Object.keys(condition).length === 0)
    check.report(path, "expected at least one line, found an empty condition, which holds for everybody");
  checkCondition(check, condition, path, options);
}

/** Devices are known by the person's Entra account, so not where it is decided who is a person. */
function checkDevice(check: Check, wanted: { [property: string]: unknown }, path: Path, allowed: boolean): void {
  if (!allowed) check.report(path, "expected fields of the record, found has_device; this decides who is a person at all", "key");
  else if (!check.all.entra) check.report(path, "expected entra.yaml beside a condition about devices, found none", "key");
  for (const [property, test] of Object.entries(wanted)) checkTest(check, test, [...path, property]);
}

function checkGroup(check: Check, name: string, path: Path, allowed: boolean): void {
  const names = check.all.ad?.groups.map((group) => group.name);
  if (!allowed) {
    check.report(
      path,
      "expected fields of the record, found group; who is in a group is known only of people, and this decides who is one",
      "key",
    );
  } else if (!names) check.report(path, `expected a group of ad.yaml, found ${found(name)}; there is no ad.yaml`);
  else if (!names.some((each) => fold(each) === fold(name))) {
    check.report(path, `expected a group of ad.yaml, found ${found(name)}${didYouMean(nearest(name, names))}`);
  }
}

/** The key of a Halo record: its number. Other sources have keys of their own. */
export function checkKey(check: Check, key: unknown, path: Path): void {
  if ((check.all.people?.people.from ?? "halo.users") === "entra.users") return;
  if (typeof key === "number" && !Number.isSafeInteger(key))
    check.report(path, `expected the key of a Halo record, such as 41, found ${key}`);
  if (typeof key === "string" && !/^\d+$/u.test(key.trim()))
    check.report(path, `expected the key of a Halo record, such as 41, found ${found(key)}`);
}

export function checkTest(check: Check, wanted: unknown, path: Path): void {
  if (typeof wanted !== "object" || wanted === null || !("matches" in wanted)) return;
  const pattern = String(wanted.matches);
  const here = [...path, "matches"];
  if (pattern.trim() === "") {
    check.report(here, "expected a regular expression, found an empty text, which everything matches");
    return;
  }
  try {
    regex(pattern);
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*:\s*/su, "") : String(error);
    check.report(here, `expected a regular expression, found ${found(pattern)} (${why.charAt(0).toLowerCase()}${why.slice(1)})`);
  }
}

/** A field of the Halo record. `custom.X` is taken on trust: which custom fields there are only Halo knows. */
function checkField(check: Check, name: string, path: Path, on?: "key", words: readonly string[] = []): void {
  check.fields.add(name);
  if (!check.knownFields || /^custom\.\S/u.test(name) || check.knownFields.includes(name)) return;
  const synonym = FIELD_SYNONYMS.get(name.toLowerCase());
  const known = [...check.knownFields, ...words];
  const meant =
    /^cf[A-Z]/u.test(name) || /^CF/u.test(name) ? `custom.${name}` : synonym && known.includes(synonym) ? synonym : nearest(name, known);
  check.report(
    path,
    `expected a field of the Halo record, found ${JSON.stringify(name)}${didYouMean(meant)}${meant ? "" : "; custom fields are written custom.CFName"}`,
    on,
  );
}

export interface TemplateOptions {
  /** Names that are not fields of the record. */
  extras?: readonly string[];
  /** The template is a distinguishedName. */
  dn?: boolean;
  /** Why it must differ from person to person; a template without a field is then a mistake. */
  differs?: string;
}

/** Compiles a template and checks its fields. Undefined when it cannot be compiled (and that was reported). */
export function checkTemplate(check: Check, source: string, path: Path, options: TemplateOptions = {}): Template | undefined {
  let template: Template;
  try {
    template = options.dn ? compileDn(source) : compile(source);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    check.report(path, templateWords(error, source));
    return undefined;
  }
  const extras = options.extras ?? [];
  for (const field of template.fields) if (!extras.includes(field)) checkField(check, field, path);
  if (options.differs !== undefined && template.fields.length === 0)
    check.report(path, `expected a template with a field of the record, found ${found(source)}, ${options.differs}`);
  return template;
}

function templateWords(error: TemplateError, source: string): string {
  const place = source.includes("\n")
    ? `line ${error.line}, character ${error.column} of the template`
    : `character ${error.column} of the template`;
  const filter = /^unknown filter "(.*)"$/u.exec(error.problem)?.[1];
  if (filter !== undefined) return `expected a filter, found "${filter}" (${place})${didYouMean(nearest(filter, FILTERS))}`;
  if (error.problem.startsWith("expected")) return `${error.problem} (${place})`;
  return `expected a Liquid template, found a mistake in it: ${error.problem} (${place})`;
}

/** Names that may stand in a list once only, whatever their case. */
export function checkOnce(check: Check, file: FileName, names: readonly { name: string; path: Path }[], what: string): void {
  const seen = new Map<string, Path>();
  for (const { name, path } of names) {
    const first = seen.get(fold(name));
    if (first) check.report(path, `expected each ${what} once, found ${found(name)} again (first at ${check.at(file, first)})`);
    else seen.set(fold(name), path);
  }
}
