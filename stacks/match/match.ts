/** Which existing account is whose. Nobody is duplicated, and what is not certain is left to a human. */
import { fold } from "../../base/text.ts";
import { remembered } from "../model/remembered.ts";
import { byEach, compareKeys } from "../model/values.ts";
import { sharesWord, wordsOf } from "./names.ts";

/** An account as matching sees it. */
export interface Account {
  id: string;
  /** What a sentence calls it: its DN, UPN or e-mail address. */
  label: string;
  /** Never recognised by its fields (administrators, API agents): a human must decide where nothing else is found. */
  protected: boolean;
  /** Somebody else's account, invited: nobody's by its fields, unless the mapping asks for guests. */
  guest?: boolean | undefined;
  /** Names of people that it bears; asked only where something speaks against it. */
  names?: (() => readonly string[]) | undefined;
  values(field: string): readonly string[];
}

/** A person who may have an account. */
export interface Claimant {
  key: string;
  /** For sentences: `Ada Example (41)`. */
  called: string;
  /** What the person is called, for weighing. */
  name?: string | undefined;
  /** Has left, or is no record any more. */
  inactive?: boolean | undefined;
  /** Has no name in the record: by a doubted read nobody is made without one. */
  unnamed?: boolean | undefined;
  /** Had an account by the last run, whichever: not matched anew. */
  before?: boolean | undefined;
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
  /** Of these, whose account neither the state nor another account of theirs says: their fields alone do. */
  anew: ReadonlySet<string>;
  /** Key → why a human must decide. */
  parked: Map<string, string>;
  /** Key → the guest whose fields are the person's, with a field and its value: `mail jo@example.com`. */
  guests: Map<string, { account: Account; by: string }>;
  /** Ids of accounts that may be somebody's who is parked: whose they are a human decides. */
  open: Set<string>;
}

/** What sentences call an account, and the place where people come from. */
interface Called {
  system: string;
  source: string;
  /** What is doubted (`the read of Halo`): whoever is known stays known, and nobody is matched anew. */
  doubted?: string | undefined;
}

/**
 * Matches people with accounts: first the id the state knows, then the linked account, then the ordered fields; the
 * first field that finds an account decides, unless everything else that both have speaks against it. Accounts that are protected
 * and guests make nobody ambiguous. Everybody looks on their own, and an account that two people arrive at
 * belongs to neither, so the order of people and accounts does not matter. Rounds go on until nobody finds anything new:
 * an account that has found its owner may be what made another person's match ambiguous, and the next run would see that.
 * While a read is doubted only ids and links count: who is missing might have claimed the same account.
 */
export function match(words: Called, claimants: readonly Claimant[], accounts: readonly Account[], fields: readonly string[]): Matched {
  const byId = new Map(accounts.map((account) => [account.id, account]));
  const index = indexer(accounts);
  const found = new Map<string, string>();
  const parked = new Map<string, string>();
  const guests: Matched["guests"] = new Map();
  const owned = new Set<string>();
  const open = new Set<string>();
  const certain: Hit[] = [];
  let others: Claimant[] = [];
  // One person: it is theirs. More: nobody's, and all of them are told.
  const settle = ({ account, people }: Claim): void => {
    const [person] = people;
    owned.add(account.id);
    if (people.length === 1 && person) {
      found.set(person.key, account.id);
    } else {
      open.add(account.id);
      for (const one of people) parked.set(one.key, shared(words, account, people));
    }
  };
  for (const person of claimants) {
    const id = [person.known, person.linked].find((one) => one !== undefined && byId.has(one));
    const account = id === undefined ? undefined : byId.get(id);
    if (account) certain.push({ person, account });
    else others.push(person);
  }
  byAccount(certain).forEach(settle);
  const known = new Set(found.keys());
  const rivalOf = rivals(claimants);
  for (;;) {
    const alone = others.map((person) => ({ person, hit: byFields(person, fields, index, owned, guests) }));
    const arrived = new Map(found);
    for (const { person, hit } of alone) if (hit?.accounts[0] && hit.accounts.length === 1) arrived.set(person.key, hit.accounts[0].id);
    const looks = alone.map(({ person, hit }) => {
      const rival = hit && rivalOf(person, hit, arrived);
      return { person, hit: rival ? { ...hit, rival } : hit };
    });
    const claims = byAccount(
      looks.flatMap(({ person, hit }) => {
        const [account, ...more] = hit?.accounts ?? [];
        return account && more.length === 0 && !account.protected && hit?.against.length === 0 && !hit.rival ? [{ person, account }] : [];
      }),
    ).map((claim) => withoutInactive(claim, fields));
    const sure = claims.filter(({ people: [one, another] }) => one && !another && (one.before || !words.doubted));
    sure.forEach(settle);
    others = others.filter((person) => !found.has(person.key));
    if (sure.length > 0) continue;
    if (!words.doubted) claims.forEach(settle);
    for (const { person, hit } of looks)
      if (hit && !parked.has(person.key)) {
        parked.set(person.key, undecided(words, hit));
        for (const { id } of hit.accounts) open.add(id);
      } else if (!hit && words.doubted === readOf(words)) {
        const lost = person.unnamed ? "name" : fields.find((field) => person.wants(field)?.trim() === "");
        if (lost !== undefined) parked.set(person.key, unrecognisable(words, lost));
      }
    for (const key of found.keys()) guests.delete(key);
    return { found, anew: new Set([...found.keys()].filter((key) => !known.has(key))), parked, guests, open };
  }
}

/**
 * Who has the same value besides and arrives at another account, so that this one may be theirs as well; undefined where its name says
 * more for the one who looks. `arrived`: key → account.
 */
function rivals(all: readonly Claimant[]): (person: Claimant, hit: Look, arrived: ReadonlyMap<string, string>) => Claimant | undefined {
  const having = remembered((field: string) => byEach(all, (one) => [fold(wantedOf(one, field))]));
  return (person, { field, wanted, accounts: [account, another] }, arrived) => {
    if (!account || another || naming.has(fold(field))) return undefined;
    const others = (having(field).get(fold(wanted)) ?? []).filter(
      ({ key }) => key !== person.key && arrived.has(key) && arrived.get(key) !== account.id,
    );
    if (others.length === 0) return undefined;
    const names = wordsOf(...(account.names?.() ?? []));
    const said = ({ name = "" }: Claimant): number => [...wordsOf(name)].filter((word) => names.has(word)).length;
    return others.filter((one) => said(one) >= said(person)).sort((a, b) => compareKeys(a.key, b.key))[0];
  };
}

/** A record of somebody who has left does not park the one active person who fits better. */
function withoutInactive({ account, people }: Claim, fields: readonly string[]): Claim {
  const [active, another] = people.filter((one) => !one.inactive);
  if (people.length < 2 || !active || another) return { account, people };
  const score = (person: Claimant): number => {
    const { agree, against } = weigh(person, account, fields);
    return agree - against.length;
  };
  const best = score(active);
  return people.every((one) => one === active || score(one) < best) ? { account, people: [active] } : { account, people };
}

const wantedOf = (person: Claimant, field: string): string => person.wants(field)?.trim() ?? "";

/** How many fields that both have agree, and those that do not, with both values. */
function weigh(person: Claimant, account: Account, fields: readonly string[]): { agree: number; against: Against[] } {
  let agree = 0;
  const against: Against[] = [];
  for (const field of fields) {
    const wanted = wantedOf(person, field);
    const values = account.values(field).filter((value) => value.trim() !== "");
    if (wanted === "" || values.length === 0) continue;
    if (values.some((value) => fold(value) === fold(wanted))) agree += 1;
    else against.push({ field, wanted, has: values.join(", ") });
  }
  return { agree, against };
}

/** A field in which a person and an account differ. */
interface Against {
  field: string;
  wanted: string;
  has: string;
}

/** Whether any word of the person's name is in a name of the account. */
const isCalledSo = ({ name = "" }: Claimant, { names }: Account): boolean => sharesWord(wordsOf(name), wordsOf(...(names?.() ?? [])));

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
  return `the ${system} account ${account.label} would belong to ${names.length} people: ${some(names)}; correct the record of whoever it does not belong to in ${source}`;
}

function undecided({ system, source, doubted }: Called, { field, wanted, accounts, against, rival }: Look): string {
  const [account] = accounts;
  if (doubted)
    return `${doubted} is doubted, and nobody is matched anew until it can be trusted: ${some(accounts.map((one) => one.label).sort())} of ${system} ${accounts.length === 1 ? "has" : "have"} ${field} ${wanted}; wait for a read that can be trusted`;
  if (account && against.length > 0) {
    return `the ${system} account ${account.label} has ${field} ${wanted}, and everything else speaks against it: ${saidAgainst(account, against)}; correct ${field} in ${source}, or the account's values where it is the person's`;
  }
  if (account && rival)
    return `the ${system} account ${account.label} has ${field} ${wanted}, and so has ${rival.called}, who has another account; correct ${field} of whoever it is not in ${source}, or let the account's name say whose it is`;
  if (accounts.length === 1 && account) {
    return `the ${system} account ${account.label} (found by ${field} ${wanted}) is protected and is never taken over by haloform; manage it by hand or take its privileges away`;
  }
  const labels = accounts.map((one) => one.label).sort();
  return `${labels.length} ${system} accounts have ${field} ${wanted}: ${some(labels)}; make ${field} unique or correct it in ${source}`;
}

export const readOf = ({ source }: Pick<Called, "source">): string => `the read of ${source}`;

/** A column that is lost makes nobody new. */
const unrecognisable = ({ system, source }: Called, field: string): string =>
  `the read of ${source} is doubted, and gives no ${field} by which an account of this person's in ${system} could be recognised: wait for a read that can be trusted`;

/** What a field finds. */
interface Look {
  field: string;
  wanted: string;
  accounts: Account[];
  /** Of one account: all other values, where none of them agrees. */
  against: Against[];
  /** Of one account: who has the value as well, and an account already. */
  rival?: Claimant;
}

/** The accounts by the values of a field, folded. */
type Index = (field: string) => ReadonlyMap<string, readonly Account[]>;

/** An index of a field is made when somebody first looks by it. */
function indexer(accounts: readonly Account[]): Index {
  return remembered((field: string) => byEach(accounts, (account) => account.values(field).map(fold)));
}

function byFields(
  person: Claimant,
  fields: readonly string[],
  index: Index,
  owned: ReadonlySet<string>,
  guests: Matched["guests"],
): Look | undefined {
  let guarded: Look | undefined;
  for (const field of fields) {
    const known = index(field);
    // A field that no account has finds nobody.
    const wanted = known.size === 0 ? "" : wantedOf(person, field);
    if (wanted === "") continue;
    const all = (known.get(fold(wanted)) ?? []).filter((account) => !owned.has(account.id));
    const guest = all.find((account) => account.guest);
    if (guest && !guests.has(person.key)) guests.set(person.key, { account: guest, by: `${field} ${wanted}` });
    const accounts = all.filter((account) => !account.guest && !account.protected);
    const [account] = accounts;
    if (account)
      return {
        field,
        wanted,
        accounts,
        against: accounts.length > 1 || naming.has(fold(field)) ? [] : contradiction(person, account, fields),
      };
    const kept = all.filter((one) => !one.guest);
    if (kept.length > 0) guarded ??= { field, wanted, accounts: kept, against: [] };
  }
  return guarded;
}

/** Fields that name the object itself: whoever wrote one there means this account, whatever else it says. */
const naming: ReadonlySet<string> = new Set(["id", "azureoid", "objectguid"]);

/**
 * What speaks against an account that one field has found: nothing, where anything else agrees. Where both have nothing else, their
 * names do, if they have no word in common.
 */
export function contradiction(person: Claimant, account: Account, fields: readonly string[]): Against[] {
  const { agree, against } = weigh(person, account, fields);
  if (agree > 1 || isCalledSo(person, account)) return [];
  return against.length > 0 ? against : differentNames(person, account);
}

/** A login or a sign is no name of a person, and one in another script may be the same. */
function differentNames({ name = "" }: Claimant, { names }: Account): Against[] {
  const has = names?.().find((one) => latinWords(one) > 1);
  return has === undefined || latinWords(name) === 0 ? [] : [{ field: "the name", wanted: name, has }];
}

const latinWords = (name: string): number => [...wordsOf(name)].filter((word) => /^(?=.*[a-z])[a-z0-9]+$/u.test(word)).length;

/** What speaks against an account, for a sentence: `mail olaf@example.com and not nia@example.com; it is called Olaf Ferry`. */
export function saidAgainst({ names }: Account, against: readonly Against[]): string {
  const called = names?.().find((name) => name !== "");
  const values = against.map((one) => `${one.field} ${one.has} and not ${one.wanted}`).join(", ");
  return called === undefined || against.some(({ has }) => has === called) ? values : `${values}; it is called ${called}`;
}

function some(labels: string[]): string {
  return labels.length > 5 ? `${labels.slice(0, 5).join("; ")} and ${labels.length - 5} more` : labels.join("; ");
}
