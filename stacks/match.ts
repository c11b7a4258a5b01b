/** Which existing account is whose. Nobody is duplicated, and what is not certain is left to a human. */
import { fold } from "../mappings/condition.ts";

/** An account as matching sees it. */
export interface Account {
  id: string;
  /** What a sentence calls it: its DN, UPN or e-mail address. */
  label: string;
  /** Never recognised by its fields (administrators, API agents): a human must decide. */
  protected: boolean;
  values(field: string): readonly string[];
}

/** A person who may have an account. */
export interface Claimant {
  key: string;
  /** For sentences: `Ada Example (41)`. */
  called: string;
  /** The id the state knows. */
  known?: string | undefined;
  /** The id of the account that belongs to another account of this person for certain (synced from it). */
  linked?: string | undefined;
  /** What an attribute must hold; "" or undefined = cannot be looked for. */
  wants(field: string): string | undefined;
}

export interface Matched {
  /** Key → account id. */
  found: Map<string, string>;
  /** Key → why a human must decide. */
  parked: Map<string, string>;
}

/**
 * Matches people with accounts: first the id the state knows, then the linked account, then the ordered fields; the
 * first field that finds an account decides. The order of people and accounts does not matter: everybody looks on their
 * own, and an account that two people arrive at belongs to neither.
 */
export function match(system: string, claimants: readonly Claimant[], accounts: readonly Account[], fields: readonly string[]): Matched {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const index = indexer(accounts);
  const claims: [Claimant, string][] = [];
  const parked = new Map<string, string>();
  const owned = new Set<string>();
  const others: Claimant[] = [];
  for (const person of claimants) {
    const id = [person.known, person.linked].find((one) => one !== undefined && byId.has(one));
    if (id === undefined) others.push(person);
    else {
      claims.push([person, id]);
      owned.add(id);
    }
  }
  for (const person of others) {
    const hit = byFields(person, fields, index, owned);
    if (hit === undefined) continue;
    const [account] = hit.accounts;
    if (hit.accounts.length > 1) {
      const labels = hit.accounts.map((one) => one.label).sort();
      parked.set(
        person.key,
        `${labels.length} ${system} accounts have ${hit.field} ${hit.wanted}: ${some(labels)}; make ${hit.field} unique or correct it in Halo`,
      );
    } else if (account?.protected) {
      parked.set(
        person.key,
        `the ${system} account ${account.label} (found by ${hit.field} ${hit.wanted}) is protected and is never taken over by haloform; manage it by hand or take its privileges away`,
      );
    } else if (account) claims.push([person, account.id]);
  }
  return { found: settle(system, claims, byId, parked), parked };
}

function settle(
  system: string,
  claims: [Claimant, string][],
  byId: Map<string, Account>,
  parked: Map<string, string>,
): Map<string, string> {
  const wanted = new Map<string, Claimant[]>();
  for (const [person, id] of claims) wanted.set(id, [...(wanted.get(id) ?? []), person]);
  const found = new Map<string, string>();
  for (const [id, people] of wanted) {
    const [person] = people;
    if (people.length === 1 && person) found.set(person.key, id);
    else {
      const names = people.map((one) => one.called).sort();
      for (const one of people) {
        parked.set(
          one.key,
          `the ${system} account ${byId.get(id)?.label ?? id} would belong to ${names.length} people: ${some(names)}; correct the one it is not in Halo`,
        );
      }
    }
  }
  return found;
}

type Index = (field: string, folded: string) => readonly Account[];

/** An index of a field is made when somebody first looks by it. */
function indexer(accounts: readonly Account[]): Index {
  const indexes = new Map<string, Map<string, Account[]>>();
  return (field, folded) => {
    let index = indexes.get(field);
    if (!index) {
      index = new Map();
      for (const account of accounts) {
        for (const value of new Set(account.values(field).map(fold))) {
          const known = index.get(value);
          if (known) known.push(account);
          else index.set(value, [account]);
        }
      }
      indexes.set(field, index);
    }
    return index.get(folded) ?? [];
  };
}

function byFields(
  person: Claimant,
  fields: readonly string[],
  index: Index,
  owned: ReadonlySet<string>,
): { field: string; wanted: string; accounts: Account[] } | undefined {
  for (const field of fields) {
    const wanted = person.wants(field)?.trim() ?? "";
    if (wanted === "") continue;
    const accounts = index(field, fold(wanted)).filter((account) => !owned.has(account.id));
    if (accounts.length > 0) return { field, wanted, accounts };
  }
  return undefined;
}

function some(labels: string[]): string {
  return labels.length > 5 ? `${labels.slice(0, 5).join("; ")} and ${labels.length - 5} more` : labels.join("; ");
}

/** Entra's `onPremisesImmutableId` of an AD account: base64 of the raw objectGUID, whose first three groups are little-endian. */
export function immutableIdOf(guid: string): string | undefined {
  const hex = guid.trim().replace(/^\{|\}$/gu, "").replaceAll("-", "");
  if (!/^[0-9a-f]{32}$/iu.test(hex)) return undefined;
  const bytes = Buffer.from(hex, "hex");
  for (const [from, to] of littleEndian) bytes.subarray(from, to).reverse();
  return bytes.toString("base64");
}
const littleEndian = [
  [0, 4],
  [4, 6],
  [6, 8],
] as const;
