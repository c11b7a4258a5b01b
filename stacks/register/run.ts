/** What the provider process is told of a run. Pure. */

import { defined } from "../../base/defined.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { type PasswordRules, recipientsIn } from "../../providers/core/password-rules.ts";
import { type Bytes, operationKey, type Run } from "../../providers/core/run.ts";
import { definition } from "../../providers/registry.ts";
import type { StackConfig } from "../../providers/systems.ts";
import { haloNumber } from "../match/halo-users.ts";
import type { PreviousResource } from "../model/types.ts";
import { handoverOf } from "../read/programs.ts";
import { placesIn } from "../read/protected-units.ts";
import type { Settled } from "../wish/settled.ts";

interface Given {
  stack: string;
  now: Date;
  mode: Run["mode"];
  mappings: Mappings;
  settings: StackConfig;
  settled: Settled;
  previous: readonly PreviousResource[];
  asked: { [type: string]: unknown };
  spent: number[];
  bytes: Bytes;
  /** What the files of commands hold (stacks/read/programs.ts). */
  programs: { readonly [command: string]: string };
  /** Where passwords that wait to be read are kept. */
  vault: string;
}

export function runOf({ stack, now, mode, mappings, settings, settled, previous, asked, spent, bytes, programs, vault }: Given): Run {
  const { wish, all } = settled;
  const { ad, entra, safety } = mappings;
  const known = (system: "ad" | "entra" | "halo"): Record<string, string> =>
    Object.fromEntries(wish.people.flatMap(({ key, accounts }) => (accounts[system] === undefined ? [] : [[key, accounts[system]]])));
  const waiting = { vault, ...defined({ recipients: recipientsIn(settings)?.slice() }) };
  const named = (types: { readonly [type: string]: string }): Record<string, string> => namedIn(types, settled, previous);
  return {
    format: "haloform.run/1",
    stack,
    owner: process.pid,
    made: now.toISOString(),
    mode,
    settings,
    live: all,
    people: {
      ad: { ...known("ad"), ...named({ "ad:Group": "group", "ad:Contact": "contact" }) },
      entra: { ...known("entra"), ...named({ "entra:Group": "group" }) },
      halo: known("halo"),
    },
    ...haloUsersIn(mappings, wish, previous),
    adopt: Object.fromEntries(
      wish.resources.flatMap((one) => (one.adopt === undefined ? [] : [[operationKey(definition(one.type), one.inputs), one.adopt]])),
    ),
    spent,
    asked: asked as Run["asked"],
    bytes,
    ...(Object.keys(programs).length > 0 ? { programs: { ...programs } } : {}),
    ...(wish.untouched ? { untouched: [...wish.untouched] } : {}),
    ...heldIn(wish, previous),
    ...(placesIn(safety.protected).protected.length > 0 ? { protectedPlaces: placesIn(safety.protected) } : {}),
    ...(safety.protected.groups.length > 0 ? { protectedGroups: safety.protected.groups } : {}),
    ...(ad?.passwords ? { passwords: passwordRules(ad.passwords, waiting, programs[handoverOf("ad")]) } : {}),
    ...(entra?.passwords ? { cloudPasswords: passwordRules(entra.passwords, waiting, programs[handoverOf("entra")]) } : {}),
    ...(wish.secrets && Object.keys(wish.secrets).length > 0 ? { secrets: wish.secrets } : {}),
  };
}

/** What stays as it was left for being protected (stacks/wish/protected.ts). */
function heldIn({ resources }: Settled["wish"], previous: readonly PreviousResource[]): Pick<Run, "held"> {
  const held = new Set(resources.flatMap((one) => (one.untouched ? [`${one.type}::${one.name}`] : [])));
  const ids = previous.flatMap(({ type, name, id }) => (held.has(`${type}::${name}`) ? [`${type} ${id}`] : []));
  return ids.length > 0 ? { held: ids } : {};
}

/** Key → number of the person's user in Halo, where that is not the key itself. */
function haloUsersIn(
  mappings: Mappings,
  { people, resources }: Settled["wish"],
  previous: readonly PreviousResource[],
): Pick<Run, "haloUsers"> {
  if (mappings.people.source === "halo.users") {
    if (mappings.people.key === "id" && people.every((one) => one.recordKey === undefined)) return {};
    const numbers = people.flatMap((one) => [[one.key, haloNumber(mappings, one)] as const]);
    return { haloUsers: Object.fromEntries(numbers.filter((one): one is readonly [string, string] => one[1] !== undefined)) };
  }
  if (!mappings.haloUsers?.users) return {};
  const type = "halo:User";
  const before = new Map(previous.flatMap((one) => (one.type === type ? [[one.name, one.id]] : [])));
  const known = resources.flatMap((one) => (one.type === type ? [[one.person, one.adopt ?? before.get(one.name)] as const] : []));
  return {
    haloUsers: Object.fromEntries(known.filter((one): one is readonly [string, string] => one[0] !== undefined && one[1] !== undefined)),
  };
}

/** What the provider process is told of the section `passwords`. */
function passwordRules(
  { length, sets, mustChange, handover }: Omit<NonNullable<NonNullable<Mappings["ad"]>["passwords"]>, "rotate">,
  waiting: Pick<PasswordRules, "vault" | "recipients">,
  sum: string | undefined,
): PasswordRules {
  const to = typeof handover === "object" ? { ...handover, ...defined({ sum }) } : handover;
  return { length, sets, mustChange, handover: to, ...(handover === "output" ? waiting : {}) };
}

/** The ids of the groups and contacts of the mapping that exist, by the keys under which members name them. */
function namedIn(
  types: { readonly [type: string]: string },
  { wish, live }: Settled,
  previous: readonly PreviousResource[],
): Record<string, string> {
  const before = new Map(previous.flatMap((one) => (types[one.type] === undefined ? [] : [[`${one.type}::${one.name}`, one.id]])));
  const existing = new Set(Object.keys(types).flatMap((type) => (live[type] ?? []).map((one) => one.id)));
  return Object.fromEntries(
    wish.resources.flatMap((one) => {
      const kind = types[one.type];
      const id = kind === undefined ? undefined : (one.adopt ?? before.get(`${one.type}::${one.name}`));
      const name = one.type.startsWith("ad:") ? String(one.inputs["name"]) : one.name;
      return id !== undefined && existing.has(id) ? [[`${kind}:${name}`, id]] : [];
    }),
  );
}
