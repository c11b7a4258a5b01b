/** What mailboxes and automatic replies have in common: what the mappings say of them, whose they are, who follows a leaver. Pure. */

import type { Values } from "../../../base/json.ts";
import { agentEmail } from "../../../mappings/language/identity.ts";
import { compile, type Template } from "../../../mappings/language/template.ts";
import type { LeaverMailbox, Mailboxes } from "../../../mappings/schema/mailboxes.ts";
import { mailboxType } from "../../model/kinds.ts";
import { accountOf, because, desired, ofPerson, personName, type Scene } from "../../model/scene.ts";
import type { Answer, Because, DesiredResource, Subject } from "../../model/types.ts";
import { called, textOf } from "../../model/values.ts";
import { loginOf } from "../account/directory.ts";
import { upwards } from "../successors.ts";

export type Line = Mailboxes & Partial<LeaverMailbox>;

export const day = 24 * 60 * 60 * 1000;

/** All that the mappings say of mailboxes: who has one, and what becomes of a leaver's. */
export function mailboxLine({ entra, safety }: Pick<Scene["mappings"], "entra" | "safety">): Line | undefined {
  const { mailbox } = safety.leaver;
  if (!entra || !(entra.mailboxes || mailbox || entra.replies.length > 0)) return undefined;
  return { plans: {}, ...entra.mailboxes, ...mailbox };
}

/** Whether this run does with a person what is done with leavers. */
export const leaves = (subject: Subject): boolean =>
  subject.stage === "leaver" && !subject.parkedIn.has("entra") && subject.keep === undefined;
export const isBack = (subject: Subject): boolean => subject.stage === "active" && !subject.parkedIn.has("entra");

/** The address of somebody: that of the mailbox, else what the record says. */
export function mailOf(scene: Scene, subject: Subject): string {
  const { record } = subject;
  const { is } = scene.mappings.people;
  const mail = is.entra["mail"] ?? is.ad["mail"] ?? agentEmail(scene.mappings.people);
  return textOf(accountOf(scene, subject, "entra:Licence")?.values["mail"]) || (record ? compile(mail).render(record.fields) : "");
}

/** `login`, `manager`, `managerMail`: of the first manager upwards who has not left. `as`, `templates`: what they are for. */
export function extrasOf(
  scene: Scene,
  subject: Subject,
  manager: string | undefined,
  as: Answer["as"],
  templates: readonly Template[],
): { [name: string]: string } {
  const { found, passed } = upwards(scene, subject, manager);
  const isNamed = templates.some(({ fields }) => fields.includes("manager") || fields.includes("managerMail"));
  const [leaver] = passed;
  if (leaver && isNamed) scene.answers.push({ leaver, as, of: called(subject), follower: found });
  return { login: loginOf(scene, subject), manager: found?.name ?? "", managerMail: found ? mailOf(scene, found) : "" };
}

export type Reasons = { [path: string]: Because };

/** Why a text is as it is: its template with what stood in it, of the record and of what extrasOf gives. */
export function filled(rule: string, subject: Subject, source: string, extras: { [name: string]: string } = {}): Because {
  const { fields } = compile(source);
  const values = Object.fromEntries(Object.entries(extras).filter(([name]) => fields.includes(name)));
  const why = because(rule, subject, [...fields]);
  return Object.keys(values).length === 0 ? why : { ...why, values };
}

export function made(scene: Scene, subject: Subject, type: string, inputs: Values, why: Because, reasons: Reasons = {}): DesiredResource {
  const { entra } = subject.accounts;
  const live = entra === undefined ? undefined : { id: type === mailboxType ? entra.toLowerCase() : entra };
  const named = Object.fromEntries(Object.entries(reasons).filter(([path]) => inputs[path] !== undefined));
  return desired(scene, { type, ...ofPerson(subject), inputs, because: { "": why, ...named }, live });
}

/** What the last run wished, as it is; nothing where it wished nothing. */
export function kept(scene: Scene, subject: Subject, type: string): DesiredResource | undefined {
  const last = scene.previous(type, personName(subject.key));
  const why = subject.because ?? subject.keep ?? because(scene.at("safety", "leaver", "mailbox"), subject, [], "kept as it is");
  return last && made(scene, subject, type, last.inputs, why);
}
