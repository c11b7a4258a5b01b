/** What signing in needs from the environment, and what goes with a request by place. */
import { ConfigurationError } from "../../base/errors.ts";
import type { Extra, Place, SecretName, Value } from "./config.ts";

/** The text of a value. Throws ConfigurationError where the variable is not set. */
export function textOf(value: Value, what: string): string {
  if (typeof value !== "object") return String(value);
  const found = process.env[value.env];
  if (!found)
    throw new ConfigurationError(
      `Could not make ${what}: the environment variable ${value.env} is not set; set it, or take it out of the mapping.`,
    );
  return found;
}

/** `SOURCE_HR_CLIENT_SECRET` of the source hr. */
export const secretName = ({ variables }: Pick<Place, "variables">, what: SecretName): string => `${variables}_${what}`;

/** Throws ConfigurationError where it is not set. */
export function secret(place: Pick<Place, "called" | "variables">, what: SecretName): string {
  const name = secretName(place, what);
  const found = process.env[name];
  if (!found) throw new ConfigurationError(`Could not log in to ${place.called}: ${name} is not set; put it into the environment.`);
  return found;
}

type Places = Record<Extra["in"], Record<string, string>>;

/** Further values for one kind of request, by place. Of two of a name the later counts: what `refresh` has replaces what `token` has. */
export function extras(extra: readonly Extra[], ats: readonly Extra["at"][], called: string): Places {
  const places: Places = { header: {}, query: {}, body: {} };
  for (const at of ats)
    for (const one of extra.filter((each) => each.at === at)) {
      const place = places[one.in];
      // Names of headers are the same in any case.
      const known = one.in === "header" ? Object.keys(place).find((name) => name.toLowerCase() === one.name.toLowerCase()) : undefined;
      if (known !== undefined) delete place[known];
      place[one.name] = textOf(one.value, `${one.name} of ${called}`);
    }
  return places;
}

/** Puts headers together: a later one replaces an earlier one of its name. Throws ConfigurationError for what no header can carry. */
export function headersOf(called: string, ...all: readonly { readonly [name: string]: string }[]): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of all.flatMap((one) => Object.entries(one))) {
    // The library's own message would show the value, which may be a secret.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/u.test(value))
      throw new ConfigurationError(
        `Could not send ${name} to ${called}: its value has a character that no header can carry (a line break, or a letter beyond Latin-1); correct it.`,
      );
    headers.set(name.toLowerCase(), value);
  }
  return Object.fromEntries(headers);
}
