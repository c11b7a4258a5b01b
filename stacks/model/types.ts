/** The words of the pure middle. Nothing here does I/O. */

import type { Json, Values } from "../../base/json.ts";
import type { CountedAs } from "../../providers/core/access.ts";
import type { Directory } from "../../providers/core/system.ts";
import type { WaveName } from "../../providers/core/waves.ts";
import type { SourceMemory, SourceRecord } from "../../sources/record.ts";

export type { SourceRecord };

/** Why a value is what it is: the rule that asked for it, and the record and field it came from. */
export interface Because {
  /** `mappings/ad.yaml:12`, relative to the project. */
  rule: string;
  /** `halo.users 41`; absent where the rule alone decides. */
  record?: string;
  /** The record's field or fields, comma separated: `department`, `custom.CFManager`. */
  field?: string;
  /** A sentence for people, where rule and field do not say enough: "inactive in Halo since this run". */
  note?: string;
  /** Words among the fields that are none of the record's (`manager` of a reply), and what they gave. */
  values?: { [word: string]: string };
}

export type Stage = "active" | "leaver" | "held";

export interface Person {
  key: string;
  /** For people to read: "Ada Example". */
  name: string;
  record?: SourceRecord;
  /** The key of the record, where the person is known under an earlier one (stacks/match/again.ts). */
  recordKey?: string;
  stage: Stage;
  /** Why the stage is not `active`. */
  because?: Because;
  /** Ids of matched accounts; absent = none found. */
  accounts: { ad?: string; entra?: string; halo?: string };
}

/** What cannot be done for somebody, in words that name the cause and the mend. The others go on. */
export interface Parked {
  key: string;
  name: string;
  reason: string;
  /** Which system refused or `mapping` / `matching`. */
  where: string;
  /** `part`: only what the reason says waits; `thing`: it is about no person. Left out: the person is left as they are. */
  of?: "part" | "thing";
}

/** A resource as it should be. Inputs are canonical for its type. */
export interface DesiredResource {
  type: string;
  /** Stable logical name made from the Halo record's id (`person-41`) or the object's own name (`GG-Sales`). */
  name: string;
  /** Where it is not its type's own (providers/core/waves.ts). */
  wave?: WaveName;
  /** Rounds of one wave are applied one after the other; absent = the first. */
  round?: number;
  person?: string;
  inputs: Values;
  /** Field path (`attributes.displayName`, `members.person:41`, `enabled`) → why. The empty path explains the resource. */
  because: { [path: string]: Because };
  /** The id of the existing object to adopt, when the state does not know the resource yet. */
  adopt?: string;
  /** As the last run left it, and nobody looks: a list of its system is not believed (untouched.ts), or it is protected (protected.ts). */
  untouched?: true;
  /** Field path → who loses a licence where that field goes (`licences.SPE_E3` of a group): `person:<key>`, `id:<Graph id>`. */
  loses?: { [path: string]: string[] };
}

/** A resource as the last run left it in the state (of `pulumi stack export`). */
export interface PreviousResource {
  type: string;
  name: string;
  id: string;
  inputs: Values;
  outputs: Values;
  /** When the state of it was last written, as the engine says (RFC 3339). */
  modified?: string;
}

/** What a run remembers for the next one, kept as stack output `memory`. It changes only when its contents do. */
export interface Memory {
  format: "haloform.memory/1";
  source: SourceMemory;
  /** People known so far, by their key. */
  people: { [key: string]: Remembered };
  /** `type::name` → path → what was wanted there, where a run of a part left what somebody changed by hand (stacks/plan/held.ts). */
  held?: { [resource: string]: { [path: string]: Json } };
}

/** What is remembered of somebody. */
export interface Remembered {
  name: string;
  /** Absent from the source since then (UTC ISO 8601). */
  absentSince?: string;
  leaverSince?: string;
  /** The day from which stages count, where they were seen to have left and nothing of it is applied yet (stacks/plan/part-memory.ts). */
  seenLeaving?: string;
  /** The record's reference, where it is not the source's name and the key: by which a missing one is asked for. */
  ref?: string;
  /** The key that the person's record has now, where it is another. */
  key?: string;
  /** Keys of records that may be theirs, which a human has not decided. */
  likes?: string[];
  /** Addresses of the record that no account of theirs has, and nothing writes there: by which they are known all the same. */
  addresses?: string[];
}

/** A command that is due for a person (mappings/scripts.yaml), kept in a stack tag so that a killed run cannot lose it. */
export interface Noted {
  person: string;
  /** The command's name. */
  script: string;
  event: string;
  /** When the event was first planned, UTC ISO 8601. */
  at: string;
  /** The same for every attempt. */
  id: string;
}

/** Something that a run takes or gives (stacks/plan/counted.ts). */
export interface Amount {
  as: CountedAs;
  /** Absent in what versions that did not know it have counted: it may be any. */
  system?: string;
  /** By which it is known when it is counted again; it says nobody's name. */
  name?: string;
  /** How many people it reaches; 1 for what is one person's. */
  people: number;
  /** Whose it is, while the plan is at hand. */
  person?: string;
  /** Field of the person's record → digest of its value, for limits by that field. */
  per?: { [field: string]: string };
}

/** Alike amounts of a run. */
export interface Tally extends Pick<Amount, "as" | "system" | "per"> {
  /** How many people each of them reaches; absent: one. */
  each?: number | undefined;
  /** Their names. */
  of?: string[] | undefined;
  /** How many there are without a name. */
  count?: number | undefined;
}

/** What the guard counted for a run of the last 24 hours, kept so that a crash cannot lose it. */
export interface Loss {
  /** UTC ISO 8601. */
  at: string;
  counted: Tally[];
  /** How many there were of each before that run (stacks/plan/population.ts): what is left is no larger a share of itself. */
  population?: { [of: string]: number };
}

export type System = Directory;

/** A person on the way through the pure middle. */
export interface Subject extends Person {
  /** haloform managed something of this person before. */
  known: boolean;
  /** Nothing may be taken from this person, whatever the mapping says; why is in `keep`. */
  keep?: Because;
  /** safety.yaml protects this person: what is there is not written (stacks/wish/protected.ts). */
  guarded?: true;
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
  /** Keys of records that may be this person's (stacks/match/cases.ts). */
  likes?: string[];
  /** Set when the record is gone from a read that is believed. UTC ISO 8601. */
  absentSince?: string;
}

/** What somebody who has left still answers for, and who follows; nobody: it stays as it is. */
export interface Answer {
  leaver: Subject;
  as: "manager" | "managedBy" | "owner" | "forward" | "reply";
  /** Of whom, or of what. */
  of: string;
  follower?: Subject | undefined;
  /** No mapping names it, so that haloform does not change it. */
  unnamed?: true;
}

export type StageName = "disable" | "strip" | "move" | "delete";
