/** The causes of drift with what can be done about each: the ends of causes.ts and keep.ts. */
import { existsSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { few } from "../../../base/text.ts";
import type { PreviousResource } from "../../../stacks/model/types.ts";
import { called } from "../../../stacks/model/values.ts";
import type { Drift, DriftCause } from "../../answers/drift.ts";
import type { Project } from "../../engine/project.ts";
import { Refusal, UsageError } from "../../exit.ts";
import { causesOf } from "./causes.ts";
import { keepOf } from "./keep.ts";

export interface Somebody {
  key: string;
  name: string;
  recordKey?: string | undefined;
  hasLeft: boolean;
}

/** `applied`: what the findings are of. Reads the mapping files, and asks no system. */
export function inboxOf(
  { folder, config }: Pick<Project, "folder" | "config">,
  found: Drift["found"],
  applied: readonly PreviousResource[],
  people: readonly Somebody[],
): DriftCause[] {
  const by = new Map(people.map((one) => [one.key, one]));
  const mappings = resolve(folder, config.mappings);
  const fileOf = (name: string): string | undefined => {
    const file = join(mappings, name);
    return existsSync(file) ? readFileSync(file, "utf8") : undefined;
  };
  const nameOf = (key: string): string => called(by.get(key) ?? { key, name: key });
  const input = {
    found,
    fileOf,
    folder: basename(mappings),
    common: config.common && basename(config.common),
    hasLeft: (key: string) => by.get(key)?.hasLeft ?? false,
  };
  return causesOf(found, applied, nameOf).map((cause) => ({ ...cause, keep: keepOf(cause, input) }));
}

/** A cause by its id. Throws UsageError where nothing was changed by hand that is called so. */
export function causeIn({ causes }: Drift, id: string): DriftCause {
  const cause = causes.find((one) => one.id === id);
  if (cause) return cause;
  const there = causes.map((one) => one.id);
  throw new UsageError(`There is no drift by the cause ${id}; there is ${there.length > 0 ? few(there, 10) : "none at all"}.`);
}

/** The patch that makes a cause wished. Throws UsageError, and Refusal where no line can. */
export function patchOf(drift: Drift, id: string): string {
  const { keep, said } = causeIn(drift, id);
  if (keep.patch !== undefined) return keep.patch;
  throw new Refusal([`no line of the mappings keeps what was changed of ${said}: ${keep.cannot.join("; ")}.`]);
}
