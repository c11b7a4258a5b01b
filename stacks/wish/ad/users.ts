/** AD accounts as they should be: who has one, where, under which names, with which attributes. */
import type { Values } from "../../../base/json.ts";
import { compile, compileDn, renderDn } from "../../../mappings/language/template.ts";
import { child, sameDn } from "../../../providers/ad/values/dn.ts";
import { flagsOf } from "../../../providers/ad/values/flags.ts";
import { placeProblem } from "../../../providers/ad/values/rules.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { lyncAttribute } from "../../model/kinds.ts";
import { remembered } from "../../model/remembered.ts";
import { accountOf, because, ofPerson, park, personName, type Scene, wantExplained } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, part, picked, textOf } from "../../model/values.ts";
import { type DeletedAccounts, deletedAccounts } from "../account/deleted.ts";
import { deletes, enabledOf, sifted, stageOf, unlessProtected } from "../account/directory.ts";
import { type AttributeTemplate, personRefs } from "../account/templates.ts";
import { type Carried, carried, keptAccount, raisedAccount } from "../keep.ts";
import { attributeSets, isLogin } from "./attributes.ts";
import { adDirectory } from "./directory.ts";
import { leaverStages, rejoined, type Staged } from "./leaving.ts";
import { type AdDraft, distinctNames, nameAll } from "./names.ts";
import type { NeedOu } from "./ous.ts";
import { passwordKey } from "./passwords.ts";
import { intoProtected, placeNow } from "./places.ts";

/** What accounts are made with. */
interface Making {
  scene: Scene;
  needOu: NeedOu;
  staged: Staged;
  deleted: DeletedAccounts;
  kind: Carried;
  refsOf: ReturnType<typeof personRefs>;
  placesOf: ReturnType<typeof linePlaces>;
  /** By place, as far as they were asked for. */
  placeProblems: Map<string, string | undefined>;
}

/** Where a line of accounts says what; thousands share it. */
const linePlaces = (scene: Scene) =>
  remembered((index: number) => ({
    rule: scene.at("ad", "accounts", index),
    name: scene.at("ad", "accounts", index, "name"),
    ou: scene.at("ad", "accounts", index, "ou"),
    flags: scene.at("ad", "accounts", index, "flags"),
    given: flagsGiven(scene.mappings.ad?.accounts[index]?.flags ?? {}),
    login: scene.at("people", "people", "login", "is"),
  }));

const flagsGiven = (flags: { readonly [name: string]: boolean | undefined }): { [name: string]: boolean } =>
  Object.fromEntries(
    Object.entries(flags)
      .filter((each): each is [string, boolean] => each[1] !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** Adds the ad:User resources. */
export function users(scene: Scene, needOu: NeedOu): void {
  if (!scene.mappings.ad) return;
  const { move } = scene.mappings.safety.leaver;
  if (move) {
    const rule = scene.at("safety", "leaver", "move", "to");
    const guarded = intoProtected(scene, child("CN", "leaver", move.to));
    if (guarded !== undefined) scene.refused.push(`${rule} names a protected place: the account of a leaver ${guarded}`);
    needOu(move.to, { rule }, "known");
  }
  const staged = leaverStages(scene);
  const deleted = deletedAccounts(scene, adDirectory);
  const kind = kindOf(scene, staged, deleted);
  const more = { kind, refsOf: personRefs(scene, adDirectory), placesOf: linePlaces(scene), placeProblems: new Map() };
  const making: Making = { scene, needOu, staged, deleted, ...more };
  const keep = ({ subject, live }: AdDraft): void => void carried(scene, making.kind, subject, live);
  const drafts = scene.subjects.flatMap((subject) => draft(making, subject) ?? []);
  const named = sifted(scene, adDirectory, drafts, nameAll(scene, drafts), keep);
  const free = sifted(scene, adDirectory, named, (one) => guardedPlace(scene, one), keep);
  const attributesOf = attributeSets(scene);
  for (const one of free) one.attributes = attributesOf(one.line, one.record, one.login ?? "");
  const ready = sifted(scene, adDirectory, free, distinctNames(scene, free), keep);
  for (const one of ready) if (!one.live || !deletes(one.subject, one.live)) scene.willHaveAd.add(one.subject.key);
  for (const one of ready) finish(making, one);
}

/** Why an account may not come to be where it is wished; where it is it may stay. */
function guardedPlace(scene: Scene, { name, path, live, subject, line, index }: AdDraft): string | undefined {
  const why = subject.stage === "leaver" ? undefined : intoProtected(scene, child("CN", name ?? "", path), live);
  if (why === undefined) return undefined;
  const fields = compileDn(line.ou).fields.join(", ");
  return `the AD account ${why}; or correct ${fields === "" ? "the rule" : `${fields} in ${scene.source}`} (${scene.at("ad", "accounts", index, "ou")})`;
}

/** What an earlier run wished is no reason to come into a protected place: what has been moved out of it by hand stays where it is. */
function keptOut(scene: Scene, subject: Subject, inputs: Values, live: Live | undefined): Values {
  const why = live && intoProtected(scene, child("CN", textOf(inputs["name"]), textOf(inputs["path"])), live);
  if (why === undefined || !live) return inputs;
  park(scene, subject, "ad", "protected", `the AD account ${why}; until then it stays where it is`);
  return { ...inputs, path: live.values["path"] ?? "", name: live.values["name"] ?? "" };
}

/** How an account is carried on: a leaver's is disabled where it is, under the name it has. */
function kindOf(scene: Scene, staged: Staged, deleted: DeletedAccounts): Carried {
  const { type, system, noun } = adDirectory;
  return {
    ...{ type, system, noun },
    deleted: deleted.carryOn,
    raised: keptAccount,
    ofLeaver(subject, inputs, live) {
      const here = ["name", "path", "sAMAccountName"].map((field) => [field, textOf(live.values[field]) || (inputs[field] ?? "")]);
      return staged(subject, { ...inputs, enabled: false, ...Object.fromEntries(here) }, live);
    },
    last: (subject, inputs, live) => unlessProtected(scene, adDirectory, subject, keptOut(scene, subject, inputs, live), live),
  };
}

/** Carries the account on as the last run wished it, in the place it is to be in. */
function keepPrevious({ scene, kind, needOu }: Making, subject: Subject, live: Live | undefined, note?: string): undefined {
  const place = scene.at("ad", "accounts");
  const path = carried(scene, kind, subject, live, { note, why: note === undefined ? undefined : { rule: place, note } })?.["path"];
  if (typeof path !== "string") return;
  if (live && subject.due.has("move") && path !== live.values["path"]) needOu(path, stageOf(scene, subject, "move"));
  else needOu(path, { rule: place }, "known");
}

/** What the state or the mapping makes of one person, before names are given. */
function draft(making: Making, subject: Subject): AdDraft | undefined {
  const { scene } = making;
  const live = accountOf(scene, subject, "ad:User");
  if (live && !deletes(subject, live)) scene.willHaveAd.add(subject.key);
  if (subject.stage === "held" || subject.parkedIn.has("ad") || !subject.record) return keepPrevious(making, subject, live);
  const found = scene.decisions.first(scene.mappings.ad?.accounts, subject);
  // Which line it is, a doubted feed would say: the account stays where and as it is.
  if (scene.decisions.isUnsure(scene.mappings.ad?.accounts, subject)) return keepPrevious(making, subject, live);
  if (!found) {
    const what = subject.stage === "leaver" ? "is only disabled" : "stays as it is";
    const place = scene.at("ad", "accounts");
    const note = `${called(subject)} is under no rule of accounts any more (${place}): the AD account ${what}`;
    return keepPrevious(making, subject, live, note);
  }
  if (subject.stage === "leaver" && !live) return keepPrevious(making, subject, live);
  const record = subject.record.fields;
  const { line, index } = found;
  const ou = placeNow(scene, renderDn(line.ou, record));
  const wrong = subject.stage === "active" ? ouProblem(making, ou) : undefined;
  if (wrong !== undefined) {
    const place = scene.at("ad", "accounts", index, "ou");
    const fields = compileDn(line.ou).fields.join(", ");
    const reason =
      ou === ""
        ? `the ou of the account rule (${place}) makes no valid distinguishedName of this record: fill in ${fields} in ${scene.source}`
        : `ou (${place}): ${wrong}; correct ${fields || "the rule"}${fields === "" ? "" : ` in ${scene.source}`}`;
    park(scene, subject, "ad", "mapping", reason);
    return keepPrevious(making, subject, live);
  }
  const base = compile(line.name).render(record).replace(/\s+/gu, " ").trim();
  // Deleted, and AD still has it: brought back instead of made anew.
  const restored = live ? undefined : making.deleted.of(subject);
  if (restored === "parked") return keepPrevious(making, subject, live);
  return { ...found, subject, record, live, ou, path: ou, base, ...(restored ? { restored } : {}) };
}

/** Why a place cannot be; one that is there can. Thousands of people share a place. */
function ouProblem({ scene, placeProblems }: Making, ou: string): string | undefined {
  if (ou === "") return "nothing";
  if (!placeProblems.has(ou)) {
    const problem = placeProblem(ou);
    const isThere =
      problem !== undefined && scene.all("ad:OrganizationalUnit").some((one) => sameDn(textOf(one.values["distinguishedName"]), ou));
    placeProblems.set(ou, isThere ? undefined : problem);
  }
  return placeProblems.get(ou);
}

function finish(making: Making, one: AdDraft): void {
  const { scene, needOu, staged, refsOf } = making;
  const { subject, live, restored } = one;
  const leaver = subject.stage === "leaver";
  const name = personName(subject.key);
  const { enabled, why } = enabledOf(scene, adDirectory, one);
  const password = passwordKey(scene, subject, live, name);
  const { given, notes } = leaver
    ? { given: lastAttributes(scene, name), notes: {} }
    : wishedAttributes(one, refsOf, making.placesOf(one.index).given);
  const wish: Values = {
    person: subject.key,
    name: one.name ?? "",
    path: one.path,
    enabled,
    sAMAccountName: one.login ?? "",
    ...given,
    attributes: rejoined(scene, subject, given.attributes),
    ...password.inputs,
  };
  const next = leaver && live ? staged(subject, wish, live) : wish;
  const inputs = unlessProtected(scene, adDirectory, subject, subject.keep ? raisedAccount(next, live) : next, live);
  if (inputs === next && losesSmartcard(live, part(next["flags"]))) scene.notes.push(passwordless(subject));
  const isMoved = next["path"] !== one.path;
  if (isMoved && typeof next["path"] === "string" && inputs === next) needOu(next["path"], stageOf(scene, subject, "move"));
  wantExplained(scene, { type: "ad:User", ...ofPerson(subject), inputs, live: live ?? restored }, () => {
    const reasons = reasonsOf(making, one, given, notes);
    reasons["enabled"] = why;
    Object.assign(reasons, password.because);
    if (isMoved) {
      reasons["name"] = stageOf(scene, subject, "move");
      reasons["path"] = stageOf(scene, subject, "move");
    }
    return reasons;
  });
  if (one.ou !== "") needOu(one.ou, because(making.placesOf(one.index).ou, subject, compileDn(one.line.ou).fields));
}

/** An account that needs a card now, and will take its password again. */
const losesSmartcard = (live: Live | undefined, wished: Values): boolean =>
  wished["smartcardRequired"] === false &&
  flagsOf(Number(live?.values["userAccountControl"] ?? 0), ["smartcardRequired"])["smartcardRequired"] === true;

const passwordless = (subject: Subject): string =>
  `The AD account of ${called(subject)} takes a password again (flags.smartcardRequired is switched off), and nobody knows it: AD made one up when the flag was switched on; give a new one (haloform password reset ${subject.key})`;

/** `notes`: attribute → which person follows another in it. */
function reasonsOf(
  { scene, placesOf }: Making,
  one: AdDraft,
  given: Given,
  notes: { readonly [attribute: string]: string },
): { [path: string]: Because } {
  const { subject, live, line, index, attributes } = one;
  const leaver = subject.stage === "leaver";
  const places = placesOf(index);
  const { rule } = places;
  const stays = leaver ? "a leaver's account is not moved or renamed" : undefined;
  const stayed: Because = { ...(subject.because ?? { rule }), note: "a leaver's attributes stay as they were last applied" };
  const from = attributes?.from ?? [];
  const whyOf = ({ name, place, read }: AttributeTemplate): Because => {
    const note = notes[name];
    return note === undefined ? because(place, subject, read) : { rule: scene.at("safety", "leaver", "successor"), note };
  };
  const login = from.find(isLogin);
  const reasons: { [path: string]: Because } = {
    "": subject.because ?? because(rule, subject, one.fields),
    name: because(places.name, subject, compile(line.name).fields, stays),
    path: because(places.ou, subject, compileDn(line.ou).fields, stays),
    sAMAccountName: because(
      places.login,
      subject,
      compile(scene.mappings.people.login.is).fields,
      live ? "an existing account keeps its login" : one.instead,
    ),
    ...(given["userPrincipalName"] === undefined ? {} : { userPrincipalName: login ? whyOf(login) : { rule } }),
    flags: because(places.flags, subject),
  };
  if (!leaver) for (const each of from) if (each !== login) reasons[attributePath(each.name)] = whyOf(each);
  if (leaver) {
    for (const name of Object.keys(given.attributes)) reasons[attributePath(name)] = stayed;
    reasons["deleted"] = stageOf(scene, subject, "delete");
    reasons[attributePath(lyncAttribute)] = stageOf(scene, subject, "lync");
  }
  if (one.restored) reasons["deleted"] = because(rule, subject, one.fields, "deleted before, and AD can bring it back");
  return reasons;
}

/** Everybody has the same dozen. */
const attributePath = remembered((name: string) => `attributes.${name}`);

interface Given extends Values {
  attributes: Values;
}

/** What the templates and the rule's flags give; `notes`: of the people in it. */
function wishedAttributes(
  { subject, attributes }: AdDraft,
  refsOf: Making["refsOf"],
  flags: { readonly [name: string]: boolean },
): { given: Given; notes: { [attribute: string]: string } } {
  const { upn, values = {}, people = {}, additive = [], syntax = {} } = attributes ?? {};
  const { refs, notes } = refsOf(subject, people);
  const given: Given =
    upn === undefined ? { attributes: { ...values, ...refs } } : { userPrincipalName: upn, attributes: { ...values, ...refs } };
  if (Object.keys(syntax).length > 0) given["syntax"] = syntax;
  if (additive.length > 0) given["additive"] = additive;
  if (Object.keys(flags).length > 0) given["flags"] = { ...flags };
  return { given, notes };
}

/** A leaver's attributes are held as they were last applied; of an account we never managed, none are touched. */
function lastAttributes(scene: Scene, name: string): Given {
  const before = scene.previous("ad:User", name)?.inputs ?? {};
  return { ...picked(before, ["userPrincipalName", "syntax", "additive", "flags"]), attributes: (before["attributes"] ?? {}) as Values };
}
