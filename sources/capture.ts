/** Captured reads of a source: written by `haloform source pull`, read again by `--from`. People's data: for this user alone. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../base/errors.ts";
import { writePrivate } from "../base/private-file.ts";

const lists = z.record(z.string(), z.array(z.object({ id: z.string(), values: z.record(z.string(), z.json()) })));

const capture = z.object({
  format: z.literal("haloform.source/1"),
  /** `halo.users`, `hr`. */
  source: z.string(),
  /** When it was read, UTC ISO 8601. */
  at: z.iso.datetime(),
  read: z.object({
    recordCount: z.number().int().optional(),
    rows: z.number().int(),
    pages: z.number().int(),
    complete: z.boolean(),
    doubts: z.array(z.string()),
  }),
  /** What Halo said besides people (sources/halo/feeds.ts); absent where nothing was asked. */
  feeds: z
    .object({
      reports: z.record(z.string(), z.object({ count: z.number().int(), doubts: z.array(z.string()) })),
      tickets: z.array(z.object({ id: z.number().int(), type: z.string(), status: z.string(), fields: z.record(z.string(), z.json()) })),
      notes: z.array(z.string()),
    })
    .optional(),
  /** What the systems held (`source pull --systems`), by type: of each object the id and what is read of it. */
  systems: z.object({ all: lists, beside: lists }).optional(),
  records: z.array(z.object({ ref: z.string(), fields: z.record(z.string(), z.json()) })),
});
export type Capture = z.infer<typeof capture>;

/** Writes a capture in one step, 0600. */
export function writeCapture(file: string, content: Omit<Capture, "format">): void {
  writePrivate(resolve(file), `${JSON.stringify({ format: "haloform.source/1", ...content }, undefined, 1)}\n`);
}

/** Throws ConfigurationError with one line where the file is not a capture of this source. */
export function readCapture(file: string, source: string): Capture {
  const no = (why: string): ConfigurationError =>
    new ConfigurationError(`Could not read the captured records ${file}: ${why}; make it by \`haloform source pull --out FILE\`.`);
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(resolve(file), "utf8"));
  } catch (error) {
    throw no((error as Error).message);
  }
  const parsed = capture.safeParse(content);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw no(`${issue?.path.join(".") || "the file"}: ${issue?.message ?? "not of the format haloform.source/1"}`);
  }
  if (parsed.data.source !== source) throw no(`it is of ${parsed.data.source}, and people come from ${source}`);
  return parsed.data;
}
