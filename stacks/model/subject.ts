/** A person on the way through the pure middle. */
import type { Directory } from "../../providers/core/system.ts";
import { factsOf } from "../../providers/registry.ts";
import type { Because, Person, PreviousResource } from "./types.ts";

export type System = Directory;

export interface Subject extends Person {
  /** haloform managed something of this person before. */
  known: boolean;
  /** Nothing may be taken from this person, whatever the mapping says; why is in `keep`. */
  keep?: Because;
  /** Systems in which a human must decide first; there the person keeps what they have. */
  parkedIn: Set<System>;
  /** Resources and memberships of this person that the last run left. */
  before: boolean;
  leaverBefore: boolean;
  /** Since when this person is gone, UTC ISO 8601: kept from the run that first saw it. */
  leaverSince?: string;
  /** Stages of a leaver that have come (stacks/people/stages.ts); empty for everybody else. */
  due: ReadonlySet<StageName>;
  inactive: boolean;
  /** Set when the record is gone from a read that is believed. UTC ISO 8601. */
  absentSince?: string;
}

export type StageName = "disable" | "strip" | "move" | "delete";

/** The person a resource is about, or undefined. */
export function personOf(resource: Pick<PreviousResource, "type" | "name" | "inputs">): string | undefined {
  if (factsOf(resource.type)?.about !== "person") return undefined;
  const { person } = resource.inputs;
  return typeof person === "string" ? person : resource.name.replace(/^person-/u, "");
}
