/** Exit codes, and how an error becomes one line and one of them. */
import { z } from "zod";
import { ConfigurationError, oneLine, UnreachableError } from "../base/errors.ts";
import { EngineError } from "../engine/find.ts";
import { MappingError } from "../mappings/text/errors.ts";
import { ForeignStateError } from "../stacks/read/foreign.ts";
import { withoutLogins } from "./engine/backend.ts";

export const exit = { done: 0, failed: 1, changes: 2, refused: 3, parked: 4, usage: 64 } as const;

/** A guard, a trust gate, or an unapproved, stale or altered plan said no. Nothing was written. Exit code 3. */
export class Refusal extends Error {
  override name = "Refusal" as const;
  readonly reasons: readonly string[];
  constructor(reasons: readonly string[]) {
    super(reasons.join("\n"));
    this.reasons = reasons;
  }
}

/** The command was called wrongly, or a file it was given is not usable. Exit code 64. */
export class UsageError extends Error {
  override name = "UsageError" as const;
}

export interface Ending {
  code: number;
  /** One line each. */
  lines: string[];
}

/** Turns whatever was thrown into lines for an administrator and an exit code. */
export function endingOf(error: unknown): Ending {
  const { code, lines } = ended(error);
  return { code, lines: lines.map(withoutLogins) };
}

function ended(error: unknown): Ending {
  if (error instanceof Refusal) return { code: exit.refused, lines: error.reasons.map((reason) => `Refused: ${reason}`) };
  if (error instanceof ForeignStateError) return { code: exit.refused, lines: [`Refused: ${oneLine(error.message)}`] };
  if (error instanceof MappingError) return { code: exit.usage, lines: [...error.lines] };
  if (error instanceof UsageError) return { code: exit.usage, lines: error.message.split("\n") };
  if (error instanceof ConfigurationError || error instanceof UnreachableError || error instanceof EngineError)
    return { code: exit.failed, lines: [oneLine(error.message)] };
  if (error instanceof z.ZodError)
    return { code: exit.failed, lines: error.issues.map((issue) => oneLine(`${issue.path.join(".")}: ${issue.message}`)) };
  const message = oneLine(error instanceof Error ? error.message : String(error));
  return { code: exit.failed, lines: [process.env["HALOFORM_DEBUG"] && error instanceof Error ? (error.stack ?? message) : message] };
}
