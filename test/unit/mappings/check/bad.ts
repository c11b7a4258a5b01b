/** Wrong mapping files and the lines an administrator is told. */
import type { Files } from "../helpers.ts";

export interface Bad {
  name: string;
  files: Files;
  lines: string[];
}

const OU = `"OU=Staff,DC=example,DC=com"`;
/** ad.yaml with the usual account and `rest` after it. */
const ad = (rest: string): string => `accounts:\n  first:\n  - ou: ${OU}\n${rest}`;
const people = (rest: string): string => `people:\n  source: halo.users\n  login: { is: "{{ firstname }}" }\n${rest}`;

export const bad: Bad[] = [
  // The file as a whole.
  {
    name: "an empty file",
    files: { ad: "" },
    lines: [
      "mappings/ad.yaml:1:1 expected one of accounts, attributes, syntax, ous, groups, contacts, computers, photos, passwords, found an empty file; take the file away if AD is not to be managed",
    ],
  },
  {
    name: "only comments",
    files: { entra: "# later\n" },
    lines: [
      "mappings/entra.yaml:1:1 expected one of accounts, attributes, passwords, usageLocation, licences, prices, groups, applications, administrativeUnits, mailboxes, replies, photos, found an empty file; take the file away if Entra ID is not to be managed",
    ],
  },
  {
    name: "no people.yaml",
    files: { people: undefined },
    lines: ["mappings/people.yaml:1:1 expected a file, found none; it says who the people are"],
  },
  { name: "a list at the top", files: { halo: "- roles\n" }, lines: ["mappings/halo.yaml:1:1 expected a map, found a list"] },
  {
    name: "bytes that are no UTF-8",
    files: { ad: new Uint8Array([0x61, 0x64, 0x3a, 0x0a, 0x61, 0xff, 0xfe]) },
    lines: ["mappings/ad.yaml:2:2 expected UTF-8 text, found a byte that is not; save the file as UTF-8"],
  },
  {
    name: "more than 5 MB",
    files: { ad: `# ${"x".repeat(5 * 1024 * 1024)}` },
    lines: ["mappings/ad.yaml:1:1 expected a file of at most 5 MB, found 6 MB"],
  },
  {
    name: "ad.yml",
    files: { "ad.yml": "accounts: []" },
    lines: [
      'mappings/ad.yml:1:1 expected one of people.yaml, ad.yaml, entra.yaml, halo.yaml, halo-users.yaml, files.yaml, safety.yaml, approvals.yaml, scripts.yaml, sources.yaml, found "ad.yml"; did you mean "ad.yaml"?',
    ],
  },
  {
    name: "enrta.yaml and other.yaml",
    files: { "enrta.yaml": "a: 1", "chairs.yaml": "a: 1" },
    lines: [
      'mappings/chairs.yaml:1:1 expected one of people.yaml, ad.yaml, entra.yaml, halo.yaml, halo-users.yaml, files.yaml, safety.yaml, approvals.yaml, scripts.yaml, sources.yaml, found "chairs.yaml"; take it out of this folder',
      'mappings/enrta.yaml:1:1 expected one of people.yaml, ad.yaml, entra.yaml, halo.yaml, halo-users.yaml, files.yaml, safety.yaml, approvals.yaml, scripts.yaml, sources.yaml, found "enrta.yaml"; did you mean "entra.yaml"?',
    ],
  },
  // YAML.
  {
    name: "a tab",
    files: { ad: "accounts:\n\t- ou: x\n" },
    lines: ["mappings/ad.yaml:2:1 expected blanks, found a tab; YAML indents with blanks only"],
  },
  {
    name: "a key twice",
    files: { entra: "usageLocation: GB\nlicences: []\nusageLocation: FR\n" },
    lines: ['mappings/entra.yaml:3:1 expected each key once, found "usageLocation" again'],
  },
  {
    name: "two documents",
    files: { entra: "usageLocation: GB\n---\nusageLocation: FR\n" },
    lines: ["mappings/entra.yaml:2:1 expected one document, found a second one after ---; put both under one"],
  },
  {
    name: "a template without quotes",
    files: { ad: ad("attributes:\n  staff:\n    mail: {{ emailaddress }}\n") },
    lines: ['mappings/ad.yaml:6:12 expected text in quotes, found {{ emailaddress }}; write "{{ emailaddress }}"'],
  },
  {
    name: "two templates without quotes",
    files: { ad: ad("attributes:\n  staff:\n    displayName: {{ firstname }} {{ surname }}\n") },
    lines: ['mappings/ad.yaml:6:19 expected text in quotes, found {{ firstname }} {{ surname }}; write "{{ firstname }} {{ surname }}"'],
  },
  {
    name: "behaviour F11: a time, a set and bytes by their tags, which would come out as no plain data",
    files: {
      safety:
        "leaver: { disable: !!timestamp 2027-01-31 }\nlimits: !!set { disabled }\nprotected: { people: [!!binary YWRh, !!str 0105] }\n",
    },
    lines: [
      "mappings/safety.yaml:1:20 expected plain data, found the tag !!timestamp; take it away, and write text in quotes",
      "mappings/safety.yaml:2:9 expected plain data, found the tag !!set; take it away, and write text in quotes",
      "mappings/safety.yaml:3:23 expected plain data, found the tag !!binary; take it away, and write text in quotes",
    ],
  },
  {
    name: "behaviour F11: one key as a number and as text, of which the last would win",
    files: { ad: ad("    for:\n      1: a\n      '1': b\n") },
    lines: ["mappings/ad.yaml:6:7 expected each key once, found \"'1'\" again"],
  },
  {
    name: "behaviour F11: numbers that would be rounded",
    files: { safety: "protected: { people: [12345678901234567890, 9007199254740991, -9007199254740993] }\n" },
    lines: [
      'mappings/safety.yaml:1:23 expected a number of at most 15 digits, found 12345678901234567890, which would be rounded; write it in quotes: "12345678901234567890"',
    ],
  },
  {
    name: "rows-B4: further values of a login where nothing is sent with them",
    files: {
      sources: `sources:
  hr:
    base: https://hr.example.com
    unique: id
    endpoints: [{ name: people, path: people }]
    auth:
      kind: authorizationCode
      tokenUrl: https://hr.example.com/token
      authorizeUrl: https://hr.example.com/authorize
      clientId: haloform
      extra:
        - { at: authorize, in: header, name: x, value: y }
        - { at: request, in: body, name: x, value: y }
        - { at: token, in: body, name: x, value: y }
  pay:
    base: https://pay.example.com
    unique: id
    endpoints: [{ name: people, path: people }]
    auth: { kind: header, extra: [{ at: token, in: query, name: x, value: y }] }
`,
    },
    lines: [
      "mappings/sources.yaml:12:32 sources.hr.auth.extra[0].in: expected query with authorize, which is an address that a browser opens, found header",
      "mappings/sources.yaml:13:30 sources.hr.auth.extra[1].in: expected header or query with request, whose body is the endpoint's, found body",
      "mappings/sources.yaml:19:41 sources.pay.auth.extra[0].at: expected request, as header has no other, found token",
    ],
  },
  {
    name: "a tag",
    files: { entra: "usageLocation: !!js/function GB\n" },
    lines: ["mappings/entra.yaml:1:16 expected plain data, found the tag !!js/function; take it away, and write text in quotes"],
  },
  {
    name: "an alias of nothing",
    files: { entra: "usageLocation: *country\n" },
    lines: ["mappings/entra.yaml:1:16 expected an anchor &country before this, found none"],
  },
  {
    name: "an open bracket",
    files: { entra: "licences: [\n" },
    lines: [
      "mappings/entra.yaml:2:1 expected YAML, found a mistake in it: Flow sequence in block collection must be sufficiently indented and end with a ]",
    ],
  },
  {
    name: "an open quote",
    files: { entra: 'usageLocation: "GB\n' },
    lines: ['mappings/entra.yaml:2:1 expected YAML, found a mistake in it: Missing closing "quote'],
  },
  {
    name: "YAML 1.1",
    files: { entra: "%YAML 1.1\n---\nusageLocation: GB\n" },
    lines: ["mappings/entra.yaml:1:1 expected YAML 1.2, found %YAML 1.1; take that line away"],
  },
  {
    name: "a bomb of aliases",
    files: {
      entra: `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nlicences: [*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    },
    lines: [
      "mappings/entra.yaml:1:1 expected YAML, found something that cannot be read: Excessive alias count indicates a resource exhaustion attack",
    ],
  },
  // Shape.
  {
    name: "an unknown key",
    files: { ad: "accuonts: []\n" },
    lines: [
      'mappings/ad.yaml:1:1 accuonts: expected one of accounts, attributes, syntax, ous, groups, contacts, computers, photos, passwords, found "accuonts"; did you mean "accounts"?',
    ],
  },
  {
    name: "an unknown key inside",
    files: { ad: `accounts:\n  first:\n  - uo: ${OU}\n    for: { site_name: Main }\n` },
    lines: ['mappings/ad.yaml:3:5 accounts.first[0].uo: expected one of for, ou, name, attributes, flags, found "uo"; did you mean "ou"?'],
  },
  {
    name: "the wrong kind of value",
    files: { people: people("trust: { shrink: 20, onDoubt: holds }\n") },
    lines: [
      'mappings/people.yaml:4:18 trust.shrink: expected per cent such as "5 %", found 20',
      'mappings/people.yaml:4:31 trust.onDoubt: expected one of hold, refuse, found "holds"; did you mean "hold"?',
    ],
  },
  {
    name: "a number out of range",
    files: { people: "people:\n  source: halo.users\n  login: { is: '{{ firstname }}', longest: 64, taken: numbers }\n" },
    lines: [
      "mappings/people.yaml:3:44 people.login.longest: expected at most 20, found 64",
      'mappings/people.yaml:3:55 people.login.taken: expected one of number, park, found "numbers"; did you mean "number"?',
    ],
  },
  {
    name: "login left out",
    files: { people: "people:\n  source: halo.users\n" },
    lines: [
      "mappings/people.yaml:2:3 people.login: expected a map, found nothing (Naming rule for logins; collisions are resolved the same way in every run)",
    ],
  },
  {
    name: "another source",
    files: { people: "people:\n  source: halo.user\n  login: { is: '{{ firstname }}' }\n" },
    lines: [
      'mappings/people.yaml:2:11 people.source: expected halo.users or a source of sources.yaml, found "halo.user"; did you mean "halo.users"?',
    ],
  },
  {
    name: "a number for text",
    files: { entra: "groups:\n  - { name: 365, for: {} }\n" },
    lines: ['mappings/entra.yaml:2:13 groups[0].name: expected text, found 365; write it in quotes: "365"'],
  },
  {
    name: "one entry, no list",
    files: { ad: ad("groups: { name: GG-A, for: {} }\n") },
    lines: ["mappings/ad.yaml:4:9 groups: expected a list, found a map; begin each entry with a dash"],
  },
  {
    name: "share over 100",
    files: { safety: "limits:\n  disabled: { share: 500 % }\n" },
    lines: ['mappings/safety.yaml:2:22 limits.disabled.share: expected per cent such as "5 %", from 0 to 100, found "500 %"'],
  },
  {
    name: "stages of a leaver that are no days, or in no order",
    files: {
      safety:
        'leaver:\n  disable: never\n  strip: after 100 days\n  move: { to: "CN=Leavers,DC=corp,DC=example,DC=com", after: soon }\n  delete: at once\n',
    },
    lines: [
      'mappings/safety.yaml:2:12 leaver.disable: expected at once or a time such as "2 days", found never; who may keep an account goes into protected.people',
      "mappings/safety.yaml:4:3 leaver.move: expected nothing here, found a place in AD; there is no ad.yaml",
      'mappings/safety.yaml:4:15 leaver.move.to: expected an organizational unit (OU=…), found "CN=Leavers,DC=corp,DC=example,DC=com"',
      'mappings/safety.yaml:4:62 leaver.move.after: expected at once, never, or a time such as "7 days" or "1 year" (at most 3650 days), found "soon"',
      'mappings/safety.yaml:5:11 leaver.delete: expected never, or at least "1 day", found at once; a deletion comes after a time in which it can be undone',
    ],
  },
  {
    name: "a deletion that comes before what can be undone",
    files: { safety: "leaver: { disable: never, strip: after 100 days, delete: after 90 days }\n" },
    lines: [
      'mappings/safety.yaml:1:20 leaver.disable: expected at once or a time such as "2 days", found never; who may keep an account goes into protected.people',
      "mappings/safety.yaml:1:58 leaver.delete: expected more days than strip (100), found 90; the account would be deleted before",
    ],
  },
  {
    name: "a limit by a field that no record has",
    files: { safety: "limits:\n  disabled: { most: 5, per: site }\n" },
    lines: ['mappings/safety.yaml:2:29 limits.disabled.per: expected a field of the Halo record, found "site"; did you mean "site_name"?'],
  },
  {
    name: "a limit that limits nothing",
    files: { safety: "limits:\n  disabled: { below: 5 }\n" },
    lines: ["mappings/safety.yaml:2:13 limits.disabled: expected most or share, found neither, which would be no limit"],
  },
  {
    name: "no accounts",
    files: { ad: "accounts: { first: [] }\n" },
    lines: ["mappings/ad.yaml:1:20 accounts.first: expected at least 1 entry, found an empty list"],
  },
  {
    name: "a day that is none",
    files: { ad: ad("groups:\n  - { name: GG-A, for: {}, starts: 2027-02-30 }\n") },
    lines: ['mappings/ad.yaml:5:36 groups[0].starts: expected a day such as 2027-01-04, found "2027-02-30"'],
  },
  {
    name: "a wrong key in an attribute",
    files: {
      ad: ad(
        "attributes:\n  staff:\n    company: { value: x, whenempty: clear }\n    title: { vaule: x }\n    info: { value: x, whenEmpty: wipe }\n    l: [x]\n",
      ),
    },
    lines: [
      'mappings/ad.yaml:6:26 attributes.staff.company.whenempty: expected one of value, whenEmpty, values, mode, person, found "whenempty"; did you mean "whenEmpty"?',
      'mappings/ad.yaml:7:14 attributes.staff.title.vaule: expected one of value, whenEmpty, values, mode, person, found "vaule"; did you mean "value"?',
      'mappings/ad.yaml:8:34 attributes.staff.info.whenEmpty: expected one of keep, clear, found "wipe"',
      "mappings/ad.yaml:9:8 attributes.staff.l: expected one template, found a list; l holds one value",
    ],
  },
  // Words that other tools have, or files of before.
  {
    name: "lists of lines without the word that says how they decide",
    files: {
      ad: `accounts:\n  - ou: ${OU}\nphotos: { every: [] }\n`,
      entra: "licences:\n  - { sku: SPE_E3, for: {} }\n",
      halo: "agents: { for: {}, roles: [A] }\n",
    },
    lines: [
      "mappings/ad.yaml:2:3 accounts: expected { first: […] }, of which the first line that holds decides, found a list",
      "mappings/ad.yaml:3:9 photos.first: expected a list, found nothing (The lines; the first that holds decides)",
      'mappings/ad.yaml:3:11 photos.every: expected first, found "every"',
      "mappings/entra.yaml:2:3 licences: expected { every: […] }, of which all lines that hold add up, found a list",
      "mappings/halo.yaml:1:9 agents.every: expected a list, found nothing (The lines; all that hold add up)",
      'mappings/halo.yaml:1:11 agents.for: expected every, found "for"',
      'mappings/halo.yaml:1:20 agents.roles: expected every, found "roles"',
    ],
  },
  {
    name: "other words for whom, and for days",
    files: {
      people: "people:\n  from: halo.users\n  where: { title: x }\n  external: in\n  login: { is: '{{ firstname }}' }\n",
      ad: `accounts: { first: [{ when: { title: x }, ou: ${OU} }] }\ngroups:\n  - { name: GG-A, members: {}, from: 2027-01-01, until: 2027-02-01 }\n`,
      safety: "leaver: { disable: P2D, strip: true, folder: { archive: 30 } }\nlimits: { memberships_lost: { most: 3 } }\n",
      halo: "tickets: { type: A, for: [joiner], client: 1, status: { open: a, parked: b, done: c } }\n",
    },
    lines: [
      'mappings/people.yaml:2:3 people.from: expected one of source, external, key, for, inactive, starts, ends, zone, tickets, incremental, is, newKey, login, found "from"; did you mean "source"?',
      'mappings/people.yaml:3:3 people.where: expected one of source, external, key, for, inactive, starts, ends, zone, tickets, incremental, is, newKey, login, found "where"; did you mean "for"?',
      'mappings/people.yaml:4:13 people.external: expected true or false, found "in"',
      'mappings/ad.yaml:1:23 accounts.first[0].when: expected one of for, ou, name, attributes, flags, found "when"; did you mean "for"?',
      "mappings/ad.yaml:3:5 groups[0]: expected for or contains (who belongs in the group), found neither; write for: {} for everybody, contains: {} for nobody",
      'mappings/ad.yaml:3:19 groups[0].members: expected one of name, formerly, ou, move, scope, kind, convert, description, displayName, mail, notes, managedBy, for, contains, may, mayContain, mode, starts, ends, because, found "members"; did you mean "for"?',
      'mappings/ad.yaml:3:32 groups[0].from: expected one of name, formerly, ou, move, scope, kind, convert, description, displayName, mail, notes, managedBy, for, contains, may, mayContain, mode, starts, ends, because, found "from"; did you mean "starts"?',
      'mappings/ad.yaml:3:50 groups[0].until: expected one of name, formerly, ou, move, scope, kind, convert, description, displayName, mail, notes, managedBy, for, contains, may, mayContain, mode, starts, ends, because, found "until"; did you mean "ends"?',
      'mappings/halo.yaml:1:21 tickets.for: expected one of type, events, client, site, team, status, rules, summary, details, found "for"; did you mean "events"?',
      'mappings/safety.yaml:1:20 leaver.disable: expected at once, never, or a time such as "7 days" or "1 year" (at most 3650 days), found "P2D"',
      'mappings/safety.yaml:1:32 leaver.strip: expected at once, never, or a time such as "7 days" or "1 year" (at most 3650 days), found true',
      'mappings/safety.yaml:1:57 leaver.folder.archive: expected at once, never, or a time such as "7 days" or "1 year" (at most 3650 days), found 30',
      'mappings/safety.yaml:2:11 limits.memberships_lost: expected one of disabled, lockedOut, membershipsLost, licencesLost, rulesChanged, mailboxesChanged, deleted, foldersDeleted, gained, privilegedGained, found "memberships_lost"; did you mean "membershipsLost"?',
    ],
  },
  // Conditions.
  {
    name: "an unknown field",
    files: {
      ad: ad(
        "groups:\n  - { name: GG-A, for: { titel: Sales } }\n  - { name: GG-B, for: { jobtitle: Sales, CFDepartment: x, zzzzzzzz: 1 } }\n",
      ),
    },
    lines: [
      'mappings/ad.yaml:5:26 groups[0].for.titel: expected a field of the Halo record, found "titel"; did you mean "title"?',
      'mappings/ad.yaml:6:26 groups[1].for.jobtitle: expected a field of the Halo record, found "jobtitle"; did you mean "title"?',
      'mappings/ad.yaml:6:43 groups[1].for.CFDepartment: expected a field of the Halo record, found "CFDepartment"; did you mean "custom.CFDepartment"?',
      'mappings/ad.yaml:6:60 groups[1].for.zzzzzzzz: expected a field of the Halo record, found "zzzzzzzz"; custom fields are written custom.CFName',
    ],
  },
  {
    name: "a wrong word of a test",
    files: { ad: ad("groups:\n  - { name: GG-A, for: { title: { match: ^F } } }\n") },
    lines: [
      'mappings/ad.yaml:5:35 groups[0].for.title.match: expected one of matches, before, after, empty, found "match"; did you mean "matches"?',
    ],
  },
  {
    name: "days that are none, where they may not stand, and a zone that there is not",
    files: {
      people:
        "people:\n  source: halo.users\n  for: { other1: { before: today } }\n  zone: Oslo\n  starts: today\n  login: { is: '{{ firstname }}' }\n",
      ad: ad("groups:\n  - { name: GG-A, for: { other1: { after: tomorrow, before: in 14 days } } }\n"),
    },
    lines: [
      "mappings/people.yaml:3:10 people.for.other1: expected what somebody is, found a day; this decides who is a person at all: people.starts and people.ends say from when to when",
      'mappings/people.yaml:4:9 people.zone: expected a time zone of IANA\'s such as Europe/Oslo, found "Oslo"',
      'mappings/people.yaml:5:11 people.starts: expected a field of the Halo record, found "today"; custom fields are written custom.CFName',
      'mappings/ad.yaml:5:43 groups[0].for.other1.after: expected today, "14 days ago", "in 14 days" or a day such as 2027-01-04, found "tomorrow"',
    ],
  },
  {
    name: "nothing as the wanted value",
    files: { ad: ad("groups:\n  - name: GG-A\n    for:\n      title:\n") },
    lines: [
      "mappings/ad.yaml:7:7 groups[0].for.title: expected a value, a list of values, { matches: regex }, { empty: true } or { before: today }, found nothing; for an empty field write { empty: true }",
    ],
  },
  {
    name: "any without a list",
    files: { ad: ad("groups:\n  - { name: GG-A, for: { any: { title: x } } }\n") },
    lines: ["mappings/ad.yaml:5:31 groups[0].for.any: expected a list, found a map; begin each entry with a dash"],
  },
  {
    name: "an empty condition inside",
    files: { ad: ad("groups:\n  - { name: GG-A, for: { not: {} } }\n") },
    lines: ["mappings/ad.yaml:5:31 groups[0].for.not: expected at least one line, found an empty condition, which holds for everybody"],
  },
  {
    name: "persons by name",
    files: { ad: ad("groups:\n  - { name: GG-A, for: { person: [Ada Example, 41] } }\n") },
    lines: ['mappings/ad.yaml:5:35 groups[0].for.person[0]: expected the key of a Halo record, such as 41, found "Ada Example"'],
  },
  {
    name: "a person without a list",
    files: { ad: ad("groups:\n  - { name: GG-A, for: { person: 41 } }\n") },
    lines: ["mappings/ad.yaml:5:34 groups[0].for.person: expected a list, found 41; write [41]"],
  },
  {
    name: "a regular expression that is none",
    files: {
      ad: ad("groups:\n  - { name: GG-A, for: { title: { matches: '^(Field' } } }\n  - { name: GG-B, for: { title: { matches: '' } } }\n"),
    },
    lines: [
      'mappings/ad.yaml:5:44 groups[0].for.title.matches: expected a regular expression, found "^(Field" (unterminated group)',
      "mappings/ad.yaml:6:44 groups[1].for.title.matches: expected a regular expression, found an empty text, which everything matches",
    ],
  },
  {
    name: "an unknown group",
    files: { ad: ad("groups:\n  - { name: GG-Service, for: {} }\n"), halo: "agents:\n  every:\n  - for: { group: GG-Servise }\n" },
    lines: [
      'mappings/halo.yaml:3:19 agents.every[0].for.group: expected a group of ad.yaml, found "GG-Servise"; did you mean "GG-Service"?',
    ],
  },
  {
    name: "a group without ad.yaml",
    files: { halo: "agents:\n  every:\n  - for: { group: GG-Service }\n" },
    lines: ['mappings/halo.yaml:3:19 agents.every[0].for.group: expected a group of ad.yaml, found "GG-Service"; there is no ad.yaml'],
  },
  {
    name: "a group in people.for",
    files: { people: people("  for: { group: GG-A }\n") },
    lines: [
      "mappings/people.yaml:4:10 people.for.group: expected fields of the record, found group; who is in a group is known only of people, and this decides who is one",
    ],
  },
  {
    name: "groups in a circle",
    files: {
      ad: ad(
        "groups:\n  - { name: GG-A, for: { any: [{ group: GG-B }, { title: x }] } }\n  - { name: GG-B, for: { not: { group: gg-c } } }\n  - { name: GG-C, for: { group: GG-A } }\n",
      ),
    },
    lines: [
      "mappings/ad.yaml:5:24 groups[0].for: expected groups that do not ask for each other in a circle, found GG-A → GG-B → GG-C → GG-A",
    ],
  },
  {
    name: "a group that asks for itself",
    files: { ad: ad("groups:\n  - { name: GG-A, for: { group: GG-A } }\n") },
    lines: ["mappings/ad.yaml:5:24 groups[0].for: expected groups that do not ask for each other in a circle, found GG-A → GG-A"],
  },
  // Templates.
  {
    name: "an unknown filter",
    files: { ad: ad('attributes:\n  staff:\n    givenName: "{{ firstname | asci }}"\n') },
    lines: [
      'mappings/ad.yaml:6:16 attributes.staff.givenName: expected a filter, found "asci" (character 16 of the template); did you mean "ascii"?',
    ],
  },
  {
    name: "an unknown field in a template",
    files: { ad: ad('attributes:\n  staff:\n    givenName: "{{ firstnam }}"\n    sn: "{{ lastname }}"\n') },
    lines: [
      'mappings/ad.yaml:6:16 attributes.staff.givenName: expected a field of the Halo record, found "firstnam"; did you mean "firstname"?',
      'mappings/ad.yaml:7:9 attributes.staff.sn: expected a field of the Halo record, found "lastname"; did you mean "surname"?',
    ],
  },
  {
    name: "a template that is not closed",
    files: { ad: ad('attributes:\n  staff:\n    givenName: "{{ firstname"\n') },
    lines: [
      'mappings/ad.yaml:6:16 attributes.staff.givenName: expected a Liquid template, found a mistake in it: output "{{ firstname" not closed (character 1 of the template)',
    ],
  },
  {
    name: "single braces",
    files: { ad: ad('attributes:\n  staff:\n    givenName: "{firstname}"\n') },
    lines: [
      'mappings/ad.yaml:6:16 attributes.staff.givenName: expected two braces on each side, as in {{ firstname }}, found one (for a real brace write {{ "{" }}) (character 1 of the template)',
    ],
  },
  {
    name: "a tag that is not there",
    files: { ad: ad('attributes:\n  staff:\n    givenName: "{% for x in y %}a{% endfor %}"\n') },
    lines: [
      'mappings/ad.yaml:6:16 attributes.staff.givenName: expected a Liquid template, found a mistake in it: unknown tag "for" (there are if, unless, case, assign, capture, comment, raw, echo) (character 1 of the template)',
    ],
  },
  {
    name: "login in people.yaml is a constant",
    files: { people: 'people:\n  source: halo.users\n  login: { is: "user" }\n' },
    lines: [
      'mappings/people.yaml:3:16 people.login.is: expected a template with a field of the record, found "user", which would be the same for everybody',
    ],
  },
  {
    name: "one name for everybody",
    files: { ad: `accounts:\n  first:\n  - ou: ${OU}\n    name: Staff\n` },
    lines: [
      'mappings/ad.yaml:4:11 accounts.first[0].name: expected a template with a field of the record, found "Staff", which would give everybody the same name',
    ],
  },
  // ad.yaml.
  {
    name: "an unknown attribute template",
    files: {
      ad: `accounts:\n  first:\n  - ou: ${OU}\n    attributes: [ofice]\n  - { ou: ${OU}, attributes: desk }\nattributes:\n  office: { title: "{{ title }}" }\n`,
    },
    lines: [
      'mappings/ad.yaml:4:18 accounts.first[0].attributes[0]: expected the name of an attribute template (office), found "ofice"; did you mean "office"?',
      "mappings/ad.yaml:5:5 accounts.first[1]: expected the line for everybody last, found one after accounts.first[0], which is for everybody; it would never be used (put it before, or give that one a for)",
      'mappings/ad.yaml:5:53 accounts.first[1].attributes: expected the name of an attribute template (office), found "desk"',
    ],
  },
  {
    name: "attributes templates may not write",
    files: {
      ad: ad(
        'attributes:\n  staff:\n    unicodePwd: x\n    userAccountControl: "512"\n    sAMAccountName: "{{ login }}"\n    cn: x\n    memberOf: x\n    objectGUID: x\n    thumbnailPhoto: x\n',
      ),
    },
    lines: [
      'mappings/ad.yaml:6:5 attributes.staff.unicodePwd: expected an attribute that templates may write, found "unicodePwd"; passwords are never in a mapping',
      'mappings/ad.yaml:7:5 attributes.staff.userAccountControl: expected an attribute that templates may write, found "userAccountControl"; its flags are in accounts.first[].flags; whether an account is enabled follows from the person\'s record and safety.yaml',
      'mappings/ad.yaml:8:5 attributes.staff.sAMAccountName: expected an attribute that templates may write, found "sAMAccountName"; it comes from people.login.is',
      'mappings/ad.yaml:9:5 attributes.staff.cn: expected an attribute that templates may write, found "cn"; it comes from accounts.first[].name',
      'mappings/ad.yaml:10:5 attributes.staff.memberOf: expected an attribute that templates may write, found "memberOf"; members are written under groups',
      'mappings/ad.yaml:11:5 attributes.staff.objectGUID: expected an attribute that templates may write, found "objectGUID"; AD keeps it itself',
      'mappings/ad.yaml:12:5 attributes.staff.thumbnailPhoto: expected an attribute that templates may write, found "thumbnailPhoto"; it holds bytes, not text',
    ],
  },
  {
    name: "attributes that are none",
    files: {
      ad: ad(
        "attributes:\n  staff:\n    job title: x\n    telephonNumber: x\n    extensionAttribute1: fine\n    northwindShirtSize: fine\n",
      ),
    },
    lines: [
      'mappings/ad.yaml:6:5 attributes.staff["job title"]: expected the LDAP name of an attribute such as telephoneNumber, found "job title"',
      'mappings/ad.yaml:7:5 attributes.staff.telephonNumber: expected the LDAP name of an attribute such as telephoneNumber, found "telephonNumber"; did you mean "telephoneNumber"?',
    ],
  },
  {
    name: "an attribute twice",
    files: { ad: ad("attributes:\n  staff:\n    info: x\n    Info: y\n") },
    lines: ['mappings/ad.yaml:7:11 attributes.staff.Info: expected each attribute once, found "Info" again (first at mappings/ad.yaml:6)'],
  },
  {
    name: "manager as text, title as a person",
    files: { ad: ad('attributes:\n  staff:\n    manager: "{{ custom.CFManager }}"\n    title: { person: "{{ custom.CFManager }}" }\n') },
    lines: [
      'mappings/ad.yaml:6:14 attributes.staff.manager: expected { person: template }, as in { person: "{{ custom.CFManager }}" }, found "{{ custom.CFManager }}"; manager holds another person\'s account',
      "mappings/ad.yaml:7:12 attributes.staff.title: expected a template, found { person: … }, which is for manager, assistant, secretary and other attributes that hold an account",
    ],
  },
  {
    name: "a distinguishedName that is none",
    files: {
      ad: `accounts:\n  first:\n  - ou: "OU={{ site_name }},Staff,DC=example,DC=com"\nous: ["OU=Staff", "DC=example,DC=com", "OU=a+b,DC=example", "OU=,DC=example", "OU={{ site_name }},DC=example"]\n`,
    },
    lines: [
      'mappings/ad.yaml:3:9 accounts.first[0].ou: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "OU={{ site_name }},Staff,DC=example,DC=com": "Staff" has no "OU=" before it (a comma inside a name is written \\,)',
      'mappings/ad.yaml:4:7 ous[0]: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "OU=Staff": it does not end in the domain (DC=…,DC=…)',
      'mappings/ad.yaml:4:19 ous[1]: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "DC=example,DC=com": it begins with "DC=example", not with OU= or CN=',
      'mappings/ad.yaml:4:40 ous[2]: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "OU=a+b,DC=example": "OU=a+b" has one of " + ; < > without a backslash before it',
      'mappings/ad.yaml:4:61 ous[3]: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "OU=,DC=example": "OU=" names nothing',
      'mappings/ad.yaml:4:79 ous[4]: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "OU={{ site_name }},DC=example": templates work only in accounts.first[].ou',
    ],
  },
  {
    name: "an account line that is never used",
    files: { ad: `accounts:\n  first:\n  - ou: ${OU}\n  - for: { site_name: Main }\n    ou: ${OU}\n` },
    lines: [
      "mappings/ad.yaml:4:5 accounts.first[1]: expected the line for everybody last, found one after accounts.first[0], which is for everybody; it would never be used (put it before, or give that one a for)",
    ],
  },
  {
    name: "a group twice",
    files: { ad: ad("groups:\n  - { name: GG-Sales, for: {} }\n  - { name: gg-sales, for: {} }\n") },
    lines: ['mappings/ad.yaml:6:13 groups[1].name: expected each group once, found "gg-sales" again (first at mappings/ad.yaml:5)'],
  },
  {
    name: "protected groups",
    files: {
      ad: ad("groups:\n  - { name: domain admins, for: {} }\n  - { name: GG-Board, for: {} }\n"),
      entra: "groups:\n  - { name: GG-Board, for: {} }\n",
      safety: "protected:\n  groups:\n    - GG-Board\n",
    },
    lines: [
      'mappings/ad.yaml:5:13 groups[0].name: expected a group that is not protected, found "domain admins", which is always protected',
      'mappings/ad.yaml:6:13 groups[1].name: expected a group that is not protected, found "GG-Board", which mappings/safety.yaml:3 protects',
      'mappings/entra.yaml:2:13 groups[0].name: expected a group that is not protected, found "GG-Board", which mappings/safety.yaml:3 protects',
    ],
  },
  {
    name: "ends before starts",
    files: { ad: ad("groups:\n  - { name: GG-A, for: {}, starts: 2027-03-31, ends: 2027-01-04 }\n") },
    lines: ["mappings/ad.yaml:5:54 groups[0].ends: expected a day not before starts (2027-03-31), found 2027-01-04"],
  },
  {
    name: "a group's name that AD refuses",
    files: { ad: ad("groups:\n  - { name: 'GG/Sales', for: {} }\n") },
    lines: [
      'mappings/ad.yaml:5:13 groups[0].name: expected a sAMAccountName (without " / \\ [ ] : ; | = , + * ? < > and no . at its end), found "GG/Sales"',
    ],
  },
  // people.yaml, entra.yaml, halo.yaml, safety.yaml.
  {
    name: "fields that recognise nobody",
    files: {
      people: people(
        '  is:\n    ad: { sAMAccountName: "{{ id }}", displayName: "{{ name }}", employeeNumer: "{{ id }}" }\n    entra: { employeeid: "{{ id }}" }\n    halo: { name: "same" }\n',
      ),
    },
    lines: [
      'mappings/people.yaml:5:39 people.is.ad.displayName: expected an attribute that no two people share, found "displayName"',
      'mappings/people.yaml:5:66 people.is.ad.employeeNumer: expected the LDAP name of an attribute such as employeeNumber, found "employeeNumer"; did you mean "employeeNumber"?',
      'mappings/people.yaml:6:14 people.is.entra.employeeid: expected one of employeeId, userPrincipalName, mail, mailNickname, onPremisesSamAccountName, onPremisesUserPrincipalName, onPremisesImmutableId, onPremisesDistinguishedName, found "employeeid"; did you mean "employeeId"?',
      'mappings/people.yaml:7:11 people.is.halo: expected email: "{{ emailaddress | downcase }}" among the fields, as no agent is without an address, found none',
      'mappings/people.yaml:7:19 people.is.halo.name: expected a template with a field of the record, found "same", which would be the same for everybody',
    ],
  },
  {
    name: "fields that nobody writes",
    files: { people: people('  is: { ad: { objectGUID: "{{ other1 }}" }, entra: {} }\n') },
    lines: [
      'mappings/people.yaml:4:13 people.is.ad: expected an attribute that haloform writes, such as employeeNumber: "{{ id }}", by which a new account is known again by a run that was cut off, found none',
      "mappings/people.yaml:4:52 people.is.entra: expected at least one property, found none",
    ],
  },
  {
    name: "matching and writing that disagree",
    files: {
      people: people(
        '  is:\n    ad: { employeeNumber: "{{ id }}", mail: "{{ emailaddress }}", userPrincipalName: "{{ login }}" }\n    entra: { employeeId: "{{ id }}", userPrincipalName: "{{ emailaddress }}" }\n    halo: { email: "{{ emailaddress }}", name: "{{ name }}" }\n',
      ),
      ad: `accounts: { first: [{ ou: "OU=Staff,DC=example,DC=com", attributes: s }] }\nattributes:\n  s:\n    employeenumber: "{{id}}"\n    mail: { value: "{{ emailaddress | downcase }}", whenEmpty: clear }\n    userPrincipalName: "{{ login }}"\n`,
      entra: `accounts:\n  first:\n  - { userPrincipalName: "{{ login }}@example.com", attributes: s }\nattributes:\n  s: { displayName: "{{ name }}", employeeId: "{{ other1 }}" }\n`,
      halo: `agents:\n  every:\n  - { for: {}, name: "{{ firstname }}" }\n`,
    },
    lines: [
      'mappings/ad.yaml:5:20 attributes.s.mail.value: expected "{{ emailaddress }}", by which people.is.ad.mail (mappings/people.yaml:5) recognises people and which is written without this line too, found "{{ emailaddress | downcase }}"; take this line out, or change people.is',
      'mappings/ad.yaml:6:24 attributes.s.userPrincipalName: expected "{{ login }}", by which people.is.ad.userPrincipalName (mappings/people.yaml:5) recognises people and which is written without this line too, found "{{ login }}"; take this line out, or change people.is',
      'mappings/entra.yaml:3:26 accounts.first[0].userPrincipalName: expected "{{ emailaddress }}", by which people.is.entra.userPrincipalName (mappings/people.yaml:6) recognises people and which is written without this line too, found "{{ login }}@example.com"; take this line out, or change people.is',
      'mappings/entra.yaml:5:47 attributes.s.employeeId: expected "{{ id }}", by which people.is.entra.employeeId (mappings/people.yaml:6) recognises people and which is written without this line too, found "{{ other1 }}"; take this line out, or change people.is',
      'mappings/halo.yaml:3:22 agents.every[0].name: expected "{{ name }}", by which people.is.halo.name (mappings/people.yaml:7) recognises people and which is written without this line too, found "{{ firstname }}"; take this line out, or change people.is',
    ],
  },
  {
    name: "usageLocation",
    files: { entra: "usageLocation: UK\n" },
    lines: [
      'mappings/entra.yaml:1:16 usageLocation: expected a country\'s two letters (ISO 3166-1) such as GB, found "UK"; did you mean "GB"?',
    ],
  },
  {
    name: "usageLocation as a word",
    files: { entra: "usageLocation: Great Britain\n" },
    lines: ['mappings/entra.yaml:1:16 usageLocation: expected a country\'s two letters (ISO 3166-1) such as GB, found "Great Britain"'],
  },
  {
    name: "usageLocation in small letters",
    files: { entra: "usageLocation: gb\n" },
    lines: [
      'mappings/entra.yaml:1:16 usageLocation: expected a country\'s two letters (ISO 3166-1) such as GB, found "gb"; did you mean "GB"?',
    ],
  },
  {
    name: "a licence by its shop name",
    files: { entra: "licences:\n  every:\n  - { sku: Microsoft 365 E3, for: {} }\n" },
    lines: ['mappings/entra.yaml:3:12 licences.every[0].sku: expected a skuPartNumber such as SPE_E3, found "Microsoft 365 E3"'],
  },
  {
    name: "a licence twice for the same people",
    files: {
      entra:
        "licences:\n  every:\n  - { sku: SPE_E3, for: { title: x, site_name: [Main, Lab] } }\n  - { sku: SPE_E3, without: [A, a], for: { site_name: [Lab, Main], title: X } }\n",
    },
    lines: [
      'mappings/entra.yaml:4:12 licences.every[1].sku: expected each licence once for the same people, found "SPE_E3" again (first at mappings/entra.yaml:3)',
      'mappings/entra.yaml:4:33 licences.every[1].without[1]: expected each service plan once, found "a" again (first at mappings/entra.yaml:4)',
    ],
  },
  {
    name: "a cloud group twice",
    files: { entra: "groups:\n  - { name: SG-A, for: {} }\n  - { name: SG-a, for: {} }\n" },
    lines: ['mappings/entra.yaml:3:13 groups[1].name: expected each group once, found "SG-a" again (first at mappings/entra.yaml:2)'],
  },
  {
    name: "administrative units",
    files: {
      entra: `administrativeUnits:
  - { name: Deck, for: { titel: Captain } }
  - { name: DECK, for: {}, starts: 2027-02-01, ends: 2027-01-01 }
  - { name: Nobody }
  - { name: ${"x".repeat(257)}, for: {}, isMemberManagementRestricted: true }
`,
    },
    lines: [
      'mappings/entra.yaml:2:26 administrativeUnits[0].for.titel: expected a field of the Halo record, found "titel"; did you mean "title"?',
      'mappings/entra.yaml:3:13 administrativeUnits[1].name: expected each administrative unit once, found "DECK" again (first at mappings/entra.yaml:2)',
      "mappings/entra.yaml:3:54 administrativeUnits[1].ends: expected a day not before starts (2027-02-01), found 2027-01-01",
      "mappings/entra.yaml:4:5 administrativeUnits[2].for: expected a map, found nothing (Which people belong in it)",
      'mappings/entra.yaml:5:13 administrativeUnits[3].name: expected at most 256 characters, found "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…"',
      'mappings/entra.yaml:5:281 administrativeUnits[3].isMemberManagementRestricted: expected one of name, description, for, mode, starts, ends, because, create, found "isMemberManagementRestricted"',
    ],
  },
  {
    name: "roles and teams",
    files: {
      halo: "roles: [{ name: Field Engineer }, { name: field engineer }]\nagents:\n  - { for: {}, roles: [Field engineer], teams: [First line], team: Firstline }\n",
    },
    lines: [
      'mappings/halo.yaml:1:43 roles[1].name: expected each role once, found "field engineer" again (first at mappings/halo.yaml:1)',
      "mappings/halo.yaml:3:3 agents: expected { every: […] }, of which all lines that hold add up, found a list",
    ],
  },
  {
    name: "protected people by name",
    files: { safety: "protected: { people: [Ada, 1e30], groups: [A, a] }\n" },
    lines: [
      'mappings/safety.yaml:1:23 protected.people[0]: expected the key of a Halo record, such as 41, found "Ada"',
      'mappings/safety.yaml:1:28 protected.people[1]: expected the key of a Halo record, such as 41, found "1e30"',
      'mappings/safety.yaml:1:47 protected.groups[1]: expected each group once, found "a" again (first at mappings/safety.yaml:1)',
    ],
  },
  {
    name: "names of JavaScript's own",
    files: {
      ad: ad(
        "attributes:\n  staff:\n    __proto__: x\n  __proto__: { title: { oops: x } }\ngroups:\n  - { name: constructor, for: { constructor: x, __proto__: y } }\n",
      ),
      entra: "toString: x\n",
    },
    lines: [
      'mappings/ad.yaml:6:5 expected another name, found "__proto__", which is never one',
      'mappings/ad.yaml:7:3 expected another name, found "__proto__", which is never one',
      'mappings/ad.yaml:9:49 expected another name, found "__proto__", which is never one',
      'mappings/entra.yaml:1:1 toString: expected one of accounts, attributes, passwords, usageLocation, licences, prices, groups, applications, administrativeUnits, mailboxes, replies, photos, found "toString"',
    ],
  },
  {
    name: "a map as the key",
    files: { entra: "? { a: b }\n: c\n" },
    lines: ["mappings/entra.yaml:1:3 expected a word as the key, found a list or map"],
  },
  {
    name: "an anchor used again, wrong twice",
    files: { entra: "groups:\n  - { name: A, for: &all { titel: x } }\n  - { name: B, for: *all }\n" },
    lines: [
      'mappings/entra.yaml:2:28 groups[0].for.titel: expected a field of the Halo record, found "titel"; did you mean "title"?',
      'mappings/entra.yaml:2:28 groups[1].for.titel: expected a field of the Halo record, found "titel"; did you mean "title"?',
    ],
  },
  {
    name: "a custom field without its name",
    files: {
      ad: ad('attributes:\n  staff:\n    title: "{{ custom }}"\n    info: "{{ custom[title] }}"\n    sn: "{{ firstname surname }}"\n'),
    },
    lines: [
      "mappings/ad.yaml:6:12 attributes.staff.title: expected custom.CFName with the name of one custom field, found custom without (character 4 of the template)",
      "mappings/ad.yaml:7:11 attributes.staff.info: expected custom.CFName with the name of one custom field, found custom without (character 4 of the template)",
      "mappings/ad.yaml:8:9 attributes.staff.sn: expected one field, then filters each after a |, as in {{ firstname | downcase }}, found two fields (character 1 of the template)",
    ],
  },
  {
    name: "a regular expression in a template's place",
    files: { ad: ad("attributes:\n  staff:\n    title: { matches: x }\n") },
    lines: [
      'mappings/ad.yaml:6:14 attributes.staff.title.matches: expected one of value, whenEmpty, values, mode, person, found "matches"',
    ],
  },
  {
    name: "flags that open a hole, and one that is none",
    files: {
      ad: ad(
        "    flags: { trustedForDelegation: true, preauthNotRequired: true, passwordNotRequired: false, smartcardRequired: true, smartcardRequird: true }\n",
      ),
    },
    lines: [
      "mappings/ad.yaml:4:36 accounts.first[0].flags.trustedForDelegation: expected false, found true; the account could act as every user who talks to it",
      "mappings/ad.yaml:4:62 accounts.first[0].flags.preauthNotRequired: expected false, found true; anybody could then fetch material to guess the password offline (AS-REP roasting)",
      'mappings/ad.yaml:4:121 accounts.first[0].flags.smartcardRequird: expected one of passwordNeverExpires, smartcardRequired, cannotBeDelegated, homeDirectoryRequired, passwordNotRequired, reversibleEncryption, desKeysOnly, preauthNotRequired, trustedForDelegation, trustedToAuthForDelegation, found "smartcardRequird"; did you mean "smartcardRequired"?',
    ],
  },
  {
    name: "values that AD would not take from anybody",
    files: {
      ad: ad(
        'attributes:\n  staff:\n    accountExpires: soon\n    homeDrive: Home\n    countryCode: "0x1"\n    msRTCSIP-UserEnabled: perhaps\n    logonHours: ["Mon-Fri 07:30-19:00"]\n    c: GBR\n    employeeID: "12345678901234567"\n',
      ),
    },
    lines: [
      'mappings/ad.yaml:6:21 attributes.staff.accountExpires: expected a day such as 2027-01-31 or 20270131, a moment such as 2027-01-31T15:00:00Z or never, found "soon"',
      'mappings/ad.yaml:7:16 attributes.staff.homeDrive: expected a drive such as H:, found "Home"',
      'mappings/ad.yaml:8:18 attributes.staff.countryCode: expected a whole number, found "0x1"',
      'mappings/ad.yaml:9:27 attributes.staff.msRTCSIP-UserEnabled: expected true or false, found "perhaps"',
      'mappings/ad.yaml:10:18 attributes.staff.logonHours[0]: expected hours such as "Mon-Fri 07:00-19:00" (UTC, whole hours), found "Mon-Fri 07:30-19:00"',
      'mappings/ad.yaml:11:8 attributes.staff.c: expected a country\'s two letters (ISO 3166) such as GB, found "GBR"; did you mean "GB"?',
      "mappings/ad.yaml:12:17 attributes.staff.employeeID: expected at most 16 characters, found 17",
    ],
  },
  {
    name: "addresses without a primary one, or with two",
    files: {
      ad: ad(
        'attributes:\n  none:\n    proxyAddresses: ["smtp:{{ emailaddress }}"]\n  two:\n    proxyAddresses: { values: ["SMTP:{{ emailaddress }}", "SMTP:{{ other1 }}"], mode: additive }\n  added:\n    proxyAddresses: { values: ["smtp:{{ other1 }}"], mode: additive }\n  wrong: { logonHours: { values: [daily 8-18], mode: additive } }\n',
      ),
    },
    lines: [
      "mappings/ad.yaml:6:21 attributes.none.proxyAddresses: expected one primary address (SMTP: in upper case), found none; others' addresses stay with { values: […], mode: additive }",
      "mappings/ad.yaml:8:59 attributes.two.proxyAddresses.values[1]: expected one primary address (SMTP: in upper case), found a second one; write the others smtp:",
      'mappings/ad.yaml:11:54 attributes.wrong.logonHours.mode: expected exact, found "additive"; logonHours is one value to AD',
    ],
  },
  {
    name: "a syntax for what AD knows, and a syntax there is none of",
    files: { ad: ad("syntax: { title: integer, northwindShoe: number, northwindHat: integer }\n") },
    lines: [
      'mappings/ad.yaml:4:18 syntax.title: expected an attribute of your own schema, found "title", which AD writes as text; take this line away',
      'mappings/ad.yaml:4:42 syntax.northwindShoe: expected one of text, integer, largeInteger, boolean, date, time, dn, octets, found "number"',
    ],
  },
  {
    name: "several files at once",
    files: {
      people: people("  for: { inactiv: false }\n"),
      ad: `accounts:\n  first:\n  - ou: 5\n    oops: 1\n  - ou: "OU=x"\n`,
      entra: "usageLocation: XYZ\nlicense: []\n",
      halo: "agents:\n  every:\n  - for: { group: GG-A }\n",
      safety: "leaver: { when: [gone] }\n",
    },
    lines: [
      'mappings/people.yaml:4:10 people.for.inactiv: expected a field of the Halo record, found "inactiv"; did you mean "inactive"?',
      'mappings/ad.yaml:3:9 accounts.first[0].ou: expected text, found 5; write it in quotes: "5"',
      'mappings/ad.yaml:4:5 accounts.first[0].oops: expected one of for, ou, name, attributes, flags, found "oops"',
      "mappings/ad.yaml:5:5 accounts.first[1]: expected the line for everybody last, found one after accounts.first[0], which is for everybody; it would never be used (put it before, or give that one a for)",
      'mappings/ad.yaml:5:9 accounts.first[1].ou: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "OU=x": it does not end in the domain (DC=…,DC=…)',
      'mappings/entra.yaml:1:16 usageLocation: expected a country\'s two letters (ISO 3166-1) such as GB, found "XYZ"',
      'mappings/entra.yaml:2:1 license: expected one of accounts, attributes, passwords, usageLocation, licences, prices, groups, applications, administrativeUnits, mailboxes, replies, photos, found "license"; did you mean "licences"?',
      'mappings/halo.yaml:3:19 agents.every[0].for.group: expected a group of ad.yaml, found "GG-A"',
      'mappings/safety.yaml:1:18 leaver.when[0]: expected one of inactive, absent, found "gone"',
    ],
  },
  // scripts.yaml
  {
    name: "a command as one text",
    files: { scripts: "scripts:\n  - { name: a, run: scripts/a.sh --quiet, after: [joiner] }\n" },
    lines: ['mappings/scripts.yaml:2:21 scripts[0].run: expected a list, found "scripts/a.sh --quiet"; write [scripts/a.sh --quiet]'],
  },
  {
    name: "a command that a shell would have found, or split",
    files: {
      scripts:
        "scripts:\n  - { name: a, run: [mail], after: [joiner] }\n  - { name: b, run: [./a.sh --quiet], after: [joiner] }\n  - { name: c, run: [../a.sh], after: [joiner] }\n  - { name: d e, run: [a.sh -q], after: [joiner] }\n",
    },
    lines: [
      'mappings/scripts.yaml:2:22 scripts[0].run[0]: expected an absolute path or a file inside the project such as scripts/welcome.sh, found "mail"; write its path, such as /usr/bin/mail or ./scripts/mail',
      'mappings/scripts.yaml:4:22 scripts[2].run[0]: expected an absolute path or a file inside the project such as scripts/welcome.sh, found "../a.sh"; it must be inside the project',
      'mappings/scripts.yaml:5:13 scripts[3].name: expected letters, digits, - and _, at most 60, found "d e"',
      'mappings/scripts.yaml:5:24 scripts[3].run[0]: expected an absolute path or a file inside the project such as scripts/welcome.sh, found "a.sh -q"; a command is a list, its arguments are entries of their own',
    ],
  },
  {
    name: "a command for no event, twice the same, before and after",
    files: {
      scripts:
        "scripts:\n  - { name: a, run: [./a.sh] }\n  - { name: A, run: [./a.sh], after: [joiner] }\n  - { name: c, run: [./a.sh], before: [mover], after: [joined, mover] }\n",
    },
    lines: [
      "mappings/scripts.yaml:2:5 scripts[0]: expected before or after with at least one event, found neither, so that it would never run",
      'mappings/scripts.yaml:3:13 scripts[1].name: expected each command once, found "A" again (first at mappings/scripts.yaml:2)',
      'mappings/scripts.yaml:4:56 scripts[2].after[0]: expected one of joiner, mover, leaver, rejoiner, rename, disable, enable, found "joined"; did you mean "joiner"?',
      "mappings/scripts.yaml:4:64 scripts[2].after[1]: expected each event under before or after, found mover under both; make two commands of it",
    ],
  },
  {
    name: "a command that asks for what there is not, or for haloform's own secrets",
    files: {
      scripts:
        'scripts:\n  - name: a\n    run: [./a.sh]\n    after: [joiner]\n    input: [login, objectGuid, emailadress]\n    env: [MY TOKEN]\n    secrets: [AD_BIND_PASSWORD]\n  - name: b\n    run: [./b.sh]\n    after: [joiner]\n    input: { who: "{{ firstnam }}", pin: { value: "{{ custom.CFPin }}", secret: true } }\n',
    },
    lines: [
      'mappings/scripts.yaml:5:20 scripts[0].input[1]: expected a field of the Halo record, an attribute that ad.yaml or entra.yaml writes, or one of login, objectGUID, entraId, userPrincipalName, found "objectGuid"; did you mean "objectGUID"?',
      'mappings/scripts.yaml:5:32 scripts[0].input[2]: expected a field of the Halo record, an attribute that ad.yaml or entra.yaml writes, or one of login, objectGUID, entraId, userPrincipalName, found "emailadress"; did you mean "emailaddress"?',
      'mappings/scripts.yaml:6:11 scripts[0].env[0]: expected a variable of the command\'s own, whose name begins with SCRIPT_ such as SCRIPT_MAIL_TOKEN, found "MY TOKEN"; a command gets no other',
      'mappings/scripts.yaml:7:15 scripts[0].secrets[0]: expected a variable of the command\'s own, whose name begins with SCRIPT_ such as SCRIPT_MAIL_TOKEN, found "AD_BIND_PASSWORD"; a command gets no other',
      'mappings/scripts.yaml:11:19 scripts[1].input.who: expected a field of the Halo record, found "firstnam"; did you mean "firstname"?',
    ],
  },
  // Groups, units, contacts and computers.
  {
    name: "a group of nobody",
    files: { ad: 'accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\ngroups:\n  - { name: GG-A }\n' },
    lines: [
      "mappings/ad.yaml:5:5 groups[0]: expected for or contains (who belongs in the group), found neither; write for: {} for everybody, contains: {} for nobody",
    ],
  },
  {
    name: "may beside additive",
    files: {
      ad: 'accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\ngroups:\n  - { name: GG-A, for: {}, mode: additive, may: { site_name: Lab } }\n',
    },
    lines: [
      "mappings/ad.yaml:5:49 groups[0].may: expected mode: exact beside may, found additive, in which everybody may be a member anyway",
    ],
  },
  {
    name: "groups that contain each other, or what there is not",
    files: {
      ad: 'accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\ngroups:\n  - { name: GG-A, contains: { groups: [GG-B], contacts: [Agncy] } }\n  - { name: GG-B, contains: { groups: [gg-a], dns: ["Printer"] } }\n  - { name: GG-C, contains: { groups: [GG-C] } }\ncontacts:\n  - { name: Agency, ou: "OU=Staff,DC=example,DC=com" }\n',
    },
    lines: [
      "mappings/ad.yaml:5:29 groups[0].contains: expected groups that do not contain each other in a circle, found GG-A → GG-B → GG-A",
      'mappings/ad.yaml:5:58 groups[0].contains.contacts[0]: expected a contact of this file, found "Agncy"; did you mean "Agency"?',
      'mappings/ad.yaml:6:53 groups[1].contains.dns[0]: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "Printer": "Printer" has no "OU=" before it (a comma inside a name is written \\,)',
      'mappings/ad.yaml:7:40 groups[2].contains.groups[0]: expected another group, found "GG-C" itself',
    ],
  },
  {
    name: "move to nowhere, a former name that is in use, a manager that is not there",
    files: {
      ad: 'accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\ngroups:\n  - { name: GG-A, for: {}, move: true, formerly: GG-B, managedBy: { group: GG-X } }\n  - { name: GG-B, for: {}, managedBy: { person: ada } }\n',
    },
    lines: [
      "mappings/ad.yaml:5:34 groups[0].move: expected ou beside move: true, found none; say where to move the group",
      'mappings/ad.yaml:5:50 groups[0].formerly: expected the old name of this group, found "GG-B", which is the name of mappings/ad.yaml:6',
      'mappings/ad.yaml:5:76 groups[0].managedBy.group: expected a group of this file, found "GG-X"; did you mean "GG-A"?',
      'mappings/ad.yaml:6:49 groups[1].managedBy.person: expected the key of a Halo record, such as 41, found "ada"',
    ],
  },
  {
    name: "a protected group that is allowed, with more than members",
    files: {
      ad: 'accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\ngroups:\n  - { name: Domain Admins, ou: "OU=A,DC=example,DC=com", for: { person: [1] }, description: x }\n  - { name: Domain Users, for: {} }\n',
      safety: "protected: { allow: [Domain Admins, Domain Users, Schema Admins], groups: [Schema Admins] }\n",
    },
    lines: [
      'mappings/ad.yaml:5:32 groups[0].ou: expected only members of "Domain Admins", which AD protects, found ou',
      'mappings/ad.yaml:5:93 groups[0].description: expected only members of "Domain Admins", which AD protects, found description',
      'mappings/ad.yaml:6:13 groups[1].name: expected a group that is not protected, found "Domain Users", which is always protected',
      'mappings/safety.yaml:1:37 protected.allow[1]: expected a group whose members are listed in it, found "Domain Users", which holds primary members',
      'mappings/safety.yaml:1:51 protected.allow[2]: expected a group that protected.groups does not name, found "Schema Admins", which mappings/safety.yaml:1 protects',
    ],
  },
  {
    name: "units, contacts and computers",
    files: {
      ad: 'accounts:\n  first:\n  - ou: "OU=Staff,DC=example,DC=com"\nous:\n  - { ou: "Vault", managedBy: { group: GG-X } }\n  - "OU=Staff,DC=example,DC=com"\n  - ou=staff,dc=example,dc=com\ncontacts:\n  - { name: A, ou: "OU=Staff,DC=example,DC=com", attributes: { manager: x, objectSid: y, "tele phone": z } }\ncomputers:\n  first:\n  - { name: "PC-1$", disable: true }\n  - { name: "*", disable: true }\n  - { name: PC-2 }\n',
    },
    lines: [
      'mappings/ad.yaml:5:11 ous[0].ou: expected a distinguishedName such as OU=Main,OU=Staff,DC=example,DC=com, found "Vault": "Vault" has no "OU=" before it (a comma inside a name is written \\,)',
      'mappings/ad.yaml:5:40 ous[0].managedBy.group: expected a group of this file, found "GG-X"',
      'mappings/ad.yaml:7:5 ous[2]: expected each organizational unit once, found "ou=staff,dc=example,dc=com" again (first at mappings/ad.yaml:6)',
      'mappings/ad.yaml:9:64 contacts[0].attributes.manager: expected an attribute that holds text, found "manager", which holds another object',
      'mappings/ad.yaml:9:76 contacts[0].attributes.objectSid: expected an attribute that mappings may write, found "objectSid"; AD keeps it itself',
      'mappings/ad.yaml:9:90 contacts[0].attributes["tele phone"]: expected the LDAP name of an attribute such as targetAddress, found "tele phone"; did you mean "homePhone"?',
      'mappings/ad.yaml:12:13 computers.first[0].name: expected a computer\'s name without its $, or a pattern with * and ?, found "PC-1$"',
      'mappings/ad.yaml:13:13 computers.first[1].name: expected at least one letter of the name, found "*", which is every computer',
      "mappings/ad.yaml:14:5 computers.first[2]: expected ou, or disable: true, found neither; the line would do nothing",
    ],
  },
  // Licences.
  {
    name: "one thing in two modes",
    files: {
      entra: "licences:\n  every:\n  - { sku: SPE_E3, for: { title: A } }\n  - { sku: spe_e3, for: { title: B }, mode: additive }\n",
      halo: "agents:\n  every:\n  - { for: {}, roles: [R], teams: [T] }\ngrants:\n  every:\n  - { for: {}, roles: [R], mode: additive }\n",
    },
    lines: [
      'mappings/entra.yaml:4:45 licences.every[1].mode: expected one mode for the licence "spe_e3", found additive, and exact at mappings/entra.yaml:3; it counts for all lines that name it',
      'mappings/halo.yaml:6:34 grants.every[0].mode: expected one mode for the role "R", found additive, and exact at mappings/halo.yaml:3; it counts for all lines that name it',
    ],
  },
  {
    name: "a licence with plans both on and off",
    files: { entra: "licences:\n  every:\n  - { sku: SPE_E3, with: [TEAMS1], without: [SWAY], for: { title: A } }\n" },
    lines: ["mappings/entra.yaml:3:26 licences.every[0].with: expected with or without, found both"],
  },
  {
    name: "a price for a SKU that nobody gets",
    files: { entra: "licences:\n  every:\n  - { sku: SPE_E3, for: { title: A } }\nprices:\n  SPE_E4: { month: 1, currency: GBP }\n" },
    lines: ['mappings/entra.yaml:5:3 prices.SPE_E4: expected a SKU that licences name, found "SPE_E4"; did you mean "SPE_E3"?'],
  },
  {
    name: "Halo's licences without Entra's",
    files: { halo: "licences: { client: 12 }\n" },
    lines: ["mappings/halo.yaml:1:11 licences: expected mappings/entra.yaml beside it (Entra ID is asked for the licences), found none"],
  },
  {
    name: "H13: Halo decides about a SKU that nobody may have",
    files: {
      entra: "licences:\n  every:\n  - { sku: SPE_E3, for: { title: A } }\n",
      halo: "licences:\n  client: 12\n  skus: [SPE_E4]\n  link: false\n  decides: halo\n",
    },
    lines: [
      'mappings/halo.yaml:3:10 licences.skus[0]: expected a SKU that entra.yaml names, as Halo decides who has it there, found "SPE_E4"; did you mean "SPE_E3"?',
      "mappings/halo.yaml:4:9 licences.link: expected true beside decides: halo, as links decide, found false",
    ],
  },
  {
    name: "H13: Halo decides about everything",
    files: {
      entra: "licences:\n  every:\n  - { sku: SPE_E3, for: { title: A } }\n",
      halo: "licences:\n  client: 12\n  skus: all\n  decides: halo\n",
    },
    lines: ["mappings/halo.yaml:3:9 licences.skus: expected a list, or nothing, beside decides: halo, found all"],
  },
  {
    name: "approvals.yaml: who cannot be asked, what never goes without anybody",
    files: {
      approvals: `rules:
  first:
    - { kinds: [joiner, joiner], approvers: nobody }
    - { kinds: [limitRaised], approvers: nobody }
    - { approvers: { one: [manager, "*@example.com"] } }
    - { approvers: { two: [ada@example.com] }, for: { site_nam: Main } }
otherwise: nobody
`,
    },
    lines: [
      'mappings/approvals.yaml:3:25 rules.first[0].kinds[1]: expected each kind once, found "joiner" again (first at mappings/approvals.yaml:3)',
      "mappings/approvals.yaml:4:42 rules.first[1].approvers: expected one or two approvers of limitRaised, found nobody; a limit is never raised without one",
      "mappings/approvals.yaml:5:28 rules.first[2].approvers.one[0]: expected manager at the top of this file too, found none; it says who somebody's manager is",
      'mappings/approvals.yaml:5:37 rules.first[2].approvers.one[1]: expected a name without spaces and wildcards such as ada@example.com, found "*@example.com"',
      "mappings/approvals.yaml:6:27 rules.first[3].approvers.two: expected at least two names of whom two approve, found 1",
      'mappings/approvals.yaml:6:55 rules.first[3].for.site_nam: expected a field of the Halo record, found "site_nam"; did you mean "site_name"?',
      'mappings/approvals.yaml:7:12 otherwise: expected { one: [ada@example.com] } or { two: [ada@example.com, ben@example.com] }, found "nobody"',
    ],
  },
];
