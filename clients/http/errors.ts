/** What can go wrong between us and an HTTP API, beyond base/errors.ts. */
import { UnreachableError } from "../../base/errors.ts";

/**
 * A write got no readable answer: it may or may not have been done. The caller looks before it tries again, because
 * Halo has no upsert: a repeated POST without an id makes a second record (facts: Halo write semantics 2).
 */
export class UncertainError extends UnreachableError {}
