/** What can be wrong with what Halo answers, and what is said about it. */
import type { HaloFaultBox } from "../../sandbox/halo/faults.ts";

export interface Fault {
  what: string;
  wrong: Partial<HaloFaultBox>;
  /** What is said about it, with `hold` as a doubt of the plan and with `refuse` as the reason. */
  said: RegExp;
  /** Not even with `hold` a plan is made. */
  always?: true;
  /** How it is tried as processes too: what a user sees. */
  processes?: "hold" | "refuse";
  /** The state that is lost knows too little to see it: the limits and the plan's own look must do (default: refused). */
  lost?: "harmless";
}

export const faults: readonly Fault[] = [
  {
    what: "page 2 answers 500",
    wrong: { pages: { 2: "500" } },
    said: /The read is incomplete: page 2 of \/Users failed \(GET \/Users: HaloITSM answers 500: Execution Timeout Expired\.\)/u,
  },
  {
    what: "page 2 is an HTML page",
    wrong: { pages: { 2: "html" } },
    processes: "refuse",
    said: /The read is incomplete: page 2 of \/Users failed \(GET \/Users: HaloITSM answers with an HTML page instead of JSON/u,
  },
  {
    what: "page 2 is cut off",
    wrong: { pages: { 2: "truncated" } },
    said: /The read is incomplete: page 2 of \/Users failed \(GET \/Users: HaloITSM's answer of \d+ characters is not readable JSON/u,
  },
  { what: "page 2 has no rows", wrong: { pages: { 2: "empty" } }, said: /HaloITSM says \/Users has \d+ rows but gave 100/u },
  {
    what: "the connection breaks off on page 2",
    wrong: { pages: { 2: "drop" } },
    said: /The read is incomplete: page 2 of \/Users failed \(GET \/Users: HaloITSM at \S+ cannot be reached or broke off/u,
  },
  { what: "record_count is too high", wrong: { recordCount: 7 }, said: /HaloITSM says \/Users has (\d+) rows but gave (\d+)/u },
  { what: "record_count is too low", wrong: { recordCount: -30 }, said: /HaloITSM says \/Users has (\d+) rows but gave (\d+)/u },
  {
    what: "half of the people are missing",
    wrong: { missing: 0.5 },
    processes: "hold",
    said: /\d+ people instead of the \d+ of the last good read: \d\d % are missing, more than the 20 % of trust\.shrink/u,
  },
  {
    what: "all names are empty",
    wrong: { emptied: ["name", "firstname", "surname"] },
    said: /firstname is filled for 0 of \d+ people|None of the \d+ records of Halo is a person by people\.for/u,
  },
  {
    what: "only first names and surnames are empty",
    wrong: { emptied: ["firstname", "surname"] },
    said: /firstname is filled for 0 of \d+ people, at the last good read for \d+ of \d+: a fall by 100 %/u,
  },
  {
    what: "nobody has custom fields any more",
    wrong: { emptied: ["customfields"] },
    said: /HaloITSM's list gives custom\.CFDepartment, custom\.CFManager for none of the \d+ people/u,
  },
  {
    what: "nobody has a title any more",
    wrong: { emptied: ["title"] },
    said: /title is filled for 0 of \d+ people, at the last good read for \d+ of \d+: a fall by 100 %/u,
    lost: "harmless",
  },
  {
    what: "every name of a client is empty",
    wrong: { emptied: ["client_name"] },
    said: /None of the \d+ records of Halo is a person by people\.for/u,
    always: true,
  },
  { what: "rows come twice", wrong: { duplicates: 15 }, said: /HaloITSM sent 15 rows of \/Users twice/u },
  {
    what: "there are no people at all",
    wrong: { missing: 1 },
    processes: "refuse",
    said: /The source gave no people at all|Halo gave no people at all/u,
    always: true,
  },
];
