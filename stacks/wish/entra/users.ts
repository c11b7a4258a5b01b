/** Accounts in Entra ID as they should be: those made there whole, and what the cloud masters of those that come from AD. */

import type { Json, Values } from "../../../base/json.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { because, park, personName, type Scene, want } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";
import { called, flag, part, textOf } from "../../model/values.ts";
import { personCalled } from "../ad/attributes.ts";
import { type CloudAttributes, cloudAttributes, masteredNotes } from "./attributes.ts";
import { buriedInCloud, cloudGraveOf, cloudLogins, cloudNames, goesFromCloud } from "./names.ts";

export const cloudType = "entra:User";

type Line = EntraFile["accounts"][number];

/** An account on its way to a resource. */
export interface CloudDraft {
  subject: Subject;
  record: { [field: string]: Json };
  line: Line;
  index: number;
  /** Fields that made the line hold. */
  fields: string[];
  hybrid: boolean;
  live: Live | undefined;
  /** A deleted account that is brought back. */
  grave?: Live;
  login?: string;
  upn?: string;
  attributes?: CloudAttributes;
}

/** Adds the entra:User resources. After ad:User, as who has an AD account is hybrid; before licences and groups. */
export function cloudUsers(scene: Scene): void {
  const lines = scene.mappings.entra?.accounts ?? [];
  if (lines.length === 0) return;
  const drafts = scene.subjects.flatMap((subject) => draft(scene, subject) ?? []);
  const named = cloudNames(scene, cloudLogins(scene, drafts), (one) => {
    one.attributes = cloudAttributes(scene, one.subject, one.line, one.record, { login: one.login ?? "", hybrid: one.hybrid });
  });
  for (const one of named) if (!one.hybrid) scene.willHaveEntra.add(one.subject.key);
  for (const one of named) finish(scene, one);
  scene.notes.push(
    ...masteredNotes(
      scene,
      named.flatMap((one) => one.attributes?.mastered ?? []),
    ),
  );
}

function draft(scene: Scene, subject: Subject): CloudDraft | undefined {
  const live = subject.accounts.entra === undefined ? undefined : scene.byId(cloudType).get(subject.accounts.entra);
  const previous = scene.previous(cloudType, personName(subject.key));
  const stays = (note?: string): undefined => void kept(scene, subject, live, note);
  if (subject.stage === "held" || subject.parkedIn.has("entra") || !subject.record) return stays();
  const found = scene.decisions.first(scene.mappings.entra?.accounts, subject);
  if (!found) {
    const what = subject.stage === "leaver" ? "is only blocked" : "stays as it is";
    return stays(
      previous
        ? `${called(subject)} is under no line of accounts any more (${scene.at("entra", "accounts")}): the Entra account ${what}`
        : undefined,
    );
  }
  const fromAd = subject.accounts.ad !== undefined || scene.willHaveAd.has(subject.key);
  const hybrid = live ? flag(live.values["synced"]) : (found.line.hybrid ?? fromAd);
  if (subject.stage === "leaver") {
    // A first run must block who has left, whether or not haloform knew the account.
    if (previous || !live || hybrid) return stays();
    block(scene, subject, live, {});
    return undefined;
  }
  if (hybrid && !live && !fromAd) return stays();
  if (live && !hybrid && found.line.hybrid === true) {
    scene.notes.push(
      `The Entra account of ${called(subject)} is made in the cloud, though ${scene.at("entra", "accounts", found.index)} says hybrid: true: it is left as it is; set hybrid: false, or let Entra Connect take it over`,
    );
    return stays();
  }
  if (subject.parkedIn.has("ad") && hybrid && !live) return stays();
  const grave = live || hybrid ? undefined : cloudGraveOf(scene, subject);
  if (grave === "parked") return stays();
  return { subject, record: subject.record.fields, ...found, hybrid, live, ...(grave ? { grave } : {}) };
}

/** What the last run wished, for people who are held, parked or gone from Halo: a leaver is blocked, nobody else loses anything. */
export function kept(scene: Scene, subject: Subject, account: Live | undefined, note?: string): void {
  const name = personName(subject.key);
  const before = scene.previous(cloudType, name);
  if (note) scene.notes.push(note);
  if (!before) return;
  const live = account ?? scene.byId(cloudType).get(before.id);
  if (!live && buriedInCloud(scene, subject, before)) return;
  if (!live && before.inputs["hybrid"] !== true) scene.notes.push(`The Entra account of ${called(subject)} is gone: let go of`);
  if (!live) return;
  if (subject.stage === "leaver" && !subject.parkedIn.has("entra") && before.inputs["hybrid"] !== true && !flag(live.values["synced"])) {
    block(scene, subject, live, before.inputs);
    return;
  }
  const { sessions, ...rest } = before.inputs;
  // Nobody is blocked or deleted because somebody is held: the wish is never below what is there.
  const enabled = flag(live.values["enabled"]);
  const inputs = { ...rest, ...(rest["hybrid"] === true ? {} : { enabled, ...(enabled || sessions === undefined ? {} : { sessions }) }) };
  const why: Because = subject.because ?? subject.keep ?? { rule: scene.at("entra", "accounts"), ...(note ? { note } : {}) };
  push(scene, subject, inputs, live, { "": why });
}

/** A leaver's account: blocked under the name it has, its sessions ended, and deleted when that stage has come. */
function block(scene: Scene, subject: Subject, live: Live, before: Values): void {
  const why: Because = subject.because ?? { rule: scene.at("safety", "leaver", "disable") };
  const goes = goesFromCloud(subject, live);
  const since = subject.leaverSince?.slice(0, 10);
  const inputs: Values = {
    person: subject.key,
    hybrid: false,
    userPrincipalName: textOf(live.values["userPrincipalName"]),
    enabled: false,
    attributes: part(before["attributes"]),
    sessions: "revoked",
    ...(goes ? { deleted: true } : {}),
  };
  const left = since === undefined ? "left" : `left on ${since}`;
  push(scene, subject, inputs, live, {
    "": why,
    sessions: { ...why, note: "a blocked account's sign-in sessions are ended" },
    deleted: { ...why, rule: scene.at("safety", "leaver", "delete"), note: `${left}; Entra ID keeps a deleted account for 30 days` },
  });
}

function finish(scene: Scene, one: CloudDraft): void {
  const { subject, live, index, attributes, hybrid } = one;
  const rule = scene.at("entra", "accounts", index);
  const managed = { ...attributes?.values, ...managerOf(scene, one) };
  // Of a hybrid account there may be nothing left to write.
  if (hybrid && Object.keys(managed).length === 0) {
    kept(scene, subject, live);
    return;
  }
  const { enabled, why } = enabledOf(scene, one);
  const inputs: Values = {
    person: subject.key,
    hybrid,
    ...(hybrid ? {} : { userPrincipalName: one.upn ?? "", enabled }),
    attributes: managed,
  };
  const upn = one.line.userPrincipalName;
  push(scene, subject, inputs, live ?? one.grave, {
    "": because(rule, subject, one.fields, hybrid ? "comes from Active Directory; this is what the cloud masters" : undefined),
    enabled: why,
    userPrincipalName: because(
      scene.at("entra", "accounts", index, "userPrincipalName"),
      subject,
      upn === undefined ? [] : compile(upn).fields,
    ),
    ...Object.fromEntries(Object.entries(attributes?.because ?? {}).map(([name, each]) => [`attributes.${name}`, each])),
    ...(one.grave ? { deleted: because(rule, subject, one.fields, "deleted before, and Entra ID still has it") } : {}),
  });
}

function push(scene: Scene, subject: Subject, inputs: Values, live: Live | undefined, reasons: { [path: string]: Because }): void {
  const name = personName(subject.key);
  const wish = spared(scene, subject, inputs, live);
  want(
    scene,
    {
      type: cloudType,
      name,
      // After the AD accounts that a hybrid one comes from; deletions after everything that can still be taken away.
      person: subject.key,
      inputs: wish,
      because: reasons,
    },
    live,
  );
}

/** An account that safety.yaml protects keeps what it has; where it should be blocked or deleted, a human must do it. */
function spared(scene: Scene, subject: Subject, wish: Values, live: Live | undefined): Values {
  if (!live || !flag(live.values["protected"])) return wish;
  const asked = [
    ...(wish["enabled"] === false && flag(live.values["enabled"]) ? ["be blocked"] : []),
    ...(wish["deleted"] === true ? ["be deleted"] : []),
  ];
  const upn = textOf(live.values["userPrincipalName"]);
  if (asked.length > 0)
    park(
      scene,
      subject,
      "entra",
      "protected",
      `the Entra account ${upn} would ${asked.join(" and ")}, but ${textOf(live.values["protectedBecause"])}: do it by hand, or take it out of that list`,
    );
  const hybrid = flag(live.values["synced"]);
  return {
    person: subject.key,
    hybrid,
    ...(hybrid ? {} : { userPrincipalName: upn, enabled: flag(live.values["enabled"]) }),
    attributes: {},
  };
}

/** The manager as `person:<key>`; who has no Entra account (and gets none) is left out with a note. */
function managerOf(scene: Scene, { subject, attributes }: CloudDraft): { manager?: string } {
  if (attributes?.manager === undefined) return {};
  const found = personCalled(scene, attributes.manager, cloudType);
  const left = (why: string): { manager?: string } => {
    scene.notes.push(`The manager of ${called(subject)} in Entra ID is left as it is: ${why}`);
    return {};
  };
  if (typeof found === "string") return left(found);
  if (found.key === subject.key) return left("the record names the person itself");
  if (found.accounts.entra === undefined && !scene.willHaveEntra.has(found.key)) return left(`${called(found)} has no Entra account`);
  return { manager: `person:${found.key}` };
}

/** Joiners, rejoiners and our own accounts are enabled; one that was blocked by hand before we knew it is left alone. */
function enabledOf(scene: Scene, { subject, live, index, fields }: CloudDraft): { enabled: boolean; why: Because } {
  const rule = scene.at("entra", "accounts", index);
  const on = (note?: string): { enabled: true; why: Because } => ({ enabled: true, why: because(rule, subject, fields, note) });
  const before = scene.previous(cloudType, personName(subject.key));
  if (!live || flag(live.values["enabled"])) return on();
  if (flag(live.values["unfinished"])) return on("an interrupted run had not finished this account");
  if (subject.leaverBefore) return on("active in Halo again");
  if (before && before.inputs["enabled"] !== false) return on("blocked by somebody, but active in Halo");
  scene.notes.push(
    `The Entra account ${textOf(live.values["userPrincipalName"])} of ${called(subject)} was blocked before haloform managed it, and stays so: enable it by hand if that is wrong`,
  );
  return { enabled: false, why: because(rule, subject, fields, "blocked before haloform managed it: left as it is") };
}

/** The usageLocation that a person's account is wished to have, so that the licence asks for the same; undefined: not managed. */
export function wishedLocation(scene: Scene, key: string): string | undefined {
  const index = locations.get(scene) ?? new Map<string, string>();
  if (!locations.has(scene)) {
    for (const one of scene.resources) {
      const location = one.type === cloudType ? textOf(part(one.inputs["attributes"])["usageLocation"]) : "";
      if (one.person !== undefined && location !== "") index.set(one.person, location);
    }
    locations.set(scene, index);
  }
  return index.get(key);
}
const locations = new WeakMap<Scene, Map<string, string>>();
