/** What `haloform drift` answers. Types only. */
import type { Json } from "../../base/json.ts";
import type { System } from "../../providers/core/system.ts";

/** What of drift belongs together: somebody's, the same change of many, what is left of a system. */
export interface DriftCause {
  /** The same as long as it lasts: `person:41`, `change:ad:User:attributes.title`, `system:ad`. */
  id: string;
  kind: "person" | "change" | "system";
  /** `Ada Example (41)`; `attributes.title of 12 accounts of Active Directory`. */
  said: string;
  systems: System[];
  /** Places in `found`, each with the paths of those of its fields that are meant; none of a thing that is gone. */
  things: { at: number; paths: string[] }[];
  /** What would make it wished: a patch of the mapping files for `git apply`; and of what no line can be made, why. */
  keep: { patch?: string; cannot: string[] };
}

/** `haloform drift --tolerate` */
export interface DriftTolerated {
  format: "haloform.tolerated/1";
  cause: string;
  why: string;
  by: string;
  until: string;
  things: number;
}

/** `haloform drift --keep --pull-request` */
export interface DriftProposed {
  format: "haloform.proposed/1";
  cause: string;
  /** Of the pull request. */
  url: string;
  branch: string;
  /** False: it was open already. */
  isNew: boolean;
}

/** `haloform drift` */
export interface Drift {
  format: "haloform.drift/1";
  /** What was found changed by hand. */
  found: {
    type: string;
    resource: string;
    label: string;
    /** Whose it is: `Ada Example (41)`. */
    of?: string;
    gone: boolean;
    /** It is about power over others: it is never tolerated. */
    privileged?: true;
    /** `names`: what the references in a field are called. */
    fields: { path: string; wanted: Json; found: Json; names?: { [reference: string]: string } }[];
  }[];
  /** The same by what it comes from: each thing, and each field of one, in exactly one of them. */
  causes: DriftCause[];
  /** What is let be, by whose word: none of it is in `found`. `things`: of how many of them something was found. */
  tolerated?: { cause: string; why: string; by: string; until: string; things: number }[];
  /** Systems of which nothing is said, as their lists are not believed: what was drift there before may still be. */
  unread?: System[];
  /** Resources whose wish differs from what was last applied: changes that wait for a plan. */
  waiting: number;
  checked: number;
  doubts: string[];
  calls: { halo: number; graph: number; ldap: number };
  /** With `--since last`: only Active Directory or Entra ID was looked at, and how (cli/commands/drift/since.ts). */
  since?: {
    /** When the last one was, UTC; absent where everything was read. */
    last?: string;
    /** Objects of the systems that changed since. */
    changed: number;
    /** Resources that were looked at. */
    looked: number;
    /** What was compared. */
    systems: ("ad" | "entra")[];
    /** Why everything was read. */
    notes: string[];
  };
}
