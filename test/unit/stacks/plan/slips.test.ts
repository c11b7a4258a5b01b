/** Nothing slips through: a change of any field of any type is counted in the class that the type declares. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import type { Json, Values } from "../../../../base/json.ts";
import { definition, type Type, types } from "../../../../providers/registry.ts";
import type { Amount, DesiredResource } from "../../../../stacks/model/types.ts";
import { changesOf } from "../../../../stacks/plan/changes.ts";
import { accessOf, countedIn } from "../../../../stacks/plan/counted.ts";
import { differences } from "../../../../stacks/plan/differences.ts";
import { worldKey } from "../../../../stacks/plan/world.ts";

type Schema = z.core.JSONSchema.BaseSchema;

/** Sets of objects are known by one of their keys. */
const keyOf = (one: Json): string =>
  JSON.stringify((one !== null && typeof one === "object" && !Array.isArray(one) && (one["sku"] ?? one["type"])) || one);

/** Arbitrary values of a schema, as far as fields of inputs need them; names of attributes are those that mean something, and others. */
function arbitrary(schema: Schema, names: readonly string[]): fc.Arbitrary<Json> {
  const word = fc.constantFrom("a", "b", "Administrator", "2027-01-31", "2026-02-01", "never", "TRUE");
  if (schema.enum) return fc.constantFrom(...(schema.enum as Json[]));
  if (schema.const !== undefined) return fc.constant(schema.const as Json);
  if (schema.anyOf) return fc.oneof(...schema.anyOf.map((one) => arbitrary(one as Schema, names)));
  if (schema.type === "boolean") return fc.boolean();
  if (schema.type === "integer" || schema.type === "number") return fc.integer({ min: 0, max: 3 });
  if (schema.type === "array") return fc.uniqueArray(arbitrary((schema.items ?? {}) as Schema, names), { maxLength: 3, selector: keyOf });
  if (schema.type === "object") {
    const own = Object.entries(schema.properties ?? {}).map(([name, one]) => [name, arbitrary(one as Schema, names)] as const);
    if (own.length > 0) return fc.record(Object.fromEntries(own)) as fc.Arbitrary<Json>;
    const inner = typeof schema.additionalProperties === "object" ? (schema.additionalProperties as Schema) : {};
    return fc.dictionary(fc.constantFrom(...names), arbitrary(inner, names), { maxKeys: 3 }) as fc.Arbitrary<Json>;
  }
  return word;
}

/** Entries that a field of fields may hold. */
const named = [
  "accountExpires",
  "logonHours",
  "mail",
  "proxyAddresses",
  "title",
  "smartcardRequired",
  "trustedForDelegation",
  "emailaddress",
  "otherMails",
  "userCertificate",
];

const schemaOf = (type: Type): Schema => z.toJSONSchema(definition(type).inputs, { io: "input", unrepresentable: "any" }) as Schema;
const fieldsOf = (type: Type): [string, Schema][] => Object.entries(schemaOf(type).properties ?? {}) as [string, Schema][];

/** What the plan of that change counts. `live`: what is there where the last run did not manage it. */
function counted(type: Type, before: Values, after: Values, live?: Values): Amount[] {
  const one: DesiredResource = {
    type,
    name: "x",
    inputs: after,
    because: {},
    ...(definition(type).about === "person" ? { person: "1" } : {}),
  };
  const people = ["1", "2"].map((key) => ({ key, name: key, stage: "active" as const, accounts: {} }));
  return countedIn(
    changesOf({
      wish: { resources: [one], people },
      steps: [{ op: "update", type, name: "x", before, after }],
      was: new Map([[worldKey(one), live ?? before]]),
      ...{ live: {}, memory: undefined, source: { name: "halo.users" } },
    }),
  );
}

describe("security-5: nothing slips through", () => {
  const told = types.filter((type) => type !== "script:Run" && type !== "halo:Ticket");

  test.each(told.flatMap((type) => fieldsOf(type).map(([field, schema]) => [type, field, schema] as const)))(
    "%s %s: whatever it was and becomes, what takes is counted in its class, and what gives in its own",
    (type, field, schema) => {
      const { sets } = definition(type);
      const value = arbitrary(schema, named);
      fc.assert(
        fc.property(fc.option(value, { nil: undefined }), value, fc.boolean(), (was, is, isNew) => {
          const [old, next]: [Values, Values] = [was === undefined ? {} : { [field]: was }, { [field]: is }];
          // What the last run did not manage is compared with what is there.
          const all = isNew ? counted(type, {}, next, old) : counted(type, old, next);
          const rows = differences(old, next, { sets }).filter(({ path, after }) => after !== null || path.includes("."));
          for (const { path, before, after } of rows) {
            const { access, entry } = accessOf(type, path);
            const effect = access?.effect(before, after, entry) ?? "neither";
            const isReleased = after === null && !sets.some((set) => path.startsWith(`${set.split(":")[0]}.`));
            if (effect === "neither" || isReleased) continue;
            const counts = access?.counts(after, entry);
            expect(counts, path).toBeDefined();
            const classes = new Set(all.map(({ as }) => as));
            if (effect !== "gives") expect([...classes], `${path} takes`).toContain(counts?.takes);
            if (effect !== "takes" && counts?.gives) expect([...classes], `${path} gives`).toContain(counts.gives);
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test("what a reader of the plan does not see does nothing to anybody's access", () => {
    for (const type of told)
      for (const field of definition(type).silent) expect(accessOf(type, field).access?.heldAs, `${type} ${field}`).toBeUndefined();
  });

  test("a field whose entries count is compared entry by entry", () => {
    for (const type of told)
      for (const [field] of fieldsOf(type)) {
        const { access } = accessOf(type, field);
        const isOfEntries = access?.effect(["a"], ["b"], "") === "neither" && access.effect("a", null, "a") === "takes";
        if (isOfEntries)
          expect(
            definition(type).sets.map((set) => set.split(":")[0]),
            `${type} ${field}`,
          ).toContain(field);
      }
  });

  test("each field's classes, as declared", () => {
    const after: Json = null;
    const of = (type: Type): string =>
      fieldsOf(type)
        .flatMap(([field]) => {
          const counts = accessOf(type, field).access?.counts(after, "x");
          return counts ? [`${field} ${counts.takes}${counts.gives ? `/${counts.gives}` : ""}`] : [];
        })
        .join(", ");
    expect(Object.fromEntries(types.map((type) => [type, of(type)]).filter(([, counts]) => counts !== ""))).toMatchInlineSnapshot(`
      {
        "ad:Computer": "path rules, enabled lockedOut",
        "ad:Group": "path rules, scope rules, kind rules/gained, managedBy memberships/gained, members memberships/gained",
        "ad:OrganizationalUnit": "distinguishedName rules, managedBy memberships/gained",
        "ad:User": "path rules, enabled disabled/gained, sAMAccountName lockedOut, userPrincipalName lockedOut, passwordKey lockedOut, deleted deleted/gained",
        "entra:AdministrativeUnit": "members memberships/gained",
        "entra:AppAssignment": "application rules, role rules, members memberships/gained",
        "entra:Group": "kind rules, visibility rules/gained, rule rules, ruleState rules/gained, members memberships/gained, owners memberships/gained, licences licences/gained",
        "entra:Licence": "skus licences/gained",
        "entra:Mailbox": "kind mailboxes, hidden mailboxes, forward mailboxes",
        "entra:User": "userPrincipalName lockedOut, enabled disabled/gained, sessions lockedOut, deleted deleted/gained",
        "files:HomeFolder": "place lockedOut/gained, owner rules, group rules, rights rules, acl rules/gained",
        "halo:Agent": "email lockedOut, enabled disabled/gained, roles memberships/gained, teams memberships/gained, licenceType licences/gained",
        "halo:ChangeAdvisoryBoard": "allMustApprove rules, approvalsNeeded rules, members memberships/gained",
        "halo:Client": "enabled rules/gained",
        "halo:Role": "permissions rules/gained",
        "halo:Site": "enabled rules/gained",
        "halo:Team": "department rules, members memberships/gained",
        "halo:User": "site rules, enabled disabled/gained, roles memberships/gained",
      }
    `);
  });
});
