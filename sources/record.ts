/** What every source gives: records of people, and how the read of them went. */
import type { Json } from "../base/json.ts";

/** One record of the source after decoding: flat fields as the source names them; custom fields of Halo under `custom.NAME`. */
export interface SourceRecord {
  /** `halo.users 41` */
  ref: string;
  fields: { [field: string]: Json };
}

/** What was answered, as it came, by endpoint: for people who look at a source. */
export type SourceAnswers = { endpoint: string; answers: Json[] }[];

/** How the read went: what the trust gate judges. */
export interface ReadReport {
  /** What the source said there is; undefined when it did not say. */
  recordCount: number | undefined;
  /** Rows that came, each id once; Halo's pseudo-contacts are among them. */
  rows: number;
  pages: number;
  complete: boolean;
  /** Plain sentences; empty when nothing is wrong. */
  doubts: string[];
}

/** What the last trusted read left, for the next one to be held against. */
export interface SourceMemory {
  /** Records in the last trusted read. */
  count: number;
  /** Field → how many records had a value. */
  filled: { [field: string]: number };
  /** Assets, links of licences, tickets in their last trusted reads; absent where no condition asks for them. */
  feeds?: { [feed: string]: number };
}
