/** What a mapping says that an attribute shall hold, as the templates it is made of. */
import type { z } from "zod";
import type { Path } from "../text/document.ts";
import type { attributeValue } from "./words.ts";

/** As it is written: a template, a list of them, or a map that says more. */
export type AttributeValue = z.infer<typeof attributeValue>;

/** A template of an attribute, where it stands. */
export interface Source {
  source: string;
  path: Path;
}

/** The templates of an attribute, as text. */
export function sourcesOf(wanted: AttributeValue, here: Path = []): Source[] {
  if (Array.isArray(wanted)) return wanted.map((source, index) => ({ source: String(source), path: [...here, index] }));
  if (typeof wanted !== "object") return [{ source: String(wanted), path: here }];
  if ("values" in wanted) return wanted.values.map((source, index) => ({ source: String(source), path: [...here, "values", index] }));
  if ("person" in wanted) return [{ source: wanted.person, path: [...here, "person"] }];
  return [{ source: String(wanted.value), path: [...here, "value"] }];
}
