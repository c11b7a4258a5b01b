/**
 * entra:AutomaticReplies — the automatic reply of a person's mailbox (mailboxSettings). The id is the Graph user's.
 * `off` means that the reply which haloform wrote is not sent; what the person writes afterwards is the person's.
 */

import { z } from "zod";
import { defined } from "../../../base/defined.ts";
import { PendingError } from "../../../base/errors.ts";
import type { Values } from "../../../base/json.ts";
import { sumOf } from "../../../base/sum.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { type Answer, graphError } from "../../../clients/graph/errors.ts";
import { segment } from "../../../clients/graph/odata.ts";
import { entra } from "../../../clients/graph/shared.ts";
import { noAccess } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { ofPerson } from "../facts.ts";
import { understood } from "../send.ts";
import { dateTimeTimeZone, html, instant, plain } from "./auto-reply-text.ts";

const utc = z
  .string()
  .trim()
  .refine((text) => !Number.isNaN(Date.parse(text)) && text.endsWith("Z"), "a moment in UTC: 2026-12-01T00:00:00Z")
  .transform((text) => `${new Date(text).toISOString().slice(0, 19)}Z`);
const reply = z.string().transform(plain);

const audiences = ["none", "contactsOnly", "all"] as const;

const inputs = z
  .strictObject({
    person: z.string().trim().min(1),
    status: z.enum(["off", "on", "scheduled"]),
    /** Who outside gets the external reply. */
    audience: z.enum(audiences).exactOptional(),
    internal: reply.exactOptional(),
    external: reply.exactOptional(),
    /** Of `scheduled`: UTC, whole seconds. */
    from: utc.exactOptional(),
    until: utc.exactOptional(),
  })
  .refine((one) => one.from === undefined || one.until === undefined || one.from < one.until, {
    path: ["until"],
    error: "a moment after from",
  });
export type RepliesInputs = z.infer<typeof inputs>;

/** `sent`: digest of the texts haloform wrote last, by which its own reply is known again. */
const outputs = z.object({ sent: z.string() });
export type RepliesOutputs = z.infer<typeof outputs>;

const text = z.string().nullish();
const moment = z.object({ dateTime: text, timeZone: text }).nullish();
const settings = z.object({
  automaticRepliesSetting: z
    .object({
      status: text,
      externalAudience: text,
      internalReplyMessage: text,
      externalReplyMessage: text,
      scheduledStartDateTime: moment,
      scheduledEndDateTime: moment,
    })
    .nullish(),
});

const statuses: { readonly [graph: string]: "off" | "on" | "scheduled" } = { disabled: "off", alwaysEnabled: "on", scheduled: "scheduled" };
const graphStatus = { off: "disabled", on: "alwaysEnabled", scheduled: "scheduled" } as const;

export const pathOf = (id: string): string => `/users/${segment(id)}/mailboxSettings`;
export const select = "?$select=automaticRepliesSetting";

/** The digest by which a pair of texts is known again. */
export const digestOf = (internal: string, external: string): string =>
  sumOf(Buffer.from(JSON.stringify([plain(internal), plain(external)])));

/** Whether a 404 means that the user has no mailbox (yet, any more, or it is on premises). Microsoft's code and text, facts 3.6. */
function isMailboxless(answer: Answer): boolean {
  return (
    answer.status === 404 &&
    /MailboxNotEnabledForRESTAPI|MailboxNotSupportedForRESTAPI|inactive, soft-deleted/u.test(JSON.stringify(answer.body ?? ""))
  );
}

/** Of a user without a mailbox `mailbox` is false. */
function liveOf(id: string, answer: Answer): Live | undefined {
  if (isMailboxless(answer)) return { id, values: { mailbox: false } };
  if (answer.status === 404) return undefined;
  const what = `read the automatic reply of the Entra user ${id}`;
  if (answer.status >= 400) throw graphError(what, "GET", pathOf(id), answer);
  const found = understood(settings, answer.body, what).automaticRepliesSetting ?? {};
  return {
    id,
    values: {
      mailbox: true,
      status: statuses[found.status ?? "disabled"] ?? "off",
      audience: found.externalAudience ?? "none",
      internal: plain(found.internalReplyMessage ?? ""),
      external: plain(found.externalReplyMessage ?? ""),
      from: instant(found.scheduledStartDateTime),
      until: instant(found.scheduledEndDateTime),
    },
  };
}

/** A mailbox's reply as `list` and `get` give it. */
const liveValues = z.looseObject({
  mailbox: z.boolean().default(true),
  status: z.enum(["off", "on", "scheduled"]).default("off"),
  audience: z.enum(audiences).catch("none"),
  internal: z.string().default(""),
  external: z.string().default(""),
  from: z.string().default(""),
  until: z.string().default(""),
});

function view(live: Live, managed: RepliesInputs, last: Values): RepliesInputs {
  const now = liveValues.parse(live.values);
  const { status } = now;
  // The mailbox of somebody who has left may be gone: there is nothing to reply from, and nothing to do.
  if (!now.mailbox && (managed.status === "off" || last["sent"] !== undefined)) return managed;
  if (managed.status === "off") {
    const ours = last["sent"] === undefined ? status !== "off" : last["sent"] === digestOf(now.internal, now.external);
    return status !== "off" && ours ? { person: managed.person, status } : { ...managed, status: "off" };
  }
  return defined({
    person: managed.person,
    status,
    audience: managed.audience && now.audience,
    internal: managed.internal === undefined ? undefined : now.internal,
    external: managed.external === undefined ? undefined : now.external,
    from: status === "scheduled" && managed.from !== undefined ? now.from : undefined,
    until: status === "scheduled" && managed.until !== undefined ? now.until : undefined,
  });
}

async function write(client: EntraClient, id: string, wish: RepliesInputs): Promise<void> {
  const setting = defined({
    status: graphStatus[wish.status],
    externalAudience: wish.audience,
    internalReplyMessage: wish.internal === undefined ? undefined : html(wish.internal),
    externalReplyMessage: wish.external === undefined ? undefined : html(wish.external),
    scheduledStartDateTime: wish.from && dateTimeTimeZone(wish.from),
    scheduledEndDateTime: wish.until && dateTimeTimeZone(wish.until),
  });
  const what = `set the automatic reply of person ${wish.person}`;
  const answer = await client.submit({ method: "PATCH", path: pathOf(id), body: { automaticRepliesSetting: setting } }, { what });
  if (isMailboxless(answer))
    throw new PendingError(`The automatic reply of person ${wish.person} waits for a mailbox: Exchange has none for the account.`);
  if (answer.status >= 400) throw graphError(what, "PATCH", pathOf(id), answer);
}

const sentBy = (wish: RepliesInputs, last: Values | undefined): RepliesOutputs =>
  wish.status === "off" ? { sent: String(last?.["sent"] ?? "") } : { sent: digestOf(wish.internal ?? "", wish.external ?? "") };

export const automaticReplies = define<RepliesInputs, RepliesOutputs, EntraClient, { ids: readonly string[] }>({
  type: "entra:AutomaticReplies",
  ...ofPerson,
  noun: "automatic reply",
  label: () => "automatic reply",
  wave: () => "mailboxes",
  access: noAccess(inputs),
  inputs,
  outputs,
  client: entra,

  /** Those whose Graph ids are asked for, 20 a call. */
  async list(client, { ids }) {
    const answers = await client.batch(ids.map((id) => ({ method: "GET", path: `${pathOf(id)}${select}` })));
    return ids.flatMap((id, index) => {
      const answer = answers[index];
      const live = answer && liveOf(id, answer);
      return live ? [live] : [];
    });
  },

  view,

  async create(client, wish, context) {
    const id = context.account("entra", wish.person);
    if (id === undefined) throw new PendingError(`The automatic reply of person ${wish.person} waits until the Entra account is there.`);
    await write(client, id, wish);
    return { id, outputs: sentBy(wish, undefined) };
  },

  async update(client, { id }, wish, _was, _context, last) {
    await write(client, id, wish);
    return sentBy(wish, last);
  },

  async get(client, id) {
    const answer = await client.read(`${pathOf(id)}${select}`, `read the automatic reply of the Entra user ${id}`);
    return liveOf(id, answer);
  },

  computed: (_live, wish, _context, last) => (last?.["sent"] === undefined ? sentBy(wish, last) : { sent: String(last["sent"]) }),
});
