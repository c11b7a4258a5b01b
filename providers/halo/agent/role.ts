/** halo:Role: agents' roles with their permissions (claims). Never deleted: agents may still have them. */
import { RefusedError } from "../../../base/errors.ts";
import { fold, same } from "../../../base/text.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { haloClient } from "../../../clients/halo/shared.ts";
import { UncertainError } from "../../../clients/http/errors.ts";
import { entries, neither } from "../../core/access.ts";
import { define, type Live, nothingComputed } from "../../core/definition.ts";
import type { Role } from "../rows.ts";
import { parseRole } from "../rows.ts";
import type { Nothing, RoleInputs } from "./inputs.ts";
import { roleInputs } from "./inputs.ts";
import type { Halo } from "./names.ts";
import { readRoles } from "./names.ts";

type Claims = NonNullable<RoleInputs["permissions"]>;

async function readRole(client: Halo, id: string): Promise<Role | undefined> {
  const row = await client.get("Roles", id, { includedetails: true });
  return row && parseRole(row);
}

function byName(roles: readonly Role[], inputs: RoleInputs): Role | undefined {
  const found = roles.filter((role) => same(role.name, inputs.name));
  if (found.length > 1) {
    throw new RefusedError(
      `Could not create the role "${inputs.name}": Halo has ${found.length} roles of that name; rename all but one in Halo`,
      "ambiguous",
    );
  }
  return found[0];
}

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

async function proveStored(client: Halo, id: string, inputs: RoleInputs): Promise<void> {
  const missing = Object.keys(roleChange(await readRole(client, id), inputs));
  if (missing.length === 0) return;
  throw new RefusedError(
    `Could not save the role "${inputs.name}": Halo did not store ${missing.join(", ")}; writing roles needs an Administrator as the Halo application's agent`,
    "not-stored",
  );
}

async function bring(client: Halo, id: string, inputs: RoleInputs): Promise<void> {
  const role = await readRole(client, id);
  if (!role)
    throw new RefusedError(
      `Could not change the role "${inputs.name}": Halo has no role ${id} any more; the next plan will see that`,
      "gone",
    );
  if (inputs.permissions && !role.claims) {
    throw new RefusedError(
      `Could not change the role "${inputs.name}": Halo gives no permissions in its details; let the Halo application log in as an Administrator`,
      "no-details",
    );
  }
  const change = roleChange(role, inputs);
  if (Object.keys(change).length === 0) return;
  try {
    await client.post("Roles", { id: role.id, ...change });
  } catch (error) {
    // Writing the same values again is harmless: the proof below says whether they were stored.
    if (!(error instanceof UncertainError)) throw error;
    const left = roleChange(await readRole(client, id), inputs);
    if (Object.keys(left).length > 0) throw error;
  }
  await proveStored(client, id, inputs);
  await readRoles(client);
}

async function make(client: Halo, inputs: RoleInputs): Promise<{ id: string; made: boolean }> {
  const existing = byName(await readRoles(client), inputs);
  if (existing) return { id: existing.id, made: false };
  let saved: Row | undefined;
  try {
    saved = await client.post("Roles", roleChange(undefined, inputs));
  } catch (error) {
    if (!(error instanceof UncertainError)) throw error;
    const found = byName(await readRoles(client), inputs);
    if (!found) throw error;
    return { id: found.id, made: false };
  }
  // The list is read again in any case: agents of this run look the new role up in it.
  const found = byName(await readRoles(client), inputs);
  const id = saved && "id" in saved ? parseRole(saved).id : found?.id;
  if (id === undefined)
    throw new RefusedError(`Could not create the role "${inputs.name}": Halo said yes but has no such role`, "not-stored");
  return { id, made: true };
}

const sorted = (claims: readonly Claims[number][]): Claims => claims.toSorted((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));

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

export const role = define<RoleInputs, Nothing, Halo, { detailed: readonly string[] }>({
  type: "halo:Role",
  system: "halo",
  noun: "role",
  about: "thing",
  key: ({ name }) => name,
  label: ({ name }) => name,
  wave: () => "places",
  sets: ["permissions:type"],
  access: { name: neither, notes: neither, permissions: entries() },
  inputs: roleInputs,
  ...nothingComputed,
  unasked: { detailed: [] },
  client: haloClient,
  /** One call. `detailed`: names of roles whose permissions are managed; asked for one by one where lists lack them. */
  async list(client, { detailed }) {
    const wanted = new Set(detailed.map(fold));
    const roles: Role[] = [];
    for (const one of await readRoles(client)) {
      roles.push(one.claims || !wanted.has(fold(one.name)) ? one : ((await readRole(client, one.id)) ?? one));
    }
    return roles.map(liveRole);
  },
  find(live, inputs) {
    const found = live.filter((one) => typeof one.values["name"] === "string" && same(one.values["name"], inputs.name));
    return found.length === 1 ? found[0]?.id : undefined;
  },
  view(live, managed) {
    const { name, notes } = live.values;
    const read = roleInputs.shape.permissions.safeParse(live.values["permissions"]);
    return {
      name: typeof name === "string" ? name : "",
      ...(managed.notes === undefined ? {} : { notes: typeof notes === "string" ? notes : "" }),
      ...(managed.permissions === undefined
        ? {}
        : { permissions: managedClaims(read.success ? read.data : undefined, managed.permissions) }),
    };
  },
  async create(client, inputs) {
    const { id, made } = await make(client, inputs);
    if (made) await proveStored(client, id, inputs);
    else await bring(client, id, inputs);
    return { id, outputs: {} };
  },
  async update(client, { id }, inputs) {
    await bring(client, id, inputs);
    return {};
  },
  async get(client, id) {
    const found = await readRole(client, id);
    return found && liveRole(found);
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
