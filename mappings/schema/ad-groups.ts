/** What mappings/ad.yaml says besides people: groups and who belongs in them, organizational units, contacts, computers. */
import { z } from "zod";
import { filled, filledList, person, text, textList } from "../language/words.ts";
import { belonging, counting } from "./membership.ts";

/** Somebody or something that answers for an object. */
export const manager = z.union(
  [
    z.strictObject({ person: person.describe("Key of the person who answers for it.") }),
    z.strictObject({ group: filled.describe("Name of a group of this file that answers for it.") }),
    z.strictObject({ dn: filled.describe("distinguishedName of any other object that answers for it.") }),
  ],
  { error: '{ person: KEY }, { group: NAME } or { dn: "CN=…" }' },
);

/** Members that are no people of Halo. */
const contents = z.strictObject({
  groups: filledList.default([]).describe("Groups by name (sAMAccountName): of this file, or others that exist in AD."),
  contacts: filledList.default([]).describe("Contacts of this file by name."),
  dns: filledList
    .default([])
    .describe(
      "Anything else by distinguishedName: computers, service accounts. A person, group or contact of the mapping named so is the same member as by its own name.",
    ),
});

export const adGroup = z.strictObject({
  name: filled.max(64).describe("sAMAccountName of the group."),
  formerly: filled
    .max(64)
    .optional()
    .describe("The name it had: where no group has the new name, the one with this name is renamed (it keeps its members and rights)."),
  ou: text.optional().describe("Where to create it when missing (distinguishedName); left out = it must exist."),
  move: z.boolean().default(false).describe("`true`: a group that lies elsewhere is moved to `ou`; `false`: `ou` is only for creating it."),
  scope: z.enum(["global", "universal", "domainLocal"]).default("global").describe("Scope of a group that is created."),
  kind: z.enum(["security", "distribution"]).default("security").describe("Kind of a group that is created."),
  convert: z
    .boolean()
    .default(false)
    .describe(
      "`true`: a group of another scope or kind is converted, where AD allows it; `false`: it stays as it is, and the plan says so.",
    ),
  description: text.optional().describe("The group's description; left out = not managed."),
  displayName: text.optional().describe("Its display name; left out = not managed."),
  mail: text.optional().describe("Its address; left out = not managed."),
  notes: text.optional().describe("Its notes (attribute info); left out = not managed."),
  managedBy: manager.optional().describe("Who answers for the group; left out = not managed. It gives no right to change the members."),
  ...belonging(contents, "groups, contacts, other objects"),
  ...counting,
});

/** A place that is managed for itself; accounts and groups bring the places they need by themselves. */
export const adUnit = z.union(
  [
    filled,
    z.strictObject({
      ou: filled.describe("distinguishedName of the organizational unit."),
      description: text.optional().describe("Its description; left out = not managed."),
      managedBy: manager.optional().describe("Who answers for it; left out = not managed. It gives no rights."),
      protectedFromDeletion: z
        .boolean()
        .optional()
        .describe(
          "`true`: nobody can delete it or move it away by accident (as the tick box of AD's console does); `false`: that is lifted; left out = not managed.",
        ),
    }),
  ],
  { error: "a distinguishedName, or { ou: distinguishedName, … }" },
);

/** An entry of `ous`, with or without settings. */
export type AdUnit = Exclude<z.infer<typeof adUnit>, string>;

/** Both spellings of an entry of `ous` as one. */
export function unitOf(entry: z.infer<typeof adUnit>): AdUnit {
  return typeof entry === "string" ? { ou: entry } : entry;
}

/** Somebody outside, with an address and without an account. */
export const adContact = z.strictObject({
  name: filled.max(64).describe("Its name (cn), by which groups refer to it."),
  ou: filled.describe("Where it lies (distinguishedName); a contact that lies elsewhere is moved there."),
  attributes: z
    .record(text, z.union([text, textList], { error: "a text, or a list of texts" }))
    .default({})
    .describe(
      'LDAP attribute name → value: `mail`, `displayName`, `targetAddress`, … `""` clears. Attributes not named are never touched.',
    ),
});

/** A rule about computer accounts: they join the domain by themselves; haloform disables and moves them. */
export const adComputer = z.strictObject({
  name: filled.max(64).describe("The computer's name without the $ (`PC-0042`), or a pattern (`LAB-*`, `KIOSK-??`)."),
  ou: filled.optional().describe("Where it belongs (distinguishedName): it is moved there; left out = it stays."),
  disable: z.boolean().default(false).describe("`true`: the account is disabled. Computers are never created, enabled or deleted."),
});
