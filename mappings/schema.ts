/**
 * The mapping files, in zod: the one truth behind the types, the JSON Schema that editors use and the reference page.
 * Every field says what it is for, with its shape; `npm run generate` writes docs/mappings.md and mappings/*.schema.json.
 */
import { z } from "zod";

/** Says what a field is for; editors show it and the reference page prints it. */
const says = (description: string) => ({ description });

const text = z.string();
const scalar = z.union([z.string(), z.number(), z.boolean()]);

/** A Liquid template over the Halo record. Syntax and variables are checked in check.ts. */
const template = z.string();

/** Field of the record → wanted value(s), all of them; plus any, all, not, person, group. Decided by condition.ts. */
export type Condition = {
  any?: Condition[] | undefined;
  all?: Condition[] | undefined;
  not?: Condition | undefined;
  person?: (string | number)[] | undefined;
  group?: string | undefined;
} & { [field: string]: unknown };

const test = z.union(
  [
    scalar,
    z.array(scalar).min(1),
    z.strictObject({ matches: z.string().meta(says("A regular expression (Unicode, without regard to case).")) }),
    z.strictObject({ empty: z.boolean().meta(says("true: the field is empty; false: it holds something.")) }),
  ],
  { error: "a value, a list of values, { matches: regex } or { empty: true }" },
);

const person = z.union([z.string(), z.number()], { error: "the key of a Halo record, such as 41" });

// The recursion is by getters and not by z.lazy around the whole, so that the JSON Schema has one named definition.
const condition = z
  .object({
    get any() {
      return z.array(condition).min(1).optional().meta(says("At least one of these holds."));
    },
    get all() {
      return z.array(condition).min(1).optional().meta(says("All of these hold."));
    },
    get not() {
      return condition.optional().meta(says("This does not hold."));
    },
    person: z.array(person).min(1).optional().meta(says("The person is one of these (keys of Halo records).")),
    group: z.string().min(1).optional().meta(says("The person is wanted in this group of ad.yaml (by name).")),
  })
  .catchall(test)
  .meta({
    id: "condition",
    description:
      "Plain data: field of the Halo record → value, list of values (any of them), `{ matches: regex }` or `{ empty: true }`. All lines must hold; `{}` is everybody. Text is compared without regard to case.",
  }) as unknown as z.ZodType<Condition>;

const attributeValue = z.union(
  [
    template,
    z.strictObject({
      value: template.meta(says("The template.")),
      whenEmpty: z
        .enum(["keep", "clear"])
        .default("keep")
        .meta(says("`keep` leaves the attribute alone when the template gives nothing; `clear` empties it.")),
    }),
    z.strictObject({
      person: template.meta(
        says(
          "Gives the key of another person (or that person's exact name in Halo); the attribute becomes that person's account. For `manager`.",
        ),
      ),
    }),
  ],
  { error: "a template, { value: template, whenEmpty: clear } or { person: template }" },
);

const mode = z
  .enum(["exact", "additive"])
  .default("exact")
  .meta(says("`exact`: members that are not wanted are removed; `additive`: only members that haloform added itself are ever removed."));

export const peopleFile = z.strictObject({
  people: z
    .strictObject({
      from: z.literal("halo.users").meta(says("Where the records come from.")),
      key: z.literal("id").default("id").meta(says("The field that identifies a person for ever. Never reused, never a name.")),
      where: condition.optional().meta(says("Only records for which this holds are people; others are ignored.")),
      match: z
        .strictObject({
          ad: z
            .array(text)
            .min(1)
            .default(["employeeNumber", "mail"])
            .meta(
              says(
                "Attributes by which an existing AD account is recognised, in this order; the first that finds exactly one decides. Each needs its line in `identify`.",
              ),
            ),
          entra: z
            .array(text)
            .min(1)
            .default(["employeeId", "mail"])
            .meta(says("The same for Entra ID. An account synced from the person's AD account comes before all of them.")),
          halo: z.array(text).min(1).default(["email"]).meta(says("The same for Halo agents.")),
        })
        .prefault({})
        .meta(
          says(
            "How existing accounts are recognised, so that nobody is duplicated. Two people for one account, or two accounts for one person, are parked.",
          ),
        ),
      identify: z
        .strictObject({
          employeeNumber: template.default("{{ id }}").meta(says("In AD.")),
          userPrincipalName: template.optional().meta(says("In AD and Entra ID.")),
          mail: template.default("{{ emailaddress | downcase }}").meta(says("In AD and Entra ID.")),
          employeeId: template.default("{{ id }}").meta(says("In Entra ID.")),
          email: template.default("{{ emailaddress | downcase }}").meta(says("In Halo: the agent's address.")),
        })
        .catchall(template)
        .prefault({})
        .meta(
          says(
            "Attribute named in `match` → template of what it must hold for a record to be the same person. `login` is here the record's own field.",
          ),
        ),
      login: z
        .strictObject({
          is: template.meta(says("The login name (sAMAccountName) of a new account. Existing accounts keep theirs.")),
          longest: z.number().int().min(1).max(20).default(20).meta(says("Longest login name in characters; AD allows 20.")),
          taken: z
            .enum(["number", "park"])
            .default("number")
            .meta(says("`number` appends 2, 3, … in order of the key when the name is taken; `park` leaves the person to a human.")),
        })
        .meta(says("Naming rule for logins; collisions are resolved the same way in every run.")),
    })
    .meta(says("Who the people are, and how their existing accounts are found.")),
  trust: z
    .strictObject({
      shrink: z
        .number()
        .min(0)
        .max(100)
        .default(20)
        .meta(says("Per cent of the records of the last good read that may be missing before the read is doubted.")),
      emptied: z
        .number()
        .min(0)
        .max(100)
        .default(50)
        .meta(says("Per cent of a field's filled values that may become empty before the read is doubted.")),
      onDoubt: z
        .enum(["hold", "refuse"])
        .default("hold")
        .meta(
          says(
            "`hold`: people known before keep what they have, nobody loses anything, new people are still made; `refuse`: exit 3, nothing is planned.",
          ),
        ),
    })
    .prefault({})
    .meta(says("When the feed is not believed. A feed with no people at all is always refused.")),
});

export const adFile = z.strictObject({
  accounts: z
    .array(
      z.strictObject({
        when: condition.optional().meta(says("For whom this line is; the first line that holds decides. Left out = everybody.")),
        ou: template.meta(says("distinguishedName of the organizational unit, as a template. Values put in are escaped.")),
        name: template
          .default("{{ firstname }} {{ surname }}")
          .meta(says("The account's common name (cn). A second person of the same name in the same OU gets ` (2)`.")),
        attributes: z
          .union([text, z.array(text)], { error: "the name of an attribute template, or a list of such names" })
          .optional()
          .meta(says("Names of attribute templates below; where two name the same attribute the later one wins.")),
      }),
    )
    .min(1)
    .meta(says("Who gets an AD account, and where.")),
  attributes: z
    .record(z.string(), z.record(z.string(), attributeValue))
    .default({})
    .meta(says("Named attribute templates: LDAP attribute name → template. Attributes not named are never touched.")),
  ous: z
    .array(z.string())
    .default([])
    .meta(says("Organizational units to create when missing (distinguishedName), besides those that `accounts` and `groups` need.")),
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(64).meta(says("sAMAccountName of the group.")),
        ou: z.string().optional().meta(says("Where to create it when missing (distinguishedName); left out = it must exist.")),
        scope: z.enum(["global", "universal", "domainLocal"]).default("global").meta(says("Scope of a group that is created.")),
        kind: z.enum(["security", "distribution"]).default("security").meta(says("Kind of a group that is created.")),
        description: z.string().optional().meta(says("The group's description; left out = not managed.")),
        members: condition.meta(says("Who belongs in it.")),
        mode,
        from: z.iso.date().optional().meta(says("First day (UTC) on which `members` counts: `2027-01-04`.")),
        until: z.iso.date().optional().meta(says("Last day (UTC) on which `members` counts.")),
        because: z.string().optional().meta(says("A sentence shown in the plan beside every member this brings or takes.")),
      }),
    )
    .default([])
    .meta(says("Groups and who belongs in them.")),
});

export const entraFile = z.strictObject({
  usageLocation: template.optional().meta(says("Two letters (ISO 3166-1) set before the first licence when the account has none.")),
  licences: z
    .array(
      z.strictObject({
        sku: z
          .string()
          .min(1)
          .meta(
            says("skuPartNumber, as in SPE_E3. A SKU named here is owned: people who are not entitled lose a direct assignment of it."),
          ),
        without: z.array(z.string()).default([]).meta(says("Names of service plans to switch off.")),
        for: condition.meta(says("Who gets it.")),
      }),
    )
    .default([])
    .meta(says("Licences and who gets them, assigned directly. Somebody who has the SKU through a group already has it.")),
  groups: z
    .array(
      z.strictObject({
        name: z.string().min(1).max(256).meta(says("displayName of the cloud security group. Groups synced from AD belong in ad.yaml.")),
        description: z.string().optional().meta(says("The group's description; left out = not managed.")),
        members: condition.meta(says("Who belongs in it.")),
        mode,
        create: z.boolean().default(true).meta(says("Create it when missing; false = it must exist.")),
      }),
    )
    .default([])
    .meta(says("Cloud groups and who belongs in them.")),
});

export const haloFile = z.strictObject({
  roles: z
    .array(
      z.strictObject({
        name: z.string().min(1).meta(says("The role's name in Halo.")),
        notes: z.string().optional().meta(says("The role's notes; left out = not managed.")),
        permissions: z.record(z.string(), z.string()).optional().meta(says("The role's claims: type → value. Left out = not managed.")),
      }),
    )
    .default([])
    .meta(says("Agent roles to create when missing.")),
  agents: z
    .array(
      z.strictObject({
        for: condition.meta(says("Who is an agent by this line. Several lines add up.")),
        name: template.optional().meta(says("The agent's display name; left out = first name and surname.")),
        roles: z
          .array(z.string())
          .default([])
          .meta(says("Roles by name. Roles named anywhere in this file are owned: agents who are not entitled lose them.")),
        teams: z.array(z.string()).default([]).meta(says("Teams by name; owned in the same way.")),
        team: z.string().optional().meta(says("The default team: one of the teams named in this file.")),
      }),
    )
    .default([])
    .meta(says("Who is an agent in Halo, with which roles and teams.")),
});

const limit = z.strictObject({
  most: z.number().int().min(0).optional().meta(says("At most so many in 24 hours.")),
  share: z.number().min(0).max(100).optional().meta(says("At most so many per cent of all in 24 hours: `5`, without the sign.")),
  below: z.number().int().min(0).default(3).meta(says("Up to so many are always allowed, whatever `share` says.")),
});

export const safetyFile = z.strictObject({
  leaver: z
    .strictObject({
      when: z
        .array(z.enum(["inactive", "absent"]))
        .min(1)
        .default(["inactive", "absent"])
        .meta(says("`inactive`: Halo says so; `absent`: the record is gone from a trusted, complete read.")),
      strip: z.boolean().default(true).meta(says("Also take groups and licences away. The account itself is disabled, never deleted.")),
    })
    .prefault({})
    .meta(says("Who has left, and what then happens.")),
  limits: z
    .strictObject({
      disabled: limit.prefault({ most: 20, share: 5, below: 3 }).meta(says("Accounts disabled.")),
      memberships_lost: limit.prefault({ most: 100, share: 10, below: 10 }).meta(says("Members taken out of groups.")),
      licences_lost: limit.prefault({ most: 30, share: 5, below: 3 }).meta(says("Licences taken away.")),
    })
    .prefault({})
    .meta(says("How much access may be lost in 24 hours. More is refused: exit 3, nothing is written.")),
  protected: z
    .strictObject({
      people: z.array(person).default([]).meta(says("Keys of people nothing is ever taken from.")),
      groups: z
        .array(z.string())
        .default([])
        .meta(
          says(
            "Groups that are never changed; a mapping that names one is an error. Those that AD itself protects (Domain Admins and the like) need not be listed.",
          ),
        ),
    })
    .prefault({})
    .meta(says("What is never touched.")),
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
