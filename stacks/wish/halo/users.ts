/** Users of Halo as they should be: who is which user (H8), what their fields say (H1), at which site they are (H2, H3). */
import { defined } from "../../../base/defined.ts";
import type { Json, Values } from "../../../base/json.ts";
import { fold, same } from "../../../base/text.ts";
import { escapeDnValue } from "../../../mappings/language/dn.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { HaloUsersFile } from "../../../mappings/schema/all.ts";
import { dnKey } from "../../../providers/ad/values/dn.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { customPrefix } from "../../../providers/halo/user/fields.ts";
import { entraId, type HaloUserIds } from "../../match/halo-users.ts";
import type { Placed } from "../../model/decisions.ts";
import { because, ofPerson, park, personName, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, flag, part, sorted, textOf, textsOf } from "../../model/values.ts";
import { type Carried, carried } from "../keep.ts";
import { followerOf, followsNote, hasGone } from "../successors.ts";
import { userRoles } from "./places.ts";

const type = "halo:User";
type Users = NonNullable<HaloUsersFile["users"]>;

/** What users are made with. */
interface Given {
  scene: Scene;
  users: Users;
  ids: HaloUserIds;
  /** Sites that are wished, by folded name, in their spelling. */
  sites: ReadonlyMap<string, string>;
  /** Roles that the mapping gives: who is not entitled loses them. */
  owned: string[];
}

/** Adds halo:User for whom a site is found; leavers become inactive; who is held or parked keeps everything. After AD accounts and sites. */
export function haloUsers(scene: Scene, ids: HaloUserIds): void {
  const file = scene.mappings.haloUsers;
  if (!file?.users) return;
  const sites = new Map(scene.resources.flatMap((one) => (one.type === "halo:Site" ? [[fold(one.name), one.name]] : [])));
  const given: Given = { scene, users: file.users, ids, sites, owned: userRoles(file) };
  const back = scene.mappings.people.source === "halo.users";
  let placeless = 0;
  for (const subject of scene.subjects) {
    const live = scene.byId(type).get(ids.get(subject.key) ?? scene.previous(type, personName(subject.key))?.id ?? "");
    if (back) {
      const before = scene.byId(type).get(scene.previous(type, personName(subject.key))?.id ?? "");
      if (live && before && before.id !== live.id) keptBefore(scene, subject, before, live);
      else if (subject.record && live && subject.stage === "active" && !subject.keep) writeBack(given, subject, live);
      else kept(scene, subject, live);
    } else if (subject.stage === "leaver" && !subject.parkedIn.has("halo")) leaver(given, subject, live);
    else if (subject.stage !== "active" || subject.parkedIn.has("halo") || !subject.record) kept(scene, subject, live);
    else {
      const place = scene.decisions.place(subject);
      if (!place) placeless += 1;
      if (place) user(given, subject, live, place);
      else kept(scene, subject, live);
    }
  }
  if (placeless > 0)
    scene.notes.push(
      `${placeless} ${placeless === 1 ? "person has" : "people have"} no site by mappings/halo-users.yaml: no user is made in Halo, and one that is there stays as it is`,
    );
}

interface Rendered {
  fields: { [name: string]: string };
  custom: { [name: string]: string };
  reasons: { [path: string]: Because };
}

/** The fields of a user by the mapping's templates (H1). */
function rendered(given: Given, subject: Subject): Rendered {
  const { scene, users } = given;
  const made: Rendered = { fields: {}, custom: {}, reasons: {} };
  const record = subject.record?.fields ?? {};
  const put = (field: string, text: string, why: Because): void => {
    const isCustom = field.startsWith(customPrefix);
    if (isCustom) made.custom[field.slice(customPrefix.length)] = text;
    else made.fields[field] = text;
    made.reasons[isCustom ? field : `fields.${field}`] = why;
  };
  for (const [field, line] of Object.entries(users.fields)) {
    const { value, whenEmpty } = typeof line === "string" ? { value: line, whenEmpty: "keep" } : line;
    const template = compile(value);
    const text = template.render(record);
    if (text === "" && whenEmpty !== "clear") continue;
    put(field, text, because(scene.at("halo-users", "users", "fields", field), subject, template.fields));
  }
  const manager = users.manager && managerOf(given, users.manager, subject);
  if (users.manager && manager !== undefined) put(users.manager.field, manager.text, manager.why);
  if (users.links)
    for (const [field, text] of Object.entries(links(scene, subject)))
      put(field, text, because(scene.at("halo-users", "users", "links"), subject));
  return made;
}

/** What names the manager; undefined where there is none, or nothing is known of them yet. */
function managerOf(
  { scene, ids }: Given,
  users: NonNullable<Users["manager"]>,
  subject: Subject,
): { text: string; why: Because } | undefined {
  const key = compile(users.person).render(subject.record?.fields ?? {});
  if (key === "") return undefined;
  const named = scene.byKey.get(key);
  const fits = (one: Subject): boolean => one.key !== subject.key && one.record !== undefined;
  const follower = named && hasGone(named) ? followerOf(scene, { leaver: named, as: "manager", of: called(subject) }, fits) : undefined;
  const manager = follower ?? named;
  if (!manager?.record) {
    scene.notes.push(`The manager of ${called(subject)} in Halo is left as it is: nobody has the key ${key}`);
    return undefined;
  }
  const text = compile(users.value).render(manager.record.fields, { haloId: ids.get(manager.key) ?? "" });
  if (text === "") return undefined;
  const rule = scene.at("halo-users", "users", "manager");
  return {
    text,
    why:
      named && follower
        ? { rule: scene.at("safety", "leaver", "successor"), note: followsNote(named, follower) }
        : because(rule, subject, compile(users.person).fields),
  };
}

/** The person's accounts, as Halo writes them: an AD account under the name it has after this run. */
function links(scene: Scene, subject: Subject): { [field: string]: string } {
  const azureoid = entraId(scene, subject);
  const wish = scene.wished("ad:User", personName(subject.key))?.inputs;
  const now = textOf(scene.byId("ad:User").get(subject.accounts.ad ?? "")?.values["distinguishedName"]);
  const next = wish && wish["deleted"] !== true ? `CN=${escapeDnValue(textOf(wish["name"]))},${textOf(wish["path"])}` : "";
  const dn = next === "" || (now !== "" && dnKey(next) === dnKey(now)) ? now : next;
  return { ...(azureoid === "" ? {} : { azureoid }), ...(dn === "" ? {} : { activedirectory_dn: dn }) };
}

function user(given: Given, subject: Subject, live: Live | undefined, place: Placed): void {
  const { scene, owned } = given;
  const made = rendered(given, subject);
  const { name: named, ...fields } = made.fields;
  const { site, reason } = siteFor(given, place);
  if (reason !== undefined) {
    park(scene, subject, "halo", "mapping", reason);
    kept(scene, subject, live);
    return;
  }
  const roles = place.role === undefined ? [] : [place.role];
  const nameField = made.reasons["fields.name"];
  const inputs: Values = {
    person: subject.key,
    name: named ?? subject.name,
    site,
    enabled: true,
    fields,
    custom: made.custom,
    ...(owned.length > 0 ? { roles: subject.keep ? sorted([...roles, ...ownRoles(live, owned)]) : roles, of: { roles: owned } } : {}),
  };
  push(scene, subject, live, inputs, { "": place.why, ...defined({ name: nameField }), site: place.why, ...made.reasons });
}

/** The site in Halo's spelling, or why nobody can be put there. */
function siteFor({ scene, sites }: Given, place: Placed): { site: string; reason?: string } {
  const live = scene.named("halo:Site", place.site);
  const wished = sites.get(fold(place.site));
  if (wished !== undefined) return { site: wished };
  if (live.length > 1) return { site: place.site, reason: `${live.length} Halo sites are called ${place.site}: rename all but one` };
  const [one] = live;
  if (!one) {
    const mend =
      place.made && !place.made.create
        ? `make it in Halo, or let ${place.why.rule === scene.at("halo-users", "users", "organisation") ? "organisation.create" : "create: true"} make it`
        : "make it in Halo or list it under sites";
    return { site: place.site, reason: `Halo has no site ${place.site} (${place.why.rule}): ${mend}` };
  }
  if (!flag(one.values["enabled"]))
    return { site: place.site, reason: `the Halo site ${place.site} (${place.why.rule}) is inactive: switch it on, or name another` };
  return { site: textOf(one.values["name"]) };
}

const ownRoles = (live: Live | undefined, owned: readonly string[]): string[] =>
  owned.filter((name) => textsOf(live?.values["roles"]).some((one) => same(one, name)));

/** Whose record is another user of Halo now: an update would reach the one they were. That one inactive, it is let go of, and the next run adopts. */
function keptBefore(scene: Scene, subject: Subject, before: Live, live: Live): void {
  const who = `${called(subject)} is the user ${live.id} of Halo now`;
  if (subject.stage === "active" && !subject.keep && before.values["enabled"] === false) {
    scene.notes.push(
      `${who}; ${before.id} is inactive and let go of: the next run writes what mappings/halo-users.yaml gives to ${live.id}`,
    );
    return;
  }
  scene.notes.push(
    `${who} and was ${before.id}: what mappings/halo-users.yaml gives is written to neither while Halo has both; merge them in Halo, or make ${before.id} inactive there`,
  );
  kept(scene, subject, before);
}

/** Only what the mapping names is written into Halo's own record; site, name and `inactive` are Halo's business. */
function writeBack(given: Given, subject: Subject, live: Live): void {
  const { scene } = given;
  const { fields: all, custom, reasons } = rendered(given, subject);
  const { name, ...fields } = all;
  if (Object.keys(all).length + Object.keys(custom).length === 0) {
    kept(scene, subject, live);
    return;
  }
  const inputs: Values = { person: subject.key, ...defined({ name }), fields, custom };
  push(scene, subject, live, inputs, {
    "": because(scene.at("halo-users", "users"), subject),
    ...reasons,
    ...(name === undefined ? {} : { name: reasons["fields.name"] ?? because(scene.at("halo-users", "users", "fields"), subject) }),
  });
}

/** Inactive and without the roles that the mapping gives; the rest stays as it was. */
function leaver({ scene, owned }: Given, subject: Subject, live: Live | undefined): void {
  const before = scene.previous(type, personName(subject.key))?.inputs;
  if (!live) return;
  const strip = subject.due.has("strip") && !subject.keep;
  const base: Values = before ?? { person: subject.key, name: textOf(live.values["name"]), fields: {}, custom: {} };
  const why = subject.because ?? because(scene.at("halo-users", "users"), subject);
  const roles: { [key: string]: Json } = owned.length === 0 ? {} : { roles: strip ? [] : ownRoles(live, owned), of: { roles: owned } };
  const enabled = subject.keep !== undefined && flag(live.values["enabled"]);
  push(scene, subject, live, { ...base, ...roles, enabled }, { "": why, enabled: why });
}

/** People who are held, parked or without a site keep what they have. */
function kept(scene: Scene, subject: Subject, live: Live | undefined): void {
  const note = "no entry gives this person a site any more: kept as it is";
  const why = subject.keep ?? because(scene.at("halo-users", "users"), subject, [], note);
  carried(scene, kind, subject, live, { why });
}

/** Nothing is said of a user who is gone: Halo has their record. */
const kind: Carried = {
  ...{ type, system: "halo", noun: "Halo user" },
  isSilentWhenGone: () => true,
  raised: asItIs,
  ofLeaver: (_subject, inputs, live) => asItIs(inputs, live),
};

function asItIs(inputs: Values, live: Live): Values {
  const { enabled, roles } = inputs;
  const had = ownRoles(live, textsOf(part(inputs["of"])["roles"]));
  return {
    ...inputs,
    ...(enabled === undefined ? {} : { enabled: flag(live.values["enabled"]) }),
    ...(roles === undefined ? {} : { roles: had }),
  };
}

function push(scene: Scene, subject: Subject, live: Live | undefined, inputs: Values, reasons: { [path: string]: Because }): void {
  want(scene, { type, ...ofPerson(subject), inputs, because: reasons, live });
}
