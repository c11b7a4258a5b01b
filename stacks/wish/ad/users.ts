/** AD accounts as they should be: who has one, where, under which names, with which attributes. */

import type { Values } from "../../../base/json.ts";
import { compile, compileDn, renderDn } from "../../../mappings/language/template.ts";
import { because, park, personName, type Scene, want } from "../../model/scene.ts";
import type { Subject } from "../../model/subject.ts";
import type { Because } from "../../model/types.ts";
import { called, flag, textOf } from "../../model/values.ts";
import { carried } from "../carried.ts";
import { raised } from "../keep.ts";
import { managerOf } from "./attributes.ts";
import { goes, graveOf, lyncAttribute, rejoined, spared, staged } from "./leaving.ts";
import { type Draft, distinctNames, nameAll } from "./names.ts";
import { passwordKey } from "./passwords.ts";

/** Told of every organizational unit that accounts need; `known`: only if the last run managed it already. */
export type NeedOu = (path: string, why: Because, known?: "known") => void;

/** Adds the ad:User resources. */
export function users(scene: Scene, needOu: NeedOu): void {
  if (!scene.mappings.ad) return;
  const { move } = scene.mappings.safety.leaver;
  if (move) needOu(move.to, { rule: scene.at("safety", "leaver", "move", "to") }, "known");
  const drafts = nameAll(
    scene,
    scene.subjects.flatMap((subject) => draft(scene, subject, needOu) ?? []),
  );
  const ready = distinctNames(scene, drafts);
  for (const one of ready) if (!one.live || !goes(one.subject, one.live)) scene.willHaveAd.add(one.subject.key);
  for (const one of ready) finish(scene, one, needOu);
}

/** What the state or the mapping makes of one person, before names are given. */
function draft(scene: Scene, subject: Subject, needOu: NeedOu): Draft | undefined {
  const live = subject.accounts.ad === undefined ? undefined : scene.byId("ad:User").get(subject.accounts.ad);
  if (live && !goes(subject, live)) scene.willHaveAd.add(subject.key);
  const keepPrevious = (note?: string): undefined => {
    const kept = carried(scene, subject, "ad:User", live, note);
    const put = kept && live && subject.due.has("move") && kept.inputs["path"] !== live.values["path"];
    if (put && typeof kept.inputs["path"] === "string") needOu(kept.inputs["path"], leavers(scene, subject, "move"));
    else if (kept && typeof kept.inputs["path"] === "string") needOu(kept.inputs["path"], { rule: scene.at("ad", "accounts") }, "known");
    return undefined;
  };
  if (subject.stage === "held" || subject.parkedIn.has("ad") || !subject.record) return keepPrevious();
  const found = scene.decisions.first(scene.mappings.ad?.accounts, subject);
  if (!found) {
    const what = subject.stage === "leaver" ? "is only disabled" : "stays as it is";
    return keepPrevious(`${called(subject)} is under no rule of accounts any more (${scene.at("ad", "accounts")}): the AD account ${what}`);
  }
  if (subject.stage === "leaver" && !live) return keepPrevious();
  const { fields } = subject.record;
  const { line: rule, index, fields: decided } = found;
  const ou = renderDn(rule.ou, fields);
  if (ou === "" && subject.stage === "active") {
    park(
      scene,
      subject,
      "ad",
      "mapping",
      `the ou of the account rule (${scene.at("ad", "accounts", index, "ou")}) makes no valid distinguishedName of this record: fill in ${compileDn(rule.ou).fields.join(", ")} in Halo`,
    );
    return keepPrevious();
  }
  const base = compile(rule.name).render(fields).replace(/\s+/gu, " ").trim();
  // Deleted, and AD still has it: brought back instead of made anew.
  const grave = live ? undefined : graveOf(scene, subject, (field) => identity(scene, subject, field));
  if (grave === "parked") return keepPrevious();
  return { subject, record: fields, rule, index, fields: decided, live, ou, path: ou, base, ...(grave ? { grave } : {}) };
}

/** What an account of this person must hold in a field of matching. */
function identity(scene: Scene, subject: Subject, field: string): string | undefined {
  const source = scene.mappings.people.identify[field];
  return subject.record && typeof source === "string" ? compile(source).render(subject.record.fields) : undefined;
}

function finish(scene: Scene, one: Draft, needOu: NeedOu): void {
  const { subject, live, index, attributes } = one;
  const name = personName(subject.key);
  const { enabled, why } = enabledOf(scene, one);
  const password = passwordKey(scene, subject, live, name);
  const given = subject.stage === "leaver" ? lastAttributes(scene, name) : wishedAttributes(scene, one);
  const wish: Values = {
    person: subject.key,
    name: one.name ?? "",
    path: one.path,
    enabled,
    sAMAccountName: one.login ?? "",
    ...given,
    attributes: rejoined(scene, subject, (given["attributes"] ?? {}) as Values),
    ...password.inputs,
  };
  const left = subject.stage === "leaver" && live ? staged(scene, subject, wish, live) : wish;
  const inputs = spared(scene, subject, subject.keep ? raised("ad:User", left, live) : left, live);
  if (typeof left["path"] === "string" && left["path"] !== one.path && inputs === left)
    needOu(left["path"], leavers(scene, subject, "move"));
  const rule = scene.at("ad", "accounts", index);
  const upn = given["userPrincipalName"] === undefined ? {} : { userPrincipalName: attributes?.because["userPrincipalName"] ?? { rule } };
  const stayed: Because = { ...(subject.because ?? { rule }), note: "a leaver's attributes stay as they were last applied" };
  const reasons =
    subject.stage === "leaver"
      ? Object.keys((given["attributes"] ?? {}) as Values).map((attribute): [string, Because] => [attribute, stayed])
      : Object.entries(attributes?.because ?? {}).filter(([path]) => path !== "userPrincipalName");
  const stays = subject.stage === "leaver" ? "a leaver's account is not moved or renamed" : undefined;
  const put = left["path"] === one.path ? undefined : leavers(scene, subject, "move");
  want(
    scene,
    {
      type: "ad:User",
      name,
      person: subject.key,
      inputs,
      because: {
        "": subject.because ?? because(rule, subject, one.fields),
        name: because(scene.at("ad", "accounts", index, "name"), subject, compile(one.rule.name).fields, stays),
        path: because(scene.at("ad", "accounts", index, "ou"), subject, compileDn(one.rule.ou).fields, stays),
        enabled: why,
        sAMAccountName: because(
          scene.at("people", "people", "login", "is"),
          subject,
          compile(scene.mappings.people.login.is).fields,
          live ? "an existing account keeps its login" : undefined,
        ),
        ...upn,
        flags: because(scene.at("ad", "accounts", index, "flags"), subject),
        ...Object.fromEntries(reasons.map(([path, reason]) => [`attributes.${path}`, reason])),
        ...(put ? { name: put, path: put } : {}),
        ...password.because,
        ...(subject.stage === "leaver"
          ? { deleted: leavers(scene, subject, "delete"), [`attributes.${lyncAttribute}`]: leavers(scene, subject, "lync") }
          : {}),
        ...(one.grave ? { deleted: because(rule, subject, one.fields, "deleted before, and AD can bring it back") } : {}),
      },
    },
    live ?? one.grave,
  );
  if (one.ou !== "") needOu(one.ou, because(scene.at("ad", "accounts", index, "ou"), subject, compileDn(one.rule.ou).fields));
}

/** A stage of `leaver` in mappings/safety.yaml. */
function leavers(scene: Scene, subject: Subject, stage: "move" | "delete" | "lync"): Because {
  const since = subject.leaverSince?.slice(0, 10);
  return { ...subject.because, rule: scene.at("safety", "leaver", stage), note: `left${since === undefined ? "" : ` on ${since}`}` };
}

/** What the templates and the rule's flags give. */
function wishedAttributes(scene: Scene, { subject, attributes, rule }: Draft): Values {
  const manager = attributes?.person ? managerOf(scene, subject, attributes.person) : {};
  const flags = Object.entries(rule.flags ?? {})
    .filter((each): each is [string, boolean] => each[1] !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const { additive = [], syntax = {} } = attributes ?? {};
  return {
    ...(attributes?.upn === undefined ? {} : { userPrincipalName: attributes.upn }),
    attributes: { ...attributes?.values, ...manager },
    ...(Object.keys(syntax).length === 0 ? {} : { syntax }),
    ...(additive.length === 0 ? {} : { additive }),
    ...(flags.length === 0 ? {} : { flags: Object.fromEntries(flags) }),
  };
}

/** A leaver's attributes are held as they were last applied; of an account we never managed, none are touched. */
function lastAttributes(scene: Scene, name: string): Values {
  const before = scene.previous("ad:User", name)?.inputs;
  const upn = before?.["userPrincipalName"];
  const kept = ["syntax", "additive", "flags"].flatMap((field) => (before?.[field] === undefined ? [] : [[field, before[field]]]));
  return {
    ...(upn === undefined ? {} : { userPrincipalName: upn }),
    attributes: before?.["attributes"] ?? {},
    ...Object.fromEntries(kept),
  };
}

/** Joiners, rejoiners and our own accounts are enabled; one that was disabled by hand before we knew it is left alone. */
function enabledOf(scene: Scene, { subject, live, index, fields }: Draft): { enabled: boolean; why: Because } {
  const rule = scene.at("ad", "accounts", index);
  if (subject.stage === "leaver") return { enabled: false, why: subject.because ?? { rule } };
  const before = scene.previous("ad:User", personName(subject.key));
  const on = (note?: string): { enabled: true; why: Because } => ({ enabled: true, why: because(rule, subject, fields, note) });
  if (!live || flag(live.values["enabled"])) return on();
  if (flag(live.values["unfinished"])) return on("an interrupted run had not finished this account");
  if (subject.leaverBefore) return on("active in Halo again");
  if (before && before.inputs["enabled"] !== false) return on("disabled by somebody, but active in Halo");
  scene.notes.push(
    `The AD account ${textOf(live.values["sAMAccountName"])} of ${called(subject)} was disabled before haloform managed it, and stays so: enable it by hand if that is wrong`,
  );
  return { enabled: false, why: because(rule, subject, fields, "disabled before haloform managed it: left as it is") };
}
