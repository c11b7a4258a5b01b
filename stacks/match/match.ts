/** Which existing account is whose. Nobody is duplicated, and what is not certain is left to a human. */
import { fold } from "../../base/text.ts";
import { remembered } from "../model/remembered.ts";
import { byEach } from "../model/values.ts";

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

interface Matched {
  /** Key → account id. */
  found: Map<string, string>;
  /** Key → why a human must decide. */
  parked: Map<string, string>;
}

/** What sentences call an account, and the place where people come from. */
interface Called {
  system: string;
  source: string;
}

/**
 * Matches people with accounts: first the id the state knows, then the linked account, then the ordered fields; the
 * first field that finds an account decides. Everybody looks on their own, and an account that two people arrive at
 * belongs to neither, so the order of people and accounts does not matter. Rounds go on until nobody finds anything new:
 * an account that has found its owner may be what made another person's match ambiguous, and the next run would see that.
 */
export function match(words: Called, claimants: readonly Claimant[], accounts: readonly Account[], fields: readonly string[]): Matched {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const index = indexer(accounts);
  const found = new Map<string, string>();
  const parked = new Map<string, string>();
  const owned = new Set<string>();
  const certain: Hit[] = [];
  let others: Claimant[] = [];
  // One person: it is theirs. More: nobody's, and all of them are told.
  const settle = ({ account, people }: Claim): void => {
    const [person] = people;
    owned.add(account.id);
    if (people.length === 1 && person) found.set(person.key, account.id);
    else for (const one of people) parked.set(one.key, shared(words, account, people));
  };
  for (const person of claimants) {
    const id = [person.known, person.linked].find((one) => one !== undefined && byId.has(one));
    const account = id === undefined ? undefined : byId.get(id);
    if (account) certain.push({ person, account });
    else others.push(person);
  }
  byAccount(certain).forEach(settle);
  for (;;) {
    const looks = others.map((person) => ({ person, hit: byFields(person, fields, index, owned) }));
    const claims = byAccount(
      looks.flatMap(({ person, hit }) => {
        const [account, ...more] = hit?.accounts ?? [];
        return account && more.length === 0 && !account.protected ? [{ person, account }] : [];
      }),
    );
    const sure = claims.filter(({ people }) => people.length === 1);
    sure.forEach(settle);
    others = others.filter((person) => !found.has(person.key));
    if (sure.length > 0) continue;
    claims.forEach(settle);
    for (const { person, hit } of looks) if (hit && !parked.has(person.key)) parked.set(person.key, undecided(words, hit));
    return { found, parked };
  }
}

interface Hit {
  person: Claimant;
  account: Account;
}

/** An account, and everybody whose it may be. */
interface Claim {
  account: Account;
  people: Claimant[];
}

function byAccount(hits: readonly Hit[]): Claim[] {
  return [...Map.groupBy(hits, (one) => one.account)].map(([account, all]) => ({ account, people: all.map((one) => one.person) }));
}

function shared({ system, source }: Called, account: Account, people: readonly Claimant[]): string {
  const names = people.map((one) => one.called).sort();
  return `the ${system} account ${account.label} would belong to ${names.length} people: ${some(names)}; correct the one it is not in ${source}`;
}

function undecided({ system, source }: Called, { field, wanted, accounts }: Look): string {
  const [account] = accounts;
  if (accounts.length === 1 && account) {
    return `the ${system} account ${account.label} (found by ${field} ${wanted}) is protected and is never taken over by haloform; manage it by hand or take its privileges away`;
  }
  const labels = accounts.map((one) => one.label).sort();
  return `${labels.length} ${system} accounts have ${field} ${wanted}: ${some(labels)}; make ${field} unique or correct it in ${source}`;
}

/** What a field finds. */
interface Look {
  field: string;
  wanted: string;
  accounts: Account[];
}

type Index = (field: string, folded: string) => readonly Account[];

/** An index of a field is made when somebody first looks by it. */
function indexer(accounts: readonly Account[]): Index {
  const indexes = remembered((field: string) => byEach(accounts, (account) => account.values(field).map(fold)));
  return (field, folded) => indexes(field).get(folded) ?? [];
}

function byFields(person: Claimant, fields: readonly string[], index: Index, owned: ReadonlySet<string>): Look | undefined {
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
  const hex = guid
    .trim()
    .replace(/^\{|\}$/gu, "")
    .replaceAll("-", "");
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
