/** ad:Contact: somebody outside with an address and no account. Made, changed, renamed and moved; never deleted. */

import { EqualityFilter } from "ldapts";
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { neither } from "../core/access.ts";
import { define, type Live } from "../core/definition.ts";
import { existsAlready, liveAs, readBack } from "./reads.ts";
import { dn, nonEmpty } from "./user/inputs.ts";
import { rawValues } from "./user/live.ts";
import { attributeAccess } from "./values/access.ts";
import { attribute } from "./values/attributes.ts";
import { asWished, child, parentOf, rdn, sameDn } from "./values/dn.ts";
import { byGuid } from "./values/guid.ts";
import { refusedNames } from "./values/rules.ts";
import { type AttributeValue, asValue, exact, listOf } from "./values/syntax.ts";
import { type AdClient, type Entry, replace } from "./wire/client.ts";
import { textOf, textsOf } from "./wire/entry.ts";
import { checkLength } from "./wire/limits.ts";
import { client } from "./wire/shared.ts";

/** Not attributes of a mapping: the name and the place are inputs of their own, the rest belongs to the system. */
const reserved = /^(?:cn|name|distinguishedName|object.*|memberOf|adminCount|nTSecurityDescriptor|unicodePwd|sAMAccountName)$/iu;

const attributes = z.record(z.string(), z.union([z.string(), z.array(z.string())])).transform((all, context) => {
  const canonical: { [name: string]: AttributeValue } = {};
  const seen = new Set<string>();
  for (const name of Object.keys(all).sort()) {
    const issue = (message: string): void => context.addIssue({ code: "custom", path: [name], message });
    if (!/^[A-Za-z][A-Za-z0-9-]*$/u.test(name) || reserved.test(name)) issue("not an attribute a mapping may set");
    else if (attribute(name).isBytes || attribute(name).isReference) issue("an attribute that does not hold text");
    else if (seen.has(name.toLowerCase())) issue("named twice");
    seen.add(name.toLowerCase());
    try {
      canonical[name] = attribute(name).canonical(listOf(all[name]));
    } catch (error) {
      issue((error as Error).message);
    }
  }
  return canonical;
});

const inputs = z.strictObject({
  /** cn. */
  name: nonEmpty,
  /** distinguishedName of the parent. */
  path: dn,
  /** LDAP name → value or values; "" clears. */
  attributes,
});
const outputs = z.strictObject({ distinguishedName: z.string() });

export type ContactInputs = z.infer<typeof inputs>;
export type ContactOutputs = z.infer<typeof outputs>;
export type ContactValues = Values & {
  distinguishedName: string;
  name: string;
  path: string;
  /** Everything read, by the server's own names. */
  attributes: { [name: string]: AttributeValue };
};

export function valuesOfContact(live: Live): ContactValues {
  return live.values as ContactValues;
}

function live(entry: Entry): Live | undefined {
  const read: ContactValues["attributes"] = {};
  for (const name of Object.keys(entry.attributes).sort())
    if (!/^(?:objectGUID|cn)$/iu.test(name)) read[name] = asValue(textsOf(entry, name), exact);
  const { dn } = entry;
  return liveAs(entry, {
    distinguishedName: dn,
    name: textOf(entry, "cn") ?? "",
    path: parentOf(dn),
    attributes: read,
  } satisfies ContactValues);
}

function check(object: string, { name, attributes: wished }: ContactInputs): void {
  checkLength(object, "cn", name);
  for (const [one, value] of Object.entries(wished)) {
    const problem = attribute(one).check(value);
    if (problem) throw new RefusedError(`Could not write ${object}: ${one}: ${problem}; change it in mappings/ad.yaml.`, "00002082");
  }
}

const read = (options: { attributes?: readonly string[] } | undefined): string[] => [
  ...new Set(["objectGUID", "cn", "mail", "displayName", ...(options?.attributes ?? [])]),
];

async function bring(client: AdClient, id: string, wish: ContactInputs, was: ContactInputs): Promise<ContactOutputs> {
  const target = byGuid(id);
  const object = child("CN", wish.name, wish.path);
  const changed = Object.keys(wish.attributes).filter(
    (name) => JSON.stringify(wish.attributes[name]) !== JSON.stringify(was.attributes[name] ?? ""),
  );
  const moved = was.name !== wish.name || !sameDn(was.path, wish.path);
  if (moved || changed.length > 0) check(object, wish);
  if (moved) await client.move(target, rdn("CN", wish.name), wish.path);
  const modification = changed.map((name) => replace(name, ...attribute(name).toWire(wish.attributes[name])));
  if (modification.length > 0) await client.modify(target, modification, { what: object });
  return { distinguishedName: object };
}

function view(one: Live, managed: ContactInputs): ContactInputs {
  const values = valuesOfContact(one);
  return {
    name: values.name.normalize("NFC").trim(),
    path: asWished(values.path, managed.path),
    attributes: Object.fromEntries(
      Object.keys(managed.attributes).map((name) => [name, asValue(attribute(name).toLive(rawValues(values, name)), exact)]),
    ),
  };
}

export const contact = define<ContactInputs, ContactOutputs, AdClient, { attributes: readonly string[] }>({
  type: "ad:Contact",
  system: "ad",
  noun: "contact",
  about: "thing",
  key: ({ name }) => name,
  place: ({ name, path }) => child("CN", name, path),
  label: ({ name }) => name,
  wave: () => "accounts",
  access: { name: neither, path: neither, attributes: attributeAccess },
  inputs,
  outputs,
  refuses: (wish) => [
    ...refusedNames(wish),
    ...Object.entries(wish.attributes).flatMap(([name, value]) => {
      const text = attribute(name).check(value);
      return text === undefined ? [] : [{ path: `attributes.${name}`, text }];
    }),
  ],
  unasked: { attributes: [] },
  client,

  async list(client, asked) {
    const filter = new EqualityFilter({ attribute: "objectClass", value: "contact" });
    return (await client.search({ filter, attributes: read(asked) })).flatMap((entry) => live(entry) ?? []);
  },

  find: (all, { name, path }) => all.find((one) => sameDn(valuesOfContact(one).distinguishedName, child("CN", name, path)))?.id,

  view,

  async create(client, wish, context) {
    const object = child("CN", wish.name, wish.path);
    check(object, wish);
    const given = Object.entries(wish.attributes)
      .map(([name, value]) => [name, attribute(name).toWire(value)] as const)
      .filter(([, values]) => values.length > 0);
    let there = false;
    try {
      await client.add(object, { objectClass: ["top", "person", "organizationalPerson", "contact"], ...Object.fromEntries(given) });
    } catch (error) {
      if (!existsAlready(error)) throw error;
      there = true;
    }
    const { id, entry } = await readBack(client, object, [...read({ attributes: Object.keys(wish.attributes) }), "objectClass"]);
    if (!textsOf(entry, "objectClass").some((name) => name.toLowerCase() === "contact"))
      throw new RefusedError(`Could not create the contact ${object}: another object has this name there; rename one of them.`, "00002071");
    const found = there ? live(entry) : undefined;
    if (found) await bring(client, id, wish, view(found, wish));
    context.announce("ad", `contact:${wish.name}`, id);
    return { id, outputs: { distinguishedName: object } };
  },

  async update(client, { id }, wish, was, context) {
    const outputs = await bring(client, id, wish, was);
    context.announce("ad", `contact:${wish.name}`, id);
    return outputs;
  },

  async get(client, id, asked) {
    const entry = await client.read(byGuid(id), read(asked));
    return entry && live(entry);
  },

  computed: (one) => ({ distinguishedName: valuesOfContact(one).distinguishedName }),
});
