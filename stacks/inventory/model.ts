/** The words of an inventory: everything that the systems have, a row each, and whose it is. Types only. */
import type { Directory } from "../../providers/core/system.ts";
import type { Stage } from "../model/types.ts";

/** In the order in which they are told of. */
export const kinds = ["accounts", "roles", "teams", "groups", "licences", "assets"] as const;
export type Kind = (typeof kinds)[number];

/**
 * `mapped`: a line of a mapping file asks for it. `record`: it is the record that its person comes from. `unasked`: it is somebody's,
 * and no line asks for it: given by hand. `undecided`: it may be somebody's, and a human must decide, or its person is parked.
 * `nobody`: no person of the source has it, or is known in whoever holds it. `empty`: nobody holds it at all.
 */
export const states = ["mapped", "record", "unasked", "undecided", "nobody", "empty"] as const;
export type State = (typeof states)[number];

/** An account or an asset, or that somebody holds a role, a licence, a place in a team or group. */
export interface InventoryRow {
  kind: Kind;
  system: Directory;
  /** What it is, where a kind has several: `agent`, `user`, `board`, `software`. */
  sort: string;
  /** The system's own key of the account or thing. */
  id: string;
  /** What administrators call it: a login, a role's or group's name, a part number. */
  name: string;
  /** Of what is held: the account that holds it, by key and name; neither where nobody does. */
  holder?: { id: string; name: string };
  /** Whose it is. */
  person?: { key: string; name: string; stage: Stage };
  state: State;
  /** `mappings/ad.yaml:12`: the line that asks for it. */
  rule?: string;
  /** Of an account: whether it is on. Of what is held: whether its holder is. */
  enabled?: boolean;
  /** haloform keeps its hands off it. */
  protected?: boolean;
  /** Last logon or sign-in, UTC ISO 8601, as far as the system tells. */
  lastSeen?: string;
  /** What else there is to say, in few words: `through GG-Staff`, `parked: …`. */
  note?: string;
}

/** A list that could not be read, and why. */
export interface Unread {
  kind: Kind;
  system: Directory;
  why: string;
}

export interface Inventory {
  format: "haloform.inventory/1";
  stack: string;
  /** When it was read, UTC ISO 8601; of a capture when that was made. */
  at: string;
  /** Where people come from, and how many records were read. */
  source: { name: string; records: number };
  kinds: Kind[];
  counts: Count[];
  /** Why what was read is doubted: then who is whose may be wrong. */
  doubts: string[];
  /** What is not told, and what would let it be told. */
  notes: string[];
  unread: Unread[];
  rows: InventoryRow[];
}

/** How many there are of a kind in a system. */
export interface Count {
  kind: Kind;
  system: Directory;
  /** Accounts or things: roles, teams, groups, part numbers, assets. */
  things: number;
  /** Rows by their state. */
  by: { [state in State]?: number };
}
