/** People as approvers: who somebody's manager is, and by which names they could approve. Pure. */

import type { Values } from "../../../base/json.ts";
import { fold } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { ApprovalsFile } from "../../../mappings/schema/approvals.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { remembered } from "../../model/remembered.ts";
import type { DesiredResource, Person } from "../../model/types.ts";
import { fieldTexts, textOf } from "../../model/values.ts";

export interface Approvers {
  /** The address of somebody's manager by their record; undefined: nobody is named, or nobody who has one. */
  manager(key: string): string | undefined;
  /** By which somebody is named as an approver; undefined: the record does not say. */
  address(key: string): string | undefined;
  /** Every name by which they could approve, in small letters: that one, and those that their accounts have and are to have. */
  names(key: string): string[];
  /** The same of `person:<key>`, of an account that is nobody's (`id:<id>`), and of whoever is an agent of Halo (`agent:<id>`). */
  namesOf(who: string): string[];
}

type Known = Pick<Person, "key" | "name" | "record" | "recordKey" | "accounts">;

export function approversOf(
  { manager, address }: ApprovalsFile,
  people: readonly Known[],
  resources: readonly Pick<DesiredResource, "type" | "person" | "inputs">[],
  live: { readonly [type: string]: readonly Live[] } = {},
): Approvers {
  const byKey = new Map([
    ...people.map((one) => [one.recordKey ?? one.key, one] as const),
    ...people.map((one) => [one.key, one] as const),
  ]);
  const byName = Map.groupBy(people, ({ name }) => fold(name));
  const accounts = Map.groupBy(
    resources.filter(({ type }) => type === "ad:User" || type === "entra:User"),
    ({ person }) => person,
  );
  const addressOf = (one: Known | undefined): string | undefined => textOf(one?.record?.fields[address]).toLowerCase() || undefined;
  const called = (text: string): Known | undefined => {
    const known = byKey.get(/^\d+\.0+$/u.test(text) ? String(Number(text)) : text);
    const [found, another] = byName.get(fold(text)) ?? [];
    return known ?? (another ? undefined : found);
  };
  const names = (key: string): string[] => {
    const own = (accounts.get(key) ?? []).flatMap(({ inputs }) => addressesOf(inputs));
    return [...new Set([addressOf(byKey.get(key)) ?? "", ...own].filter((text) => text !== ""))].sort();
  };
  const there = remembered((type: string) => new Map((live[type] ?? []).map((one) => [one.id, one.values])));
  const agents = remembered(() => new Map(people.flatMap(({ key, accounts: { halo } }) => (halo === undefined ? [] : [[halo, key]]))));
  return {
    manager(key) {
      const record = byKey.get(key)?.record;
      const text = record && manager !== undefined ? compile(manager).render(record.fields).trim() : "";
      return text === "" ? undefined : addressOf(called(text));
    },
    address: (key) => addressOf(byKey.get(key)),
    names,
    namesOf(who) {
      const [kind, id] = [who.slice(0, who.indexOf(":")), who.slice(who.indexOf(":") + 1)];
      if (kind === "person") return names(id);
      if (kind === "agent") return [...names(agents("").get(id) ?? ""), ...addressesOf(there("halo:Agent").get(id) ?? {})];
      return ["ad:User", "entra:User", "entra:Licence"].flatMap((type) => addressesOf(there(type).get(id) ?? {}));
    },
  };
}

/** What somebody signs in with, and where mail reaches them. */
const addressesOf = (values: Values): string[] =>
  ["userPrincipalName", "mail", "email", "proxyAddresses"].flatMap((field) =>
    fieldTexts(values, field).map((text) => text.replace(/^smtp:/iu, "").toLowerCase()),
  );
