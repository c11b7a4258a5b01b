/** What the engine says: its events as steps of a plan, its output as the cause of a failure. Pure. */
import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { oneLine, UnreachableError } from "../../base/errors.ts";
import { nameOf, typeOf } from "../../providers/core/urn.ts";
import type { Step } from "../../stacks/plan/input.ts";
import { withoutLogins } from "./backend.ts";

/** A step of the engine for one of our resources; refreshes are not steps. */
export function stepOf(event: EngineEvent): Step | undefined {
  const meta = event.resourcePreEvent?.metadata;
  if (!meta || meta.op === "refresh") return undefined;
  const type = typeOf(meta.urn);
  if (!type) return undefined;
  const inputs = (state: { inputs?: Record<string, unknown> } | undefined): { [key: string]: never } => {
    const { __provider: _line, ...rest } = state?.inputs ?? {};
    return rest as { [key: string]: never };
  };
  const op: Step["op"] = meta.op === "same" || meta.op === "create" || meta.op === "update" || meta.op === "delete" ? meta.op : "replace";
  return {
    op,
    type,
    name: nameOf(meta.urn),
    ...(meta.old ? { before: inputs(meta.old) } : {}),
    ...(meta.new ? { after: inputs(meta.new) } : {}),
  };
}

/** The cause in Pulumi's output: its `error:` lines, without the frame of the command. */
export function failureOf(error: unknown): string {
  if (error instanceof UnreachableError) return error.message;
  const text = String((error as Error).message ?? error);
  const causes = [...new Set(text.split("\n").flatMap((line) => /error: (.*)$/u.exec(line)?.[1]?.trim() ?? []))].filter(
    (line) => !/^(?:update failed|preview failed)$/u.test(line),
  );
  return withoutLogins(oneLine(causes.length > 0 ? causes.slice(0, 5).join("; ") : text.slice(0, 2000)));
}
