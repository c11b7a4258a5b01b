/**
 * Liquid templates over a Halo record. No file system, no loops, no clock and no chance: the same record always gives the
 * same text. What is missing is empty; what is misspelt is found when the mapping is read.
 */
import type { FilterImplOptions } from "liquidjs";
import { Liquid } from "liquidjs";
import { cleanText } from "../../base/clean.ts";
import { dateForm, dayAs, endOfDay, isZone } from "../../base/date-forms.ts";
import { readDate } from "../../base/dates.ts";
import type { Json } from "../../base/json.ts";
import { TemplateError, TemplateLimitError } from "../text/errors.ts";
import { dnProblem, escapeDnValue } from "./dn.ts";
import { isEmpty } from "./empty.ts";
import { plainTemplate } from "./template-plain.ts";
import { ascii, initials, letters, phone, slice } from "./text.ts";

export interface Template {
  source: string;
  /** Fields of the record it reads, sorted: `firstname`, `custom.CFName`; also the names of extras such as `login`. */
  fields: string[];
  /** The text for a record, without blanks at the ends; what cannot be worked out is "". Throws TemplateLimitError alone. */
  render(fields: { [field: string]: Json }, extra?: { [name: string]: Json }): string;
}

const NUMBERS = ["plus", "minus", "times", "divided_by", "modulo", "round", "floor", "ceil", "abs", "at_least", "at_most"] as const;

/** Filters of a template: the useful ones of Liquid, and ours. Those that read the clock, guess or run expressions are left out. */
export const FILTERS = [
  ...["append", "prepend", "downcase", "upcase", "capitalize", "strip", "lstrip", "rstrip", "squish", "remove", "remove_first"],
  ...["remove_last", "replace", "replace_first", "replace_last"],
  ...["slice", "truncate", "split", "join", "first", "last", "size", "compact", "uniq", "reverse", "sort", "concat", "default", "date"],
  ...NUMBERS,
  ...["ascii", "phone", "initials", "letters", "dn", "day", "endOfDay"],
] as const;
const TAGS = ["if", "unless", "case", "assign", "capture", "comment", "#", "raw", "echo"] as const;

const LIMITS = { parseLimit: 10_000, renderLimit: 1_000, memoryLimit: 100_000 };

/** Compiles a template. Throws TemplateError (with the place) on wrong syntax, an unknown filter or tag. */
export const compile = compiler(false);

/** Compiles a template of a distinguishedName: every value put in is escaped (RFC 4514). Throws TemplateError. */
export const compileDn = compiler(true);

/**
 * A distinguishedName from a template, every value put in trimmed and escaped. "" when the record makes no valid name of
 * it (`OU=,OU=Staff,…` for a person without a site): the person has no place, which the caller must say.
 */
export function renderDn(template: Template | string, fields: { [field: string]: Json }, extra?: { [name: string]: Json }): string {
  const compiled = compileDn(typeof template === "string" ? template : template.source);
  const render = (): string => {
    const dn = compiled.render(fields, extra);
    return dnProblem(dn) === undefined ? dn : "";
  };
  if (extra) return render();
  let name = compiled.source;
  for (const field of compiled.fields) {
    const value = fields[field] ?? "";
    if (typeof value !== "string") return render();
    name += `\u0000${value}`;
  }
  // Thousands of people are in a few places.
  if (places.size > mostPlaces) places.clear();
  const made = places.get(name) ?? render();
  places.set(name, made);
  return made;
}
const places = new Map<string, string>();
const mostPlaces = 10_000;

/** Each template is built once a process. */
function compiler(forDn: boolean): (source: string) => Template {
  const known = new Map<string, Template>();
  const liquid = engine(forDn);
  return (source) => {
    const template = known.get(source) ?? build(source, liquid, forDn);
    known.set(source, template);
    return template;
  };
}

function build(source: string, liquid: Liquid, forDn: boolean): Template {
  const parsed = attempt(source, () => liquid.parse(source));
  for (const part of everyPart(parsed as unknown as Part[])) checkPart(source, part);
  checkForms(source);
  const segments = attempt(source, () => liquid.globalVariableSegmentsSync(parsed));
  const fields = [...new Set(segments.map((each) => fieldName(source, each)))].sort();
  // Values in a distinguishedName are escaped, which is that engine's work.
  const reads = LISTS.test(source) ? (value: Json) => value : joined;
  const simple = forDn ? undefined : plainTemplate(source, fields);
  return {
    source,
    fields,
    render(record, extra) {
      const plain = simple?.(record, extra);
      if (plain !== undefined) return cleanText(plain);
      try {
        return cleanText(String(liquid.renderSync(parsed, scope(fields, reads, record, extra))));
      } catch (error) {
        TemplateLimitError.rethrow(error, source, record);
        return "";
      }
    },
  };
}

/** Where a template takes lists apart itself. */
const LISTS = /\|\s*(?:join|first|last|size|compact|uniq|reverse|sort|concat)\b|\bcontains\b|\[/u;

/** Several values as a person would write them: `Adobe, Visio`. */
const joined = (value: Json): Json =>
  Array.isArray(value)
    ? value
        .filter((one) => !isEmpty(one))
        .map(text)
        .join(", ")
    : value;

/** What is looked at of liquidjs's own parts: text between the outputs, and the value of an output. */
interface Part {
  str?: string;
  value?: { initial?: { postfix?: unknown[] } };
  token?: { begin?: number };
  /** What stands between the tags of a block. */
  branches?: { values?: { begin: number; getText(): string }[]; templates?: Part[] }[];
  elseTemplates?: Part[];
  templates?: Part[];
}

function* everyPart(parts: readonly Part[]): Generator<Part> {
  for (const part of parts) {
    yield part;
    for (const branch of part.branches ?? []) yield* everyPart(branch.templates ?? []);
    yield* everyPart([...(part.elseTemplates ?? []), ...(part.templates ?? [])]);
  }
}

/**
 * Mistakes that Liquid lets pass: `{firstname}`, which would stand in the directory as it is, `{{ firstname surname }}`, and one value
 * in two `when`s, which writes what stands behind both (liquidjs 10.30.1, as Liquid itself does).
 */
function checkPart(source: string, part: Part): void {
  const begin = part.token?.begin ?? 0;
  const brace = part.str?.search(/[{}]|%\}/u) ?? -1;
  if (brace >= 0)
    throw new TemplateError(
      'expected two braces on each side, as in {{ firstname }}, found one (for a real brace write {{ "{" }})',
      ...place(source, begin + brace),
    );
  const tokens = part.value?.initial?.postfix;
  if (Array.isArray(tokens) && tokens.length > 1)
    throw new TemplateError(
      "expected one field, then filters each after a |, as in {{ firstname | downcase }}, found two fields",
      ...place(source, begin),
    );
  const whens = (part.branches ?? []).map(({ values = [] }) =>
    values.map((value) => ({ value, said: value.getText().replace(/^'(.*)'$/su, '"$1"') })),
  );
  const again = whens.flatMap((values, index) =>
    values.filter(({ said }) => whens.slice(0, index).some((before) => before.some((one) => one.said === said))),
  )[0];
  if (again)
    throw new TemplateError(
      `expected each value of a case in one when, found ${again.said} in two: what stands behind both would be written`,
      ...place(source, again.value.begin),
    );
}

/** A form or a zone that is none would leave every date as it is. */
function checkForms(source: string): void {
  for (const { 1: name, 3: word = "", index } of source.matchAll(/\|\s*(day|endOfDay)\s*:\s*(["'])(.*?)\2/gu)) {
    if (name === "day" && !dateForm(word))
      throw new TemplateError(
        `expected a form of dates after day, as in {{ start | day: "dd.mm.yyyy" }} or one of excel, filetime, unix, unixMs, found ${JSON.stringify(word)}`,
        ...place(source, index),
      );
    if (name === "endOfDay" && !isZone(word))
      throw new TemplateError(
        `expected a time zone after endOfDay, as in {{ end | endOfDay: "Europe/Copenhagen" }}, found ${JSON.stringify(word)}`,
        ...place(source, index),
      );
  }
}

function fieldName(source: string, segments: readonly unknown[]): string {
  const [root, name] = segments;
  if (root !== "custom") return String(root);
  if (typeof name === "string") return `custom.${name}`;
  const at = Math.max(0, source.indexOf("custom"));
  throw new TemplateError("expected custom.CFName with the name of one custom field, found custom without", ...place(source, at));
}

/** The variables of one render: only what the template reads, so that a record of a hundred fields costs nothing. */
function scope(
  fields: readonly string[],
  reads: (value: Json) => Json,
  record: { [field: string]: Json },
  extra: { [name: string]: Json } = {},
): object {
  const variables: { [name: string]: Json } = Object.create(null);
  let custom: { [name: string]: Json } | undefined;
  for (const field of fields) {
    const from = Object.hasOwn(extra, field) ? extra : record;
    const value = Object.hasOwn(from, field) ? from[field] : undefined;
    // An empty cell is no value: `{% if title %}` means the same whatever the source writes for nothing.
    if (value === undefined || isEmpty(value)) continue;
    const trimmed = typeof value === "string" ? value.trim() : reads(value);
    if (!field.startsWith("custom.")) variables[field] = trimmed;
    else {
      custom ??= Object.create(null) as { [name: string]: Json };
      custom[field.slice("custom.".length)] = trimmed;
    }
  }
  if (custom) variables["custom"] = custom;
  return variables;
}

/** Liquid's own errors carry a token with the place; the place is told apart from the words. */
function attempt<T>(source: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof TemplateError || !(error instanceof Error)) throw error;
    const begin = (error as { token?: { begin?: number } }).token?.begin ?? 0;
    const problem = words(error.message);
    const filter = /^unknown filter "(.*)"$/u.exec(problem)?.[1];
    // Liquid only says in which output the filter stands.
    const within =
      filter === undefined ? -1 : source.slice(begin).search(new RegExp(`(?<=\\|\\s*)${filter.replace(/[^\w-]/gu, "")}\\b`, "u"));
    throw new TemplateError(problem, ...place(source, begin + Math.max(0, within)), { cause: error });
  }
}

function words(message: string): string {
  const text = (message.split("\n")[0] ?? "").replace(/(?:, file:.*?)?, line:\d+, col:\d+$/u, "");
  const filter = /^undefined filter: (.*)$/u.exec(text);
  if (filter) return `unknown filter "${filter[1]}"`;
  const tag = /^tag "(.*)" not found$/u.exec(text);
  return tag ? `unknown tag "${tag[1]}" (there are ${TAGS.filter((each) => each !== "#").join(", ")})` : text;
}

function place(source: string, offset: number): [line: number, column: number] {
  const before = source.slice(0, offset).split("\n");
  return [before.length, (before.at(-1) ?? "").length + 1];
}

function engine(forDn: boolean): Liquid {
  const liquid = new Liquid({
    ...LIMITS,
    strictFilters: true,
    ownPropertyOnly: true,
    templates: {},
    locale: "en-GB",
    timezoneOffset: 0,
    ...(forDn ? { outputEscape: (value: unknown) => escapeDnValue(text(value).trim()) } : {}),
  });
  keepOnly(liquid.tags, TAGS);
  const { date, ...numbers } = Object.fromEntries(["date", ...NUMBERS].map((name) => [name, liquid.filters[name]]));
  const ours: { [name: string]: FilterImplOptions } = {
    ascii: (value) => ascii(text(value)),
    phone: (value) => phone(text(value)),
    initials: (value) => initials(text(value)),
    letters: (value) => letters(text(value)),
    day: (value, form, ...none) => dayAs(text(value), text(form), none.map(text)),
    endOfDay: (value, zone) => endOfDay(text(value), text(zone) || "UTC"),
    // In a DN everything is escaped at the end, so that a further filter cannot undo it: escaping here would do it twice.
    dn: (value) => (forDn ? text(value) : escapeDnValue(text(value))),
    slice: (value, from, length) => slice(text(value), Number(from) || 0, length === undefined ? 1 : Number(length) || 0),
    date(value, ...rest) {
      return typeof date === "function" ? date.call(this, utc(value), ...rest) : value;
    },
  };
  keepOnly(liquid.filters, FILTERS);
  for (const [name, filter] of Object.entries(numbers)) {
    ours[name] = function finite(value, ...rest) {
      const result: unknown = typeof filter === "function" ? filter.call(this, value, ...rest) : value;
      return typeof result === "number" && !Number.isFinite(result) ? "" : result;
    };
  }
  for (const [name, filter] of Object.entries(ours)) liquid.registerFilter(name, filter);
  return liquid;
}

/** Liquid keeps its tags and filters in an object that also answers for `constructor` and the like: those are not names. */
function keepOnly(table: Record<string, unknown>, names: readonly string[]): void {
  for (const name of Object.keys(table)) if (!names.includes(name)) delete table[name];
  Object.setPrototypeOf(table, null);
}

/** Dates without a zone are UTC, as Halo's are; nothing for what is no date, or says that there is none. */
function utc(value: unknown): unknown {
  const given = text(value).trim();
  const found = readDate(given);
  if (found === "never") return `${given.replace(/^(\d{4})-?(\d\d)-?(\d\d).*$/su, "$1-$2-$3")}T00:00:00Z`;
  return typeof found === "object" ? new Date(found.ms).toISOString() : undefined;
}

function text(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (Array.isArray(value)) return value.map(text).join("");
  return typeof value === "object" ? "" : String(value);
}
