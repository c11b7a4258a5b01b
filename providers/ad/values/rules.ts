/** Rules of AD that no schema of inputs says: lengths of names, characters of logins, what may be below what. Pure; checked while planning. */
import { attribute } from "./attributes.ts";
import { parseDn } from "./dn.ts";
import { quoted } from "./times.ts";

/** Characters no login name may have. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused
const forbiddenInLogin = /["/\\[\]:;|=,+*?<>@\u0000-\u001f]/u;

/** The most characters of an attribute, where a value has more. */
export function tooLong(name: string, value: string): number | undefined {
  const most = attribute(name).longest;
  return most !== undefined && value.length > most ? most : undefined;
}

/** What AD does not allow of a value's length, as "expected …, found …". */
export function lengthProblem(name: string, value: string): string | undefined {
  const most = tooLong(name, value);
  return most === undefined ? undefined : `expected at most ${most} characters, found ${value.length}: ${quoted(value)}`;
}

/** What AD does not allow of a sAMAccountName of at most so many characters, after the name itself. */
export function loginProblem(login: string, most: number): string | undefined {
  if (login.length > most) return `has ${login.length} characters and Active Directory allows ${most}`;
  if (forbiddenInLogin.test(login)) return "has a character that login names may not have";
  return login.endsWith(".") ? "ends in a dot" : undefined;
}

/** What a name in a distinguishedName may be called by (Microsoft's schema: the naming attributes of places). */
const types: ReadonlySet<string> = new Set(["CN", "OU", "DC", "O", "L", "C"]);

/**
 * What AD does not allow of a place, as "expected …, found …": names that are too long, and a unit below a container, which cannot
 * hold one (possSuperiors of organizationalUnit). undefined: nothing, or the text is no distinguishedName.
 */
export function placeProblem(dn: string): string | undefined {
  const known = places.get(dn);
  if (known !== undefined) return known.problem;
  const problem = problemOfPlace(dn);
  if (places.size >= mostPlaces) places.clear();
  places.set(dn, { problem });
  return problem;
}

/** Thousands of people share a place: so many are remembered. */
const mostPlaces = 1000;
const places = new Map<string, { problem: string | undefined }>();

function problemOfPlace(dn: string): string | undefined {
  let rdns: ReturnType<typeof parseDn>;
  try {
    rdns = parseDn(dn);
  } catch {
    return undefined;
  }
  for (const [index, parts] of rdns.entries()) {
    for (const { type, value } of parts) {
      if (!types.has(type)) return `expected OU=, CN= or DC= before each name of a place, found ${type}=`;
      if (value === "") return `expected a name after ${type}=, found nothing`;
      if (/\p{Cc}/u.test(value)) return `expected a name of one line, found ${quoted(value)}`;
      const long = type === "DC" ? undefined : lengthProblem(type, value);
      if (long !== undefined) return long.replace("characters", `characters after ${type}=`);
    }
    const above = rdns[index + 1]?.[0].type;
    if (parts[0].type === "OU" && above === "CN")
      return `expected an organizational unit below another or below the domain, found OU=${parts[0].value} in a container (CN=…)`;
  }
  return undefined;
}

/** What of inputs a system would refuse: the input's path, and why. */
type Refusals = { path: string; text: string }[];

/** Of a name and a place. */
export function refusedNames({ name, path }: { readonly name?: string; readonly path?: string }): Refusals {
  const found: Refusals = [];
  const long = name === undefined ? undefined : lengthProblem("cn", name);
  if (long !== undefined) found.push({ path: "name", text: long });
  const place = path === undefined ? undefined : placeProblem(path);
  if (place !== undefined) found.push({ path: "path", text: place });
  return found;
}
