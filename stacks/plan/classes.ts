/** What losses and gains are counted as: the limit that holds for each, what its share is a share of, and its words. */
import type { SafetyFile } from "../../mappings/schema/all.ts";
import type { CountedAs } from "../../providers/core/access.ts";

export type LimitName = keyof SafetyFile["limits"];

/** What there is in a system before a plan, of which limits allow a share. */
export type Held = "accounts" | "people" | "memberships" | "licences" | "folders" | "access";

export interface Class {
  readonly limit: LimitName;
  /** `access`: accounts, memberships and licences together; `people`: who has anything there, which in Halo users and agents may both be. */
  readonly of: Held;
  readonly words: readonly [one: string, many: string];
  /** The end of "3 accounts would …". */
  readonly would: string;
  /** The thing counts, not its fields: an account whose login and password change is one that is locked out. */
  readonly whole?: true;
}

const accounts = ["account", "accounts"] as const;

/** In the order in which plans tell of them. */
export const classes: { readonly [as in CountedAs]: Class } = {
  disabled: { limit: "disabled", of: "accounts", words: accounts, would: "be disabled" },
  lockedOut: { limit: "lockedOut", of: "accounts", words: accounts, would: "lose or change a way in", whole: true },
  memberships: { limit: "membershipsLost", of: "memberships", words: ["group membership", "group memberships"], would: "be lost" },
  licences: { limit: "licencesLost", of: "licences", words: ["licence", "licences"], would: "be lost" },
  rules: { limit: "rulesChanged", of: "people", words: ["person", "people"], would: "come under other rules", whole: true },
  mailboxes: { limit: "mailboxesChanged", of: "accounts", words: ["mailbox", "mailboxes"], would: "change", whole: true },
  deleted: { limit: "deleted", of: "accounts", words: accounts, would: "be deleted" },
  folders: { limit: "foldersDeleted", of: "folders", words: ["archived home folder", "archived home folders"], would: "be deleted" },
  gained: {
    limit: "gained",
    of: "access",
    words: ["account, membership, licence or role", "accounts, memberships, licences and roles"],
    would: "be gained",
  },
  privileged: { limit: "privilegedGained", of: "accounts", words: ["privileged right", "privileged rights"], would: "be gained" },
};

export const classNames = Object.keys(classes) as readonly CountedAs[];
