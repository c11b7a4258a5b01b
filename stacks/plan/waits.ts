import { mailboxType } from "../model/kinds.ts";
import type { DesiredResource } from "../model/types.ts";
import type { Compared } from "./input.ts";
import { worldKey } from "./world.ts";

/** What a change of a person's resource waits for: it is no change of this run. */
export function waitsOf(
  { wish, live }: Compared,
  wished: ReadonlyMap<string, DesiredResource>,
): (resource: DesiredResource) => string | undefined {
  const inEntra = new Map(wish.people.map(({ key, accounts }) => [key, accounts.entra?.toLowerCase()]));
  const boxless = new Set((live[mailboxType] ?? []).filter((one) => one.values["exists"] === false).map((one) => one.id));
  return ({ type, name, person, inputs }) => {
    if (person === undefined) return undefined;
    const id = inEntra.get(person);
    if (type === "entra:Licence" || (type === "entra:User" && inputs["hybrid"] === true)) {
      // An account that this run makes in Entra ID itself is there before its licences.
      const isMade = wished.get(worldKey({ type: "entra:User", name }))?.inputs["hybrid"] === false;
      return id === undefined && !isMade ? "waits until Entra Connect has brought the account from Active Directory" : undefined;
    }
    // Things of an Entra account wait for it; a mailbox that is wished waits for Exchange.
    if (!/^entra:(?:Mailbox|AutomaticReplies|Photo)$/u.test(type)) return undefined;
    if (id === undefined) return "waits for the account in Entra ID";
    return type === mailboxType && inputs["kind"] === "user" && boxless.has(id) ? "waits until Exchange has made the mailbox" : undefined;
  };
}
