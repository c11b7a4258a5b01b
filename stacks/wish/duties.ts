/**
 * What leavers of this run answer for and no mapping writes: managers of people, objects of AD, owners of cloud groups and of
 * applications. Told, and left as it is; what a mapping writes is told, and followed, where it is wished (stacks/wish/successors.ts). Pure.
 */
import { fold } from "../../base/text.ts";
import { dnKey, nameOf } from "../../providers/ad/values/dn.ts";
import type { Live } from "../../providers/core/definition.ts";
import type { Person } from "../model/types.ts";
import { called, compareTexts, flag, part, textOf } from "../model/values.ts";
import type { Lists } from "../read/lists.ts";
import { dutiesOf } from "./tell.ts";
import type { Wish } from "./wish.ts";

export interface Duty {
  as: "manager" | "managedBy" | "owner" | "application";
  /** A distinguishedName of AD, an id of Graph's, or the name of an application that is owned. */
  of: string;
}

export interface Duties {
  /** Id of an account → what it answers for. */
  byAccount: Map<string, Duty[]>;
  /** Sentences about what could not be read. */
  unread: string[];
}

/** The wish with notes about them. */
export function withDuties(wish: Wish, live: Lists, { byAccount, unread }: Duties): Wish {
  if (byAccount.size + unread.length === 0) return wish;
  const named = namer(wish, live);
  const told = (wish.leaving ?? []).flatMap((leaver): string[] => {
    const answers = (["ad", "entra"] as const).flatMap((system) =>
      (byAccount.get(leaver.accounts[system] ?? "") ?? []).flatMap((duty) => {
        const of = named[system](duty);
        return of === undefined ? [] : [{ as: duty.as === "application" ? ("owner" as const) : duty.as, of }];
      }),
    );
    answers.sort((a, b) => compareTexts(a.of, b.of));
    return answers.length === 0 ? [] : [`${called(leaver)} has left and ${dutiesOf(answers)}: no mapping names it: change it by hand`];
  });
  return { ...wish, notes: [...wish.notes, ...told, ...unread].sort() };
}

/** What a duty is about, in words; undefined where it is told elsewhere, or about somebody who has left too. */
function namer({ people, resources }: Wish, live: Lists): { [system in "ad" | "entra"]: (duty: Duty) => string | undefined } {
  const owner = (system: "ad" | "entra") =>
    new Map(people.flatMap((one): [string, Person][] => (one.accounts[system] === undefined ? [] : [[one.accounts[system], one]])));
  const written = new Set(
    resources.flatMap(({ type, person, inputs }) =>
      person !== undefined && "manager" in part(inputs["attributes"]) ? [`${type} ${person}`] : [],
    ),
  );
  /** Who reports to somebody. */
  const report = (type: "ad:User" | "entra:User", person: Person | undefined, label: string): string | undefined => {
    if (!person) return label;
    return person.stage === "leaver" || written.has(`${type} ${person.key}`) ? undefined : called(person);
  };
  const [inAd, inEntra] = [owner("ad"), owner("entra")];
  const accounts = new Map((live["ad:User"] ?? []).map((one) => [dnKey(textOf(one.values["distinguishedName"])), one]));
  // Those of the mapping and those that no mapping names are told where groups are wished; units of the mapping where places are.
  const elsewhere = new Set(
    [...(live["ad:Group"] ?? []).map(({ values }) => values["distinguishedName"]), ...managedUnits(resources)].map((dn) =>
      dnKey(textOf(dn)),
    ),
  );
  const users = new Map((live["entra:Licence"] ?? []).map((one): [string, Live] => [one.id, one]));
  const groups = new Map((live["entra:Group"] ?? []).map((one): [string, Live] => [one.id, one]));
  const owned = new Set(
    resources.flatMap((one) => (one.type === "entra:Group" && one.inputs["owners"] !== undefined ? [fold(one.name)] : [])),
  );
  return {
    ad({ as, of }) {
      const account = accounts.get(dnKey(of));
      if (as === "manager") return report("ad:User", account && inAd.get(account.id), nameOf(of));
      return elsewhere.has(dnKey(of)) ? undefined : of;
    },
    entra({ as, of }) {
      if (as === "application") return `the application ${of}`;
      if (as === "owner") {
        const name = textOf(groups.get(of)?.values["name"]);
        return owned.has(fold(name)) ? undefined : `the Entra group ${name || of}`;
      }
      const user = users.get(of);
      // Whose account comes from AD has a manager there, and AD was asked.
      if (user && flag(user.values["synced"]) && live["ad:User"]) return undefined;
      return report("entra:User", inEntra.get(of), textOf(user?.values["userPrincipalName"]) || of);
    },
  };
}

const managedUnits = (resources: Wish["resources"]): string[] =>
  resources.flatMap(({ type, inputs }) =>
    type === "ad:OrganizationalUnit" && inputs["managedBy"] !== undefined ? [textOf(inputs["distinguishedName"])] : [],
  );
