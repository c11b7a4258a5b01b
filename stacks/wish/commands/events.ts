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

/** The account events are about: in AD; where AD is not managed, the Halo agent. `accounts` are the wished ones by key. */
export function wishedAccounts(scene: Scene): ReadonlyMap<string, Values> {
  const type = accountType(scene);
  return new Map(
    scene.resources.flatMap((one) => (one.type === type && one.person !== undefined ? [[one.person, one.inputs] as const] : [])),
  );
}

function accountType(scene: Scene): "ad:User" | "halo:Agent" {
  return scene.mappings.ad ? "ad:User" : "halo:Agent";
}

/** The events of one person, each with a sentence for the plan. Adopting an account as it is is none. */
export function eventsOf(scene: Scene, subject: Subject, wish: Values | undefined): Map<EventName, string> {
  const events = new Map<EventName, string>();
  if (subject.stage === "held") return events;
  const type = accountType(scene);
  const id = type === "ad:User" ? subject.accounts.ad : subject.accounts.halo;
  const before = scene.previous(type, personName(subject.key))?.inputs;
  const live = id === undefined ? undefined : scene.byId(type).get(id)?.values;
  if (subject.stage === "leaver") leaving(subject, wish && { wish, before, live }, events);
  else if (wish) staying(scene, subject, { wish, before, live }, events);
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
  const names = ["name", "sAMAccountName", "userPrincipalName"].filter(
    (name) => before[name] !== undefined && wish[name] !== undefined && before[name] !== wish[name],
  );
  if (names.length > 0) events.set("rename", `another ${names.join(", ")}`);
}

/** Compared with the last wish, not with what is there: what somebody changed by hand and is put back is no move. */
function moved(before: Values, wish: Values): string[] {
  const [old, now] = [textOf(before["path"]), textOf(wish["path"])];
  const moves = old !== "" && now !== "" && dnKey(old) !== dnKey(now) ? ["organizational unit"] : [];
  const [was, is] = [part(before["attributes"]), part(wish["attributes"])];
  for (const name of ["department", "title", "manager"]) {
    const [then, next] = [textOf(was[name]), textOf(is[name])];
    if (then !== "" && is[name] !== undefined && !same(then, next)) moves.push(name);
  }
  return moves;
}

/** Whether an event that was noted by an earlier run still makes sense for what the person is now. */
export function stillHolds(event: EventName, subject: Subject, wish: Values | undefined): boolean {
  if (event === "leaver") return subject.stage === "leaver";
  if (event === "disable") return wish?.["enabled"] === false;
  return subject.stage === "active" && wish !== undefined && (event !== "enable" || wish["enabled"] === true);
}
