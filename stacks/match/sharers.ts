/**
 * One value, two people: what people are recognised by (addresses, numbers, names of log-on) is nobody's twice in a directory.
 * Whoever has it keeps it; of those who would only get it, whoever has an account comes first, and then the lower key. The others
 * are parked with the holder's name. Pure.
 */
import { fold } from "../../base/text.ts";
import { writtenOf } from "../../mappings/language/identity.ts";
import { directories } from "../../providers/systems.ts";
import { accountOf, park, type Scene } from "../model/scene.ts";
import type { Subject, System } from "../model/types.ts";
import { called, fieldTexts, flag, part, textsOf } from "../model/values.ts";
import { identityOf } from "./accounts.ts";
import { type HaloUserIds, wantedOfUser } from "./halo-users.ts";

/** A field of a kind of account, as people have it and as they are to get it. */
interface Field {
  system: System;
  /** `AD mail` */
  title: string;
  /** "" where nothing is written of this person. */
  gets(subject: Subject): string;
  has(subject: Subject): readonly string[];
}

export function parkSharers(scene: Scene, usersOfHalo: HaloUserIds): void {
  const fields = [
    ...directories.flatMap(({ name, accounts }) => fieldsOf(scene, name, accounts.type, accounts.title)),
    ...userField(scene, usersOfHalo),
  ];
  // Whoever is parked gives up nothing, so that another may be parked for it.
  while (fields.map((field) => parkFor(scene, field)).some(Boolean));
}

/** Whether anybody was parked. */
function parkFor(scene: Scene, { system, title, gets, has }: Field): boolean {
  const given = scene.subjects.map((subject) => {
    const isOpen = subject.stage === "active" && subject.record !== undefined && !subject.parkedIn.has(system);
    return isOpen ? gets(subject) : "";
  });
  if (given.every((value) => value === "")) return false;
  const people = scene.subjects.flatMap((subject, index) => {
    const value = given[index] ?? "";
    const now = has(subject);
    return value === "" && now.length === 0 ? [] : { subject, value, key: fold(value), now: now.length === 0 ? now : now.map(fold) };
  });
  const holders = new Map<string, Subject>();
  for (const { subject, value, key, now } of people)
    for (const one of now) if ((value === "" || key === one) && !holders.has(one)) holders.set(one, subject);
  const waiting = people.filter(({ value, key, now }) => value !== "" && !now.includes(key));
  let found = false;
  for (const { subject, value, key, now } of [
    ...waiting.filter((one) => one.now.length > 0),
    ...waiting.filter((one) => one.now.length === 0),
  ]) {
    const holder = holders.get(key);
    if (!holder) {
      holders.set(key, subject);
      continue;
    }
    const how = has(holder).map(fold).includes(key) ? "is that of" : "goes to";
    const why = `the ${title} ${value} ${how} ${called(holder)}, and nobody else gets it: make it unique in ${scene.source}, for ${called(subject)} or for ${called(holder)}`;
    park(scene, subject, system, "matching", now.length > 0 ? `${why}; until then everything stays as it is` : why);
    found = true;
  }
  return found;
}

function fieldsOf(scene: Scene, system: System, type: string, title: string): Field[] {
  const { people } = scene.mappings;
  const isWritten = writesIn(scene, system);
  const live = scene.byId(type);
  return writtenOf(people, system).map(([field]) => ({
    system,
    title: `${title} ${field}`,
    gets(subject) {
      const value = identityOf(scene.mappings, system, subject, field) ?? "";
      // Addresses of accounts are compared with everything that receives mail where they are given (stacks/wish/account/taken.ts).
      return value === "" || (system !== "halo" && value.includes("@")) || !isWritten(subject) ? "" : value;
    },
    has({ accounts }) {
      const account = live.get(accounts[system] ?? "");
      return account ? fieldTexts(account.values, field) : nothing;
    },
  }));
}

const nothing: readonly string[] = [];

/** Whether a line of the mapping writes the account of somebody there. */
function writesIn(scene: Scene, system: System): (subject: Subject) => boolean {
  const { decisions, mappings } = scene;
  if (system === "halo") return (subject) => decisions.agents(subject).length > 0;
  const isInAd = (subject: Subject): boolean => decisions.first(mappings.ad?.accounts, subject) !== undefined;
  if (system === "ad") return isInAd;
  return (subject) => {
    const found = decisions.first(mappings.entra?.accounts, subject);
    if (!found) return false;
    const live = accountOf(scene, subject, "entra:Licence");
    return !(live ? flag(live.values["synced"]) : (found.line.hybrid ?? (subject.accounts.ad !== undefined || isInAd(subject))));
  };
}

/** The address of people who are made users of Halo. */
function userField(scene: Scene, ids: HaloUserIds): Field[] {
  const users = scene.mappings.haloUsers?.users;
  if (!users || scene.mappings.people.source === "halo.users") return [];
  const fields = (subject: Subject) => part(scene.byId("halo:User").get(ids.get(subject.key) ?? "")?.values["fields"]);
  return [
    {
      system: "halo",
      title: "Halo user's emailaddress",
      gets: (subject) => (scene.decisions.place(subject) ? (wantedOfUser(scene, users, subject, "emailaddress") ?? "") : ""),
      has: (subject) => textsOf(fields(subject)["emailaddress"]),
    },
  ];
}
