/**
 * What is read of Entra ID and Exchange Online beside the types' own lists, and only where the mapping asks for it: devices for
 * conditions, and mailboxes and automatic replies of those people the first look says need it.
 */

import { defined } from "../../base/defined.ts";
import type { Values } from "../../base/json.ts";
import { asksForDevices } from "../../mappings/language/condition.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import { definition } from "../../providers/registry.ts";
import { deviceType, mailboxType, repliesType } from "../model/kinds.ts";
import type { DesiredResource, Person, PreviousResource } from "../model/types.ts";
import { mailboxLine } from "../wish/entra/mail.ts";
import { usesExchange } from "../wish/entra/mailboxes.ts";

/** Whether any condition of the mapping asks for devices. */
export function asksDevices(mappings: Partial<Mappings>): boolean {
  return mappings.entra !== undefined && (mappings.halo?.assets !== undefined || asksForDevices(mappings));
}

/** Devices of Intune and of Entra ID; nothing where no condition asks for them. */
export async function devices(mappings: Mappings): Promise<{ [type: string]: Live[] }> {
  if (!asksDevices(mappings)) return {};
  const [{ entra }, { readDevices, readRegisteredDevices, united }] = await Promise.all([
    import("../../clients/graph/shared.ts"),
    import("../../sources/entra/devices.ts"),
  ]);
  const client = await entra();
  const [managed, registered] = await Promise.all([readDevices(client), readRegisteredDevices(client)]);
  return { [deviceType]: united(managed, registered).map((one) => ({ id: one.id, values: { ...one } as Values })) };
}

/** Whoever has an account may have a photo: nothing is read for it. */
export function photoAccounts(mappings: Mappings, all: { readonly [type: string]: readonly Live[] }): { [type: string]: Live[] } {
  if ((mappings.entra?.photos ?? []).length === 0) return {};
  return { "entra:Photo": (all["entra:Licence"] ?? []).map(({ id }) => ({ id, values: {} })) };
}

/**
 * Names of the groups that leavers are in and whose members were not read, as no mapping names them; none where leavers lose only
 * what mappings name (leaver.groups). Groups that AD or a rule fills are nobody's to take anybody out of.
 */
export async function groupsOfLeavers(mappings: Mappings, people: readonly Person[], groups: readonly Live[]): Promise<string[]> {
  const leavers = people.flatMap(({ stage, accounts }) => (stage === "leaver" ? (accounts.entra ?? []) : []));
  if (mappings.safety.leaver.groups !== "all" || !mappings.entra || leavers.length === 0) return [];
  const [{ entra }, { readMemberships }] = await Promise.all([
    import("../../clients/graph/shared.ts"),
    import("../../providers/entra/group/links.ts"),
  ]);
  const inside = new Set([...(await readMemberships(await entra(), leavers)).values()].flat());
  const unread = groups.filter(
    ({ id, values }) => inside.has(id) && values["members"] === undefined && !values["synced"] && !values["dynamic"],
  );
  return unread.map(({ values }) => String(values["name"]));
}

/** Graph ids of those whose mailbox and whose automatic reply must be known: `wished`, for whom a reply is asked for. Pure. */
export function mailboxesAsked(
  mappings: Mappings,
  people: readonly Person[],
  previous: readonly PreviousResource[],
  wished: readonly Pick<DesiredResource, "type" | "person">[] = [],
): { mailboxes: string[]; replies: string[] } {
  const line = mailboxLine(mappings);
  if (!line) return { mailboxes: [], replies: [] };
  const ids = (which: (person: Person) => boolean): string[] =>
    people.flatMap((person) => (person.accounts.entra !== undefined && which(person) ? [person.accounts.entra] : []));
  const before = (type: string): string[] =>
    previous.filter((one) => one.type === type && !one.id.startsWith("parked-")).map((one) => one.id);
  const unique = (all: string[]): string[] => [...new Set(all)].sort();
  const leavers = ids((one) => one.stage === "leaver");
  const answering = new Set(wished.flatMap(({ type, person }) => (type === repliesType && person !== undefined ? [person] : [])));
  const replying = ids((one) => answering.has(one.key));
  const entitled = line.for === undefined ? [] : ids((one) => one.stage === "active");
  return {
    mailboxes: usesExchange(line) ? unique([...leavers, ...entitled, ...before(mailboxType)].map((id) => id.toLowerCase())) : [],
    replies: unique([...(line.replies ? leavers : []), ...replying, ...before(repliesType)]),
  };
}

/** Reads them. Where Exchange does not let the app in, its mailboxes are as they were left, and `exchange.needs` says why. */
export async function readMailboxes(asked: { mailboxes: string[]; replies: string[] }) {
  const list = async (type: string, ids: string[]): Promise<Live[]> => {
    const one = definition(type);
    return ids.length > 0 ? one.list(await one.client(), { ids }) : [];
  };
  const [{ ExchangeClosed }, { unreadMailbox }] = await Promise.all([
    import("../../clients/exchange/client.ts"),
    import("../../providers/entra/mailbox/mailbox.ts"),
  ]);
  let needs: string | undefined;
  const closed = (error: unknown): Live[] => {
    if (!(error instanceof ExchangeClosed)) throw error;
    needs = error.message;
    return asked.mailboxes.map(unreadMailbox);
  };
  const [mailboxes, replies] = await Promise.all([list(mailboxType, asked.mailboxes).catch(closed), list(repliesType, asked.replies)]);
  return {
    live: { [mailboxType]: mailboxes, [repliesType]: replies },
    asked: { [mailboxType]: { ids: asked.mailboxes }, [repliesType]: { ids: asked.replies } },
    ...defined({ exchange: asked.mailboxes.length > 0 ? defined({ needs }) : undefined }),
  };
}
