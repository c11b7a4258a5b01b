/** Role and team names → Halo's ids. Read once a client, and again when a name is missing: it may have been made since. */
import { RefusedError } from "../../../base/errors.ts";
import { same } from "../../../base/text.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { suggestion } from "../../../clients/halo/nearest.ts";
import type { Role, Team } from "../rows.ts";
import { parseRoles, parseTeams } from "../rows.ts";

export type Halo = Pick<HaloClient, "rows" | "get" | "post">;

interface Known {
  roles?: Promise<Role[]>;
  teams?: Promise<Team[]>;
}

const known = new WeakMap<Halo, Known>();

function of(client: Halo): Known {
  const found = known.get(client) ?? {};
  known.set(client, found);
  return found;
}

/** Keeps a read for the others; a failed one is forgotten. */
function remember<K extends "roles" | "teams">(client: Halo, what: K, reading: NonNullable<Known[K]>): NonNullable<Known[K]> {
  const memo = of(client);
  memo[what] = reading as Known[K];
  reading.catch(() => {
    if (memo[what] === reading) delete memo[what];
  });
  return reading;
}

/** All roles, straight from Halo: one call. */
export function readRoles(client: Halo): Promise<Role[]> {
  return remember(client, "roles", client.rows("Roles").then(parseRoles));
}

/** All teams, also switched-off ones: one call. */
export function readTeams(client: Halo): Promise<Team[]> {
  return remember(client, "teams", client.rows("Team", { includeenabled: true, includedisabled: true, showall: true }).then(parseTeams));
}

/** Roles as this process last read them. */
export const knownRoles = (client: Halo): Promise<Role[]> => of(client).roles ?? readRoles(client);
const knownTeams = (client: Halo): Promise<Team[]> => of(client).teams ?? readTeams(client);

async function resolve<T extends { name: string }>(
  kind: "role" | "team",
  names: readonly string[],
  cached: () => Promise<T[]>,
  fresh: () => Promise<T[]>,
): Promise<T[]> {
  if (names.length === 0) return [];
  let all = await cached();
  if (!names.every((name) => all.some((one) => same(one.name, name)))) all = await fresh();
  return names.map((name) => {
    const found = all.filter((one) => same(one.name, name));
    const [one] = found;
    if (one && found.length === 1) return one;
    if (one)
      throw new RefusedError(
        `Could not use the ${kind} "${name}": Halo has ${found.length} ${kind}s of that name; rename all but one in Halo`,
        "ambiguous",
      );
    const choice = all.map((each) => each.name);
    throw new RefusedError(
      `Could not find the ${kind} "${name}" in Halo${suggestion(name, choice)}; correct mappings/halo.yaml or make the ${kind} in Halo`,
      "unknown-name",
    );
  });
}

/** The roles of these names. @throws RefusedError with the nearest right name. */
export const resolveRoles = (client: Halo, names: readonly string[]): Promise<Role[]> =>
  resolve(
    "role",
    names,
    () => knownRoles(client),
    () => readRoles(client),
  );

/** The teams of these names. @throws RefusedError with the nearest right name. */
export const resolveTeams = (client: Halo, names: readonly string[]): Promise<Team[]> =>
  resolve(
    "team",
    names,
    () => knownTeams(client),
    () => readTeams(client),
  );
