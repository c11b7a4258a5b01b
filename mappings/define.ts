/**
 * A mapping file, said once: what may stand in it, what is wrong with it beside that, what its absence means, which of its lines
 * are rules about people. Loading, `doctor`, `why-not`, the schemas for editors and the reference page all go by it.
 */
import type { z } from "zod";
import type { System } from "../providers/core/system.ts";
import type { Check } from "./check/check.ts";
import type { Facts } from "./language/condition.ts";
import type { Point } from "./language/explain.ts";
import type { LooserOf } from "./overrides/looser.ts";

/** What it means that the file is not there: a mistake (and why), or what is then so, after "take the file away if". */
export type WhenMissing = { refused: string } | { means: string; defaults: true } | { means: string };

/** An entry of a list of a mapping file, as parsed. */
export type Entry = { readonly [field: string]: unknown };

/** A condition about people: what else than itself decides whether anything comes of it. */
export interface RuleKind {
  /** It may be left out, and is then for everybody. Else there is no rule where it is left out. */
  everybody?: true;
  /** Of the entries for which it holds only the first counts; where not all compete: among which, and in which order. */
  first?: true | ((entry: Entry) => { among: string; order: number });
  /** The entry has a first and a last day, `starts` and `ends`. */
  dated?: true;
  /** It is about people who have left, too. */
  leavers?: true;
  /** What the entry asks besides. */
  also?(entry: Entry, facts: Facts): Point[];
  /** What it gives cannot be told apart: whoever it is not certain of keeps everything (stacks/decide/uncertain.ts). */
  keeps?: true;
}

export interface MappingFile<S extends z.ZodType = z.ZodType, K extends string = string, W extends WhenMissing = WhenMissing> {
  /** `ad`: it is mappings/ad.yaml. */
  name: string;
  schema: S;
  /** Under which key `Mappings` has it; left out = each of its sections stands there itself. */
  key?: K;
  /** Reports what is wrong with it beyond its shape, also beside the other files. */
  check(check: Check, file: z.infer<S>): void;
  /** Begins its chapter of the reference page: what is in it, and what its absence means. */
  introduction: string;
  /** Ends the chapter. */
  afterword?: string;
  whenMissing: W;
  /** What of it is let go of when it is gone: the beginning of the types of resources it asks for, and where they then stay. */
  owns?: { types: `${System}:`; in: string };
  /** Where its conditions about people stand (`groups[].for`; every one of the schema), and how they count. */
  rules: { readonly [path: string]: RuleKind };
  /** Over a common file of its name (overrides/): lists of values that add up, and where a client is protected less than by that one. */
  client?: { sums?: readonly string[]; looser: LooserOf<z.infer<S>> };
}

export function defineFile<S extends z.ZodType, K extends string = never, W extends WhenMissing = WhenMissing>(
  file: MappingFile<S, K, W>,
): MappingFile<S, K, W> {
  return file;
}
