/** Who is which user of Halo (H8): by the state, then by the fields in order; who cannot be told is parked. */
import { same } from "../../base/text.ts";
import { agentEmail } from "../../mappings/language/identity.ts";
import { compile } from "../../mappings/language/template.ts";
import type { HaloUsersFile } from "../../mappings/schema/all.ts";
import type { Live } from "../../providers/core/definition.ts";
import { customPrefix } from "../../providers/halo/user/fields.ts";
import { park, personName, type Scene } from "../model/scene.ts";
import type { Subject } from "../model/types.ts";
import { called, flag, part, textOf, textsOf } from "../model/values.ts";
import { doubtIn } from "./accounts.ts";
import { type Account, type Claimant, match } from "./match.ts";

const type = "halo:User";
type Users = NonNullable<HaloUsersFile["users"]>;

/** The person's Entra id: people of Entra ID are known by it, others by the account that was found. */
export const entraId = (scene: Scene, subject: Subject): string =>
  scene.mappings.people.source === "entra.users"
    ? (subject.record?.ref.replace(/^entra\.users /u, "") ?? "")
    : (subject.accounts.entra ?? "");

/**
 * The number of the person's user in Halo where people come from there: their key may be another field. Of somebody gone from
 * Halo it is known only where the key is that number.
 */
export function haloNumber(
  { people }: Pick<Scene["mappings"], "people">,
  { key, record }: Pick<Subject, "key" | "record">,
): string | undefined {
  if (people.source !== "halo.users") return undefined;
  if (!record) return people.key === "id" ? key : undefined;
  return haloUserOf(record.ref);
}

/** The number of the user of Halo that a record is; undefined: it is of another source. */
export const haloUserOf = (ref: string): string | undefined => /^halo\.users (.+)$/u.exec(ref)?.[1];

/** Who is which user of Halo. */
export type HaloUserIds = ReadonlyMap<string, string>;

/** Brings people and Halo's users together, and parks whom matching cannot decide. Nobody without `users`. */
export function matchHaloUsers(scene: Scene): HaloUserIds {
  const users = scene.mappings.haloUsers?.users;
  if (!users || scene.untouched.has("halo")) return new Map();
  if (scene.mappings.people.source === "halo.users") {
    const ids = scene.subjects.map((subject): [string, string] => [subject.key, haloNumber(scene.mappings, subject) ?? ""]);
    return new Map(ids.filter(([, id]) => scene.byId(type).has(id)));
  }
  const claimants: Claimant[] = scene.subjects.map((subject) => {
    const known = scene.previous(type, personName(subject.key))?.id;
    return {
      key: subject.key,
      called: called(subject),
      name: subject.name,
      inactive: subject.inactive || subject.record === undefined,
      known: known !== undefined && scene.byId(type).has(known) ? known : undefined,
      wants: (field) => (subject.record ? wantedOfUser(scene, users, subject, field) : undefined),
    };
  });
  const matched = match(
    { system: "Halo user", source: scene.source, doubted: doubtIn(scene) },
    claimants,
    scene.all(type).map(account),
    users.match,
  );
  for (const [key, id] of matched.found) {
    const subject = scene.byKey.get(key);
    const linked = textOf(part(scene.byId(type).get(id)?.values["fields"])["azureoid"]);
    const own = subject ? entraId(scene, subject) : "";
    if (!subject || !matched.anew.has(key) || linked === "" || own === "" || same(linked, own)) continue;
    matched.found.delete(key);
    matched.parked.set(
      key,
      `the Halo user ${label(scene.byId(type).get(id))} looks like this person and belongs to another Entra account (azureoid ${linked}); correct one of them in Halo`,
    );
  }
  for (const [key, reason] of matched.parked) {
    const subject = scene.byKey.get(key);
    if (subject && (scene.decisions.place(subject) || scene.previous(type, personName(key))))
      park(scene, subject, "halo", "matching", reason);
  }
  return matched.found;
}

/** What a field of Halo must hold for a user to be this person's. */
export function wantedOfUser(scene: Scene, users: Users, subject: Subject, field: string): string | undefined {
  if (field === "azureoid") return entraId(scene, subject);
  const line = users.fields[field] ?? (field === "emailaddress" ? agentEmail(scene.mappings.people) : undefined);
  if (line === undefined) return undefined;
  return compile(typeof line === "string" ? line : line.value).render(subject.record?.fields ?? {});
}

const label = (live: Live | undefined): string =>
  live ? `${textOf(live.values["name"])} (${live.id}, ${textOf(live.values["site"])})` : "that is gone";

const account = (live: Live): Account => ({
  id: live.id,
  label: label(live),
  protected: flag(live.values["protected"]),
  names: () => textsOf(live.values["name"]),
  values: (field) =>
    field.startsWith(customPrefix)
      ? textsOf(part(live.values["custom"])[field.slice(customPrefix.length)])
      : textsOf(field === "name" ? live.values["name"] : part(live.values["fields"])[field]),
});
