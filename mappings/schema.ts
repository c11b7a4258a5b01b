/**
 * The mapping files, in zod: the one truth behind the types, the JSON Schema that editors use and the reference page.
 * Every field says what it is for, with its shape; `npm run generate` writes docs/mappings.md and mappings/*.schema.json.
 */
import { z } from "zod";

const text = z.string();
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A Liquid template over the Halo record. Syntax and variables are checked in load.ts. */
export const template = z.string().meta({ description: "A Liquid template over the Halo record: `{{ firstname | slice: 0 | downcase }}`. Custom fields are `custom.CFName`; the account's login name is `login`." });

/** `key of the record → wanted value(s)`, all of them; plus any, all, not, person, group. */
export type Condition = {
  any?: Condition[] | undefined;
  all?: Condition[] | undefined;
  not?: Condition | undefined;
  person?: (string | number)[] | undefined;
  group?: string | undefined;
} & { [field: string]: unknown };

const test = z.union([
  scalar,
  z.array(scalar).min(1),
  z.strictObject({ matches: z.string().meta({ description: "A regular expression (Unicode, case-insensitive)." }) }),
  z.strictObject({ empty: z.boolean().meta({ description: "true: the field is empty; false: it holds something." }) }),
]);
export type Test = z.infer<typeof test>;

export const condition: z.ZodType<Condition> = z.lazy(() =>
  z
    .object({
      any: z.array(condition).min(1).optional().meta({ description: "At least one of these holds." }),
      all: z.array(condition).min(1).optional().meta({ description: "All of these hold." }),
      not: condition.optional().meta({ description: "This does not hold." }),
      person: z.array(z.union([z.string(), z.number()])).min(1).optional().meta({ description: "The person is one of these (the key of the record, `people.key`)." }),
      group: z.string().min(1).optional().meta({ description: "The person is wanted in this group of mappings/ad.yaml (by name)." }),
    })
    .catchall(test)
    .meta({ description: "Plain data: field of the Halo record → value, list of values, `{ matches: regex }` or `{ empty: true }`. All lines must hold. Text is compared without regard to case." }),
) as z.ZodType<Condition>;

const attributeValue = z.union([
  template,
  z.strictObject({ value: template, whenEmpty: z.enum(["keep", "clear"]).default("keep").meta({ description: "`keep` (default) leaves the attribute alone when the template gives nothing; `clear` empties it." }) }),
  z.strictObject({ person: template.meta({ description: "Gives the key of another person (or that person's exact name in Halo); the attribute becomes that person's account. For `manager`." }) }),
]);

export const peopleFile = z.strictObject({
  people: z.strictObject({
    from: z.literal("halo.users").meta({ description: "Where the records come from." }),
    key: z.literal("id").default("id").meta({ description: "The field that identifies a person for ever. Never reused, never a name." }),
    where: condition.optional().meta({ description: "Only records for which this holds are people; others are ignored." }),
    match: z
      .strictObject({
        ad: z.array(text).min(1).default(["employeeNumber", "userPrincipalName", "mail"]).meta({ description: "Attributes by which an existing AD account is recognised, in this order; the first that finds exactly one decides." }),
        entra: z.array(text).min(1).default(["employeeId", "userPrincipalName", "mail"]).meta({ description: "The same for Entra ID. An account synced from the person's AD account comes before all of them." }),
        halo: z.array(text).min(1).default(["email"]).meta({ description: "The same for Halo agents." }),
      })
      .prefault({})
      .meta({ description: "How existing accounts are recognised, so that nobody is duplicated. Two people for one account, or two accounts for one person, are parked." }),
    identify: z
      .strictObject({
        employeeNumber: template.default("{{ id }}"),
        userPrincipalName: template.optional(),
        mail: template.default("{{ emailaddress | downcase }}"),
        employeeId: template.default("{{ id }}"),
        email: template.default("{{ emailaddress | downcase }}"),
      })
      .catchall(template)
      .prefault({})
      .meta({ description: "What each attribute named in `match` must hold for a record to be the same person." }),
    login: z
      .strictObject({
        is: template.meta({ description: "The login name (sAMAccountName) of a new account. Existing accounts keep theirs." }),
        longest: z.number().int().min(1).max(20).default(20).meta({ description: "Longest login name in characters; AD allows 20." }),
        taken: z.enum(["number", "park"]).default("number").meta({ description: "`number` appends 2, 3, … in order of the key when the name is taken; `park` leaves the person to a human." }),
      })
      .meta({ description: "Naming rule for logins; collisions are resolved the same way in every run." }),
  }),
  trust: z
    .strictObject({
      shrink: z.number().min(0).max(100).default(20).meta({ description: "Per cent of the records of the last good read that may be missing before the read is doubted." }),
      emptied: z.number().min(0).max(100).default(50).meta({ description: "Per cent of a field's filled values that may become empty before the read is doubted." }),
      onDoubt: z.enum(["hold", "refuse"]).default("hold").meta({ description: "`hold`: people known before keep what they have, nobody loses anything, new people are still made; `refuse`: exit 3, nothing is planned." }),
    })
    .prefault({})
    .meta({ description: "When the feed is not believed. A feed with no people at all is always refused." }),
});

export const adFile = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        when: condition.optional().meta({ description: "For whom this line is; the first line that holds decides. Left out = everybody." }),
        ou: template.meta({ description: "distinguishedName of the organizational unit. Values put in are escaped." }),
        name: template.default("{{ firstname }} {{ surname }}").meta({ description: "The account's common name (cn). A second person of the same name in the same OU gets ` (2)`." }),
        attributes: z.union([text, z.array(text)]).optional().meta({ description: "Names of attribute templates below, later ones win." }),
      }),
    )
    .min(1)
    .meta({ description: "Who gets an AD account, and where." }),
  attributes: z.record(z.string(), z.record(z.string(), attributeValue)).default({}).meta({ description: "Named attribute templates: LDAP attribute name → template. Attributes not named are never touched." }),
  ous: z.array(z.string()).default([]).meta({ description: "Organizational units to create when missing (distinguishedName), besides those that `accounts` and `groups` need." }),
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64).meta({ description: "sAMAccountName of the group." }),
        ou: z.string().optional().meta({ description: "Where to create it when missing; left out = it must exist." }),
        scope: z.enum(["global", "universal", "domainLocal"]).default("global"),
        kind: z.enum(["security", "distribution"]).default("security"),
        description: z.string().optional(),
        members: condition.meta({ description: "Who belongs in it." }),
        mode: z.enum(["exact", "additive"]).default("exact").meta({ description: "`exact`: members that are not wanted are removed; `additive`: only members that haloform added itself are ever removed." }),
        from: z.iso.date().optional().meta({ description: "First day (UTC) on which `members` counts." }),
        until: z.iso.date().optional().meta({ description: "Last day (UTC) on which `members` counts." }),
        because: z.string().optional().meta({ description: "A sentence shown in the plan." }),
      }),
    )
    .default([])
    .meta({ description: "Groups and who belongs in them." }),
});

export const entraFile = z.strictObject({
  usageLocation: template.optional().meta({ description: "Two letters (ISO 3166-1) set before the first licence when the account has none." }),
  licences: z
    .array(
      z.strictObject({
        sku: z.string().min(1).meta({ description: "skuPartNumber, as in SPE_E3. A SKU named here is owned: people who are not entitled lose a direct assignment of it." }),
        without: z.array(z.string()).default([]).meta({ description: "Names of service plans to switch off." }),
        for: condition.meta({ description: "Who gets it." }),
      }),
    )
    .default([]),
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256).meta({ description: "displayName of the cloud security group." }),
        description: z.string().optional(),
        members: condition,
        mode: z.enum(["exact", "additive"]).default("exact"),
        create: z.boolean().default(true).meta({ description: "Create it when missing; false = it must exist." }),
      }),
    )
    .default([]),
});

export const haloFile = z.strictObject({
  roles: z
    .array(
      z.strictObject({
        name: z.string().min(1),
        notes: z.string().optional(),
        permissions: z.record(z.string(), z.string()).optional().meta({ description: "The role's claims: type → value. Left out = not managed." }),
      }),
    )
    .default([])
    .meta({ description: "Agent roles to create when missing." }),
  agents: z
    .array(
      z.strictObject({
        for: condition.meta({ description: "Who is an agent by this line. Several lines add up." }),
        name: template.optional().meta({ description: "The agent's display name; left out = first name and surname." }),
        roles: z.array(z.string()).default([]).meta({ description: "Roles by name. Roles named anywhere in this file are owned: agents who are not entitled lose them." }),
        teams: z.array(z.string()).default([]).meta({ description: "Teams by name; owned in the same way." }),
        team: z.string().optional().meta({ description: "The default team." }),
      }),
    )
    .default([]),
});

const limit = z.strictObject({
  most: z.number().int().min(0).optional().meta({ description: "At most so many in 24 hours." }),
  share: z.number().min(0).max(100).optional().meta({ description: "At most so many per cent of all in 24 hours." }),
  below: z.number().int().min(0).default(3).meta({ description: "Up to so many are always allowed, whatever `share` says." }),
});

export const safetyFile = z.strictObject({
  leaver: z
    .strictObject({
      when: z.array(z.enum(["inactive", "absent"])).min(1).default(["inactive", "absent"]).meta({ description: "`inactive`: Halo says so; `absent`: the record is gone from a trusted, complete read." }),
      strip: z.boolean().default(true).meta({ description: "Also take groups and licences away. The account itself is disabled, never deleted." }),
    })
    .prefault({}),
  limits: z
    .strictObject({
      disabled: limit.prefault({ most: 20, share: 5, below: 3 }),
      memberships_lost: limit.prefault({ most: 100, share: 10, below: 10 }),
      licences_lost: limit.prefault({ most: 30, share: 5, below: 3 }),
    })
    .prefault({})
    .meta({ description: "How much access may be lost in 24 hours. More is refused: exit 3, nothing is written." }),
  protected: z
    .strictObject({
      people: z.array(z.union([z.string(), z.number()])).default([]).meta({ description: "Keys of people nothing is ever taken from." }),
      groups: z.array(z.string()).default([]).meta({ description: "Groups that are never changed; a mapping that names one is an error." }),
    })
    .prefault({}),
});

export type PeopleFile = z.infer<typeof peopleFile>;
export type AdFile = z.infer<typeof adFile>;
export type EntraFile = z.infer<typeof entraFile>;
export type HaloFile = z.infer<typeof haloFile>;
export type SafetyFile = z.infer<typeof safetyFile>;

/** File name → schema. ad, entra and halo may be left out: that system is then not managed. */
export const files = { people: peopleFile, ad: adFile, entra: entraFile, halo: haloFile, safety: safetyFile } as const;

/** All mapping files of a project, parsed, with the place of every value for reasons and errors. */
export interface Mappings {
  people: PeopleFile["people"];
  trust: PeopleFile["trust"];
  ad?: AdFile;
  entra?: EntraFile;
  halo?: HaloFile;
  safety: SafetyFile;
  /** `mappings/ad.yaml:12` of a path such as `["ad", "accounts", 0, "ou"]`; the nearest parent when the path itself is a default. */
  at(path: readonly (string | number)[]): string;
  /** `sha256:<hex>` over the files' bytes. */
  digest: string;
  /** Fields of the Halo record that conditions and templates name (`title`, `custom.CFManager`). */
  fields: readonly string[];
  /** LDAP attributes that templates write or matching reads. */
  adAttributes: readonly string[];
}
