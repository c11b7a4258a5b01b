/**
 * Mailboxes as Exchange Online has them: made by a licence's Exchange plan, thrown away with it unless they are shared; and
 * GET/PATCH /users/{id}/mailboxSettings, as far as automatic replies go.
 */
import { isObject, type Row } from "../web/json.ts";
import type { Reply } from "../web/server.ts";
import { bodyOf, type GraphContext, refuseIfAsked, userOf } from "./context.ts";
import { malformed, problem, Refused } from "./errors.ts";
import type { GraphState } from "./state.ts";
import { view } from "./views.ts";

export interface Mailbox {
  kind: "UserMailbox" | "SharedMailbox" | "RoomMailbox" | "EquipmentMailbox";
  hidden: boolean;
  hold: boolean;
  forward: string | null;
  deliver: boolean;
  replies: Row;
  /** When it can be found, ms since 1970. */
  from: number;
}

interface Store {
  boxes: Map<string, Mailbox>;
  /** Ids of users whose mailbox went with the licence: what must not happen to anybody whose mail is wanted. */
  lost: Set<string>;
  /** Milliseconds from the licence (as it is first looked at) to the mailbox. */
  delay: number;
}

const stores = new WeakMap<GraphState, Store>();
const plans = new Set(["EXCHANGE_S_STANDARD", "EXCHANGE_S_ENTERPRISE", "EXCHANGE_S_DESKLESS"]);

/** For tests: what there is, what was lost, and how long Exchange takes. */
export function mailboxes(state: GraphState): Store {
  const store = stores.get(state) ?? { boxes: new Map(), lost: new Set<string>(), delay: 0 };
  stores.set(state, store);
  return store;
}

/** Whether a licence of the user makes a mailbox now. */
export function hasPlan(state: GraphState, row: Row): boolean {
  const { assignedPlans } = view(state, "user", row, ["assignedPlans"]);
  return (assignedPlans as Row[]).some((plan) => plans.has(String(plan["service"])));
}

const silent = (): Row => ({
  status: "disabled",
  externalAudience: "all",
  internalReplyMessage: "",
  externalReplyMessage: "",
  scheduledStartDateTime: { dateTime: "2026-01-01T00:00:00.0000000", timeZone: "UTC" },
  scheduledEndDateTime: { dateTime: "2026-01-02T00:00:00.0000000", timeZone: "UTC" },
});

/** The mailbox of a user, made or thrown away as the licences say; undefined when there is none (yet). */
export function mailboxOf(state: GraphState, id: string, now: number): Mailbox | undefined {
  const store = mailboxes(state);
  const row = state.users.current.get(id);
  const box = store.boxes.get(id);
  const licensed = row !== undefined && hasPlan(state, row);
  if (!row || (box?.kind === "UserMailbox" && !licensed)) {
    if (box) store.lost.add(id);
    store.boxes.delete(id);
    return undefined;
  }
  if (!box && !licensed) return undefined;
  const found: Mailbox = box ?? {
    ...{ kind: "UserMailbox", hidden: false, hold: false, forward: null, deliver: false, replies: silent() },
    from: now + store.delay,
  };
  store.boxes.set(id, found);
  return found.from <= now ? found : undefined;
}

/** Everybody's mailbox, so that what has one now has it from now on. */
export function allMailboxes(state: GraphState, now: number): Map<string, Mailbox> {
  const found = [...state.users.current.keys()].map((id): [string, Mailbox | undefined] => [id, mailboxOf(state, id, now)]);
  return new Map(found.filter((one): one is [string, Mailbox] => one[1] !== undefined));
}

function boxOf(call: GraphContext): Mailbox {
  const row = userOf(call);
  if (call.method !== "GET") refuseIfAsked(call, row);
  const box = mailboxOf(call.state, String(row["id"]), call.now());
  if (!box)
    throw new Refused(
      problem(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise."),
    );
  return box;
}

const purposes = { UserMailbox: "user", SharedMailbox: "shared", RoomMailbox: "room", EquipmentMailbox: "equipment" } as const;

export function getMailboxSettings(call: GraphContext): Reply {
  const box = boxOf(call);
  const all: Row = { automaticRepliesSetting: box.replies, userPurpose: purposes[box.kind], timeZone: "UTC" };
  const names = call.query.get("$select")?.split(",") ?? Object.keys(all);
  const wrong = names.find((name) => call.csdl && !call.csdl.property("mailboxSettings", name));
  if (wrong !== undefined) {
    call.complain(`$select names ${wrong}, which microsoft.graph.mailboxSettings does not have`);
    throw new Refused(malformed(`Could not find a property named '${wrong}' on type 'microsoft.graph.mailboxSettings'.`));
  }
  return {
    status: 200,
    body: {
      "@odata.context": `${call.base}/$metadata#mailboxSettings`,
      ...Object.fromEntries(names.map((name) => [name, all[name] ?? null])),
    },
  };
}

/** Exchange keeps HTML of its own making, whatever it is given. */
const wrapped = (message: unknown): string => {
  const inner = String(message ?? "").replace(/^\s*<html>\s*<body>|<\/body>\s*<\/html>\s*$/giu, "");
  return inner === ""
    ? ""
    : `<html>\r\n<head>\r\n<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\r\n</head>\r\n<body>\r\n${inner.replaceAll("<br>", "<br>\r\n")}\r\n</body>\r\n</html>\r\n`;
};

function moment(value: unknown): number {
  const { dateTime, timeZone } = isObject(value) ? value : {};
  const text = String(dateTime ?? "");
  const time = Date.parse(`${text.replace(/\.\d+$/u, "")}Z`);
  if (String(timeZone) !== "UTC" || Number.isNaN(time))
    throw new Refused(problem(400, "ErrorInvalidTimeZone", "A valid TimeZone value must be specified."));
  return time;
}

export function patchMailboxSettings(call: GraphContext): Reply {
  const box = boxOf(call);
  const body = bodyOf(call, "mailboxSettings");
  for (const name of Object.keys(body).filter((key) => key !== "automaticRepliesSetting"))
    throw new Refused(malformed(`The sandbox does not take ${name} of mailboxSettings.`));
  const given = body["automaticRepliesSetting"];
  if (!isObject(given)) throw new Refused(malformed("automaticRepliesSetting is missing."));
  const next: Row = { ...box.replies, ...given };
  if (next["status"] === "scheduled") {
    const [start, end] = [moment(next["scheduledStartDateTime"]), moment(next["scheduledEndDateTime"])];
    if (end <= start || end <= call.now())
      throw new Refused(problem(400, "ErrorInvalidParameter", "The scheduled end date must be in the future and later than the start."));
  }
  for (const name of ["internalReplyMessage", "externalReplyMessage"]) if (name in given) next[name] = wrapped(given[name]);
  box.replies = next;
  return { status: 200, body: { "@odata.context": `${call.base}/$metadata#mailboxSettings`, automaticRepliesSetting: next } };
}
