/**
 * What AD's schema allows, checked before anything is written: Samba does not check all of it, and AD's own message
 * ("a constraint violation occurred") names neither the value nor its length. Sources: Win32 ADSchema, naming conventions.
 */
import { RefusedError } from "../core/errors.ts";

/** Longest value by lower-case attribute name, in UTF-16 units as AD counts. */
const longest: { readonly [name: string]: number } = {
  cn: 64,
  ou: 64,
  samaccountname: 256,
  userprincipalname: 1024,
  displayname: 256,
  givenname: 64,
  sn: 64,
  initials: 6,
  department: 64,
  company: 64,
  title: 128,
  telephonenumber: 64,
  mobile: 64,
  physicaldeliveryofficename: 128,
  employeeid: 16,
  employeenumber: 512,
  mail: 256,
  description: 1024,
  c: 3,
  co: 128,
  l: 128,
  st: 128,
  streetaddress: 1024,
  postalcode: 40,
  info: 1024,
  proxyaddresses: 1123,
};

/** Characters no login name may have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
const forbiddenInLogin = /["/\\[\]:;|=,+*?<>@\u0000-\u001f]/u;

/** Throws RefusedError, naming the object, the attribute and both lengths. */
export function checkLength(object: string, attribute: string, value: string): void {
  const most = longest[attribute.toLowerCase()];
  if (most !== undefined && value.length > most) {
    throw new RefusedError(
      `Could not write ${object}: ${attribute} has ${value.length} characters and Active Directory allows ${most}; shorten it in Halo or in mappings/ad.yaml.`,
      "00002082",
    );
  }
}

/** A user's sAMAccountName: at most 20 characters, some forbidden, no dot at the end. Throws RefusedError. */
export function checkLogin(object: string, login: string): void {
  const refuse = (why: string): never => {
    throw new RefusedError(
      `Could not write ${object}: the login name (sAMAccountName) ${JSON.stringify(login)} ${why}; change the naming rule in mappings/people.yaml.`,
      "0000202F",
    );
  };
  if (login.length > 20) refuse(`has ${login.length} characters and Active Directory allows 20`);
  if (forbiddenInLogin.test(login)) refuse("has a character that login names may not have");
  if (login.endsWith(".")) refuse("ends in a dot");
}
