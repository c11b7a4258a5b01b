/** halo:Role: agents' roles with their permissions (claims). Never deleted: agents may still have them. */

import { z } from "zod";
import { RefusedError } from "../../../base/errors.ts";
import { order } from "../../../base/order.ts";
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { entries, neither } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { knownByName, textOf, textsOf } from "../named.ts";
import { getter, type Halo, type Kind, reader, recordType } from "../record.ts";
import { type Role, roleSchema } from "../rows.ts";
import { name } from "./inputs.ts";
import { roles } from "./read.ts";

const claimOrder = ({ type, value }: { type: string; value: string }): string => `${type}\n${value}`;

const roleInputs = z.strictObject({
  name,
  notes: z.string().exactOptional(),
  /** The role's claims that are managed, one a type; others are kept. */
  permissions: z
    .array(z.strictObject({ type: name, value: z.string() }))
    .transform((all) => {
      const once = new Map(all.map((one) => [claimOrder(one), one]));
      return [...once.values()].sort((a, b) => (claimOrder(a) < claimOrder(b) ? -1 : 1));
    })
    .exactOptional(),
});

type RoleInputs = z.infer<typeof roleInputs>;

type Claims = NonNullable<RoleInputs["permissions"]>;

const readRole = reader("Roles", "role", roleSchema);

const called = ({ name }: RoleInputs): string => `the role "${name}"`;

const kind: Kind<RoleInputs, Role, Halo> = {
  path: "Roles",
  noun: "role",
  called,
  candidates: async (client, wish, _again, whole) => whole(await roles.again(client)).filter((role) => same(role.name, wish.name)),
  read: readRole,
  change(_client, role, wish) {
    if (wish.permissions && role && !role.claims)
      throw new RefusedError(
        `Could not change ${called(wish)}: Halo gives no permissions in its details; let the Halo application log in as an Administrator`,
        "no-details",
      );
    return roleChange(role, wish);
  },
  // Agents of this run look a new role up in the list.
  written: roles.forget,
  several: (found, wish) => `Could not create ${called(wish)}: Halo has ${found.length} roles of that name; rename all but one in Halo`,
  unseen: (wish) => `Could not create ${called(wish)}: Halo said yes but has no such role`,
  advice: () => "; writing roles needs an Administrator as the Halo application's agent",
};

/** What to write so that the role becomes as wished; claims whole, those of types that are not managed kept. */
function roleChange(role: Role | undefined, inputs: RoleInputs): Row {
  const change: Row = {};
  if (role?.name !== inputs.name) change["name"] = inputs.name;
  if (inputs.notes !== undefined && (role?.notes ?? "") !== inputs.notes) change["notes"] = inputs.notes;
  if (inputs.permissions) {
    const have = role?.claims ?? [];
    const wished = new Map(inputs.permissions.map((one) => [fold(one.type), one]));
    const others = have.filter((one) => !wished.has(fold(one.type)));
    const same = inputs.permissions.every((one) => {
      const values = have.filter((each) => fold(each.type) === fold(one.type));
      return values.length === 1 && values[0]?.value === one.value;
    });
    if (!same) change["claims"] = [...others, ...inputs.permissions];
  }
  return change;
}

const sorted = (claims: readonly Claims[number][]): Claims => claims.toSorted((a, b) => order(a.type, b.type));

function liveRole(role: Role): Live {
  return {
    id: role.id,
    values: {
      name: role.name,
      notes: role.notes,
      ...(role.claims ? { permissions: sorted(role.claims.map(({ type, value }) => ({ type, value }))) } : {}),
    },
  };
}

export const role = define<RoleInputs, Record<string, never>, Halo, { detailed: readonly string[] }>({
  type: "halo:Role",
  ...recordType("halo:Role", kind),
  get: getter(readRole, liveRole),
  noun: "role",
  about: "thing",
  ...knownByName,
  wave: () => "places",
  sets: ["permissions:type"],
  reaches: ({ values }, lists) =>
    lists("halo:Agent").filter((agent) => textsOf(agent.values, "roles").some((one) => same(one, textOf(values, "name")))).length,
  access: { name: neither, notes: neither, permissions: entries("rules") },
  inputs: roleInputs,
  unasked: { detailed: [] },
  /** One call. `detailed`: names of roles whose permissions are managed; asked for one by one where lists lack them. */
  async list(client, { detailed }) {
    const wanted = new Set(detailed.map(fold));
    const all: Role[] = [];
    for (const one of await roles.again(client))
      all.push(one.claims || !wanted.has(fold(one.name)) ? one : ((await readRole(client, one.id)) ?? one));
    return all.map(liveRole);
  },
  view({ values }, managed) {
    const read = roleInputs.shape.permissions.safeParse(values["permissions"]);
    return {
      name: textOf(values, "name"),
      ...(managed.notes === undefined ? {} : { notes: textOf(values, "notes") }),
      ...(managed.permissions === undefined
        ? {}
        : { permissions: managedClaims(read.success ? read.data : undefined, managed.permissions) }),
    };
  },
});

/** Live claims of the managed types. Where the bulk read does not carry claims at all they count as unchanged. */
function managedClaims(live: Claims | undefined, managed: Claims): Claims {
  if (!live) return managed;
  const types = new Map(managed.map((one) => [fold(one.type), one.type]));
  return live.flatMap((one) => {
    const type = types.get(fold(one.type));
    return type === undefined ? [] : [{ type, value: one.value }];
  });
}
