/** mappings/halo-users.yaml: people as users (contacts) of HaloITSM, the sites they are put into, and who of them is an agent too. */
import { z } from "zod";
import { first } from "../language/lines.ts";
import { condition, filled, givingMode, template, text, textList } from "../language/words.ts";

const fieldValue = z.union(
  [
    template,
    z.strictObject({
      value: template.describe("The template."),
      whenEmpty: z
        .enum(["keep", "clear"])
        .default("keep")
        .describe("`keep` leaves the field alone when the template gives nothing; `clear` empties it."),
    }),
  ],
  { error: "a template, or { value: template, whenEmpty: clear }" },
);

const sequence = z.number().int().min(0).describe("The order of the entries: the first that holds decides. Each number once.");

const siteRule = z.strictObject({
  sequence,
  site: filled
    .optional()
    .describe(
      'The site as `Client/Site`. `"*agent*"`: whom it holds for is an agent as well (section `agents`); the site is then decided by the entries after it.',
    ),
  organisation: filled
    .optional()
    .describe("Instead of `site`: the client (organisation) by name, one of whose sites is the person's, by `siteFrom`."),
  siteFrom: template
    .optional()
    .describe(
      'Beside `organisation`: template of the site\'s name, `"{{ officeLocation }}"`. Where it gives nothing the next entry is asked.',
    ),
  create: z
    .boolean()
    .optional()
    .describe("Beside `organisation`: `true`: a site that does not exist is made; left out or `false`: the person waits for a human."),
  for: condition.optional().describe("Whom the entry is for; left out = everybody."),
  external: z.boolean().default(false).describe("`true`: guests too (userType Guest); `false`: members only."),
  role: filled
    .optional()
    .describe('Role that people get by this entry, by name: one of users (of the portal), and of agents where the entry is a `"*agent*"`.'),
});

const organisation = z
  .strictObject({
    client: filled.describe("The client (organisation) by name."),
    siteFrom: template.describe('Template of the site\'s name: `"{{ officeLocation }}"`.'),
    create: z.boolean().default(false).describe("`true`: a site that does not exist is made; `false`: the person waits for a human."),
    external: z.boolean().default(false).describe("`true`: guests too."),
    role: filled.optional().describe("Role of users that people get here, by name."),
  })
  .describe(
    "The last resort, as an entry behind all others: a site of this organisation, named by a field's value. Several organisations, in an order and with conditions, are entries of `sites`.",
  );

const users = z.strictObject({
  fields: z
    .record(text, fieldValue)
    .default({})
    .describe("Field of the Halo user → template; `custom.CFName` for custom fields, which must exist. Each field once."),
  match: textList
    .min(1)
    .default(["azureoid", "emailaddress"])
    .describe(
      "Fields by which an existing user is recognised, in this order; the first that finds exactly one decides. `azureoid` is the person's Entra id; the others must be in `fields`.",
    ),
  manager: z
    .strictObject({
      person: template.describe('Gives the key of the manager: `"{{ manager }}"`.'),
      field: text.default("manager_email").describe("The field of the Halo user that names the manager; `custom.CFName` too."),
      value: template
        .default("{{ emailaddress }}")
        .describe("What stands in it: a template over the manager's record; `haloId` is the id of the manager's Halo user."),
    })
    .optional()
    .describe("Who the person's manager is."),
  sites: first(z.array(siteRule))
    .prefault({ first: [] })
    .describe("Which site people are put into: the first entry that holds, by sequence."),
  organisation: organisation.optional(),
  links: z
    .boolean()
    .default(false)
    .describe("`true`: azureoid and activedirectory_dn of the user name the person's accounts in Entra ID and Active Directory."),
});

const agents = z.strictObject({
  fields: z
    .strictObject({
      name: template.optional().describe("The agent's display name; left out = as in halo.yaml."),
      email: template.optional().describe("The agent's address; left out = `people.is.halo.email`."),
      firstname: template.optional().describe("The agent's first name; left out = that of the record."),
      surname: template.optional().describe("The agent's surname; left out = that of the record."),
      jobtitle: template.optional().describe("The agent's job title; left out = not managed, and where the template gives nothing too."),
      sms: template.optional().describe("The agent's mobile number, in the same way."),
      extensionnumber: template.optional().describe("The agent's extension, in the same way."),
    })
    .prefault({})
    .describe("Field of the Halo agent → template; apart from those of users."),
  roles: textList.default([]).describe("Agent roles by name, in addition to those of halo.yaml; owned in the same way."),
  teams: textList.default([]).describe("Teams by name; owned in the same way."),
  mode: givingMode("the role or team"),
  team: text.optional().describe("The default team: one of the teams named here or in halo.yaml."),
});

const client = z.strictObject({
  name: filled.describe("The client's name in Halo."),
  notes: text.optional().describe("Its notes; left out = not managed."),
  website: text.optional().describe("Its website; left out = not managed."),
  ref: text.optional().describe("Your own reference; left out = not managed."),
  inactive: z.boolean().default(false).describe("`true`: switched off. Nothing is ever deleted."),
});

const site = z.strictObject({
  client: filled.describe("The client it belongs to, by name."),
  name: filled.describe("The site's name in Halo."),
  notes: text.optional().describe("Its notes; left out = not managed."),
  phonenumber: text.optional().describe("Its phone number; left out = not managed."),
  timezone: text.optional().describe("Its time zone, as Halo calls it; left out = not managed."),
  ref: text.optional().describe("Your own reference; left out = not managed."),
  address: z
    .strictObject({
      line1: text.optional().describe("The first line."),
      line2: text.optional().describe("The second line."),
      line3: text.optional().describe("The third line."),
      line4: text.optional().describe("The fourth line."),
      postcode: text.optional().describe("The postcode."),
    })
    .optional()
    .describe("The delivery address; lines that are left out are not managed."),
  inactive: z.boolean().default(false).describe("`true`: switched off. Nothing is ever deleted."),
});

export const haloUsersFile = z.strictObject({
  clients: z.array(client).default([]).describe("Clients (organisations) to create when missing."),
  sites: z.array(site).default([]).describe("Sites to create when missing."),
  users: users.optional().describe("People as users of Halo. Left out = users are not managed."),
  agents: agents.optional().describe('What becomes of the people of the `"*agent*"` entry; the rest is said in halo.yaml.'),
});

/** An entry of `sites`; the section `organisation` is one behind all others. */
export type SiteRule = z.infer<typeof siteRule>;
/** The value of `site` that makes agents. */
export const agentEntry = "*agent*";

export type HaloUsersFile = z.infer<typeof haloUsersFile>;
