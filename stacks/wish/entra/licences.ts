/** Entra ID as it should be: people's licences. */
import { countryCode, countryMeant } from "../../../base/countries.ts";
import type { Values } from "../../../base/json.ts";
import { didYouMean, few, fold, same } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { EntraFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { accountOf, because, personName, type Scene, wantExplained } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, part, sorted, textOf, textsOf } from "../../model/values.ts";
import type { DecidedInHalo } from "../halo/decides.ts";
import { additiveIn, type Carried, carried, keptLicence, ownOf, raisedLicence, type Sku, skusOf, skuValues, united } from "../keep.ts";
import { willHaveEntra } from "../members.ts";
import { heldByMailbox, withoutMailbox } from "./mailboxes.ts";
import { type CloudGroups, type ThroughGroups, throughGroups } from "./refs.ts";
import { settleLicences, withoutOf } from "./seats.ts";

/** What licences are made with. */
interface Making {
  scene: Scene;
  /** What of them is haloform's own with somebody: who is not entitled loses it. */
  own(subject: Subject, live: Live | undefined, asked?: readonly Sku[]): ReturnType<typeof ownOf>;
  lines: readonly Line[];
  through: ThroughGroups;
  /** What Halo decides of who has them. */
  inHalo: DecidedInHalo;
}

/** A line of the mapping, with every plan to be switched off, and its place. */
type Line = EntraFile["licences"][number] & { rule: string };

/** Adds entra:Licence for everybody who has, or is about to get, an Entra account. After accounts. */
export function licences(scene: Scene, groups: CloudGroups, inHalo: DecidedInHalo): void {
  const lines = scene.mappings.entra?.licences ?? [];
  const everything = scene.mappings.safety.leaver.licences === "all" && !scene.doubted;
  if (!scene.mappings.entra || (lines.length === 0 && !everything)) return;
  const named = sorted(lines.map((line) => line.sku));
  const additive = additiveIn(lines, (line) => [line.sku]);
  const isExact = additive.size === 0;
  const exact = ownOf(named, { additive, before: [], there: [], asked: [] });
  const own: Making["own"] = (subject, live, asked = []) => {
    // What everybody has of them is haloform's: one answer for all.
    if (isExact && (!everything || subject.stage !== "leaver")) return exact;
    const before = skusOf(scene.previous("entra:Licence", personName(subject.key))?.inputs["skus"]).map(({ sku }) => sku);
    const there = skusOf(live?.values["direct"]).map(({ sku }) => sku);
    const own = ownOf(named, { additive, before, there, asked: asked.map(({ sku }) => sku) });
    if (!everything || subject.stage !== "leaver" || !subject.due.has("strip") || subject.keep) return own;
    // What was taken stays named, so that the next plan is the same.
    const taken = textsOf(scene.previous("entra:Licence", personName(subject.key))?.inputs["of"]);
    return { ...own, of: sorted(new Map([...there, ...taken, ...named].map((sku) => [fold(sku), sku])).values()) };
  };
  const making: Making = {
    ...{ scene, own, inHalo },
    lines: lines.map((line, index) => ({ ...line, without: withoutOf(scene, line), rule: scene.at("entra", "licences", index) })),
    through: throughGroups(scene, groups),
  };
  const kind = kindOf(making);
  // Where no line gives any, only those who lose all have anything to do with it.
  const concerned = lines.length > 0 ? scene.subjects : scene.subjects.filter(({ stage, due }) => stage === "leaver" && due.has("strip"));
  for (const subject of concerned) {
    const live = accountOf(scene, subject, "entra:Licence");
    if (subject.stage === "held" || subject.parkedIn.has("entra") || !subject.record) carried(scene, kind, subject, live);
    else if (live || (subject.stage === "active" && willHaveEntra(scene, subject))) licence(making, subject, live);
    else carried(scene, kind, subject, undefined);
  }
  settleLicences(scene);
  scene.notes.push(...seatsStillUsed(making));
}

/** A leaver who is stripped keeps what a mailbox hangs on. */
function kindOf(making: Making): Carried {
  const { scene, own } = making;
  return {
    ...{ type: "entra:Licence", system: "entra", noun: "Entra account" },
    raised: keptLicence,
    ofLeaver(subject, inputs, live) {
      const { of } = own(subject, live);
      const held = heldByMailbox(scene, subject, live).filter(({ sku }) => of.includes(sku));
      const stays = [...held, ...inheritedStill(scene, subject, making.through.staying(subject, live))];
      return subject.due.has("strip") ? { ...inputs, skus: skuValues(united(stays)), of } : keptLicence({ ...inputs, of }, live);
    },
  };
}

function licence(making: Making, subject: Subject, live: Live | undefined): void {
  const { scene, through } = making;
  const name = personName(subject.key);
  const leaver = subject.stage === "leaver";
  const entitlement = leaver ? [] : entitlements(making, subject);
  const { of, isOwn } = making.own(subject, live, entitlement);
  const held = heldByMailbox(scene, subject, live).filter(({ sku }) => of.includes(sku));
  const mine = entitlement.filter(({ sku }) => isOwn(sku));
  const own = leaver ? held : withoutMailbox(scene, subject, mine);
  const stays = through.staying(subject, live);
  const still = inheritedStill(scene, subject, stays).filter(({ sku }) => !own.some((one) => same(one.sku, sku)));
  const entitled = still.length === 0 ? own : [...own, ...still];
  // A leaver gets nothing new: where licences are only taken away, no place needs to be known.
  const where = leaver
    ? { code: textOf(scene.previous("entra:Licence", name)?.inputs["usageLocation"]) }
    : usageLocation(scene, subject, live);
  const asked = "problem" in where ? onlyHad(scene, subject, live, entitled, through.given(subject), where.problem) : entitled;
  const location = "code" in where ? where.code : "";
  const wish: Values = { person: subject.key };
  if (location !== "") wish["usageLocation"] = location;
  wish["skus"] = skuValues(united(asked));
  wish["of"] = of;
  const byGroups = givenByGroups(through, subject, asked);
  if (byGroups.length > 0) wish["through"] = byGroups;
  const leaving = directInstead(through, subject, live, wish);
  if (leaving.length > 0) wish["leaving"] = leaving;
  const keeps = subject.keep !== undefined || (leaver && !subject.due.has("strip"));
  const inputs = keeps ? raisedLicence(wish, live) : wish;
  const why = subject.because ?? subject.keep;
  const taken = leaver && !keeps ? of : [];
  const shown: Shown = { stage: subject.because, why, asked, byGroups, taken, still, stays, held, hasPlace: location !== "" };
  // The licence of one's own comes before the group that gave it is left.
  wantExplained(scene, { type: "entra:Licence", name, person: subject.key, inputs, live }, () => reasonsOf(making, subject, inputs, shown));
}

/** What the reasons of a licence are put together from. */
interface Shown {
  /** Why somebody is no plain member of staff. */
  stage: Because | undefined;
  /** The same, or why they keep what they have. */
  why: Because | undefined;
  asked: readonly Sku[];
  /** Those of them that come through groups. */
  byGroups: readonly string[];
  /** What a leaver loses. */
  taken: readonly string[];
  still: readonly Sku[];
  stays: ReadonlyMap<string, string>;
  held: readonly Sku[];
  hasPlace: boolean;
}

function reasonsOf(making: Making, subject: Subject, inputs: Values, shown: Shown): { [path: string]: Because } {
  const { scene, through } = making;
  const rule = scene.at("entra", "licences");
  const source = scene.mappings.entra?.usageLocation;
  const plain = shown.stage ?? because(rule, subject);
  const reasons: { [path: string]: Because } = { "": plain };
  if (shown.hasPlace) reasons["usageLocation"] = because(scene.at("entra", "usageLocation"), subject, source ? compile(source).fields : []);
  Object.assign(reasons, { skus: plain, of: { rule } }, subject.stage === "leaver" ? {} : entitledBecause(making, subject));
  const put = (sku: string, why: Because): void => {
    reasons[`skus.${sku}`] = why;
  };
  const given = shown.byGroups.length > 0 ? through.given(subject) : undefined;
  for (const sku of shown.byGroups) {
    const why = reasons[`skus.${sku}`];
    if (why) put(sku, { ...why, note: `through the group ${given?.get(fold(sku))}` });
  }
  for (const { sku } of skusOf(inputs["skus"])) if (!shown.asked.some((one) => one.sku === sku)) put(sku, shown.why ?? { rule });
  for (const sku of shown.taken) put(sku, shown.stage ?? { rule });
  for (const { sku } of shown.still) put(sku, { rule, note: `stays, through the group ${shown.stays.get(fold(sku))}` });
  for (const { sku } of shown.held) put(sku, { rule: scene.at("safety", "leaver", "mailbox"), note: "stays because of the mailbox" });
  return reasons;
}

/** Which of the SKUs asked for a group of the mapping gives: they are not assigned a second time. */
function givenByGroups(groups: ThroughGroups, subject: Subject, asked: readonly { sku: string }[]): string[] {
  if (subject.stage !== "active") return [];
  const given = groups.given(subject);
  if (given.size === 0) return [];
  return sorted(new Set(asked.map(({ sku }) => sku).filter((sku) => given.has(fold(sku)))));
}

/** Which of the SKUs wished come through groups that are left in this run, and through no other. */
function directInstead(groups: ThroughGroups, subject: Subject, live: Live | undefined, wish: Values): string[] {
  if (subject.stage !== "active") return [];
  const leaving = groups.leaving(subject, live);
  if (leaving.size === 0) return [];
  const through = Array.isArray(wish["through"]) ? wish["through"] : [];
  const direct = new Set(skusOf(live?.values["direct"]).map(({ sku }) => fold(sku)));
  return sorted(
    skusOf(wish["skus"])
      .map(({ sku }) => sku)
      .filter((sku) => leaving.has(fold(sku)) && !through.includes(sku) && !direct.has(fold(sku))),
  );
}

/**
 * What somebody was wished, and has and keeps through a group, whether entitled or not: nothing is lost there, and no seat comes
 * back, so the plan must not say so.
 */
function inheritedStill(scene: Scene, subject: Subject, stays: ReadonlyMap<string, string>): Sku[] {
  if (stays.size === 0) return [];
  return skusOf(scene.previous("entra:Licence", personName(subject.key))?.inputs["skus"]).filter(({ sku }) => stays.has(fold(sku)));
}

/** Licences of leavers that stay because of groups that this run takes nobody out of: one sentence a group and SKU. */
function seatsStillUsed({ scene, through }: Making): string[] {
  const found = new Map<string, string[]>();
  for (const subject of scene.subjects) {
    const id = subject.stage === "leaver" && subject.due.has("strip") ? subject.accounts.entra : undefined;
    const live = id === undefined ? undefined : scene.byId("entra:Licence").get(id);
    for (const { sku } of skusOf(live?.values["inherited"])) {
      const group = through.staying(subject, live).get(fold(sku));
      const said = `keep ${sku} through the group ${group}, which this run takes nobody out of: a seat each is still used; take them out there`;
      if (group !== undefined) found.set(said, [...(found.get(said) ?? []), called(subject)]);
    }
  }
  return [...found].map(
    ([said, people]) =>
      `${few([...new Set(people)])} ${people.length === 1 ? said.replace(/^keep/u, "keeps").replace("a seat each", "a seat") : said}`,
  );
}

/** The lines that hold. */
function entitlements({ scene, lines, inHalo }: Making, subject: Subject): Sku[] {
  const asked: Sku[] = [];
  for (const { sku, without, for: condition } of lines) {
    if (!scene.decisions.verdict(condition, subject).holds) continue;
    if (inHalo.size === 0 || inHalo.get(fold(sku))?.verdict(subject).holds !== false) asked.push({ sku, without });
  }
  return asked;
}

/** A reason for every SKU of the mapping, wished or not. */
function entitledBecause({ scene, lines, inHalo }: Making, subject: Subject): { [path: string]: Because } {
  const reasons: { [path: string]: Because } = {};
  const asked = new Set<string>();
  for (const { sku, for: condition, rule } of lines) {
    const { holds, fields } = scene.decisions.verdict(condition, subject);
    const byHalo = holds ? inHalo.get(fold(sku))?.verdict(subject) : undefined;
    const why = because(rule, subject, fields, byHalo?.note);
    const path = `skus.${sku}`;
    if (byHalo?.holds === false) reasons[path] ??= why;
    else if (!holds) reasons[path] ??= { ...why, note: "not entitled" };
    else {
      if (!asked.has(sku)) reasons[path] = why;
      asked.add(sku);
    }
  }
  return reasons;
}

/** Set before the first licence when the account has none; one that is there is kept. `problem`: none is known, and Graph gives no licence without. */
function usageLocation(scene: Scene, subject: Subject, live: Live | undefined): { code: string } | { problem: string } {
  // The account itself is wished to have one: the licence must not ask for another.
  const account = scene.wished("entra:User", personName(subject.key))?.inputs;
  const wished = textOf(part(account?.["attributes"])["usageLocation"]);
  if (wished !== "" || !subject.record) return { code: wished };
  const source = scene.mappings.entra?.usageLocation;
  const now = textOf(live?.values["usageLocation"]).toUpperCase();
  if (now !== "") return { code: source === undefined ? "" : now };
  const given = source === undefined ? "" : compile(source).render(subject.record.fields);
  const code = countryCode(given);
  if (code !== undefined) return { code };
  const place = scene.at("entra", "usageLocation");
  const { fields } = compile(source ?? "");
  if (given !== "")
    return {
      problem: `usageLocation (${place}): expected a country's two letters (ISO 3166-1) such as GB, found ${JSON.stringify(given.slice(0, 60))}; correct ${fields.length > 0 ? `${fields.join(", ")} in ${scene.source}` : "it"}${didYouMean(countryMeant(given))}`,
    };
  // Entra Connect may bring one with an account that is still to come.
  if (!live && account?.["hybrid"] !== false) return { code: "" };
  const mend =
    source === undefined
      ? "set usageLocation in entra.yaml, or on the account"
      : `fill in ${compile(source).fields.join(", ")} in ${scene.source} (${place})`;
  return { problem: `the account has no usageLocation, and none is wished: ${mend}` };
}

/** Of what somebody is entitled to what is there already; they are parked for the rest. */
function onlyHad(
  scene: Scene,
  { key, name }: Subject,
  live: Live | undefined,
  entitled: readonly Sku[],
  given: ReadonlyMap<string, string>,
  problem: string,
): Sku[] {
  const had = new Set([...skusOf(live?.values["direct"]), ...skusOf(live?.values["inherited"])].map(({ sku }) => fold(sku)));
  const [asked, missing] = [true, false].map((is) => entitled.filter(({ sku }) => (had.has(fold(sku)) || given.has(fold(sku))) === is));
  if (missing && missing.length > 0) {
    const skus = sorted(missing.map(({ sku }) => sku)).join(", ");
    scene.parked.push({ key, name, where: "mapping", reason: `${skus} cannot be given: ${problem}`, of: "part" });
  }
  return asked ?? [];
}
