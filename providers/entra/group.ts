/** entra:Group — a cloud security group and who belongs in it. The id is Graph's. */
import { createHash } from "node:crypto";
import { z } from "zod";
import type { Definition, Live, RunContext, Values } from "../core/definition.ts";
import { RefusedError } from "../core/errors.ts";
import type { EntraClient } from "./client.ts";
import { entra } from "./connection.ts";
import { getGroup, groupValues, listGroups } from "./group-read.ts";
import { addMembers, removeMembers } from "./members.ts";
import { literal, segment } from "./odata.ts";
import { known, memberOf, readResolved, resolveMembers, shownMembers } from "./references.ts";
import { same } from "./skus.ts";
import { order } from "./user.ts";

export type GroupInputs = {
  /** displayName. */
  name: string;
  /** Absent = not managed; "" = none. */
  description?: string;
  /** exact: members that are not wished are removed; additive: only those haloform put there. */
  mode: "exact" | "additive";
  /** `person:<key>` or `id:<Graph id>`, sorted. */
  members: string[];
  /** Make it when missing. */
  create: boolean;
};

export type GroupOutputs = {
  /** Reference → Graph id, of the members that have an account. */
  resolved: { [reference: string]: string };
  /** References whose account does not exist yet. */
  waiting: string[];
};

const inputs = z
  .object({
    name: z.string().trim().min(1).max(256),
    description: z.string().trim().max(1024).exactOptional(),
    mode: z.enum(["exact", "additive"]).default("exact"),
    members: z
      .array(
        z
          .string()
          .trim()
          .regex(/^(?:person|id):./u, "person:<key> or id:<Graph id>"),
      )
      .transform((all) => [...new Set(all)].sort(order)),
    create: z.boolean().default(true),
  })
  .strict();

/** What Graph would refuse or undo, said before anything is sent. */
function refuseUnmanageable(live: Live, name: string): void {
  const group = groupValues.parse(live.values);
  const why = group.synced
    ? "it is synchronised from Active Directory; name it in mappings/ad.yaml instead"
    : group.dynamic
      ? "its members follow a rule in Entra ID (dynamic membership); change the rule or name another group"
      : group.roleAssignable
        ? "it can hold Entra roles (isAssignableToRole), which haloform does not hand out; name another group"
        : group.exchange
          ? "it is a mail-enabled security or distribution group, which only Exchange can change; name another group"
          : undefined;
  if (why) throw new RefusedError(`Could not change the group ${name}: ${why}`, "GroupNotManageable");
}

/** The one live group of this name. Throws RefusedError when there are two. */
export function findGroup(live: readonly Live[], name: string): Live | undefined {
  const found = live.filter((one) => same(groupValues.parse(one.values).name, name));
  if (found.length > 1) {
    throw new RefusedError(
      `Could not tell which group ${name} is meant: ${found.length} have this name (${found.map((one) => one.id).join(", ")}); rename all but one`,
      "AmbiguousName",
    );
  }
  return found[0];
}

/**
 * Graph's client key of a group made by haloform, so that making it twice makes one (uniqueName never changes). Names that
 * the slug cannot hold get a few digits of their hash, so that two names never share a key.
 */
export function uniqueNameOf(name: string): string {
  const lower = name.toLowerCase();
  const slug = lower
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/gu, "-")
    .replace(/^-+|-+$/gu, "")
    .slice(0, 40);
  return slug === lower
    ? `haloform-${slug}`
    : `haloform-${[slug, createHash("sha256").update(lower).digest("hex").slice(0, 8)].filter((part) => part !== "").join("-")}`;
}

const created = z.object({ id: z.string().min(1) });

/**
 * Makes the group, or finds the one an interrupted run made (`existed`). Idempotent by uniqueName (Prefer:
 * create-if-missing), so it does not matter that the list may be older than the group.
 */
async function make(client: EntraClient, wished: GroupInputs): Promise<{ id: string; existed: boolean }> {
  const uniqueName = uniqueNameOf(wished.name);
  const path = `/groups(uniqueName=${segment(literal(uniqueName))})`;
  const what = `create the group ${wished.name}`;
  const body = {
    displayName: wished.name,
    mailEnabled: false,
    mailNickname: uniqueName.slice(0, 64),
    securityEnabled: true,
    ...(wished.description ? { description: wished.description } : {}),
  };
  const answer = await client.patch(path, body, { what, headers: { Prefer: "create-if-missing" } });
  const made = created.safeParse(answer.body);
  if (made.success) return { id: made.data.id, existed: false };
  // 204: it was there already. Replication may hide it from the very next read.
  for (const pause of [0, 1000, 2000, 4000, 8000]) {
    if (pause > 0) await client.clock.sleep(pause);
    const found = created.safeParse(await client.get(path, ["id"], what));
    if (found.success) return { id: found.data.id, existed: true };
  }
  throw new RefusedError(
    `Could not ${what}: Graph says it exists (uniqueName ${uniqueName}) but does not show it; the next run goes on`,
    "Request_ResourceNotFound",
  );
}

/** Brings name, description and members of a group that exists from `was` to `wished`. */
async function bring(
  client: EntraClient,
  id: string,
  wished: GroupInputs,
  was: GroupInputs,
  context: RunContext,
  fresh: boolean,
): Promise<GroupOutputs> {
  const change = {
    ...(wished.name === was.name ? {} : { displayName: wished.name }),
    ...(wished.description === undefined || wished.description === (was.description ?? "")
      ? {}
      : { description: wished.description === "" ? null : wished.description }),
  };
  if (Object.keys(change).length > 0) await client.patch(`/groups/${segment(id)}`, change, { what: `change the group ${wished.name}` });

  const resolved = await resolveMembers(client, context, wished.members);
  const had = new Set(was.members.map((reference) => known(reference, context) ?? reference));
  const add = Object.entries(resolved.ids).filter(([reference, member]) => !was.members.includes(reference) && !had.has(member));
  const keep = new Set(Object.values(resolved.ids));
  const remove = was.members
    .filter((reference) => !wished.members.includes(reference))
    .flatMap((reference) => memberOf(reference, context) ?? []);
  // Joined before left: nobody who only changes their reference is out for a moment.
  const errors = [
    ...(await addMembers(
      client,
      { id, name: wished.name, fresh },
      add.map(([, member]) => member),
    )),
    ...(await removeMembers(
      client,
      { id, name: wished.name },
      remove.filter((member) => !keep.has(member)),
    )),
  ];
  const [first] = errors;
  if (first) {
    const more = errors.length > 1 ? ` (and ${errors.length - 1} more like it)` : "";
    throw first instanceof RefusedError ? new RefusedError(`${first.message}${more}`, first.code, { cause: first }) : first;
  }
  for (const reference of resolved.waiting) {
    await context.whenAnnounced("entra", reference.slice("person:".length), async (member) => {
      const [failed] = await addMembers(client, { id, name: wished.name, fresh }, [member]);
      if (failed) throw failed;
    });
  }
  return { resolved: remembered(wished, resolved.ids), waiting: resolved.waiting };
}

/** People always; other members only where `mode` has to remember whom haloform put there (a state stays small). */
function remembered(wished: GroupInputs, ids: { readonly [reference: string]: string }): GroupOutputs["resolved"] {
  return Object.fromEntries(Object.entries(ids).filter(([reference]) => wished.mode === "additive" || reference.startsWith("person:")));
}

export const group: Definition<GroupInputs, GroupOutputs & Values, EntraClient> = {
  type: "entra:Group",
  system: "entra",
  inputs,
  outputs: z.object({ resolved: z.record(z.string(), z.string()), waiting: z.array(z.string()) }),
  immutable: [],
  retain: true,
  client: entra,
  /** `attributes` names the groups whose members are wanted. */
  list: (client, options) => listGroups(client, options?.attributes ?? []),
  get: (client, id) => getGroup(client, id),
  find: (live, wished) => findGroup(live, wished.name)?.id,
  view(live, managed, outputs, context) {
    const values = groupValues.parse(live.values);
    return {
      name: values.name,
      ...(managed.description === undefined ? {} : { description: values.description }),
      mode: managed.mode,
      // Members that were not read (the group had another name when it was listed) are taken as last known: showing none
      // would add everyone again, and the next run reads them.
      members: values.members === undefined ? managed.members : shownMembers(values.members, managed, outputs, context),
      create: managed.create,
    };
  },
  async create(client, wished, context) {
    const found = findGroup(await context.live("entra:Group"), wished.name);
    if (!found) {
      if (!wished.create)
        throw new RefusedError(
          `Could not find the group ${wished.name}: there is none of this name in Entra ID; create it, or set \`create: true\` in mappings/entra.yaml`,
          "Request_ResourceNotFound",
        );
      const { id, existed } = await make(client, wished);
      const there = existed ? await getGroup(client, id) : undefined;
      if (there) refuseUnmanageable(there, wished.name);
      const was = there ? group.view(there, wished, {}, context) : { ...wished, members: [] };
      return { id, outputs: await bring(client, id, wished, was, context, true) };
    }
    const live = groupValues.parse(found.values).members === undefined ? ((await getGroup(client, found.id)) ?? found) : found;
    refuseUnmanageable(live, wished.name);
    return { id: live.id, outputs: await bring(client, live.id, wished, group.view(live, wished, {}, context), context, false) };
  },
  async update(client, id, wished, was, context) {
    const live = (await context.liveById("entra:Group")).get(id) ?? (await getGroup(client, id));
    if (live) refuseUnmanageable(live, wished.name);
    return bring(client, id, wished, was, context, false);
  },
  /** A group is let go of, never removed: others may rely on it. */
  async delete() {},
  computed(_live, wished, context, outputs = {}) {
    const before = readResolved(outputs);
    const ids: { [reference: string]: string } = {};
    const waiting: string[] = [];
    for (const reference of wished.members) {
      const id = known(reference, context) ?? before[reference];
      if (id === undefined) waiting.push(reference);
      else ids[reference] = id;
    }
    return { resolved: remembered(wished, ids), waiting };
  },
};
