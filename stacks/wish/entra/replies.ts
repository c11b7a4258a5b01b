/** Automatic replies as they should be: a leaver's, and that of anybody whom a condition names. Pure: what is sent now is in the world. */

import { endOfDay } from "../../../base/date-forms.ts";
import type { Values } from "../../../base/json.ts";
import { shifted, todayIn } from "../../../mappings/language/days.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { ReplyLine } from "../../../mappings/schema/mailboxes.ts";
import { repliesType } from "../../model/kinds.ts";
import { because, personName, type Scene } from "../../model/scene.ts";
import type { DesiredResource, PreviousResource, Subject } from "../../model/types.ts";
import { called, textOf } from "../../model/values.ts";
import { dayGiven, dayLine } from "../../people/days.ts";
import { day, extrasOf, filled, isBack, kept, type Line, leaves, made, type Reasons } from "./mail.ts";

/** The entra:AutomaticReplies of a person; undefined: none is wished, and none was. */
export function replies(scene: Scene, subject: Subject, line: Line): DesiredResource | undefined {
  const last = scene.previous(repliesType, personName(subject.key));
  const id = subject.accounts.entra;
  if (id === undefined) return undefined;
  const live = scene.byId(repliesType).get(id);
  if (isBack(subject)) return ofSomebodyHere(scene, subject, last, live?.values["mailbox"] === false);
  const said = leaves(subject) && line.replies && subject.record ? replyOf(scene, subject, line) : undefined;
  if (!said) {
    // What was said of somebody who was here is not said of a leaver.
    const stops = leaves(subject) && !line.replies && (scene.mappings.entra?.replies ?? []).length > 0;
    return stops && last ? off(scene, subject) : kept(scene, subject, repliesType);
  }
  // Known to have no mailbox: there is nothing to reply from. One whose window is over is not begun.
  const { wish, reasons } = said;
  const until = textOf(wish["until"]);
  const isOver = until !== "" && Date.parse(until) <= scene.world.now.getTime();
  if (!last && (live?.values["mailbox"] === false || isOver)) return undefined;
  return made(scene, subject, repliesType, wish, subject.because ?? { rule: scene.at(...ofLeavers) }, {
    ...reasons,
    until: { rule: scene.at(...ofLeavers, "lasts") },
  });
}

const ofLeavers = ["safety", "leaver", "mailbox", "replies"] as const;

/** Of who is here: by the first line that holds, within its days; else the reply that haloform wrote is not sent any more. */
function ofSomebodyHere(
  scene: Scene,
  subject: Subject,
  last: PreviousResource | undefined,
  isMailboxless: boolean,
): DesiredResource | undefined {
  const lines = scene.mappings.entra?.replies ?? [];
  const found = scene.decisions.first(lines, subject);
  if (scene.decisions.isUnsure(lines, subject)) return kept(scene, subject, repliesType);
  if (!found) return last && off(scene, subject);
  const window = windowOf(scene, subject, found.line, last?.inputs);
  if (window === "unclear") return kept(scene, subject, repliesType);
  const path = ["entra", "replies", found.index] as const;
  const said = window && textsOf(scene, subject, found.line, path);
  if (!said) return last && off(scene, subject);
  if (!last && isMailboxless) return undefined;
  const at = (...word: string[]): string => scene.at(...path, ...word);
  const { starts, ends } = found.line;
  return made(scene, subject, repliesType, { person: subject.key, ...window, ...said.wish }, because(at(), subject, found.fields), {
    ...said.reasons,
    ...(starts === undefined ? {} : { from: because(at("starts"), subject, dayLine(starts)?.fields) }),
    ...(ends === undefined ? {} : { until: because(at("ends"), subject, dayLine(ends)?.fields) }),
  });
}

function off(scene: Scene, subject: Subject): DesiredResource {
  const hasLines = (scene.mappings.entra?.replies ?? []).length > 0;
  const at = hasLines ? scene.at("entra", "replies") : scene.at("safety", "leaver", "mailbox", "replies");
  const note = hasLines
    ? "no line asks for a reply today: the reply haloform wrote is not sent"
    : "is here: the reply haloform wrote is not sent";
  return made(scene, subject, repliesType, { person: subject.key, status: "off" }, because(at, subject, [], note));
}

/** When a reply is sent, by the days of the record; undefined: not today and not later. What is no day leaves the reply as it is. */
function windowOf(scene: Scene, subject: Subject, line: ReplyLine, last: Values | undefined): Values | undefined | "unclear" {
  const { zone } = scene.mappings.people;
  const today = todayIn(scene.world.now, zone);
  const given = [line.starts, line.ends].map((source) => dayGiven(dayLine(source), subject.record?.fields ?? {}, zone));
  const odd = given.find((one) => "unclear" in one);
  const [first, until] = given.map((one) => ("day" in one ? one.day : undefined));
  if (odd || (first !== undefined && until !== undefined && until < first)) {
    const why = odd ? `${JSON.stringify(odd.unclear).slice(0, 40)}, which is no day` : `${until}, which is before the first day ${first}`;
    scene.notes.push(
      `${scene.at("entra", "replies")} gives ${why}, for ${called(subject)}: the automatic reply stays as it is; write days like 2027-01-04`,
    );
    return "unclear";
  }
  if (until === undefined) return first !== undefined && first > today ? undefined : { status: "on" };
  if (until < today) return undefined;
  const begun = last?.["status"] === "scheduled" ? textOf(last["from"]) : "";
  const from = first === undefined && begun !== "" ? begun : startOf(first ?? today, zone);
  return { status: "scheduled", from, until: endOfDay(until, zone) };
}

const startOf = (date: string, zone: string): string => endOfDay(shifted(date, -1), zone);

/** A part of what is wished, and why. */
interface Said {
  wish: Values;
  reasons: Reasons;
}

/** What somebody's reply says; undefined: nothing. `path`: of the line that says it. */
function textsOf(
  scene: Scene,
  subject: Subject,
  said: Pick<ReplyLine, "internal" | "external" | "audience" | "manager">,
  path: readonly (string | number)[],
): Said | undefined {
  const fields = subject.record?.fields;
  if (!fields) return undefined;
  const external = said.external ?? said.internal;
  const [inside, outside] = [compile(said.internal), compile(external)];
  const extras = extrasOf(scene, subject, said.manager, "reply", [inside, outside]);
  const internal = inside.render(fields, extras).trim();
  if (internal === "") return undefined;
  return {
    wish: { audience: said.audience, internal, external: outside.render(fields, extras).trim() },
    reasons: {
      internal: filled(scene.at(...path, "internal"), subject, said.internal, extras),
      external: filled(scene.at(...path, said.external === undefined ? "internal" : "external"), subject, external, extras),
    },
  };
}

function replyOf(scene: Scene, subject: Subject, line: Line): Said | undefined {
  const { replies: said } = line;
  const texts = said && textsOf(scene, subject, { ...said, manager: said.manager ?? line.manager }, ofLeavers);
  if (!said || !texts) return undefined;
  const since = subject.leaverSince ?? scene.world.now.toISOString();
  const window =
    said.lasts === undefined
      ? { status: "on" }
      : { status: "scheduled", from: hour(since), until: hour(new Date(Date.parse(since) + said.lasts * day).toISOString()) };
  return { ...texts, wish: { person: subject.key, ...window, ...texts.wish } };
}

/** The full hour, so that the window is the same whenever it is worked out. */
const hour = (iso: string): string => `${new Date(Math.floor(Date.parse(iso) / 3_600_000) * 3_600_000).toISOString().slice(0, 19)}Z`;
