/** What the plan page says of a change: how dangerous it is, and whether it can be put back (issue 15, point 9). */
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { definition, groupBy, type Type, types } from "../../../../providers/registry.ts";
import { opSchema, type PlanChange, type PlanField } from "../../../../stacks/model/plan.ts";
import { classNames as countedAs } from "../../../../stacks/plan/classes.ts";
import { countedIn } from "../../../../stacks/plan/counted.ts";
import { riskOf, risks } from "../../../../stacks/plan/risk.ts";
import { undoByType, undoOf, undoOfField } from "../../../../stacks/plan/undo.ts";

function change(type: string, op: PlanChange["op"], fields: (Partial<PlanField> & { path: string })[], more: Partial<PlanChange> = {}) {
  const system = type.split(":")[0] as PlanChange["system"];
  return { system, type, resource: "x", label: "x", op, fields: fields.map((one) => ({ before: null, after: null, ...one })), ...more };
}

const schemaOf = (type: Type) =>
  z.toJSONSchema(definition(type).inputs, { io: "input", unrepresentable: "any" }) as { properties?: object };
const fieldsOf = (type: Type): string[] => Object.keys(schemaOf(type).properties ?? {});
const sides = [
  { before: null, after: "a" },
  { before: "a", after: null },
  { before: "a", after: "b" },
  { before: true, after: false },
  { before: false, after: true },
  { before: "archive", after: "deleted" },
];

describe("how dangerous a change is", () => {
  test.each([
    [
      "privileged",
      "gives power over others",
      change("ad:Membership", "create", [{ path: "members.person:1", after: "person:1" }], { privileged: true }),
    ],
    ["lockedOut", "nobody can sign in with it any more", change("ad:User", "disable", [{ path: "enabled", before: true, after: false }])],
    ["lockedOut", "a way in is taken or changed", change("ad:User", "update", [{ path: "passwordKey", before: "1", after: "2" }])],
    ["deleted", "an account is deleted", change("ad:User", "delete", [{ path: "deleted", after: true }])],
    ["deleted", "a home folder is deleted", change("files:HomeFolder", "delete", [{ path: "place", before: "archive", after: "deleted" }])],
    ["lost", "what the licence gave is lost", change("entra:Licence", "strip", [{ path: "skus.SPE_E3", before: { sku: "SPE_E3" } }])],
    [
      "lost",
      "what the licence gave is lost",
      change("entra:Group", "update", [{ path: "licences.SPE_E3", before: { sku: "SPE_E3" }, loses: ["person:1"] }]),
    ],
    [
      "lost",
      "other rules hold from then on, for 212 people",
      change("entra:Group", "update", [{ path: "rule", before: "a", after: "b" }], { reaches: 212 }),
    ],
    ["rest", "", change("ad:User", "update", [{ path: "attributes.title", before: "a", after: "b" }])],
    ["rest", "", change("entra:Licence", "update", [{ path: "skus.SPE_E3", after: { sku: "SPE_E3" } }])],
  ] as const)("%s: %s", (risk, why, one) => expect(riskOf(one)).toEqual({ risk, why }));

  test("of several the worst, and only its reasons", () => {
    const fields = [
      { path: "path", before: "a", after: "b" },
      { path: "enabled", before: true, after: false },
      { path: "userPrincipalName", before: "a", after: "b" },
    ];
    expect(riskOf(change("ad:User", "update", fields))).toEqual({
      risk: "lockedOut",
      why: "nobody can sign in with it any more; a way in is taken or changed",
    });
  });

  test("whatever is counted as taken, or as power, of any field of any type, is no rest; and only that", () => {
    const seen = new Set<string>();
    for (const type of types)
      for (const field of fieldsOf(type))
        for (const entry of ["", ".person:1", ".accountExpires", ".trustedForDelegation", ".emailaddress"])
          for (const side of sides) {
            const one = change(type, "update", [{ path: `${field}${entry}`, ...side }]);
            const counted = countedIn({ people: [], shared: [one] }).map(({ as }) => as);
            for (const as of counted) seen.add(as);
            expect(riskOf(one).risk === "rest", `${type} ${field}${entry}`).toBe(counted.every((as) => as === "gained"));
          }
    expect([...seen].toSorted()).toEqual(countedAs.toSorted());
    expect(risks.at(-1)).toBe("rest");
  });
});

describe("whether a change can be put back", () => {
  const unregistered = types.flatMap((type) => definition(type).membership?.type ?? []);

  test("every operation and field of every type is answered, and what is not wholly put back says why", () => {
    for (const type of [...types, ...unregistered])
      for (const op of opSchema.options)
        for (const field of groupBy(type) ? ["members.person:1"] : fieldsOf(type as Type))
          for (const side of sides) {
            const { back, why } = undoOf(change(type, op, [{ path: field, ...side }]));
            expect(["no", "part", "yes"]).toContain(back);
            expect(why === "", `${type} ${op} ${field}: ${back}`).toBe(back === "yes");
          }
  });

  test("a field that is declared is one of its type", () => {
    for (const [type, { fields = {} }] of Object.entries(undoByType))
      if (type !== "halo:Ticket") for (const field of Object.keys(fields)) expect(fieldsOf(type as Type), type).toContain(field);
  });

  test("these cannot be put back whole, and no other field", () => {
    const found: { [back: string]: Set<string> } = { no: new Set(), part: new Set() };
    for (const type of types)
      for (const field of fieldsOf(type))
        for (const side of sides) {
          const { back } = undoOfField({ type, op: "update" }, { path: field, ...side });
          found[back]?.add(`${type} ${field}`);
        }
    expect({ no: [...(found["no"] ?? [])].toSorted(), part: [...(found["part"] ?? [])].toSorted() }).toEqual({
      no: ["ad:User passwordKey", "files:HomeFolder place", "halo:Ticket type"],
      part: [
        "ad:Photo photo",
        "ad:User deleted",
        "entra:Group licences",
        "entra:Licence skus",
        "entra:Mailbox forward",
        "entra:Mailbox kind",
        "entra:Photo photo",
        "entra:User deleted",
        "entra:User sessions",
      ],
    });
  });

  test("whatever is deleted is never put back whole", () => {
    for (const type of types)
      for (const field of fieldsOf(type))
        for (const side of sides) {
          const one = change(type, "delete", [{ path: field, ...side }]);
          if (riskOf(one).risk === "deleted") expect(undoOf(one).back, `${type} ${field}`).not.toBe("yes");
        }
  });

  test.each([
    ["no", change("script:Run", "run", [{ path: "runs", after: "after joiner" }])],
    ["no", change("halo:Ticket", "update", [])],
    ["no", change("files:HomeFolder", "delete", [{ path: "place", before: "archive", after: "deleted" }])],
    ["yes", change("files:HomeFolder", "move", [{ path: "place", before: "homes", after: "archive" }])],
    ["part", change("ad:User", "create", [{ path: "passwordKey", after: "1" }])],
    ["part", change("ad:User", "release", [])],
    ["yes", change("ad:Membership", "delete", [{ path: "members.person:1", before: "person:1" }])],
    ["yes", change("ad:User", "disable", [{ path: "enabled", before: true, after: false }])],
    ["part", change("entra:Licence", "strip", [{ path: "skus.SPE_E3", before: { sku: "SPE_E3" } }])],
    ["yes", change("entra:Licence", "update", [{ path: "skus.SPE_E3", after: { sku: "SPE_E3" } }])],
    // What nobody wished before is in no mapping.
    ["part", change("ad:User", "adopt", [{ path: "attributes.title", before: "Boss", after: "Clerk" }])],
    ["part", change("ad:User", "update", [{ path: "attributes.title", after: "Clerk", live: "Boss" }])],
    ["yes", change("ad:Group", "update", [{ path: "members.person:1", after: "person:1", live: "person:1" }])],
  ] as const)("%s: %j", (back, one) => expect(undoOf(one).back).toBe(back));
});
