/** Logins and common names: chosen the same way in every run, whatever order people come in. */
import { isPlainText } from "../../base/clean.ts";
import { fold, withoutAccents } from "../../base/text.ts";
import { ascii } from "../../mappings/language/text.ts";

/** A template may make one address of every login: numbering ends. */
const mostOthers = 100;
/** AD allows 64 characters in a common name. */
const longestName = 64;

export interface LoginRule {
  longest: number;
  taken: "number" | "park";
}

/** `instead`: why it is not the plain name. */
export type Named = { name: string; instead?: string } | { problem: string };

/** Who wants a login, and what their template gives. */
export interface LoginWish {
  key: string;
  text: string;
  /** What an account that was lost was called. */
  before?: string | undefined;
  /** Who else has what would come with this login (a userPrincipalName, an address): `taken by …`. */
  taken?: ((login: string) => string | undefined) | undefined;
}

/** What is left of a rendered login: ASCII, lower case, only what every system takes (AD forbids `"/\[]:;|=,+*?<>@`, blanks cause trouble). */
export function loginStem(text: string): string {
  return ascii(text)
    .toLowerCase()
    .replace(/[^a-z0-9._-]/gu, "")
    .replace(/^[.]+|[.]+$/gu, "");
}

/**
 * Logins of new accounts. `wishes` in order of the key, so that the lower key gets the plain name; `inUse`: the names of all accounts
 * and groups there are, whatever their case. `source`: what sentences call the place where people come from.
 */
export function logins(wishes: readonly LoginWish[], inUse: Iterable<string>, rule: LoginRule, source: string): Map<string, Named> {
  const used = new Set([...inUse].map(fold));
  const named = new Map<string, Named>();
  // An account that was lost comes back under its old login, before anybody new can take it.
  for (const { key, before } of wishes) {
    if (before === undefined || before === "" || used.has(fold(before))) continue;
    used.add(fold(before));
    named.set(key, { name: before });
  }
  for (const wish of wishes) {
    if (named.has(wish.key)) continue;
    const made = login(wish, used, rule, source);
    if ("name" in made) used.add(made.name);
    named.set(wish.key, made);
  }
  return named;
}

function login({ text, taken }: LoginWish, used: ReadonlySet<string>, rule: LoginRule, source: string): Named {
  const stem = loginStem(text);
  if (stem === "") return { problem: `no login can be made of "${text}"; give the person a name in ${source}, or change people.login.is` };
  const first = cut(stem, rule.longest);
  let others = 0;
  const whose = (name: string): string | undefined => {
    if (used.has(name)) return taken?.(name) ?? "taken";
    const words = taken?.(name);
    if (words !== undefined) others += 1;
    return words;
  };
  const instead = whose(first);
  if (instead === undefined) return { name: first };
  if (rule.taken === "park")
    return { problem: `the login ${first} is ${instead}; choose another by hand, or set people.login.taken to number` };
  for (let number = 2; String(number).length < rule.longest && others < mostOthers; number++) {
    const name = `${cut(stem, rule.longest - String(number).length)}${number}`;
    // By what else a name of this run is taken makes no difference here, and of one name there may be hundreds.
    if (!used.has(name) && whose(name) === undefined) return { name, instead: `${first} is ${instead}` };
  }
  if (others > 0) return { problem: `the login ${first} is ${instead}, and so it is with a number; choose one by hand` };
  return { problem: `every login made of ${first} and a number is taken; choose one by hand` };
}

/** Cut to a length; AD forbids a dot at the end. */
function cut(stem: string, length: number): string {
  return stem.slice(0, length).replace(/[.]+$/u, "");
}

interface NameWish {
  key: string;
  /** What the template gives. */
  base: string;
  /** Key of the place (dnKey of the OU). */
  place: string;
  /** What the account is called now and where it is; undefined for a new account. */
  current?: { name: string; place: string } | undefined;
}

/**
 * Common names, unique within their place. An account that is where it should be keeps its name if that is the base or
 * the base with a number; the others get the first free of `base`, `base (2)`, … in order of the key. `occupied`: every object there
 * is, as `placed` names it; asked for only where somebody gets another name.
 */
export function commonNames(wishes: readonly NameWish[], occupied: () => Iterable<string>, source: string): Map<string, Named> {
  const named = new Map<string, Named>();
  for (const wish of wishes) {
    if (wish.current && wish.current.place === wish.place && isNumbered(wish.current.name, wish.base))
      named.set(wish.key, { name: wish.current.name });
  }
  const others = wishes.filter(({ key }) => !named.has(key));
  const used = new Set(others.length > 0 ? occupied() : []);
  for (const wish of others) {
    const own = wish.current && placed(wish.current.place, wish.current.name);
    const made = commonName(wish, source, (name) => {
      const key = placed(wish.place, name);
      return key !== own && used.has(key);
    });
    if ("name" in made) used.add(placed(wish.place, made.name));
    named.set(wish.key, made);
  }
  return named;
}

/**
 * How `occupied` names an object. AD compares names without regard to case, accents and width (MS-DRSR 5.50.1, MS-ADTS 6.5):
 * José and Jose cannot be in one organizational unit.
 */
export function placed(place: string, name: string): string {
  const bare = isPlainText(name) ? name : withoutAccents(name);
  return `${place}\u0001${fold(bare === "" ? name : bare)}`;
}

/** Why a userPrincipalName cannot be one, as a sentence; undefined when it can. */
export function upnProblem(upn: string, source: string): string | undefined {
  const wrong = (why: string): string => `the userPrincipalName "${upn.slice(0, 80)}" ${why}: correct ${source} or the mapping`;
  if (upn.length > 1024) return wrong(`has ${upn.length} characters, and AD allows 1024`);
  const [prefix = "", suffix, ...more] = upn.split("@");
  if (suffix === undefined || more.length > 0) return wrong("is not a name, one @ and a domain");
  if (prefix === "") return wrong("has nothing before the @");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
  if (/[\s"<>\\[\]:;|=,+*?/\u0000-\u001f\u007f]/u.test(prefix)) return wrong("has a character before the @ that log-on names may not have");
  if (/^\.|\.$|\.\./u.test(prefix)) return wrong("has a dot in the wrong place before the @");
  if (!/^(?=.{1,255}$)[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?(?:\.[\p{L}\p{N}_](?:[\p{L}\p{N}_-]*[\p{L}\p{N}_])?)*$/u.test(suffix))
    return wrong("has no domain after the @");
  return undefined;
}

function isNumbered(name: string, base: string): boolean {
  const now = name.normalize("NFC");
  return now === base || (now.startsWith(`${base} (`) && /^ \((?:[2-9]|[1-9]\d+)\)$/u.test(now.slice(base.length)));
}

function commonName(wish: NameWish, source: string, isUsed: (name: string) => boolean): Named {
  const { base } = wish;
  if (base === "") return { problem: `the account's name would be empty; give the person a name in ${source}` };
  for (let number = 1; ; number++) {
    const name = number === 1 ? base : `${base} (${number})`;
    if (name.length > longestName) {
      return {
        problem: `the account's name would have ${name.length} characters ("${name.slice(0, 24)}…"); AD allows ${longestName}: shorten it in ${source}, or change the account rule's name`,
      };
    }
    if (!isUsed(name)) return { name };
  }
}
