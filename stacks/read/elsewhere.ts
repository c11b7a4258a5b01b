/** What else has names in the directories: asked only where the first look gives somebody a name that their account has not. */
import { contactsPermission } from "../../clients/graph/permissions.ts";
import type { Mappings } from "../../mappings/schema/all.ts";
import { deletedType, elsewhereType, mailContactType } from "../model/kinds.ts";
import type { Lists } from "./lists.ts";

export interface Elsewhere {
  lists: Lists;
  /** Sentences about what could not be read, and so was not compared. */
  unread: string[];
}

/** `places`: distinguishedNames of where somebody gets another name, "" for logins and addresses. In AD two searches and one a place. */
export async function readElsewhere(mappings: Pick<Mappings, "ad" | "entra" | "people">, places: readonly string[]): Promise<Elsewhere> {
  const [inAd, inEntra] = await Promise.all([ofDirectory(mappings, places), ofTenant(mappings, places)]);
  return { lists: { ...inAd, ...inEntra.lists }, unread: inEntra.unread };
}

async function ofDirectory({ ad }: Pick<Mappings, "ad">, places: readonly string[]): Promise<Lists> {
  if (!ad || places.length === 0) return {};
  const [{ readElsewhere }, { client }] = await Promise.all([
    import("../../providers/ad/reads.ts"),
    import("../../providers/ad/wire/shared.ts"),
  ]);
  return {
    [elsewhereType]: await readElsewhere(
      await client(),
      places.filter((place) => place !== ""),
    ),
  };
}

/** Mail contacts, and deleted users where no accounts are managed there, whose list has them. */
async function ofTenant({ entra, people }: Pick<Mappings, "entra" | "people">, places: readonly string[]): Promise<Elsewhere> {
  if (!entra || !places.includes("")) return { lists: {}, unread: [] };
  const [graph, { readContacts }, { readDeleted }, { selection }] = await Promise.all([
    import("../../clients/graph/shared.ts"),
    import("../../providers/entra/contacts.ts"),
    import("../../providers/entra/user/live.ts"),
    import("../../providers/entra/user/list.ts"),
  ]);
  const client = await graph.entra();
  const [contacts, deleted] = await Promise.all([
    readContacts(client),
    entra.accounts.length > 0 ? undefined : readDeleted(client, selection(Object.keys(people.is.entra))),
  ]);
  const unread = `New names and addresses are not compared with the mail contacts of Exchange Online, as the app may not read those: give it the application permission ${contactsPermission} with admin consent`;
  return {
    lists: { ...(contacts ? { [mailContactType]: contacts } : {}), ...(deleted ? { [deletedType]: deleted } : {}) },
    unread: contacts ? [] : [unread],
  };
}
