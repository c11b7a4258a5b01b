/**
 * entra:Mailbox — what a person's mailbox in Exchange Online is: a user's or a shared one, hidden, on hold, forwarded. The id
 * is the Graph user's (Exchange's ExternalDirectoryObjectId). The mailbox itself is made by a licence, and never by this type.
 */

import { z } from "zod";
import { chunks } from "../../../base/chunks.ts";
import { defined } from "../../../base/defined.ts";
import { PendingError, RefusedError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { rowsOf } from "../../../base/rows.ts";
import type { ExchangeClient } from "../../../clients/exchange/client.ts";
import { exchange } from "../../../clients/exchange/shared.ts";
import { both, neither, whenSet } from "../../core/access.ts";
import { define, type Live, type RunContext } from "../../core/definition.ts";
import { ofPerson } from "../facts.ts";
import { mailboxDone, mailboxFailed } from "./gate.ts";

const address = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^(?:[^@\s:]+@[^@\s]+)?$/u, "an address, or nothing");

const inputs = z.strictObject({
  person: z.string().trim().min(1),
  kind: z.enum(["user", "shared"]).exactOptional(),
  /** Left out of address lists. Cloud-only accounts alone. */
  hidden: z.boolean().exactOptional(),
  /** On litigation hold. */
  hold: z.boolean().exactOptional(),
  /** Where a copy of the mail goes; "" = nowhere. */
  forward: address.exactOptional(),
});
export type MailboxInputs = z.infer<typeof inputs>;
const outputs = z.object({ address: z.string() });
export type MailboxOutputs = z.infer<typeof outputs>;

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? "");
const yes = z
  .union([z.boolean(), z.string().transform((value) => /^true$/iu.test(value))])
  .nullish()
  .transform((value) => value === true);
const rowSchema = z.object({
  ExternalDirectoryObjectId: text,
  RecipientTypeDetails: text,
  PrimarySmtpAddress: text,
  HiddenFromAddressListsEnabled: yes,
  LitigationHoldEnabled: yes,
  ForwardingSmtpAddress: text,
});

const kinds: { readonly [type: string]: string } = { usermailbox: "user", sharedmailbox: "shared" };

/** A row of Get-Mailbox → Live. */
function liveOf(row: z.infer<typeof rowSchema>): Live {
  return {
    id: row.ExternalDirectoryObjectId.toLowerCase(),
    values: {
      exists: true,
      kind: kinds[row.RecipientTypeDetails.toLowerCase()] ?? row.RecipientTypeDetails,
      address: row.PrimarySmtpAddress,
      hidden: row.HiddenFromAddressListsEnabled,
      hold: row.LitigationHoldEnabled,
      forward: row.ForwardingSmtpAddress.replace(/^smtp:/iu, "").toLowerCase(),
    },
  };
}

/** Of a person without a mailbox. */
export const noMailbox = (id: string): Live => ({ id, values: { exists: false } });
/** Of a person about whom Exchange was not asked: as it was left. */
export const unreadMailbox = (id: string): Live => ({ id, values: { unread: true } });

/** Ids in one Get-Mailbox; more than this many are read with everybody else's. */
const abreast = 25;
const everybody = 500;

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** Whose mailbox is not in the answer has none: one that is only not understood must not look so, as a licence would go with it. */
function notRead(line: string): never {
  throw new RefusedError(`Could not read mailboxes: ${line}; try again, and report it if it stays so`, "not-understood");
}

async function read(client: ExchangeClient, wanted: readonly string[]): Promise<Live[]> {
  const ids = [...new Set(wanted.map((id) => id.toLowerCase()).filter((id) => guid.test(id)))];
  const found = new Map<string, Live>();
  const only = (some: readonly string[]) => ({ Filter: some.map((id) => `ExternalDirectoryObjectId -eq '${id}'`).join(" -or ") });
  for (const some of ids.length > everybody ? [{}] : chunks(ids, abreast).map(only)) {
    const rows = await client.invoke("Get-Mailbox", { ...some, ResultSize: "Unlimited" }, "read mailboxes");
    for (const live of rowsOf(rowSchema, rows, "Exchange's mailboxes", notRead).map(liveOf)) found.set(live.id, live);
  }
  return ids.map((id) => found.get(id) ?? noMailbox(id));
}

/** Whether a person's mailbox is not what it must be before their licence may go: of leavers, everything wished. */
const guards = (wish: MailboxInputs): boolean => wish.kind === "shared" || wish.hold === true;

function view(live: Live, managed: MailboxInputs): MailboxInputs {
  const now = live.values;
  // Gone with its licence, as the mapping wanted: nothing is left to do. One that is wished and not there yet shows as none.
  if (now["unread"] === true || (now["exists"] === false && managed.kind !== "user")) return managed;
  if (now["exists"] === false) return { person: managed.person };
  const { person, kind, hidden, hold, forward } = managed;
  const { kind: found } = now;
  return defined({
    person,
    kind: kind && (found === "user" || found === "shared" ? found : undefined),
    hidden: hidden === undefined ? undefined : now["hidden"] === true,
    hold: hold === undefined ? undefined : now["hold"] === true,
    forward: forward === undefined ? undefined : String(now["forward"] ?? ""),
  });
}

function parametersOf(wish: MailboxInputs, was: MailboxInputs): { [name: string]: unknown } {
  const forwards = wish.forward !== was.forward;
  return defined({
    LitigationHoldEnabled: wish.hold === was.hold ? undefined : wish.hold,
    HiddenFromAddressListsEnabled: wish.hidden === was.hidden ? undefined : wish.hidden,
    ForwardingSmtpAddress: forwards && wish.forward !== undefined ? (wish.forward === "" ? null : `smtp:${wish.forward}`) : undefined,
    DeliverToMailboxAndForward: forwards && wish.forward !== undefined ? wish.forward !== "" : undefined,
    Type: wish.kind === was.kind ? undefined : wish.kind && (wish.kind === "shared" ? "Shared" : "Regular"),
  });
}

/** From the mailbox as it is now to the one wished; what guards a mailbox is confirmed before it counts. */
async function bring(client: ExchangeClient, id: string, wish: MailboxInputs): Promise<MailboxOutputs> {
  try {
    const [live] = await read(client, [id]);
    if (live?.values["exists"] !== true) {
      if (wish.kind !== "user") return { address: "" };
      throw new PendingError(`The mailbox of person ${wish.person} is not there yet: Exchange makes it some minutes after the licence.`);
    }
    const parameters = parametersOf(wish, view(live, wish));
    const found = String(live.values["kind"]);
    if (wish.kind !== undefined && kinds[`${found}mailbox`] === undefined)
      throw new RefusedError(
        `Could not make the mailbox of person ${wish.person} a ${wish.kind} one: it is a ${found}; change it by hand`,
        "kind",
      );
    if (Object.keys(parameters).length > 0) {
      await client.invoke("Set-Mailbox", { Identity: id, ...parameters }, `change the mailbox of person ${wish.person}`);
      await confirm(client, id, wish);
    }
    mailboxDone(wish.person);
    return { address: String(live.values["address"] ?? "") };
  } catch (error) {
    if (guards(wish)) mailboxFailed(wish.person, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** Exchange does by and by what it has said yes to. */
async function confirm(client: ExchangeClient, id: string, wish: MailboxInputs): Promise<void> {
  if (!guards(wish)) return;
  const isDone = async (): Promise<boolean> => {
    const [live] = await read(client, [id]);
    return (wish.kind === undefined || live?.values["kind"] === wish.kind) && (wish.hold !== true || live?.values["hold"] === true);
  };
  if (await client.again(isDone, (done) => !done)) return;
  throw new PendingError(`The mailbox of person ${wish.person} is being changed: Exchange has not finished, and the licence waits for it.`);
}

export const mailbox = define<MailboxInputs, MailboxOutputs, ExchangeClient, { ids: readonly string[] }>({
  type: "entra:Mailbox",
  ...ofPerson,
  noun: "mailbox",
  label: () => "mailbox",
  wave: () => "mailboxes",
  // A shared mailbox can be opened by more people; a forwarded one is read elsewhere.
  access: { person: neither, kind: both("mailboxes"), hidden: whenSet({ takes: "mailboxes" }), hold: neither, forward: both("mailboxes") },
  inputs,
  outputs,
  client: exchange,

  /** Those whose Graph ids are asked for, 25 a call, or a thousand where there are many. */
  list: (client, { ids }) => read(client, ids),
  view,

  async create(client, wish, context: RunContext) {
    const id = context.account("entra", wish.person);
    if (id === undefined) throw new PendingError(`The mailbox of person ${wish.person} waits until the Entra account is there.`);
    return { id: id.toLowerCase(), outputs: await bring(client, id, wish) };
  },

  update: (client, { id }, wish) => bring(client, id, wish),

  async get(client, id) {
    const [live] = await read(client, [id]);
    return live?.values["exists"] === true ? live : undefined;
  },

  computed: (live, _wish, _context, last?: Values) => ({ address: String(live.values["address"] ?? last?.["address"] ?? "") }),
});
