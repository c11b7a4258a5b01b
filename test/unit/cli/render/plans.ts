/** Random plans for properties: any text in any place, any number of anything. */
import fc from "fast-check";
import { opSchema, type Plan, type PlanChange } from "../../../../stacks/model/plan.ts";
import { hardNames, planOf } from "./sample.ts";

const text = fc.oneof(
  fc.constantFrom(...hardNames),
  fc.string({ unit: "grapheme", maxLength: 30 }),
  fc.string({ unit: "binary", maxLength: 400 }),
);
const because = fc.option(fc.record({ rule: text, record: text, field: text, note: text }), { nil: undefined });
const value = fc.oneof(
  text,
  fc.constant(null),
  fc.boolean(),
  fc.integer(),
  fc.array(text, { maxLength: 3 }),
  fc.record({ sku: text, without: fc.array(text, { maxLength: 2 }) }),
);
const path = fc.oneof(
  fc.constantFrom("attributes.title", "enabled", "members.person:101", "path", "usageLocation"),
  text.map((each) => `attributes.${each}`),
  text.map((each) => `members.dn:${each}`),
  text.map((each) => `skus.${each}`),
  text,
);

const field = fc
  .record({ path, before: value, after: value, because })
  .map(({ because: why, ...rest }) => ({ ...rest, ...(why === undefined ? {} : { because: why }) }));

function change(types: readonly string[]): fc.Arbitrary<PlanChange> {
  return fc
    .record({
      type: fc.constantFrom(...types),
      resource: text,
      label: text,
      op: fc.constantFrom(...opSchema.options),
      fields: fc.oneof(
        { weight: 9, arbitrary: fc.array(field, { maxLength: 5 }) },
        { weight: 1, arbitrary: fc.array(field, { minLength: 30, maxLength: 80 }) },
      ),
      because,
      pending: fc.option(text, { nil: undefined }),
    })
    .map(({ because: why, pending, ...rest }) => ({
      ...rest,
      system: rest.type.startsWith("ad") ? ("ad" as const) : rest.type.startsWith("entra") ? ("entra" as const) : ("halo" as const),
      ...(why === undefined ? {} : { because: why }),
      ...(pending === undefined ? {} : { pending }),
    }));
}

/** Plans with up to 40 people (repeated up to 30 times for size), each with any changes. */
export const anyPlan: fc.Arbitrary<Plan> = fc
  .record({
    people: fc.array(
      fc.record({
        name: text,
        event: fc.constantFrom("joiner" as const, "mover" as const, "leaver" as const, "rejoiner" as const, "none" as const),
        why: text,
        changes: fc.array(change(["ad:User", "ad:Membership", "entra:Membership", "entra:Licence", "halo:Agent", "odd:Thing"]), {
          maxLength: 5,
        }),
      }),
      { maxLength: 40 },
    ),
    times: fc.constantFrom(1, 1, 1, 30),
    shared: fc.array(change(["ad:Group", "ad:OrganizationalUnit", "halo:Role", "entra:Group"]), { maxLength: 12 }),
    parked: fc.array(fc.record({ key: text, name: text, reason: text, where: text }), { maxLength: 60 }),
    notes: fc.array(text, { maxLength: 60 }),
    breaches: fc.array(text, { maxLength: 30 }),
    doubts: fc.array(text, { maxLength: 30 }),
    stack: text,
    source: text,
    digest: fc.oneof(fc.constant("sha256:00ff"), text),
    made: text,
    trust: fc.constantFrom("trusted" as const, "doubted" as const, "refused" as const),
  })
  .map(({ people, times, breaches, doubts, source, trust, shared, parked, notes, stack, digest, made }) =>
    planOf({
      people: Array.from({ length: times }, () => people)
        .flat()
        .map((person, index) => ({ ...person, key: String(100 + index) })),
      shared,
      parked,
      notes,
      stack,
      digest,
      made,
      expires: made,
      source: { name: source, records: 250, trust, doubts },
      guard: { verdict: breaches.length > 0 ? "refused" : "ok", breaches },
    }),
  );

/** A failing property over whole plans would shrink for minutes: what is found in ten seconds is reported; a slow machine tries fewer. */
export const brief = { interruptAfterTimeLimit: 10_000 } as const;
