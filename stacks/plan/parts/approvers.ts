/** People as approvers: who somebody's manager is, and by which names they could approve. Pure. */
import { fold } from "../../../base/text.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { ApprovalsFile } from "../../../mappings/schema/approvals.ts";
import type { DesiredResource, Person } from "../../model/types.ts";
import { fieldTexts, textOf } from "../../model/values.ts";

export interface Approvers {
  /** The address of somebody's manager by their record; undefined: nobody is named, or nobody who has one. */
  manager(key: string): string | undefined;
  /** By which somebody is named as an approver; undefined: the record does not say. */
  address(key: string): string | undefined;
  /** Every name by which they could approve, in small letters: that one, and those that their accounts have and are to have. */
  names(key: string): string[];
}

type Known = Pick<Person, "key" | "name" | "record" | "recordKey">;

export function approversOf(
  { manager, address }: ApprovalsFile,
  people: readonly Known[],
  resources: readonly Pick<DesiredResource, "type" | "person" | "inputs">[],
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
  return {
    manager(key) {
      const record = byKey.get(key)?.record;
      const text = record && manager !== undefined ? compile(manager).render(record.fields).trim() : "";
      return text === "" ? undefined : addressOf(called(text));
    },
    address: (key) => addressOf(byKey.get(key)),
    names(key) {
      const own = ["userPrincipalName", "mail", "proxyAddresses"].flatMap((field) =>
        (accounts.get(key) ?? []).flatMap(({ inputs }) => fieldTexts(inputs, field)),
      );
      const all = [addressOf(byKey.get(key)) ?? "", ...own.map((text) => text.replace(/^smtp:/iu, "").toLowerCase())];
      return [...new Set(all.filter((text) => text !== ""))].sort();
    },
  };
}
