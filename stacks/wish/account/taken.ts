/**
 * Who has a name already, in every directory that is read, and whom this run gives it to. Logins are one space; names to sign in
 * with and addresses are another, as Entra ID compares a userPrincipalName with everybody's addresses (its soft match takes an
 * account over by either); aliases are a third. AD refuses a userPrincipalName that another's login implies (login@realm), and a
 * login that another's userPrincipalName implies. Pure.
 */
import { asOfAd, fold } from "../../../base/text.ts";
import { splitDn } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { identityOf, isGuest } from "../../match/accounts.ts";
import { immutableIdOf } from "../../match/anchors.ts";
import { deletedType, elsewhereType, mailContactType } from "../../model/kinds.ts";
import { remembered } from "../../model/remembered.ts";
import { personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { called, fieldTexts, flag, part, textOf, valueCalled } from "../../model/values.ts";

/** `upn`: an address that is also a name to sign in with. */
export type Space = "login" | "upn" | "address" | "alias";

/** Whose name is asked for: the person, and the accounts that are the person's own, living or deleted; of a thing, what it is and its copy. */
export interface Own {
  subject?: Subject | undefined;
  live?: Pick<Live, "id"> | undefined;
  restored?: Pick<Live, "id"> | undefined;
}

export interface Taken {
  /** `taken by CN=…`, `the address of jo@corp.example.com in Entra ID`, `given to Ada Example (41)`; undefined: nobody else has it. `gives`: an account that gives its addresses up in this run. */
  by(space: Space, name: string, own: Own, gives?: (live: Live) => boolean): string | undefined;
  /** From now on it is this person's, or this thing's (`the AD group GG-Sales`). */
  claim(space: Space, name: string, of: Subject | string): void;
}

interface Held {
  live: Live;
  /** Entra ID can still bring it back. */
  deleted: boolean;
  /** After "is". */
  words: string;
}

const registers = new WeakMap<Scene, Taken>();

/** One register a scene: AD and Entra ID ask the same. What there is is looked through at the first question. */
export function takenIn(scene: Scene): Taken {
  const known = registers.get(scene) ?? register(scene);
  registers.set(scene, known);
  return known;
}

function register(scene: Scene): Taken {
  const claims = shelves<Subject | string>();
  let held: Shelves<Held[]> | undefined;
  return {
    by(space, name, { subject, live, restored }, gives) {
      const key = keyOf(space, name);
      const rival = claims[space].get(key);
      if (typeof rival === "string") return `given to ${rival}`;
      if (rival && rival.key !== subject?.key) return `given to ${called(rival)}`;
      held ??= holders(scene);
      const named = held[space].get(key);
      const implied = space === "upn" ? held.implied.get(keyOf("implied", name)) : undefined;
      // Nobody has most names.
      if (!named && !implied) return undefined;
      const own = new Set([live?.id, restored?.id, subject?.accounts.ad, subject?.accounts.entra]);
      const others = [...(named ?? []), ...(implied ?? [])].filter(
        (one) => !own.has(one.live.id) && !gives?.(one.live) && !(one.deleted && subject && wasTheirs(scene, subject, one.live)),
      );
      return others.map((one) => one.words).sort()[0];
    },
    claim: (space, name, of) => {
      claims[space].set(keyOf(space, name), of);
    },
  };
}

/** By space, what there is of each name. `implied`: userPrincipalNames that AD lets nobody else have, because a login implies them. */
type Shelves<T> = { readonly [space in Space | "implied"]: Map<string, T> };

function shelves<T>(): Shelves<T> {
  const address = new Map<string, T>();
  return { login: new Map(), upn: address, address, alias: new Map(), implied: new Map() };
}

const keyOf = (space: Space | "implied", name: string): string => (space === "upn" || space === "address" ? addressOf(name) : asOfAd(name));

/** An address without its type, as it is compared: a userPrincipalName is one of AD's names too. */
const addressOf = (text: string): string => asOfAd(text[4] === ":" ? text.replace(/^smtp:/iu, "") : text);

/** The domain that AD makes of its own name: `corp.example.com`; "" where no account says it. */
function realmOf(scene: Scene): string {
  const [any] = scene.all("ad:User");
  const dcs = splitDn(textOf(any?.values["distinguishedName"])).flatMap((one) => /^\s*dc\s*=\s*(.+)$/iu.exec(one)?.[1] ?? []);
  return dcs.join(".").toLowerCase();
}

/** Everything that has a name: who has it. */
function holders(scene: Scene): Shelves<Held[]> {
  const realm = realmOf(scene);
  const held = shelves<Held[]>();
  const put = (space: Space | "implied", names: readonly string[], live: Live, words: string, deleted = false): void => {
    for (const name of names) {
      if (name === "") continue;
      const key = keyOf(space, name);
      const known = held[space].get(key);
      const said = words.startsWith("the address of") ? words : `taken by ${words}`;
      if (known) known.push({ live, words: said, deleted });
      else held[space].set(key, [{ live, words: said, deleted }]);
    }
  };
  /** What AD's own accounts have, also what one gives up in this run: the copies that Entra Connect makes of it follow AD. */
  const inAd = new Set<string>();
  const inDirectory = (live: Live, words: string): void => {
    const login = textOf(live.values["sAMAccountName"]);
    const upn = textOf(live.values["userPrincipalName"]);
    put("login", [login], live, words);
    if (login !== "" && realm !== "") put("implied", [`${login}@${realm}`], live, `${words}, whose login implies it`);
    if (realm !== "" && upn.toLowerCase().endsWith(`@${realm}`))
      put("login", [upn.slice(0, -realm.length - 1)], live, `${words}, whose userPrincipalName ${upn} implies it`);
    const addresses = [upn, ...fieldTexts(live.values, "mail"), ...mailOf(fieldTexts(live.values, "proxyAddresses"))];
    for (const address of addresses) inAd.add(keyOf("address", address));
    put("address", addresses, live, words);
    put("alias", fieldTexts(live.values, "mailNickname"), live, words);
  };
  for (const type of ["ad:User", "ad:Deleted", "ad:Contact", elsewhereType]) {
    for (const live of scene.all(type)) inDirectory(live, `${type === "ad:Deleted" ? "the deleted account " : ""}${dnOf(live)}`);
  }
  for (const live of scene.all("ad:Group")) {
    put("login", [textOf(live.values["name"])], live, `the group ${dnOf(live)}`);
    put("address", [textOf(live.values["mail"])], live, `the group ${dnOf(live)}`);
  }
  // A guest's address is its own tenant's: matching tells of the guest, and the person's own account has the address here.
  const guests = new Set(scene.all("entra:Licence").flatMap((live) => (isGuest(live) ? [live.id] : [])));
  for (const type of ["entra:User", "entra:Licence", deletedType, "entra:Group", mailContactType]) {
    for (const live of scene.all(type)) {
      if (guests.has(live.id)) continue;
      const { values } = live;
      const upn = textOf(values["userPrincipalName"]);
      const called = `${upn || textOf(values["name"]) || textOf(values["mail"]) || live.id} in Entra ID`;
      const words = `${wordsOf[type]} ${called}`;
      const isOwn = (address: string): boolean => address !== "" && !(flag(values["synced"]) && inAd.has(keyOf("address", address)));
      const addresses = [textOf(values["mail"]), ...mailOf(fieldTexts(values, "addresses"))];
      const deleted = type === deletedType;
      put("address", [upn].filter(isOwn), live, words, deleted);
      put("address", addresses.filter(isOwn), live, upn === "" ? words : `the address of ${deleted ? words : called}`, deleted);
      put("alias", [textOf(values["mailNickname"]) || textOf(part(values["attributes"])["mailNickname"])], live, words, deleted);
      const [, prefix = "", suffix = ""] = /^(.+)@([^@]+)$/u.exec(upn) ?? [];
      if (suffix.toLowerCase() === realm && isOwn(upn)) put("login", [prefix], live, words, deleted);
    }
  }
  return held;
}

/** Whether a deleted account of Entra ID was the person's: the copy of the AD account that the last run knew, or by what people are recognised by. */
function wasTheirs({ mappings, previous }: Scene, subject: Subject, { values }: Live): boolean {
  const before = previous("ad:User", personName(subject.key));
  if (before && textOf(values["immutableId"]) === immutableIdOf(before.id)) return true;
  return Object.keys(mappings.people.is.entra).some((field) => {
    const wanted = fold(identityOf(mappings, "entra", subject, field)?.trim() ?? "");
    return wanted !== "" && fieldTexts(values, field).some((text) => fold(text) === wanted);
  });
}

const wordsOf: { readonly [type: string]: string } = {
  "entra:User": "the account",
  "entra:Licence": "the account",
  [deletedType]: "the deleted account",
  "entra:Group": "the group",
  [mailContactType]: "the contact",
};

const dnOf = ({ id, values }: Live): string => textOf(values["distinguishedName"]) || id;

/** Addresses of mail among proxy addresses. */
export const mailOf = (addresses: readonly string[]): string[] => addresses.filter((one) => /^smtp:/iu.test(one));

/** What of an account's attributes nobody else may have: LDAP's and Graph's names. */
const spaces: { readonly [attribute: string]: Space } = {
  userprincipalname: "upn",
  mail: "address",
  proxyaddresses: "address",
  mailnickname: "alias",
};

export const spaceOf = remembered((attribute: string): Space | undefined => spaces[attribute.toLowerCase()]);

/** The names among attributes that this account has not: each with its attribute. */
export function newNames(
  attributes: { readonly [name: string]: string | readonly string[] },
  live: Live | undefined,
): { attribute: string; space: Space; name: string }[] {
  const found: ReturnType<typeof newNames> = [];
  for (const attribute of Object.keys(attributes)) {
    const space = spaceOf(attribute);
    const value = attributes[attribute];
    // Most attributes are no names, and nearly everybody keeps what they have.
    if (space === undefined || value === undefined || (live && sameAsNow(live, attribute, value))) continue;
    const given = typeof value === "string" ? [value] : value;
    const names = attribute.toLowerCase() === "proxyaddresses" ? mailOf(given) : given;
    const now = live && names.length > 0 ? namesNow(live, attribute) : none;
    for (const name of names) if (name !== "" && !(now.length > 0 && now.includes(addressOf(name)))) found.push({ attribute, space, name });
  }
  return found;
}

const none: readonly string[] = [];

const sameAsNow = ({ values }: Live, attribute: string, value: string | readonly string[]): boolean =>
  typeof value === "string" && (values[attribute] ?? part(values["attributes"])[attribute]) === value;

/** What an account has of an attribute; of addresses all of them, as one that becomes the primary one is no new one. */
function namesNow({ values }: Live, attribute: string): string[] {
  const of = (name: string): string[] => {
    const found = valueCalled(values, name) ?? valueCalled(part(values["attributes"]), name);
    return (Array.isArray(found) ? found : [found]).map((one) => addressOf(textOf(one)));
  };
  return /^(?:userPrincipalName|mailNickname)$/iu.test(attribute)
    ? of(attribute)
    : [...of("userPrincipalName"), ...of("mail"), ...of("proxyAddresses")];
}
