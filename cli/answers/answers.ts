/** What commands answer: the documents of `--json`, which the renderings lay out. Types only. */
import type { Json } from "../../base/json.ts";
import type { TokenFacts } from "../../clients/oauth/facts.ts";
import type { Point } from "../../mappings/language/explain.ts";
import type { Check } from "../../providers/core/check.ts";
import type { TicketSchema } from "../../sources/halo/ticket-schema.ts";
import type { CheckedLine, Warning } from "../../stacks/check/warning.ts";
import type { Plan, PlanField, PlanPerson } from "../../stacks/model/plan.ts";
import type { Because, Person } from "../../stacks/model/types.ts";
import type { Evidence } from "../approval/evidence.ts";
import type { End, Sync } from "../ledger/record.ts";
import type { Message } from "../messages/message.ts";

/** What became of a change: a system refused it, it waits for something else, nobody got to it, or it was done. */
export type Fate = "refused" | "pending" | "undone" | "done";

/** `haloform up`; `parts`: what of a plan that is cut was applied, and what waits for whom; absent where all of it was applied. */
export interface UpResult {
  format: "haloform.up/1";
  plan: string;
  /** Operations done, by the plan's words where the provider knows them. */
  done: { [op: string]: number };
  /** Everybody of whom the plan changes something, and what of that became what, in a few words each. */
  people: {
    key: string;
    name: string;
    event: PlanPerson["event"];
    result: Fate | "part";
    done: string[];
    refused: string[];
    pending: string[];
    undone: string[];
  }[];
  /** What is about nobody. */
  shared: { label: string; type: string; result: Fate }[];
  /** Whom the plan left to a human, and what a system refused. */
  parked: { who: string; reason: string }[];
  /** Only what a system refused. */
  refused: { who: string; reason: string }[];
  pending: { who: string; reason: string }[];
  /** Commands that ran, and what they wrote to stdout (at most 64 KB, secrets masked). */
  ran?: { who: string; command: string; output: string }[];
  /** What was noticed and mended on the way. */
  notes?: string[];
  calls: Plan["calls"];
  /** Why the run ended early; absent when it did not. */
  failure?: string;
  parts?: { applied: { id: string; holds: string }[]; waiting: { id: string; holds: string; needs: string; because: string[] }[] };
}

/** `haloform show` */
export interface Shown {
  format: "haloform.show/1";
  digest: string;
  stack: string;
  verdict: "ready for approval" | "nothing to change" | "refused";
  made: string;
  expires: string;
  expired: boolean;
  targets?: Plan["targets"];
  baseline?: Plan["baseline"];
  /** Whether what lies in the bundle for people to read shows this very plan. */
  files: { name: string; shows: "this plan" | "something else" | "nothing" }[];
  plan: Plan;
}

/** `haloform unattended` */
export interface Unattended {
  format: "haloform.unattended/1";
  stack: string;
  looked: "nothing moved" | "everything" | "failed" | "another run is under way";
  /** Why everything was looked at, or why not. */
  why?: string;
  /** What is told now, with names; absent: it is what was told before. */
  message?: Message;
  /** Channel → why it could not be told; it is the next time. */
  untold: { readonly [channel: string]: string };
}

/** `haloform why` */
export interface Why {
  format: "haloform.why/1";
  key: string;
  /** The key that the record has now, where it is another than the one they are known by. */
  recordKey?: string;
  name: string;
  /** `left aside`: people.for does not hold for the record, so that it is nobody's. */
  stage: Person["stage"] | "left aside";
  because?: Because;
  accounts: Person["accounts"];
  record: { [field: string]: Json };
  /** One entry a value that haloform wants, or holds, for this person. */
  values: { type: string; resource: string; path: string; wanted: Json; found: Json; because?: Because }[];
  parked: string[];
  /** What else is said of the person beside every change: that they are protected, what is left as it is. */
  notes: string[];
}

/** `haloform why-not` */
export interface WhyNot extends Omit<Why, "format" | "accounts" | "record" | "values"> {
  format: "haloform.why-not/1";
  rules: RuleVerdict[];
}

export interface RuleVerdict {
  /** `mappings/ad.yaml:32` */
  rule: string;
  /** `groups GG-Sales` */
  of: string;
  holds: boolean;
  /** The lines of the condition that decided. */
  points: Point[];
  /** Why it does nothing although it holds. */
  note?: string;
}

/** `haloform check` */
export interface CheckReport {
  format: "haloform.check/1";
  source: string;
  /** When the records were captured, UTC ISO 8601; absent: they were read now. */
  captured?: string;
  records: number;
  /** Those who are people by people.yaml, and how many of them have left. */
  people: number;
  left: number;
  /** Whether what the systems hold was read, or is in the capture. */
  systems: boolean;
  lines: CheckedLine[];
  warnings: Warning[];
  /** Why the read is doubted, and other sentences about it. */
  doubts: string[];
}

/** `haloform check PERSON`: what `why` says, and every rule. */
export interface CheckPerson extends Omit<Why, "format">, Pick<WhyNot, "rules"> {
  format: "haloform.check-person/1";
  systems: boolean;
}

/** `haloform history` */
export interface History {
  format: "haloform.history/1";
  stack: string;
  records: number;
  /** Why the record cannot be trusted, a sentence each; none = it is whole. */
  broken: string[];
  /** What was applied, newest first. */
  runs: HistoryRun[];
  /** What was read on this machine, newest first, and what was refused or failed before anything was applied. */
  syncs: HistorySync[];
}

/** One run of a command that reads, or several after each other that came to the same. */
export interface HistorySync extends Omit<Sync, "event"> {
  /** When it was; of several the newest. UTC ISO 8601. */
  at: string;
  by: string;
  times: number;
  /** Of several: when the first was. */
  first?: string;
}

export interface HistoryRun {
  seq: number;
  at: string;
  by: string;
  plan: string;
  /** Whose approvals were verified; absent where the settings named no approvers. */
  approvals?: Evidence[];
  /** `cut off`: the run was killed; what it had done by then the next run found in the systems. */
  ended: "done" | "parked" | "failed" | "cut off";
  failure?: string;
  done: { [op: string]: number };
  parked: End["parked"];
  pending: End["pending"];
  /** Only those asked for, where a person was named. */
  changes: {
    person?: string;
    name?: string;
    event?: string;
    type: string;
    label: string;
    op: string;
    fields: PlanField[];
    result: string;
    message?: string;
  }[];
}

/** `haloform source test` */
export interface SourceTest {
  format: "haloform.source-test/1";
  source: string;
  records: number;
  pages: number;
  complete: boolean;
  /** Who gave nobody: the source has no records, or none of them is a person by people.yaml. Absent: there are people. */
  nobody?: "source" | "mapping";
  doubts: string[];
  /** Each element of the records: how many have a value, of which kinds, and one of them. */
  elements: { name: string; kinds: string[]; filled: number; example: Json; used: boolean }[];
  /** Fields that cost one call a person, and are read only where a mapping names them. */
  further?: string[];
  /** What the mapping makes of the first three people. */
  people: { key: string; name: string; makes: { type: string; values: [string, Json][] }[]; parked: string[] }[];
  /** With `--raw`: the first answer of each endpoint (of Halo and Entra ID the first rows), secrets masked. */
  raw?: { endpoint: string; answer: Json }[];
}

/** `haloform source test --token`; a token that cannot be had is an error. */
export interface TokenTest extends TokenFacts {
  format: "haloform.token-test/1";
  source: string;
}

/** `haloform source test tickets --schema` */
export interface SchemaAnswer extends TicketSchema {
  format: "haloform.schema/1";
  of: "tickets";
}

/** `haloform doctor` */
export interface DoctorReport {
  format: "haloform.doctor/1";
  /** No check is bad. */
  ok: boolean;
  checks: Check[];
}
