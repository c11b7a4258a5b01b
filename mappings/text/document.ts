/** One YAML file as data, with the place of everything in it. */
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  type Scalar,
  visit,
  type YAMLError,
} from "yaml";
import { oneLine } from "../../base/errors.ts";

export type Path = readonly (string | number)[];

/** Line and column, both from 1. */
export interface Place {
  line: number;
  column: number;
  /** What the folder of its file is called, where it is another than that of the client (mappings/overrides). */
  in?: string;
}

export interface YamlFile {
  data: unknown;
  /** Where the value of a path stands, or its key; the nearest parent's place when the path is not in the file. */
  place(path: Path, what: "key" | "value"): Place;
}

/** A mistake of the YAML itself. */
export interface YamlProblem extends Place {
  text: string;
}

/** What a tag may say of plain data; times, sets and bytes are none. */
const plainTags: ReadonlySet<string> = new Set(
  ["str", "int", "float", "bool", "null", "map", "seq"].map((name) => `tag:yaml.org,2002:${name}`),
);

/** Parses YAML 1.2 (core schema, one document). Data is undefined where there are problems. */
export function parseYaml(source: string): YamlFile & { problems: YamlProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    prettyErrors: false,
    version: "1.2",
    schema: "core",
    // In JavaScript 1 and '1' are one key, and the last would win without a word.
    uniqueKeys: (a, b) => a === b || (isScalar(a) && isScalar(b) && String(a.value) === String(b.value)),
    stringKeys: false,
  });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const found = new Map<number, YamlProblem>();
  const report = (offset: number, text: string) => {
    const at = placeOf(offset);
    if (!found.has(at.line)) found.set(at.line, { ...at, text });
  };
  const rows = source.split(/\r?\n/u);
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== "1.2")
    report(0, `expected YAML 1.2, found %YAML ${document.directives.yaml.version}; take that line away`);
  const plain = ({ tag, range }: Node): void => {
    const before = source.slice(0, range?.[0] ?? 0);
    if (tag !== undefined && !plainTags.has(tag))
      report(
        before.length - (/![^\s!]*\s*$/u.exec(before)?.[0].length ?? 0) - (/!![^\s!]*\s*$/u.test(before) ? 1 : 0),
        `expected plain data, found the tag ${tag.replace("tag:yaml.org,2002:", "!!")}; take it away, and write text in quotes`,
      );
  };
  visit(document, {
    Pair(_, pair) {
      const offset = (pair.key as ParsedNode | null)?.range?.[0] ?? 0;
      if (isScalar(pair.key) || pair.key === null) {
        // JavaScript would drop it on the way, and with it a line of a condition.
        if (pair.key?.value === "__proto__") report(offset, 'expected another name, found "__proto__", which is never one');
        return undefined;
      }
      report(offset, unquoted(rows[placeOf(offset).line - 1]) ?? "expected a word as the key, found a list or map");
      return visit.SKIP;
    },
    Scalar(_, node) {
      plain(node);
      const { value, source: text = "", range } = node;
      if (typeof value === "number" && /^[-+]?\d+$/u.test(text) && !Number.isSafeInteger(value))
        report(
          range?.[0] ?? 0,
          `expected a number of at most 15 digits, found ${text}, which would be rounded; write it in quotes: "${text}"`,
        );
    },
    Collection: (_, node) => plain(node),
  });
  visit(document, { Scalar: (_, scalar) => asWritten(scalar) });
  visit(document, {
    Alias(_, alias) {
      if (!alias.resolve(document)) report(alias.range?.[0] ?? 0, `expected an anchor &${alias.source} before this, found none`);
    },
  });
  for (const error of [...document.errors, ...document.warnings])
    report(error.pos[0], yamlWords(error, source, rows[placeOf(error.pos[0]).line - 1]));
  let data: unknown;
  if (found.size === 0) {
    try {
      data = document.toJS({ maxAliasCount: 100 });
    } catch (error) {
      report(0, `expected YAML, found something that cannot be read: ${oneLine(error instanceof Error ? error.message : String(error))}`);
    }
  }
  const problems = [...found.values()].sort((a, b) => a.line - b.line);
  return { data, problems, place: (path, what) => placeOf(offsetOf(document, path, what)) };
}

/**
 * Keys of people, codes and phone numbers are often digits, and YAML makes a number of each: `00105` would be 105, `12E5` a
 * million, `+4412` another text. What a number does not write back as it stands in the file is text; decimals stay numbers. A whole
 * number that would be rounded is refused before: nobody can tell whether it was meant as a text.
 */
function asWritten(scalar: Scalar): void {
  const { value, source } = scalar;
  if (typeof value !== "number" || source === undefined) return;
  const plain = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/u.test(source) && (source.includes(".") || Number.isSafeInteger(value));
  if (!plain) scalar.value = source;
}

function yamlWords(error: YAMLError, source: string, row: string | undefined): string {
  switch (error.code) {
    case "TAB_AS_INDENT":
      return "expected blanks, found a tab; YAML indents with blanks only";
    case "DUPLICATE_KEY": {
      const key = /^[^:\n]*/u.exec(source.slice(error.pos[0]))?.[0].trim();
      return `expected each key once, found ${JSON.stringify(key)} again`;
    }
    case "MULTIPLE_DOCS":
      return "expected one document, found a second one after ---; put both under one";
    case "TAG_RESOLVE_FAILED":
      return `expected plain data, found a tag: ${oneLine(error.message)}`;
    default:
      return unquoted(row) ?? `expected YAML, found a mistake in it: ${oneLine(error.message)}`;
  }
}

/** The commonest mistake of all: `mail: {{ emailaddress }}`, which YAML takes for a map in a map. */
function unquoted(row: string | undefined): string | undefined {
  const template = /(?:^|[:\-,[{]\s)\s*(\{\{.*?\}\}[^,]*)/u.exec(row ?? "")?.[1]?.trim();
  return template ? `expected text in quotes, found ${template}; write "${template}"` : undefined;
}

function offsetOf(document: Document.Parsed, path: Path, what: "key" | "value"): number {
  let node: unknown = document.contents;
  let value = startOf(node) ?? 0;
  let key = value;
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((each) => isScalar(each.key) && String(each.key.value) === String(step));
      if (!pair) break;
      key = startOf(pair.key) ?? value;
      // Of `title:` with nothing after it the key is the place to look at.
      value = isScalar(pair.value) && pair.value.value === null ? key : (startOf(pair.value) ?? key);
      node = pair.value;
    } else if (isSeq(node) && startOf(node.items[Number(step)]) !== undefined) {
      node = node.items[Number(step)];
      value = startOf(node) ?? value;
      key = value;
    } else break;
  }
  return what === "key" ? key : value;
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0];
}
