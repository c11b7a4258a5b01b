/** People from a CSV or JSON file in git or beside it. */
import { readFileSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { ConfigurationError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { FileConfig } from "../../mappings/schema/sources.ts";
import { join } from "../rest/join.ts";
import type { SourceRead } from "../rest/read.ts";
import { allAt, type Row, rowOf } from "../rest/select.ts";

const largest = 200 * 1024 * 1024;

/** @throws ConfigurationError naming file and line where it cannot be read. */
export function readFile(name: string, config: FileConfig, folder: string): SourceRead {
  const path = resolve(folder, config.file);
  const bytes = load(path, name);
  const { elements, rows } = config.kind === "csv" ? csvRows(bytes, config, path) : jsonRows(bytes, config, path);
  const others = Array.isArray(elements) ? elements.length - rows.length : 0;
  const doubts = others > 0 ? [`${basename(config.file)}: ${others} element(s) are no objects`] : [];
  const joined = join(name, [{ name: basename(config.file), rows, prefix: "" }], config.unique);
  return {
    records: joined.records,
    read: { recordCount: undefined, rows: rows.length, pages: 1, complete: true, doubts: [...doubts, ...joined.doubts] },
    answers: [{ endpoint: basename(config.file), answers: [elements] }],
  };
}

function load(path: string, name: string): Buffer {
  try {
    if (statSync(path).size > largest) throw new Error(`is larger than ${largest / 1024 / 1024} MB`);
    return readFileSync(path);
  } catch (error) {
    throw new ConfigurationError(`Could not read the source ${name}: ${path}: ${(error as Error).message}`);
  }
}

function csvRows(bytes: Buffer, config: Extract<FileConfig, { kind: "csv" }>, path: string): { elements: Json; rows: Row[] } {
  let above = 0;
  try {
    const text = new TextDecoder(config.encoding, { fatal: true }).decode(bytes);
    // Excel's own line above the header says how the file is separated, whatever the mapping says.
    const [said, separator = config.separator] = separatorLine.exec(text) ?? [""];
    above = said === "" ? 0 : 1;
    const cells = parse(text.slice(said.length), {
      delimiter: separator,
      record_delimiter: ["\r\n", "\n", "\r"],
      trim: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
      info: true,
    }) as unknown as { info: { lines: number }; record: string[] }[];
    // A file that ends within a line has lost what came after.
    const isWhole = /[\r\n]$/u.test(text);
    const rows = rowsUnder(cells, { path, above, isWhole, unique: config.unique });
    return { elements: rows, rows };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const line = error instanceof CsvError && typeof error["lines"] === "number" ? `:${error["lines"] + above}` : "";
    const why = error instanceof CsvError ? error.message : `it is not ${config.encoding}`;
    throw new ConfigurationError(`Could not read ${path}${line}: ${why}`);
  }
}

const separatorLine = /^\uFEFF?"?sep=([^\r\n])"?[^\S\r\n]*(?:\r\n|\n|\r)/iu;

/** What is known of a file of rows, besides its cells. */
interface Table {
  path: string;
  /** Lines above the header. */
  above: number;
  /** It ends with the end of a line: else what came after may be lost. */
  isWhole: boolean;
  /** The column by which rows are told apart. */
  unique: string;
}

/** How an id is written: `A-0042` is like `B-0043`, and unlike `London`. */
const shapeOf = (text: string): string => text.replace(/\d+/gu, "9").replace(/\p{L}+/gu, "a");

/**
 * Rows by the names of the header line; two columns of one name would hide each other. A spreadsheet's cells without a name, right
 * of the table or in it, are ignored where they are empty. Cells that are missing at a row's end are empty, as some programs leave out
 * the last separators; but not in a last line without an end, and not where the row's id is like no other row's: there a cell before
 * it has been cut in two by an end of line.
 */
function rowsUnder(lines: readonly { info: { lines: number }; record: string[] }[], { path, above, isWhole, unique }: Table): Row[] {
  const [first, ...others] = lines;
  const header = (first?.record ?? []).map((name) => name.trim());
  const twice = header.find((name, index) => name !== "" && header.indexOf(name) !== index);
  const place = (line: { info: { lines: number } } | undefined): string => `${path}:${(line?.info.lines ?? 1) + above}`;
  if (twice !== undefined) throw new ConfigurationError(`Could not read ${place(first)}: the column ${twice} comes twice; rename one.`);
  const width = header.findLastIndex((name) => name !== "") + 1;
  const idOf = (record: readonly string[]): string => shapeOf(record[Math.max(0, header.indexOf(unique))] ?? "");
  const whole = others.filter(({ record }) => record.length >= width);
  const shapes = new Set((whole.length > 0 ? whole : others.slice(0, 1)).map(({ record }) => idOf(record)));
  return others.map((line, index) => {
    const { record } = line;
    const nameless = record.find((cell, index) => cell !== "" && (header[index] ?? "") === "");
    const wrong = (why: string): ConfigurationError => new ConfigurationError(`Could not read ${place(line)}: ${why}`);
    if (nameless !== undefined) throw wrong(`${JSON.stringify(nameless.slice(0, 40))} is in a column without a name`);
    if (record.length < width) {
      const found = `expected ${width} cells, found ${record.length}`;
      if (!isWhole && index === others.length - 1) throw wrong(`${found}, and the line has no end: the file may have been cut`);
      if (!shapes.has(idOf(record))) throw wrong(`${found}, and its ${unique} is like no other: put cells with ends of lines into quotes`);
    }
    return Object.fromEntries(header.flatMap((name, index) => (name === "" ? [] : [[name, record[index] ?? ""]])));
  });
}

function jsonRows(bytes: Buffer, config: Extract<FileConfig, { kind: "json" }>, path: string): { elements: Json; rows: Row[] } {
  let data: Json;
  try {
    data = JSON.parse(bytes.toString("utf8")) as Json;
  } catch (error) {
    throw new ConfigurationError(`Could not read ${path}: it is no JSON (${(error as Error).message})`);
  }
  const elements = allAt(config.select, data);
  return { elements, rows: elements.map((element) => rowOf(element, {}, "")).filter((row) => row !== undefined) };
}
