/** Accounts in Entra ID as they should be: those made there whole, and what the cloud masters of those that come from AD. */

import type { Values } from "../../../base/json.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { accountOf, because, ofPerson, personName, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, flag, part } from "../../model/values.ts";
import { type DeletedAccounts, deletedAccounts } from "../account/deleted.ts";
import { deletes, enabledOf, sifted, stageOf, unlessProtected } from "../account/directory.ts";
import { personRefs } from "../account/templates.ts";
import { type Carried, carried } from "../keep.ts";
import { type CloudDraft, cloudAttributes, masteredNotes } from "./attributes.ts";
import { cloudType, entraDirectory } from "./directory.ts";
import { cloudLogins, cloudNames } from "./names.ts";

/** What accounts are made with. */
interface Making {
  scene: Scene;
  deleted: DeletedAccounts;
  /** Carries an account on as the last run wished it: a leaver is blocked, nobody else loses anything. */
  keep(subject: Subject, live: Live | undefined, note?: string): undefined;
}

/** Adds the entra:User resources. After ad:User, as who has an AD account is hybrid; before licences and groups. */
export function cloudUsers(scene: Scene): void {
  if ((scene.mappings.entra?.accounts ?? []).length === 0) return;
  const deleted = deletedAccounts(scene, entraDirectory);
  const kind = kindOf(scene, deleted);
  const rule = scene.at("entra", "accounts");
  const making: Making = {
    scene,
    deleted,
    keep(subject, live, note) {
      carried(scene, kind, subject, live, { why: subject.keep ?? { rule, ...(note ? { note } : {}) } });
    },
  };
  const keep = ({ subject, live }: CloudDraft): void => making.keep(subject, live);
  const drafts = scene.subjects.flatMap((subject) => draft(making, subject) ?? []);
  const withLogins = sifted(scene, entraDirectory, drafts, cloudLogins(scene, drafts), keep);
  const attributesOf = cloudAttributes(scene);
  for (const one of withLogins) one.attributes = attributesOf(one);
  const named = sifted(scene, entraDirectory, withLogins, cloudNames(scene), keep);
  for (const one of named) if (!one.hybrid) scene.willHaveEntra.add(one.subject.key);
  const refsOf = personRefs(scene, entraDirectory);
  for (const one of named) finish(making, one, refsOf);
  const mastered = named.flatMap((one) => one.attributes?.mastered ?? []);
  scene.notes.push(...masteredNotes(scene, mastered));
}

/** How an account is carried on: nobody is blocked or deleted because somebody is held, so the wish is never below what is there. */
function kindOf(scene: Scene, deleted: DeletedAccounts): Carried {
  const { type, system, noun } = entraDirectory;
  const raised = ({ sessions, ...rest }: Values, { values }: Live): Values => {
    if (rest["hybrid"] === true) return rest;
    const enabled = flag(values["enabled"]);
    return { ...rest, enabled, ...(enabled || sessions === undefined ? {} : { sessions }) };
  };
  return {
    ...{ type, system, noun },
    isSilentWhenGone: (before) => before["hybrid"] === true,
    deleted: deleted.carryOn,
    raised,
    ofLeaver: (subject, inputs, live) =>
      inputs["hybrid"] === true || flag(live.values["synced"]) ? raised(inputs, live) : blocked(subject, live, inputs),
    last: (subject, inputs, live) => unlessProtected(scene, entraDirectory, subject, inputs, live),
    reasons: (subject, inputs) => (subject.stage === "leaver" && inputs["sessions"] !== undefined ? reasonsOfBlock(scene, subject) : {}),
  };
}

function draft({ scene, deleted, keep }: Making, subject: Subject): CloudDraft | undefined {
  const live = accountOf(scene, subject, cloudType);
  const known = scene.previous(cloudType, personName(subject.key)) !== undefined;
  if (subject.stage === "held" || subject.parkedIn.has("entra") || !subject.record) return keep(subject, live);
  const found = scene.decisions.first(scene.mappings.entra?.accounts, subject);
  if (scene.decisions.isUnsure(scene.mappings.entra?.accounts, subject)) return keep(subject, live);
  if (!found) {
    const what = subject.stage === "leaver" ? "is only blocked" : "stays as it is";
    const note = `${called(subject)} is under no line of accounts any more (${scene.at("entra", "accounts")}): the Entra account ${what}`;
    if (known) scene.notes.push(note);
    return keep(subject, live, note);
  }
  const fromAd = subject.accounts.ad !== undefined || scene.willHaveAd.has(subject.key);
  const hybrid = live ? flag(live.values["synced"]) : (found.line.hybrid ?? fromAd);
  if (subject.stage === "leaver") {
    // A first run must block who has left, whether or not haloform knew the account.
    if (known || !live || hybrid) return keep(subject, live);
    block(scene, subject, live);
    return undefined;
  }
  if (hybrid && !live && (!fromAd || subject.parkedIn.has("ad"))) return keep(subject, live);
  if (live && !hybrid && found.line.hybrid === true) {
    scene.notes.push(
      `The Entra account of ${called(subject)} is made in the cloud, though ${scene.at("entra", "accounts", found.index)} says hybrid: true: it is left as it is; set hybrid: false, or let Entra Connect take it over`,
    );
    return keep(subject, live);
  }
  const restored = live || hybrid ? undefined : deleted.of(subject);
  if (restored === "parked") return keep(subject, live);
  return { ...found, subject, record: subject.record.fields, hybrid, live, ...(restored ? { restored } : {}) };
}

/** A leaver's account that haloform did not know. */
function block(scene: Scene, subject: Subject, live: Live): void {
  const wish = unlessProtected(scene, entraDirectory, subject, blocked(subject, live, {}), live);
  const why = subject.because ?? { rule: scene.at("safety", "leaver", "disable") };
  const resource = { type: cloudType, ...ofPerson(subject), inputs: wish };
  want(scene, { ...resource, because: { "": why, ...reasonsOfBlock(scene, subject) }, live });
}

/** A leaver's account: blocked under the name it has, its sessions ended, and deleted when that stage has come. */
function blocked(subject: Subject, live: Live, before: Values): Values {
  return {
    person: subject.key,
    hybrid: false,
    userPrincipalName: entraDirectory.label(live),
    enabled: false,
    attributes: part(before["attributes"]),
    sessions: "revoked",
    ...(deletes(subject, live) ? { deleted: true } : {}),
  };
}

function reasonsOfBlock(scene: Scene, subject: Subject): { [path: string]: Because } {
  const why: Because = subject.because ?? { rule: scene.at("safety", "leaver", "disable") };
  const deleted = stageOf(scene, subject, "delete");
  return {
    sessions: { ...why, note: "a blocked account's sign-in sessions are ended" },
    deleted: { ...deleted, note: `${deleted.note}; Entra ID keeps a deleted account for 30 days` },
  };
}

function finish({ scene }: Making, one: CloudDraft, refsOf: ReturnType<typeof personRefs>): void {
  const { subject, live, index, attributes, hybrid, restored } = one;
  const rule = scene.at("entra", "accounts", index);
  const { refs, notes } = refsOf(subject, attributes?.people ?? {});
  const managed = { ...attributes?.values, ...refs };
  // Of a hybrid account there may be nothing left to write: then it is let go of. Carried on, it would be given for ever what a
  // line that is gone once said.
  if (hybrid && Object.keys(managed).length === 0) return;
  const { enabled, why } = enabledOf(scene, entraDirectory, one);
  const own = hybrid ? {} : { userPrincipalName: one.upn ?? "", enabled };
  const wish: Values = { person: subject.key, hybrid, ...own, attributes: managed };
  const upn = one.line.userPrincipalName ?? scene.mappings.people.is.entra["userPrincipalName"];
  const reasons: { [path: string]: Because } = {
    "": because(rule, subject, one.fields, hybrid ? "comes from Active Directory; this is what the cloud masters" : undefined),
    enabled: why,
    userPrincipalName: because(
      scene.at("entra", "accounts", index, "userPrincipalName"),
      subject,
      upn === undefined ? [] : compile(upn).fields,
    ),
    ...Object.fromEntries(Object.entries(attributes?.because ?? {}).map(([name, each]) => [`attributes.${name}`, each])),
    ...Object.fromEntries(
      Object.entries(notes).map(([name, note]) => [`attributes.${name}`, { rule: scene.at("safety", "leaver", "successor"), note }]),
    ),
    ...(restored ? { deleted: because(rule, subject, one.fields, "deleted before, and Entra ID still has it") } : {}),
  };
  const inputs = unlessProtected(scene, entraDirectory, subject, wish, live ?? restored);
  want(scene, { type: cloudType, ...ofPerson(subject), inputs, because: reasons, live: live ?? restored });
}
