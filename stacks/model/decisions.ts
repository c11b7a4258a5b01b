/**
 * What the conditions of the mapping files decide, for everybody: made once it is known whose account is whose, as devices have
 * their owners then (stacks/decide/decide.ts), and handed on. Whoever asks, and whenever, is told the same.
 */
import type { Facts } from "../../mappings/language/condition.ts";
import type { Condition, HaloFile } from "../../mappings/schema/all.ts";
import type { Because, Person } from "./types.ts";

/** What deciding needs of a person. */
export type Known = Pick<Person, "key" | "recordKey" | "record" | "accounts">;

export interface Verdict {
  holds: boolean;
  /** Fields that decided. */
  fields: string[];
  /** It hangs on a feed whose read is doubted: everything stays as it is. */
  unsure?: true;
}

/** A line of a mapping file that says for whom it is; left out, it is for everybody. */
export interface Conditional {
  for?: Condition | undefined;
}

/** A line with a first and a last day. */
export interface Dated {
  starts?: string | undefined;
  ends?: string | undefined;
}

/** A line that holds for a person, and the fields that made it hold. */
export interface Chosen<L> {
  line: L;
  index: number;
  fields: string[];
}

/** A line of agents that holds for a person. */
export interface AgentLine {
  line: HaloFile["agents"][number];
  why: Because;
}

/** Where in Halo a person belongs. */
export interface Placed {
  /** `Client/Site`. */
  site: string;
  role?: string | undefined;
  why: Because;
  /** The site follows from a field's value (`organisation`); `create`: it is made where it is missing. */
  made?: { client: string; name: string; create: boolean };
}

export interface Decisions {
  /** A condition; left out, it holds. Nobody without a record meets any. */
  verdict(condition: Condition | undefined, person: Known): Verdict;
  /** Why a line asks for nobody today (in people.zone), before its first or after its last day; undefined = it does. */
  closed(line: Dated): string | undefined;
  /** The members of a line: nobody where it asks for nobody, or today is before its first or after its last day. */
  members(line: Dated, condition: Condition | undefined): (person: Known) => Verdict;
  /**
   * The first line that holds: accounts, photos, home folders. Undefined also where a line before it hangs on a feed that is
   * doubted (`isUnsure`): which of the two it is nobody knows. A leaver's is the first that holds, as a leaver only loses.
   */
  first<L extends Conditional>(lines: readonly L[] | undefined, person: Known & Pick<Person, "stage">): Chosen<L> | undefined;
  isUnsure(lines: readonly Conditional[] | undefined, person: Known & Pick<Person, "stage">): boolean;
  /** The lines of agents that hold; the last may be what halo-users.yaml makes of an entry for agents. */
  agents(person: Known): readonly AgentLine[];
  /** The line of agents by an entry of halo-users.yaml. */
  agentBySite(person: Known): AgentLine | undefined;
  /** The site by halo-users.yaml; undefined: none, so no user in Halo. */
  place(person: Known): Placed | undefined;
  /** What is decided on; undefined of who has no record. */
  facts(key: string): Facts | undefined;
  /** Sentences: groups that ask for each other in a circle. */
  problems: readonly string[];
  /** Groups of Entra ID that conditions ask for, and of which there is none or more than one. */
  unknown: readonly { name: string; count: number }[];
}
