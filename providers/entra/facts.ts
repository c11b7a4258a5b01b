/** What types of Entra ID say alike: of what is one thing of a person, and of what is found by its name and has members. */
import { defined } from "../../base/defined.ts";
import { RefusedError } from "../../base/errors.ts";
import { entra } from "../../clients/graph/shared.ts";
import type { Definition, Live } from "../core/definition.ts";

/** Of a person's account, and of what hangs on it: its id is the Graph user's. */
export const ofPerson = {
  system: "entra",
  about: "person",
  account: true,
  key: ({ person }: { person: string }) => person,
  silent: ["person"],
  immutable: ["person"],
} as const satisfies Partial<Definition<{ person: string }>>;

/** Of what has members, by Graph's id. */
export const ofMembers = {
  system: "entra",
  about: "group",
  key: ({ name }: { name: string }) => name,
  label: ({ name }: { name: string }) => name,
  wave: () => "members",
  client: entra,
} as const satisfies Partial<Definition<{ name: string }>>;

/** Name and description as Graph calls them, where they differ; null clears. */
export function ownChange(wished: Described, was: Described): { displayName?: string; description?: string | null } {
  const described = wished.description !== undefined && wished.description !== (was.description ?? "");
  return defined({
    displayName: wished.name === was.name ? undefined : wished.name,
    description: described ? wished.description || null : undefined,
  });
}
type Described = { name: string; description?: string };

/** The one that a name means, of those that have it. Throws RefusedError when there are two. */
export function theOne(found: readonly Live[], noun: string, name: string): Live | undefined {
  if (found.length > 1)
    throw new RefusedError(
      `Could not tell which ${noun} ${name} is meant: ${found.length} have this name (${found.map((one) => one.id).join(", ")}); rename all but one`,
      "AmbiguousName",
    );
  return found[0];
}

/** There is none, and none is to be made. */
export function none(noun: string, name: string): RefusedError {
  return new RefusedError(
    `Could not find the ${noun} ${name}: there is none of this name in Entra ID; create it, or set \`create: true\` in mappings/entra.yaml`,
    "Request_ResourceNotFound",
  );
}
