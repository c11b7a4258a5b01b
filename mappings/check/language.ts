/** Conditions, templates, distinguishedNames and keys, wherever they stand: fields there are, expressions that can be read, nothing that is always so. No I/O. */
import { didYouMean, guess, nearest, same } from "../../base/text.ts";
import { CONDITION_WORDS } from "../language/condition.ts";
import { dayMeant, isDayAsk } from "../language/days.ts";
import { dnProblem } from "../language/dn.ts";
import { FEED_OF, isTicketField, TICKET_FIELDS, TICKET_WORDS } from "../language/feeds.ts";
import { FIELD_SYNONYMS } from "../language/names.ts";
import { NotLinearError, regex } from "../language/regex.ts";
import { compile, compileDn, FILTERS, type Template } from "../language/template.ts";
import type { Condition } from "../language/words.ts";
import { adFile } from "../schema/ad.ts";
import { entraFile } from "../schema/entra.ts";
import { peopleFile } from "../schema/people.ts";
import type { Path } from "../text/document.ts";
import { TemplateError } from "../text/errors.ts";
import { found, meantBy } from "../text/issues.ts";
import type { Check } from "./check.ts";

/** The account's login name, in templates of what is written in accounts. */
export const LOGIN = ["login"];

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
      for (const [index, inner] of (wanted as Condition[]).entries()) checkFilled(check, inner, [...here, index], options);
    } else if (word === "not") checkFilled(check, wanted as Condition, here, options);
    else if (word === "person") for (const [index, key] of (wanted as unknown[]).entries()) checkKey(check, key, [...here, index]);
    else if (word === "hasDevice") checkDevice(check, wanted as { [property: string]: unknown }, here, options.groups);
    else if (Object.hasOwn(FEED_OF, word)) checkFeed(check, word, wanted, here, options.groups);
    else if (word === "entraGroup") checkEntraGroup(check, here, options.groups);
    else if (word === "group") checkGroup(check, String(wanted), here, options.groups);
    else {
      checkField(check, word, here, "key", CONDITION_WORDS);
      if (isDayAsk(wanted) && !options.groups)
        check.report(
          here,
          "expected what somebody is, found a day; this decides who is a person at all: people.starts and people.ends say from when to when",
          "key",
        );
      checkTest(check, wanted, here);
    }
  }
}

/** A condition that must not be one for everybody. */
export function checkFilled(check: Check, condition: Condition, path: Path, options?: { groups: boolean }): void {
  if (Object.keys(condition).length === 0)
    check.report(path, "expected at least one line, found an empty condition, which holds for everybody");
  checkCondition(check, condition, path, options);
}

/** Devices are known by the person's Entra account, so not where it is decided who is a person. */
function checkDevice(check: Check, wanted: { [property: string]: unknown }, path: Path, allowed: boolean): void {
  if (!allowed) check.report(path, "expected fields of the record, found hasDevice; this decides who is a person at all", "key");
  else if (!check.of(entraFile)) check.report(path, "expected entra.yaml beside a condition about devices, found none", "key");
  for (const [property, test] of Object.entries(wanted)) checkTest(check, test, [...path, property]);
}

/** A condition about one of Halo's further feeds. `allowed: false` where it is decided who is a person at all. */
function checkFeed(check: Check, word: string, wanted: unknown, path: Path, allowed: boolean): void {
  if (!allowed) check.report(path, `expected fields of the record, found ${word}; this decides who is a person at all`, "key");
  else if (check.source !== "halo.users")
    check.report(path, `expected people.source: halo.users beside ${word}, which is about Halo's users, found ${check.source}`, "key");
  if (typeof wanted !== "object" || wanted === null || Array.isArray(wanted)) return;
  for (const [field, test] of Object.entries(wanted)) {
    if (word !== "hasTicket") {
      if (field !== "type") checkTest(check, test, [...path, field]);
      continue;
    }
    const name = ["person", "starts", "ends"].includes(field) ? String(test) : field;
    if (!TICKET_WORDS.has(field)) checkTest(check, test, [...path, field]);
    if (["type", "status"].includes(field) || isTicketField(name)) continue;
    check.report(
      [...path, field],
      `expected a field of a ticket (${TICKET_FIELDS.slice(0, 4).join(", ")}, …, custom.CFName), found ${name}${didYouMean(meantBy(name, [...TICKET_WORDS, ...TICKET_FIELDS]))}`,
      name === field ? "key" : undefined,
    );
  }
}

function checkGroup(check: Check, name: string, path: Path, allowed: boolean): void {
  const why = "who is in a group is known only of people, and this decides who is one";
  if (!allowed) check.report(path, `expected fields of the record, found group; ${why}`, "key");
  if (!allowed || !check.isWhole(adFile, "groups")) return;
  const names = check.of(adFile)?.groups.map((group) => group.name);
  if (!names) check.report(path, `expected a group of ad.yaml, found ${found(name)}; there is no ad.yaml`);
  else if (!names.some((each) => same(each, name)))
    check.report(path, `expected a group of ad.yaml, found ${found(name)}${guess(name, names)}`);
}

/** Who is in a group of Entra ID is asked there, or comes with the people. */
function checkEntraGroup(check: Check, path: Path, allowed: boolean): void {
  if (check.source === "entra.users") return;
  if (!allowed) check.report(path, "expected fields of the record, found entraGroup; this decides who is a person at all", "key");
  else if (!check.of(entraFile))
    check.report(
      path,
      "expected entra.yaml beside it, or people.source: entra.users (Entra ID is asked who is in the group), found neither",
      "key",
    );
}

/** The key of a Halo record: its number, where that is the key. Other sources and fields have keys of their own. */
export function checkKey(check: Check, key: unknown, path: Path): void {
  if (check.source !== "halo.users" || (check.of(peopleFile)?.people.key ?? "id") !== "id") return;
  const isKey = typeof key === "number" ? Number.isSafeInteger(key) : typeof key !== "string" || /^(?:0|[1-9]\d*)$/u.test(key.trim());
  if (!isKey) check.report(path, `expected the key of a Halo record, such as 41, found ${found(key)}`);
}

function checkTest(check: Check, wanted: unknown, path: Path): void {
  if (isDayAsk(wanted))
    for (const word of ["before", "after"] as const)
      if (wanted[word] !== undefined && dayMeant(wanted[word], "2026-01-01") === undefined)
        check.report(
          [...path, word],
          `expected today, "14 days ago", "in 14 days" or a day such as 2027-01-04, found ${found(wanted[word])}`,
        );
  if (typeof wanted !== "object" || wanted === null || !("matches" in wanted)) return;
  checkPattern(check, String(wanted.matches), [...path, "matches"]);
}

/** A regular expression that is decided in linear time. */
export function checkPattern(check: Check, pattern: string, here: Path): void {
  if (pattern.trim() === "") {
    check.report(here, "expected a regular expression, found an empty text, which everything matches");
    return;
  }
  try {
    regex(pattern);
  } catch (error) {
    const isLinear = !(error instanceof NotLinearError);
    const why = String(error instanceof Error ? error.message.replace(isLinear ? /^.*:\s*/su : "", "") : error);
    const kind = isLinear ? "" : " without look-around, references back and repeats above 1000";
    check.report(here, `expected a regular expression${kind}, found ${found(pattern)} (${why.charAt(0).toLowerCase()}${why.slice(1)})`);
  }
}

/** Whether a record may have a field, as far as anybody knows. Of Halo `custom.X` is taken on trust: which custom fields there are only Halo knows. */
export function isField({ source, knownFields }: Pick<Check, "source" | "knownFields">, name: string): boolean {
  return !knownFields || (source === "halo.users" && /^custom\.\S/u.test(name)) || knownFields.includes(name);
}

/** A field of the record, which something in the file reads. */
export function checkField(check: Check, name: string, path: Path, on?: "key", words: readonly string[] = []): void {
  check.reads(name, path);
  if (isField(check, name)) return;
  const synonym = FIELD_SYNONYMS.get(name.toLowerCase());
  const known = [...(check.knownFields ?? []), ...words];
  const isHalo = check.source === "halo.users";
  const meant =
    isHalo && /^(?:cf[A-Z]|CF)/u.test(name) ? `custom.${name}` : synonym && known.includes(synonym) ? synonym : nearest(name, known);
  check.report(
    path,
    `expected a field of ${check.record}, found ${JSON.stringify(name)}${didYouMean(meant)}${meant || !isHalo ? "" : "; custom fields are written custom.CFName"}`,
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
  const place = `${source.includes("\n") ? `line ${error.line}, ` : ""}character ${error.column} of the template`;
  const filter = /^unknown filter "(.*)"$/u.exec(error.problem)?.[1];
  if (filter !== undefined) return `expected a filter, found "${filter}" (${place})${guess(filter, FILTERS)}`;
  if (error.problem.startsWith("expected")) return `${error.problem} (${place})`;
  return `expected a Liquid template, found a mistake in it: ${error.problem} (${place})`;
}

const A_DN = "a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com";

export function checkDn(check: Check, dn: string, path: Path): void {
  const problem = dn.includes("{{") ? "templates work only in accounts.first[].ou" : dnProblem(dn);
  if (problem) check.report(path, `expected ${A_DN}, found ${found(dn)}: ${problem}`);
}

/** The template of one: what it gives for a person who has everything. */
export function checkDnTemplate(check: Check, source: string, path: Path): void {
  const template = checkTemplate(check, source, path, { extras: LOGIN, dn: true });
  if (!template || source.includes("{%")) return;
  const sample = Object.fromEntries(template.fields.map((field) => [field, "x"]));
  const problem = dnProblem(template.render(sample));
  if (problem) check.report(path, `expected ${A_DN}, found ${found(source)}: ${problem}`);
}
