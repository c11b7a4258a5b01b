/** Northwind Ferries, an invented organisation: one seed, three systems that mostly agree. */
import type { HaloSeed } from "../halo/state.ts";
import { type DirectorySeed, directorySeed } from "./directory.ts";
import { haloRows } from "./halo-rows.ts";
import { makePeople, type Person } from "./people.ts";
import { type TenantSeed, tenantSeed } from "./tenant.ts";

export interface Organisation {
  people: Person[];
  halo: HaloSeed;
  directory: DirectorySeed;
  tenant: TenantSeed;
  base: string;
}

const base = "DC=corp,DC=example,DC=com";

/** Deterministic for the same size and seed. `hard` adds joiners whose names break things. */
export function organisation(options: { people?: number; seed?: number; hard?: boolean } = {}): Organisation {
  const { people: size = 250, seed = 1, hard = false } = options;
  if (!Number.isInteger(size) || size < 1 || size > 100_000)
    throw new Error(`Cannot invent an organisation of ${size} people: give a whole number from 1 to 100000.`);
  const people = makePeople({ people: size, seed, hard });
  return { people, halo: haloRows(people), directory: directorySeed(people, base), tenant: tenantSeed(people), base };
}
