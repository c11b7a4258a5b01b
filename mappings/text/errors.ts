/** What is wrong with mapping files, in lines an administrator can act on. */

/**
 * The mapping files cannot be used. `lines` holds every mistake of every file, one a line:
 * `mappings/ad.yaml:12:5 accounts[0].ou: expected …, found …; did you mean "…"?`. Nothing has been asked of any system yet.
 */
export class MappingError extends Error {
  override name = "MappingError" as const;
  /** Wrong usage, as sysexits has it. */
  readonly exitCode = 64;
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines.length === 1 ? String(lines[0]) : `${lines.length} mistakes in the mapping files:\n${lines.join("\n")}`);
    this.lines = lines;
  }
}

/** A template cannot be compiled. `line` and `column` count from 1 within the template's own text. */
export class TemplateError extends Error {
  override name = "TemplateError" as const;
  /** What is wrong, without the place. */
  readonly problem: string;
  readonly line: number;
  readonly column: number;
  constructor(problem: string, line: number, column: number, options?: ErrorOptions) {
    super(`${problem} (line ${line}, column ${column} of the template)`, options);
    this.problem = problem;
    this.line = line;
    this.column = column;
  }
}

/** A template took more time or memory for one record than any may. What it would have given is not known, and is not nothing. */
export class TemplateLimitError extends Error {
  override name = "TemplateLimitError" as const;
  /** The record's fields. */
  readonly fields: { readonly [field: string]: unknown };
  constructor(source: string, fields: { readonly [field: string]: unknown }) {
    const short = source.length > 80 ? `${source.slice(0, 80)}…` : source;
    super(`the template ${JSON.stringify(short)} takes more time or memory with the values of this record than a template may`);
    this.fields = fields;
  }

  /** Throws one where it is a limit that Liquid has hit. */
  static rethrow(error: unknown, source: string, fields: { readonly [field: string]: unknown }): void {
    if (/(?:render|alloc) limit exceeded/u.test(String(error))) throw new TemplateLimitError(source, fields);
  }
}
