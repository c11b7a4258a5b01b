/** What happens to a person in this run, in the words commands are declared with (mappings/scripts.yaml). Pure. */
import type { Values } from "../../../base/json.ts";
import { same } from "../../../base/text.ts";
import type { EVENTS } from "../../../mappings/schema/scripts.ts";
import { dnKey } from "../../../providers/ad/values/dn.ts";
import { personName, type Scene } from "../../model/scene.ts";
import type { Subject } from "../../model/types.ts";
import { flag, part, textOf } from "../../model/values.ts";

export type EventName = (typeof EVENTS)[number];

/** A person's account as it is wished, was wished by the last run, and is there now. */
interface Account {
  wish: Values;
  before: Values | undefined;
  live: Values | undefined;
}

/** What an account is, of which events are told: in AD, made in Entra ID, or a Halo agent. */
type AccountType = "ad:User" | "entra:User" | "halo:Agent";
const systemOf = { "ad:User": "ad", "entra:User": "entra", "halo:Agent": "halo" } as const;

/** The account that events of a person are about, as it is wished. */
export interface Wished {
  type: AccountType;
  inputs: Values;
}

/**
 * A person's events are about the account in AD; of somebody who has none, about the one that is made in Entra ID; where AD is not
 * managed, of whoever has neither, about the Halo agent.
 */
function typesOf({ mappings: { ad, entra } }: Scene): AccountType[] {
  return [
    ...(ad ? (["ad:User"] as const) : []),
    ...((entra?.accounts ?? []).length > 0 ? (["entra:User"] as const) : []),
    ...(ad ? [] : (["halo:Agent"] as const)),
  ];
}

/** What the cloud masters of an account from AD is no account of its own. */
const isAccount = (type: string, inputs: Values | undefined): boolean => type !== "entra:User" || inputs?.["hybrid"] !== true;

/** The accounts that are wished, by key. */
export function wishedAccounts(scene: Scene): ReadonlyMap<string, Wished> {
  const types = typesOf(scene);
  const found = new Map<string, Wished>();
  for (const { type, person, inputs } of scene.resources) {
    const own = types.find((one) => one === type);
    if (own === undefined || person === undefined || !isAccount(own, inputs)) continue;
    const known = found.get(person);
    if (!known || types.indexOf(own) < types.indexOf(known.type)) found.set(person, { type: own, inputs });
  }
  return found;
}

/** The account that events of somebody are about, where none is wished: the one that the last run wished, or that there is. */
function typeOf(scene: Scene, subject: Subject): AccountType {
  const types = typesOf(scene);
  const before = types.find((type) => {
    const last = scene.previous(type, personName(subject.key));
    return last !== undefined && isAccount(type, last.inputs);
  });
  const has = types.find((type) => subject.accounts[systemOf[type]] !== undefined);
  return before ?? has ?? types[0] ?? "halo:Agent";
}

/** What the account that events are about is now; undefined: it is not there. */
export function liveAccount(scene: Scene, subject: Subject, wished: Wished | undefined): Values | undefined {
  const type = wished?.type ?? typeOf(scene, subject);
  const id = subject.accounts[systemOf[type]];
  return id === undefined ? undefined : scene.byId(type).get(id)?.values;
}

/** The events of one person, each with a sentence for the plan. Adopting an account as it is is none. */
export function eventsOf(scene: Scene, subject: Subject, wished: Wished | undefined): Map<EventName, string> {
  const events = new Map<EventName, string>();
  if (subject.stage === "held") return events;
  const before = scene.previous(wished?.type ?? typeOf(scene, subject), personName(subject.key))?.inputs;
  const account = wished && { wish: wished.inputs, before, live: liveAccount(scene, subject, wished) };
  if (subject.stage === "leaver") leaving(subject, account, events);
  else if (account) staying(scene, subject, account, events);
  return events;
}

function leaving(subject: Subject, account: Account | undefined, events: Map<EventName, string>): void {
  const had = account && (account.before ? account.before["enabled"] !== false : flag(account.live?.["enabled"]));
  const ends = account?.wish["enabled"] === false && had === true;
  if (ends || (!subject.leaverBefore && subject.before)) events.set("leaver", subject.because?.note ?? "has left");
  if (account && flag(account.live?.["enabled"]) && account.wish["enabled"] === false) events.set("disable", "the account is disabled");
}

function staying(scene: Scene, subject: Subject, { wish, before, live }: Account, events: Map<EventName, string>): void {
  const fresh = live === undefined || flag(live["unfinished"]);
  // Somebody who left on paper and came back before the account was disabled was never away.
  const back = subject.leaverBefore && (fresh || before?.["enabled"] === false || !flag(live["enabled"]));
  if (back) events.set("rejoiner", `had left and is active in ${scene.source} again`);
  else if (fresh) events.set("joiner", "has no account yet");
  if (!fresh && flag(live["enabled"]) !== flag(wish["enabled"]))
    events.set(flag(wish["enabled"]) ? "enable" : "disable", `the account is ${flag(wish["enabled"]) ? "enabled" : "disabled"}`);
  if (fresh || !before || back) return;
  const moves = moved(before, wish);
  if (moves.length > 0) events.set("mover", `another ${moves.join(", ")}`);
  const [was, is] = [before, wish].map((one) => ({ displayName: part(one["attributes"])["displayName"], ...one }) as Values);
  const names = [...(wish["name"] === undefined ? ["displayName"] : ["name"]), "sAMAccountName", "userPrincipalName"].filter(
    (name) => was?.[name] !== undefined && is?.[name] !== undefined && was[name] !== is[name],
  );
  if (names.length > 0) events.set("rename", `another ${names.join(", ")}`);
}

/** Compared with the last wish, not with what is there: what somebody changed by hand and is put back is no move. */
function moved(before: Values, wish: Values): string[] {
  const [old, now] = [textOf(before["path"]), textOf(wish["path"])];
  const moves = old !== "" && now !== "" && dnKey(old) !== dnKey(now) ? ["organizational unit"] : [];
  const [was, is] = [part(before["attributes"]), part(wish["attributes"])];
  for (const name of ["department", "title", "jobTitle", "manager"]) {
    const [then, next] = [textOf(was[name]), textOf(is[name])];
    if (then !== "" && is[name] !== undefined && !same(then, next)) moves.push(name);
  }
  return moves;
}

/** Whether an event that was noted by an earlier run still makes sense for what the person is now. */
export function stillHolds(event: EventName, subject: Subject, wished: Wished | undefined): boolean {
  if (event === "leaver") return subject.stage === "leaver";
  const wish = wished?.inputs;
  if (event === "disable") return wish?.["enabled"] === false;
  return subject.stage === "active" && wish !== undefined && (event !== "enable" || wish["enabled"] === true);
}
