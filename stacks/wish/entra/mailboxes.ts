/**
 * Mailboxes as they should be: a leaver's made shared, hidden, held, forwarded; the automatic reply; and which licences must
 * stay because a mailbox hangs on them (docs/decisions/0026). Pure: what Exchange has is in the world.
 */

import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { mailboxType } from "../../model/kinds.ts";
import { accountOf, because, personName, type Scene } from "../../model/scene.ts";
import type { Because, DesiredResource, Subject } from "../../model/types.ts";
import { called, flag, textOf } from "../../model/values.ts";
import { type Sku, skusOf } from "../keep.ts";
import { followerOf, hasGone } from "../successors.ts";
import { day, extrasOf, filled, isBack, kept, type Line, leaves, made, mailboxLine, mailOf, type Reasons } from "./mail.ts";
import { replies } from "./replies.ts";

/** Whether Exchange Online itself has to be asked for this mapping. */
export function usesExchange(line: Line): boolean {
  const { share, hold, hide, forward, remove } = line;
  return share || hold === "litigation" || hide || [line.for, forward, remove].some((one) => one !== undefined);
}

/** A leaver's mailbox stays, with its licence. */
const stays = ({ share, remove }: Line): boolean => !share && !remove;

/** Adds entra:Mailbox and entra:AutomaticReplies. */
export function mailboxes(scene: Scene): void {
  const line = mailboxLine(scene.mappings);
  if (!line) return;
  let synced = 0;
  const skus = new Map(
    scene.resources.filter((one) => one.type === "entra:Licence").map((one) => [one.person ?? "", skusOf(one.inputs["skus"])]),
  );
  const gone = goneByMail(scene);
  for (const subject of scene.subjects) {
    const id = subject.accounts.entra;
    const hidden = id !== undefined && line.hide && isSynced(scene, id) && leaves(subject);
    if (hidden) synced += 1;
    const own = usesExchange(line) ? mailbox(scene, subject, line, skus.get(subject.key) ?? [], gone) : undefined;
    const reply = replies(scene, subject, line);
    for (const one of [own, reply]) if (one) scene.add(one);
    needs(scene, subject, line);
  }
  if (synced > 0)
    scene.notes.push(
      `${synced} leaver(s) come from AD: whether address lists show them is said there (msExchHideFromAddressLists), and ${scene.at("safety", "leaver", "mailbox", "hide")} leaves them alone`,
    );
}

const isSynced = (scene: Scene, id: string): boolean => flag(scene.byId("entra:Licence").get(id)?.values["synced"]);

/** What takes from a mailbox comes before its licence goes (the wave of its type); what needs a licence comes when it is there. */
const afterLicences = { wave: "afterwards" } as const;

/** People who have left, by their address. */
type Gone = ReadonlyMap<string, Subject>;

function goneByMail(scene: Scene): Gone {
  const gone = new Map(scene.subjects.filter(hasGone).map((one) => [mailOf(scene, one).toLowerCase(), one]));
  gone.delete("");
  return gone;
}

function mailbox(scene: Scene, subject: Subject, line: Line, skus: readonly Sku[], gone: Gone): DesiredResource | undefined {
  const last = scene.previous(mailboxType, personName(subject.key));
  const id = subject.accounts.entra;
  const live = id === undefined ? undefined : scene.byId(mailboxType).get(id.toLowerCase());
  if (!live || live.values["unread"] === true) {
    const waits = id === undefined && isBack(subject) && scene.willHaveAd.has(subject.key) && wants(scene, subject, line, skus);
    const wish = { person: subject.key, kind: "user" };
    if (waits) return { ...made(scene, subject, mailboxType, wish, entitled(scene, subject, line)), ...afterLicences };
    return live && kept(scene, subject, mailboxType);
  }
  if (leaves(subject)) {
    if (live.values["exists"] !== true) return kept(scene, subject, mailboxType);
    const forward = line.forward === undefined ? undefined : forwarded(scene, subject, line, last?.inputs, gone);
    const wish = leaving(scene, subject, line, live, last?.inputs, forward?.to);
    const why = subject.because ?? { rule: scene.at("safety", "leaver", "mailbox") };
    const reasons = { ...reasonsOf(scene, line), ...defined({ forward: forward?.because }) };
    return Object.keys(wish).length > 1 ? made(scene, subject, mailboxType, wish, why, reasons) : undefined;
  }
  if (!isBack(subject)) return kept(scene, subject, mailboxType);
  const wanted =
    wants(scene, subject, line, skus) && (live.values["exists"] !== true || live.values["kind"] === "user" || last !== undefined);
  const { kind, hidden, hold, forward } = last?.inputs ?? {};
  const wish: Values = {
    person: subject.key,
    ...(wanted || kind !== undefined ? { kind: "user" } : {}),
    ...(hidden === undefined ? {} : { hidden: false }),
    ...(hold === undefined ? {} : { hold: false }),
    ...(forward === undefined ? {} : { forward: "" }),
  };
  if (Object.keys(wish).length === 1) return undefined;
  const why =
    wanted && !last
      ? entitled(scene, subject, line)
      : because(scene.at("safety", "leaver", "mailbox"), subject, [], "is here, and so is the mailbox");
  return { ...made(scene, subject, mailboxType, wish, why), ...afterLicences };
}

/** Only lines that say for whom make anybody wait for a mailbox; and only who has a licence that brings one. */
function wants(scene: Scene, subject: Subject, line: Line, skus: readonly Sku[]): boolean {
  if (line.for === undefined || !scene.decisions.verdict(line.for, subject).holds) return false;
  return skus.some((sku) => planOf(line, sku) !== undefined);
}

function entitled(scene: Scene, subject: Subject, line: Line): Because {
  return because(scene.at("entra", "mailboxes", "for"), subject, line.for ? scene.decisions.verdict(line.for, subject).fields : []);
}

function leaving(scene: Scene, subject: Subject, line: Line, live: Live, last: Values | undefined, forward: string | undefined): Values {
  const hide = line.hide && !isSynced(scene, subject.accounts.entra ?? "");
  // A room or a linked mailbox is somebody's deliberate work.
  const ours = live.values["kind"] === "user" || live.values["kind"] === "shared";
  return {
    person: subject.key,
    ...(line.share && ours ? { kind: "shared" } : last?.["kind"] === undefined ? {} : { kind: "user" }),
    ...defined({ hidden: hide ? true : undefined, hold: line.hold === "litigation" ? true : undefined, forward }),
  };
}

/** Where a leaver's mail goes, and why; `to` undefined: it is not said. */
interface Forward {
  to: string | undefined;
  because?: Because;
}

function forwarded(scene: Scene, subject: Subject, line: Line, last: Values | undefined, gone: Gone): Forward {
  if (!subject.record) return { to: last?.["forward"] === undefined ? undefined : textOf(last["forward"]) };
  const place = scene.at("safety", "leaver", "mailbox", "forward");
  const source = line.forward ?? "";
  const template = compile(source);
  const extras = extrasOf(scene, subject, line.manager, "forward", [template]);
  const given = template.render(subject.record.fields, extras).trim().toLowerCase();
  // An address that the record names may be that of somebody who has left by now.
  const leaver = gone.get(given);
  const of = called(subject);
  const follower =
    leaver && followerOf(scene, { leaver, as: "forward", of }, undefined, line.manager ?? scene.mappings.safety.leaver.successor);
  const address = leaver ? (follower ? mailOf(scene, follower).toLowerCase() : "") : given;
  if (address === "" || /^[^@\s:]+@[^@\s]+$/u.test(address)) return { to: address, because: filled(place, subject, source, extras) };
  scene.notes.push(`${place} gives ${JSON.stringify(address)} for ${called(subject)}, which is no address: not forwarded`);
  return { to: undefined };
}

function reasonsOf(scene: Scene, line: Line): Reasons {
  const at = (part: string): Because => ({ rule: scene.at("safety", "leaver", "mailbox", part) });
  const shared = line.share ? { note: "made shared before its licence is taken" } : {};
  return { kind: { ...at("share"), ...shared }, hidden: at("hide"), hold: at("hold"), forward: at("forward") };
}

/** The plan of a licence that makes a mailbox; undefined: it has none, or it is switched off. */
function planOf(line: Line, { sku, without }: Sku): string | undefined {
  const plan = Object.entries(line.plans).find(([name]) => same(name, sku))?.[1];
  return plan !== undefined && without.some((one) => same(one, plan)) ? undefined : plan;
}

/** The licences of somebody who should have no mailbox, with the plans that make one switched off; otherwise as they are. */
export function withoutMailbox(scene: Scene, subject: Subject, skus: readonly Sku[]): Sku[] {
  const line = mailboxLine(scene.mappings);
  if (line?.for === undefined || scene.decisions.verdict(line.for, subject).holds) return [...skus];
  return skus.map((one) => {
    const plan = planOf(line, one);
    return plan === undefined ? one : { ...one, without: [...one.without, plan].sort() };
  });
}

/** Direct licences of a leaver that stay although everything is taken, because the mailbox would go with them. */
export function heldByMailbox(scene: Scene, subject: Subject, live: Live | undefined): Sku[] {
  const line = mailboxLine(scene.mappings);
  if (!line || !live || subject.stage !== "leaver") return [];
  const owned = new Set((scene.mappings.entra?.licences ?? []).map((one) => fold(one.sku)));
  const direct = skusOf(live.values["direct"]).filter((one) => owned.has(fold(one.sku)) && planOf(line, one) !== undefined);
  return direct.length === 0 || mayGo(scene, subject, line, live) ? [] : direct;
}

/** Whether the mailbox of a leaver is safe without the licence, or may be lost. */
function mayGo(scene: Scene, subject: Subject, line: Line, live: Live): boolean {
  const mailbox = scene.byId(mailboxType).get(live.id.toLowerCase());
  if (stays(line)) return false;
  // Exchange cannot be asked, or was not yet: nothing is lost meanwhile.
  if (!mailbox || mailbox.values["unread"] === true) return false;
  if (mailbox.values["exists"] !== true) return true;
  if (line.share) return line.hold !== "litigation" && (mailbox.values["kind"] === "user" || mailbox.values["kind"] === "shared");
  const since = Date.parse(subject.leaverSince ?? "");
  if (!line.remove || Number.isNaN(since) || scene.world.now.getTime() < since + line.remove.after * day) return false;
  if (line.remove.once === "held") return mailbox.values["hold"] === true;
  return line.remove.for !== undefined && scene.decisions.verdict(line.remove.for, subject).holds;
}

/** Says why somebody's mailbox cannot be dealt with, where Exchange does not let us. */
function needs(scene: Scene, subject: Subject, line: Line): void {
  const why = scene.world.exchange?.needs;
  const live = accountOf(scene, subject, "entra:Licence");
  if (why === undefined || !leaves(subject) || stays(line)) return;
  const held = heldByMailbox(scene, subject, live);
  if (held.length === 0) return;
  const reason = `the mailbox cannot be made ready, so ${held.map((one) => one.sku).join(", ")} stays: ${why}`;
  scene.parked.push({ key: subject.key, name: subject.name, where: "exchange", reason, of: "part" });
}
