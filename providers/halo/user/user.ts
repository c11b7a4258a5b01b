/** halo:User: an end user (contact) of Halo. Never deleted: who has left becomes inactive. */

import { RefusedError } from "../../../base/errors.ts";
import { noteOnce } from "../../../base/notes.ts";
import { same } from "../../../base/text.ts";
import { both, byName, entries, filledIn, neither, whenTrue } from "../../core/access.ts";
import { define, type Live } from "../../core/definition.ts";
import { only, spelt, tableOf, textOf, textsOf } from "../named.ts";
import { type Candidate, candidateRows, type HaloLists, type Kind, recordType } from "../record.ts";
import { isAsWished } from "./custom-values.ts";
import { departmentField } from "./fields.ts";
import { type UserInputs, userInputs } from "./inputs.ts";
import { fieldOf, getUser, listUsers, readUser, readUsers, siteOf, type User, userChange } from "./read.ts";

const called = (wish: UserInputs): string => `the user "${wish.name ?? wish.person}" of person ${wish.person}`;

/** What is looked for where nobody has the Entra id: the address, else the name. */
const searched = ({ fields, name }: UserInputs): string => fields["emailaddress"] || name || "";

const kind: Kind<UserInputs, User> = {
  path: "Users",
  noun: "user",
  called,
  candidates: existing,
  read: readUser,
  change: userChange,
  // A user is at a site, and a site is what decides the client.
  fresh(_halo, wish) {
    if (wish.name !== undefined && wish.site !== undefined) return {};
    throw new RefusedError(
      `Could not create ${called(wish)}: a user needs a ${wish.name === undefined ? "name" : "site"}; correct mappings/halo-users.yaml or the record`,
      "incomplete",
    );
  },
  several: (found, wish) => several(found, wish, searched(wish)),
  unseen: (wish) => `Could not create ${called(wish)}: Halo said yes but names no user; look for them in Halo`,
  advice: () => "; check the rights of the Halo application's agent",
};

const several = (found: readonly Candidate[], wish: UserInputs, by: string): string =>
  `Could not create ${called(wish)}: Halo has ${found.length} users with ${by} (ids ${found.map((one) => one.id).join(", ")}); correct all but one in Halo`;

/**
 * The users who may be this person already: by the Entra id, else by the address, else (without an address) by name and site.
 * @throws RefusedError where several have the Entra id, or the one with the address belongs to somebody else's Entra account; UnreachableError where Halo does
 * not say who all there is
 */
async function existing(halo: HaloLists, wish: UserInputs): Promise<User[]> {
  const azure = wish.fields["azureoid"] ?? "";
  const isLinked = (user: User): boolean => azure !== "" && same(fieldOf(user, "azureoid"), azure);
  const search = searched(wish);
  const users = await readUsers(halo, { search }, candidateRows);
  let linked = users.filter(isLinked);
  if (linked.length === 0 && azure !== "") linked = (await withEntraId(halo, azure)).filter(isLinked);
  if (linked.length > 1) throw new RefusedError(several(linked, wish, "that Entra id"), "ambiguous");
  if (linked.length > 0) return linked;
  const address = wish.fields["emailaddress"] ?? "";
  const alike = users.filter((user) =>
    address === "" ? same(user.name, search) && same(siteOf(user), wish.site ?? "") : same(fieldOf(user, "emailaddress"), address),
  );
  const one = only(alike);
  const other = one ? fieldOf(one, "azureoid") : "";
  if (one && azure !== "" && other !== "" && !same(other, azure))
    throw new RefusedError(
      `Could not create ${called(wish)}: user ${one.id} has the address ${search} and belongs to another Entra account (${other}); correct one of them in Halo`,
      "ambiguous",
    );
  return alike;
}

/** Users with an Entra id, whatever their address: the ordinary search does not look there (facts: Halo, users). */
async function withEntraId(halo: HaloLists, azure: string): Promise<User[]> {
  const filter = [{ filter_name: "azureoid", filter_type: 2, filter_value: azure }];
  try {
    return await readUsers(halo, { advanced_search: JSON.stringify(filter) }, candidateRows);
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    noteOnce(
      `This Halo does not look for users by their Entra id (${error.message}): one with another address is not found before one is made`,
    );
    return [];
  }
}

/** By what Halo knows who signs in. */
const wayIn = filledIn({ takes: "lockedOut" });

export const user = define<UserInputs, Record<string, never>, HaloLists, { fields: readonly string[] }>({
  type: "halo:User",
  ...recordType("halo:User", kind),
  noun: "user",
  about: "person",
  key: ({ person }) => person,
  label: ({ name }) => name,
  wave: () => "accounts",
  sets: ["roles", "of.roles"],
  silent: ["person", "of"],
  access: {
    person: neither,
    name: neither,
    // Whoever belongs to a site sees what is asked and kept there.
    site: both("rules"),
    enabled: whenTrue("disabled"),
    fields: byName({ department: both("rules"), azureoid: wayIn, emailaddress: wayIn, logindomain: wayIn, activedirectory_dn: wayIn }),
    custom: neither,
    roles: entries("memberships"),
    of: neither,
  },
  inputs: userInputs,
  unasked: { fields: [] },
  immutable: ["person"],
  list: (halo, { fields }) => listUsers(halo, fields),
  find(live, { fields }) {
    const wanted = ["azureoid", "emailaddress"].find((field) => (fields[field] ?? "") !== "");
    if (wanted === undefined) return undefined;
    return only(live.filter(({ values }) => same(tableOf(values, "fields")[wanted] ?? "", fields[wanted] ?? "")))?.id;
  },
  view,
  get: (halo, id, asked) => getUser(halo, id, asked?.fields),
});

function view({ values }: Live, managed: UserInputs): UserInputs {
  const roles = textsOf(values, "roles");
  const [fields, custom] = [tableOf(values, "fields"), tableOf(values, "custom")];
  const [dates, lists] = [textsOf(values, "dates"), textsOf(values, "lists")];
  const seen = (name: string, wished: string): string => {
    const live = custom[name] ?? "";
    return isAsWished(live, wished, { isDate: dates.includes(name), isList: lists.includes(name) }) ? wished : live;
  };
  return {
    person: managed.person,
    ...(managed.name === undefined ? {} : { name: textOf(values, "name") }),
    ...(managed.site === undefined ? {} : { site: spelt(textOf(values, "site"), managed.site) }),
    ...(managed.enabled === undefined ? {} : { enabled: values["enabled"] === true }),
    fields: Object.fromEntries(
      Object.entries(managed.fields).map(([name, wished]) => {
        const now = fields[name] ?? "";
        return [name, name === departmentField ? spelt(now, wished) : now];
      }),
    ),
    custom: Object.fromEntries(Object.entries(managed.custom).map(([name, wished]) => [name, seen(name, wished)])),
    ...(managed.roles === undefined
      ? {}
      : { roles: (managed.of?.roles ?? managed.roles).filter((name) => roles.some((one) => same(one, name))) }),
    ...(managed.of === undefined ? {} : { of: managed.of }),
  };
}
