/** CSV as spreadsheets read it. */
import { stringify } from "csv-stringify/sync";

/** RFC 4180; what a spreadsheet would take for a formula gets an apostrophe before it. The first row is the header. */
export function csvOf(rows: readonly (readonly string[])[]): string {
  return stringify(rows as string[][], { record_delimiter: "windows", escape_formulas: true, quoted_match: /[\r\n]/u });
}
