/** entra:User: accounts as Graph has them, living and soft-deleted, and in the shape of the inputs. */
import { z } from "zod";
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import { order } from "../../../base/order.ts";
import { keptRowsOf } from "../../../base/rows.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { GraphRefusal, graphError } from "../../../clients/graph/errors.ts";
import { query, segment } from "../../../clients/graph/odata.ts";
import type { Live, RunContext } from "../../core/definition.ts";
import { unseenOf } from "../../core/unseen.ts";
import { shownMembers } from "../references.ts";
import { understood } from "../send.ts";
import { selectOf, userRule, userRules, userValue } from "./attributes.ts";
import type { UserInputs } from "./inputs.ts";
import { addressesOf, expandManager, managerField, selection, userRows } from "./list.ts";

/** Stands in faxNumber of a new, blocked account until a command has taken its first password (docs/decisions/0023). */
export const unfinishedMark = "haloform: password not handed over yet";

const text = z.string().nullish().catch(null);
const rowSchema = z.looseObject({
  id: z.string().min(1),
  userPrincipalName: text,
  displayName: text,
  mail: text,
  accountEnabled: z.boolean().nullish(),
  onPremisesSyncEnabled: z.boolean().nullish(),
  onPremisesImmutableId: text,
  faxNumber: text,
  proxyAddresses: z.array(z.string()).nullish().catch(null),
  manager: z.looseObject({ id: z.string() }).nullish().catch(null),
  deletedDateTime: text,
});

/** The part of a Live that this type works with; also checks what comes back from a run file. */
export const accountValues = z.looseObject({
  userPrincipalName: z.string().default(""),
  enabled: z.boolean().default(true),
  synced: z.boolean().default(false),
  unfinished: z.boolean().default(false),
  deleted: z.boolean().default(false),
  attributes: z.record(z.string(), z.union([z.string(), z.array(z.string())])).default({}),
});
export type AccountValues = z.infer<typeof accountValues>;

export const valuesOf = (live: Live): AccountValues => accountValues.parse(live.values);
export const isDeleted = (live: Live): boolean => live.values["deleted"] === true;

/** Properties that are always read: the mark stands in one of them. */
export const accountProperties = ["mailNickname", "faxNumber"] as const;

/** Everything a mapping may write: asked for where nobody says what the mapping uses (stock `pulumi refresh`). */
export const allProperties = [...accountProperties, ...selectOf(userRules.map((rule) => rule.name)), managerField];

/** Under a deleted user's name stands its id, without dashes, so that the name is free. */
function nameBefore(id: string, upn: string): string {
  const prefix = id.replaceAll("-", "");
  return upn.toLowerCase().startsWith(prefix) ? upn.slice(prefix.length) : upn;
}

/** Users of Graph's → Live. `deleted`: from the deleted items. */
export const liveAccounts = (rows: readonly unknown[], deleted = false): Live[] =>
  keptRowsOf(rowSchema, rows, "Entra ID's users").map((row) => accountIn(row, deleted));

/** One user of Graph's → Live. `what` completes "Could not …" where the answer is none. */
export const liveAccount = (raw: unknown, what = "read a user"): Live => accountIn(understood(rowSchema, raw, what), false);

function accountIn(row: z.infer<typeof rowSchema>, deleted: boolean): Live {
  const attributes: { [name: string]: string | string[] } = {};
  for (const rule of userRules) {
    if (rule.kind === "person") continue;
    const holder = rule.within === undefined ? row : ((row[rule.within] ?? {}) as { [name: string]: unknown });
    const value = holder[rule.name];
    if (value === null || value === undefined) continue;
    const texts = (Array.isArray(value) ? value : [value]).map(String);
    const made = userValue(rule, texts);
    attributes[rule.name] = "problem" in made ? (rule.kind === "texts" ? [...texts].sort() : texts.join(", ")) : made.value;
  }
  const unfinished = row.faxNumber === unfinishedMark && row.accountEnabled === false;
  if (row.faxNumber === unfinishedMark) delete attributes["faxNumber"];
  if (row.manager) attributes["manager"] = `id:${row.manager.id}`;
  const upn = row.userPrincipalName ?? "";
  const values: Values = {
    userPrincipalName: deleted ? nameBefore(row.id, upn) : upn,
    enabled: row.accountEnabled ?? true,
    synced: row.onPremisesSyncEnabled === true,
    ...unseenOf({ accountEnabled: row.accountEnabled }),
    attributes,
    // Of accounts that live the read of the licences has them.
    ...(deleted ? addressesOf({ ...row, userPrincipalName: nameBefore(row.id, upn) }) : {}),
    ...defined({
      mail: row.mail || undefined,
      immutableId: row.onPremisesImmutableId || undefined,
      unfinished: unfinished || undefined,
      deleted: deleted || undefined,
      deletedAt: deleted ? (row.deletedDateTime ?? "") : undefined,
    }),
  };
  return { id: row.id, values };
}

/** All accounts, and the deleted ones that can still be restored (one call more, side by side). */
export async function listAccounts(client: EntraClient, further: readonly string[] = allProperties): Promise<Live[]> {
  const select = selection([...further]);
  const [rows, gone] = await Promise.all([userRows(client, select, further.includes(managerField)), readDeleted(client, select)]);
  return [...liveAccounts(rows), ...gone].sort((a, b) => order(a.id, b.id));
}

/** Soft-deleted users; none where the application may not look there (doctor says so). `select`: properties of Graph's. */
export async function readDeleted(client: EntraClient, select: readonly string[]): Promise<Live[]> {
  const names = [...select.filter((name) => name !== "licenseAssignmentStates"), "deletedDateTime"];
  try {
    return liveAccounts(await client.list("/directory/deletedItems/microsoft.graph.user", names, { what: "read deleted users" }), true);
  } catch (error) {
    if (error instanceof GraphRefusal && error.kind === "forbidden") return [];
    throw error;
  }
}

/** One account straight from Graph; undefined when gone (a deleted one too). */
export async function getAccount(client: EntraClient, id: string, further: readonly string[] = allProperties): Promise<Live | undefined> {
  const path = `/users/${segment(id)}${query({ select: selection([...further]), expand: expandManager })}`;
  const what = `read the user ${id}`;
  const answer = await client.read(path, what);
  if (answer.status === 404) return undefined;
  if (answer.status >= 400) throw graphError(what, "GET", path, answer);
  return liveAccount(answer.body, what);
}

/**
 * The live account in the inputs' shape. Sessions count as revoked when this was done after the account was blocked (the last
 * outputs say so), and for an account that is taken over blocked.
 */
export function viewAccount(
  live: Live,
  managed: UserInputs,
  outputs: Values,
  context: Pick<RunContext, "account" | "personOf">,
): UserInputs {
  const values = valuesOf(live);
  if (values.deleted) return { ...managed, ...(managed.hybrid ? {} : { deleted: true as const }) };
  // The wished manager where that is who it is, else the person whose account it is, else the id.
  const managerShown = (now: string, wished: string): string => {
    const ids = now === "" ? [] : [now.replace(/^id:/u, "")];
    return shownMembers(ids, { mode: "exact", members: [wished] }, outputs, context)[0] ?? "";
  };
  const attributes: UserInputs["attributes"] = {};
  for (const [name, wished] of Object.entries(managed.attributes)) {
    const rule = userRule(name);
    const now = values.attributes[rule?.name ?? name] ?? (rule?.kind === "texts" ? [] : "");
    attributes[name] = rule?.kind === "person" ? managerShown(String(now), String(wished)) : spelt(now, wished, rule?.name);
  }
  const known = outputs["userPrincipalName"] !== undefined;
  const revoked = managed.sessions !== undefined && !values.enabled && (outputs["revoked"] === true || !known);
  const upn = values.userPrincipalName;
  const wished = managed.userPrincipalName;
  return defined({
    person: managed.person,
    hybrid: managed.hybrid,
    userPrincipalName: wished && (upn.toLowerCase() === wished.toLowerCase() ? wished : upn),
    enabled: managed.enabled === undefined ? undefined : values.enabled,
    attributes,
    sessions: revoked ? "revoked" : undefined,
  });
}

/** Addresses and codes differ by more than their case only to people. */
function spelt(now: string | string[], wished: string | string[], name: string | undefined): string | string[] {
  const loose = name === "mailNickname" || name === "otherMails";
  return loose && JSON.stringify(now).toLowerCase() === JSON.stringify(wished).toLowerCase() ? wished : now;
}
