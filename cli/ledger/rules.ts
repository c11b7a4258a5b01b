/**
 * Which rules of approval count: those of mappings/approvals.yaml as they were last applied with a whole plan, so that no change of the
 * file is approved by its own word (docs/decisions/0124).
 */
import { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { type ApprovalsFile, approvalsFile } from "../../mappings/schema/approvals.ts";
import type { Rules } from "../../stacks/plan/parts/rules.ts";

/** As the journal has them. */
const appliedSchema = z.object({
  /** Digest of all mapping files. */
  mappings: z.string(),
  /** approvals.yaml as it is written; absent: there was none. */
  file: z.unknown().optional(),
});
export type Applied = z.infer<typeof appliedSchema>;

type Files = Pick<Mappings, "approvals" | "at" | "digest">;

/** As a file has them, so that it can be read again. */
const written = ({ rules, ...rest }: ApprovalsFile): object => ({ rules: { first: rules }, ...rest });

/** What is remembered once a plan that rests on these files was applied as a whole; undefined: there is nothing to remember. */
export function appliedOf({ approvals, digest }: Files, before: unknown): Applied | undefined {
  if (!approvals && before === undefined) return undefined;
  return { mappings: digest, ...(approvals ? { file: written(approvals) } : {}) };
}

/**
 * The rules by which a plan is cut; undefined: it is approved as a whole. `needed`: by how many, where the settings name approvers: a first
 * file does not make them fewer by its own word. Throws where the journal's cannot be read.
 */
export function rulesFor({ approvals, at, digest }: Files, known: unknown, needed?: number): Rules | undefined {
  const before = known === undefined ? undefined : appliedSchema.parse(known);
  const last = before?.file === undefined ? undefined : approvalsFile.parse(before.file);
  const file = last ?? approvals;
  if (!file) return undefined;
  const changed = !last || !approvals || digestOf(written(last)) !== digestOf(written(approvals));
  return {
    file,
    at: (path) =>
      changed && last
        ? `mappings/approvals.yaml as last applied${path.length > 0 ? ` (${path.join(".")})` : ""}`
        : at(["approvals", ...path]),
    mappingChanged: before?.mappings !== digest,
    changed,
    ...(needed === 2 && !last ? { atLeast: 2 } : {}),
  };
}
