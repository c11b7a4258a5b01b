/** What a source's connection needs from the environment. Names begin with SOURCE_, so that a mapping cannot ask for others. */
import { ConfigurationError } from "../../base/errors.ts";

type Value = string | number | boolean | { env: string };

/** The text of a value of the mapping. Throws where the variable is not set. */
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
export function secretName(source: string, what: "CLIENT_SECRET" | "TOKEN" | "PASSWORD" | "PASSPHRASE"): string {
  return `SOURCE_${source.toUpperCase()}_${what}`;
}

/** Throws ConfigurationError where it is not set. */
export function secret(source: string, what: Parameters<typeof secretName>[1]): string {
  const name = secretName(source, what);
  const found = process.env[name];
  if (!found) throw new ConfigurationError(`Could not log in to the source ${source}: ${name} is not set; put it into the environment.`);
  return found;
}
