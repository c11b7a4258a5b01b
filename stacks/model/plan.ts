/** The plan document, `haloform.plan/1`: one truth for every renderer, for the digest and for `up`. */
import { z } from "zod";
import { systemNames } from "../../providers/systems.ts";

export const becauseSchema = z.strictObject({
  rule: z.string(),
  record: z.string().optional(),
  field: z.string().optional(),
  note: z.string().optional(),
});

const json: z.ZodType<unknown> = z.json();

/** One field of a change. `before`/`after` null = absent. For sets (members, licences) there is one entry a member. */
export const fieldSchema = z.strictObject({
  path: z.string(),
  before: json,
  after: json,
  because: becauseSchema.optional(),
  /** What references in it are called: `person:41` → Ada Example, `id:3` → an agent of Halo whom nobody manages. */
  names: z.record(z.string(), z.string()).optional(),
  /** Who loses a licence by it, where one change takes it from many: `person:<key>`, or `id:<Graph id>`. */
  loses: z.array(z.string()).optional(),
  /** Who is in it, where a group comes into something or goes: `person:<key>`, or `id:<id>` of an account that is nobody's. */
  inside: z.array(z.string()).optional(),
  /** What is there now, where the last run did not manage it (`before` is null) and something is: what is lost is told from it. */
  live: json.optional(),
});

export const opSchema = z.enum(["create", "adopt", "update", "move", "disable", "enable", "strip", "delete", "restore", "release", "run"]);

export const changeSchema = z.strictObject({
  system: z.enum(systemNames),
  /** Resource type (`ad:User`), or `ad:Membership` / `entra:Membership` for a person's place in a group. */
  type: z.string(),
  /** The logical name of the resource this change is carried by. */
  resource: z.string(),
  /** What people call the thing: a login, a group's name, "licences". */
  label: z.string(),
  op: opSchema,
  fields: z.array(fieldSchema),
  because: becauseSchema.optional(),
  /** "waits for Entra Connect" */
  pending: z.string().optional(),
  /** How many people a change of the thing itself reaches, where more than one: of a group's rule, of a role's permissions. */
  reaches: z.number().int().optional(),
  /** What is gained by it is power over others: a group that AD protects, one that can hold Entra roles. */
  privileged: z.literal(true).optional(),
});

export const personSchema = z.strictObject({
  key: z.string(),
  name: z.string(),
  event: z.enum(["joiner", "mover", "leaver", "rejoiner", "none"]),
  /** One sentence why this person is a joiner, mover or leaver. */
  why: z.string().optional(),
  changes: z.array(changeSchema),
});

/** One SKU of the mapping over the whole plan: seats, and (with prices in mappings/entra.yaml) what the plan changes a month. */
export const ledgerSchema = z.strictObject({
  sku: z.string(),
  /** Seats that may be used, and how many are now. */
  owned: z.number().int(),
  used: z.number().int(),
  /** Seats that people need by this plan, and how many of those are not there: so many are parked. */
  wanted: z.number().int(),
  short: z.number().int(),
  /** Seats that this plan frees. */
  released: z.number().int(),
  /** Where it is not Enabled: Warning, Suspended, Deleted, LockedOut, or unknown. */
  state: z.string().optional(),
  currency: z.string().optional(),
  /** (wanted - short - released) × the price of a seat a month. */
  month: z.number().optional(),
});

export const countSchema = z.strictObject({
  /** The name of the limit: `disabled`. */
  limit: z.string(),
  now: z.number().int(),
  /** In the last 24 hours. */
  before: z.number().int(),
  /** Absent: no number is a limit. */
  most: z.number().int().optional(),
  systems: z.array(
    z.strictObject({
      system: z.enum(systemNames),
      /** Now and in the last 24 hours, of how many. */
      count: z.number().int(),
      of: z.number().int(),
      /** As many as are allowed of them; absent: no share is a limit. */
      allowed: z.number().int().optional(),
    }),
  ),
});

const needSchema = z.strictObject({
  /** How many approve it: 0, it goes by itself. */
  approvers: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Who may, as in the file of allowed signers, in small letters; none where somebody must: nobody can. */
  of: z.array(z.string()),
});

/** What of a plan is approved and applied by itself, by the rules of mappings/approvals.yaml (stacks/plan/parts). */
export const partSchema = z.strictObject({
  /** Short, to be typed: `joiners-1`. */
  id: z.string(),
  /** `sha256:<hex>` over what the plan rests on, its changes and everything else here. */
  digest: z.string(),
  /** The line that decides: `mappings/approvals.yaml:12`. */
  rule: z.string(),
  /** Sentences: which kinds are decided by which line. */
  because: z.array(z.string()),
  needs: needSchema.extend({
    /** Who gains by it and may not approve it, by every name that is known of them. */
    never: z.array(z.string()),
    /** What other lines ask besides. */
    also: z.array(needSchema).optional(),
  }),
  /** As mappings/approvals.yaml names them. */
  kinds: z.array(z.string()),
  /** Keys. */
  people: z.array(z.string()),
  /** Which changes: by their place among the person's, or in `shared`. */
  changes: z.array(z.strictObject({ person: z.string().optional(), index: z.number().int().min(0) })),
});

export const planSchema = z.strictObject({
  format: z.literal("haloform.plan/1"),
  /** `sha256:<hex>` over everything else in this document. */
  digest: z.string(),
  stack: z.string(),
  /** It changes nothing but which limits count from now on. */
  only: z.literal("limits").optional(),
  /** What is said before everything else: that the stack is stopped, by whom and why. */
  first: z.array(z.string()).optional(),
  /** Limits are widened by it (stacks/plan/emergency.ts): its digest, who signed it, and until when it holds. */
  emergency: z.strictObject({ digest: z.string(), who: z.string(), ticket: z.string(), until: z.string() }).optional(),
  /** Where this client is protected less than the common mapping files say, and why: a sentence each. */
  looser: z.array(z.string()).optional(),
  made: z.string(),
  expires: z.string(),
  /** Digest of the world the plan was made from: mappings, wished resources, live values, state. `up` makes it again. */
  world: z.string(),
  /** Digest of operations.json in the bundle: what the provider process may do (providers/core/fence.ts). */
  operations: z.string().optional(),
  /** `none`: the state knows of no earlier run that ended, so there is nothing to hold this one against. Absent: it does. */
  baseline: z.literal("none").optional(),
  /** Which systems it is for, as they said themselves when it was made: `up` applies it to no others. */
  targets: z.array(z.strictObject({ system: z.enum(systemNames), name: z.string().optional(), id: z.string().optional() })).optional(),
  source: z.strictObject({
    name: z.string(),
    records: z.number().int(),
    trust: z.enum(["trusted", "doubted", "refused"]),
    /** Plain sentences; what is doubted and what that means for this plan. */
    doubts: z.array(z.string()),
    /** Those of them that are about what was read of the systems. */
    targets: z.array(z.string()).optional(),
  }),
  summary: z.strictObject({
    people: z.number().int(),
    joiners: z.number().int(),
    movers: z.number().int(),
    leavers: z.number().int(),
    /** Changes by op. */
    ops: z.record(z.string(), z.number().int()),
    unchanged: z.number().int(),
    /** Existing things that are recognised and taken over without a change; they are not listed one by one. */
    adopted: z.number().int(),
    losses: z.strictObject({
      disabled: z.number().int(),
      memberships: z.number().int(),
      licences: z.number().int(),
      /** AD accounts; absent in plans of versions that never deleted one. */
      deleted: z.number().int().optional(),
      /** Home folders deleted from the archive. */
      folders: z.number().int().optional(),
      /** Ways in taken or changed, people under other rules, mailboxes changed: each where there is one. */
      lockedOut: z.number().int().optional(),
      rules: z.number().int().optional(),
      mailboxes: z.number().int().optional(),
    }),
    /** What is gained; absent where nothing is. */
    gains: z.strictObject({ gained: z.number().int().optional(), privileged: z.number().int().optional() }).optional(),
    /** Limits of mappings/safety.yaml that are higher than those last applied: a sentence each, the first of the plan. */
    raised: z.array(z.string()).optional(),
  }),
  people: z.array(personSchema),
  shared: z.array(changeSchema),
  /** Every change is in one of them; absent without mappings/approvals.yaml: it is approved as a whole. */
  parts: z.array(partSchema).optional(),
  /** The licence ledger; absent where no licences are managed. */
  licences: z.array(ledgerSchema).optional(),
  parked: z.array(
    z.strictObject({
      key: z.string(),
      name: z.string(),
      reason: z.string(),
      where: z.string(),
      /** `part`: only what the reason says waits; `thing`: it is about no person. Left out: the person is left as they are. */
      of: z.enum(["part", "thing"]).optional(),
    }),
  ),
  notes: z.array(z.string()),
  guard: z.strictObject({
    verdict: z.enum(["ok", "refused"]),
    breaches: z.array(z.string()),
    /** What is taken and given, by limit: with that of the last 24 hours, and of how many in each system. */
    counts: z.array(countSchema).optional(),
  }),
  calls: z.strictObject({ halo: z.number().int(), graph: z.number().int(), ldap: z.number().int() }),
});

export type Plan = z.infer<typeof planSchema>;
export type LedgerRow = z.infer<typeof ledgerSchema>;
export type PlanPerson = z.infer<typeof personSchema>;
export type PlanChange = z.infer<typeof changeSchema>;
export type PlanCount = z.infer<typeof countSchema>;
export type PlanPart = z.infer<typeof partSchema>;
export type PlanField = z.infer<typeof fieldSchema>;
export type Op = z.infer<typeof opSchema>;
