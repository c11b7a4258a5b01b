/** Invented plans for the tests of the renderings: a realistic one, one of hard names, one as large as wished. */
import type { Plan, PlanChange, PlanField, PlanPerson } from "../../../../stacks/model/plan.ts";

type Because = NonNullable<PlanField["because"]>;

const because = (rule: string, key: string, field: string, note?: string): Because => ({
  rule,
  record: `halo.users ${key}`,
  field,
  ...(note === undefined ? {} : { note }),
});

const field = (path: string, before: unknown, after: unknown, why?: Because): PlanField => ({
  path,
  before,
  after,
  ...(why === undefined ? {} : { because: why }),
});

const account = (key: string, login: string, op: PlanChange["op"], fields: PlanField[], why?: Because): PlanChange => ({
  system: "ad",
  type: "ad:User",
  resource: `person-${key}`,
  label: login,
  op,
  fields,
  ...(why === undefined ? {} : { because: why }),
});

const membership = (key: string, group: string, gained: boolean, why: Because): PlanChange => ({
  system: group.startsWith("SG-") ? "entra" : "ad",
  type: group.startsWith("SG-") ? "entra:Membership" : "ad:Membership",
  resource: group,
  label: group,
  op: gained ? "create" : "delete",
  fields: [field(`members.person:${key}`, gained ? null : `person:${key}`, gained ? `person:${key}` : null, why)],
});

const licence = (key: string, fields: PlanField[], pending?: string): PlanChange => ({
  system: "entra",
  type: "entra:Licence",
  resource: `licence-${key}`,
  label: "licences",
  op: "update",
  fields,
  ...(pending === undefined ? {} : { pending }),
});

const e3 = { sku: "SPE_E3", without: ["YAMMER_ENTERPRISE"] };
const e5 = { sku: "SPE_E5", without: [] };

const groups: Record<string, string> = {
  Sales: "GG-Sales",
  "Service Desk": "GG-ServiceDesk",
  Engineering: "GG-Engineering",
  Finance: "GG-Finance",
};

function leaver(key: string, name: string, login: string, department: string): PlanPerson {
  const gone = because("mappings/safety.yaml:2", key, "inactive");
  return {
    key,
    name,
    event: "leaver",
    why: "Inactive in Halo since this run.",
    changes: [
      account(key, login, "disable", [field("enabled", true, false, gone)], gone),
      membership(key, "GG-AllStaff", false, gone),
      membership(key, groups[department] ?? "GG-Engineering", false, gone),
      membership(key, "SG-Intranet", false, gone),
      licence(key, [field("skus.SPE_E3", e3, null, gone)]),
    ],
  };
}

function joiner(key: string, name: string, login: string, title: string, department: string, site: string): PlanPerson {
  const at = (line: number, from: string) => because(`mappings/ad.yaml:${line}`, key, from);
  return {
    key,
    name,
    event: "joiner",
    why: `Active in Halo at ${site}, and no account in Active Directory is theirs.`,
    changes: [
      account(key, login, "create", [
        field("attributes.department", null, department, at(21, "custom.CFDepartment")),
        field("attributes.displayName", null, name, at(19, "firstname, surname")),
        field("attributes.mail", null, `${login}@corp.example.com`, at(20, "emailaddress")),
        field("attributes.manager", null, "person:117", at(24, "custom.CFManager")),
        field("attributes.title", null, title, at(23, "title")),
        field("enabled", null, true),
        field("path", null, `OU=${site},OU=Staff,DC=corp,DC=example,DC=com`, at(8, "site_name")),
        field("sAMAccountName", null, login, because("mappings/people.yaml:11", key, "firstname, surname")),
      ]),
      membership(key, "GG-AllStaff", true, because("mappings/ad.yaml:30", key, "inactive")),
      membership(key, groups[department] ?? "GG-Engineering", true, because("mappings/ad.yaml:31", key, "custom.CFDepartment")),
      licence(
        key,
        [
          field("skus.SPE_E3", null, e3, because("mappings/entra.yaml:5", key, "site_name")),
          field("usageLocation", null, "GB", because("mappings/entra.yaml:2", key, "site_name")),
        ],
        "waits for Entra Connect",
      ),
    ],
  };
}

function mover(key: string, name: string, login: string, titles: [string, string], from: string, to: string): PlanPerson {
  const changes = [
    account(key, login, "update", [field("attributes.title", titles[0], titles[1], because("mappings/ad.yaml:23", key, "title"))]),
  ];
  if (from !== to) {
    changes[0]?.fields.unshift(field("attributes.department", from, to, because("mappings/ad.yaml:21", key, "custom.CFDepartment")));
    const why = because("mappings/ad.yaml:31", key, "custom.CFDepartment");
    if (groups[from] !== undefined) changes.push(membership(key, groups[from], false, why));
    if (groups[to] !== undefined) changes.push(membership(key, groups[to], true, why));
  }
  return { key, name, event: "mover", why: from === to ? `Now ${titles[1]}.` : `Moves from ${from} to ${to}.`, changes };
}

/** A morning at Northwind Ferries: 6 joiners, 4 leavers, 9 movers, one change made by hand, 2 people parked. */
export function samplePlan(): Plan {
  const people: PlanPerson[] = [
    joiner("351", "Zoë O'Neil", "zoneil", "Deckhand", "Operations", "Harbour"),
    joiner("352", "Tomasz Żuławski", "tzulawski", "Field Engineer", "Engineering", "Lab"),
    joiner("353", "Priya Raman", "praman", "Accountant", "Finance", "Main"),
    joiner("354", "Jürgen von der Heide-Lüttich", "jvonderheide", "Sales Executive", "Sales", "Main"),
    joiner("355", "سارة الحسن", "salhasan", "Service Desk Analyst", "Service Desk", "Main"),
    joiner("356", "Martin Little, Jr.", "mlittle", "Deckhand", "Operations", "Harbour"),
    leaver("108", "Gwen Oduya", "goduya", "Sales"),
    leaver("143", "Ivo Marsh", "imarsh", "Finance"),
    leaver("207", "Lena Fjord", "lfjord", "Service Desk"),
    leaver("219", "Peter Quay", "pquay", "Engineering"),
    mover("41", "Ada Example", "aexample", ["Deckhand", "Team Lead"], "Operations", "Operations"),
    mover("117", "Hanna Berg", "hberg", ["Service Desk Analyst", "Service Desk Manager"], "Service Desk", "Service Desk"),
    mover("126", "Oskar Lind", "olind", ["Sales Executive", "Accountant"], "Sales", "Finance"),
    mover("131", "Mei Tanaka", "mtanaka", ["Field Engineer", "Systems Engineer"], "Engineering", "Engineering"),
    mover("155", "Rui Costa", "rcosta", ["Service Desk Analyst", "Field Engineer"], "Service Desk", "Engineering"),
    mover("160", "Sanna Rask", "srask", ["Deckhand", "Sales Executive"], "Operations", "Sales"),
    mover("178", "Tim Harbour", "tharbour", ["Accountant", "Finance Lead"], "Finance", "Finance"),
    mover("184", "Una Byrne", "ubyrne", ["Field Engineer", "Service Desk Analyst"], "Engineering", "Service Desk"),
    mover("199", "Victor Sund", "vsund", ["Deckhand", "Boatswain"], "Operations", "Operations"),
    {
      key: "230",
      name: "Wilma Strand",
      event: "none",
      why: "Changed by hand in Active Directory since the last run.",
      changes: [
        account("230", "wstrand", "update", [
          field("attributes.telephoneNumber", "0000", "+44 20 7946 0112", because("mappings/ad.yaml:25", "230", "phonenumber")),
        ]),
      ],
    },
  ];
  people[10]?.changes.push(
    licence("41", [
      field("skus.SPE_E3", e3, null, because("mappings/entra.yaml:5", "41", "title")),
      field("skus.SPE_E5", null, e5, because("mappings/entra.yaml:8", "41", "title", "team leads have E5")),
    ]),
  );
  people[11]?.changes.push(
    {
      system: "halo",
      type: "halo:Agent",
      resource: "agent-117",
      label: "hanna.berg@corp.example.com",
      op: "update",
      fields: [field("roles.Administrator", null, "Administrator"), field("teams.Second line", null, "Second line")],
      because: because("mappings/halo.yaml:6", "117", "title"),
    },
    {
      system: "ad",
      type: "ad:User",
      resource: "person-117",
      label: "hberg",
      op: "move",
      fields: [
        field(
          "path",
          "OU=Harbour,OU=Staff,DC=corp,DC=example,DC=com",
          "OU=Main,OU=Staff,DC=corp,DC=example,DC=com",
          because("mappings/ad.yaml:8", "117", "site_name"),
        ),
      ],
    },
  );
  const shared: PlanChange[] = [
    {
      system: "ad",
      type: "ad:Group",
      resource: "GG-Change",
      label: "GG-Change",
      op: "create",
      fields: [
        field("description", null, "Change advice board"),
        field("members.person:117", null, "person:117"),
        field("members.person:41", null, "person:41"),
        field("name", null, "GG-Change"),
        field("path", null, "OU=Groups,DC=corp,DC=example,DC=com"),
        field("scope", null, "global"),
      ],
      because: { rule: "mappings/ad.yaml:36", note: "Change advice board from November" },
    },
    {
      system: "ad",
      type: "ad:Group",
      resource: "GG-Finance",
      label: "GG-Finance",
      op: "update",
      fields: [
        field("members.dn:CN=svc-scan,OU=Service,DC=corp,DC=example,DC=com", "dn:CN=svc-scan,OU=Service,DC=corp,DC=example,DC=com", null),
      ],
      because: { rule: "mappings/ad.yaml:33" },
    },
    {
      system: "halo",
      type: "halo:Role",
      resource: "role-Field Engineer",
      label: "Field Engineer",
      op: "create",
      fields: [field("name", null, "Field Engineer")],
      because: { rule: "mappings/halo.yaml:2" },
    },
  ];
  return planOf({
    people,
    shared,
    parked: [
      {
        key: "240",
        name: "Alex Rivers",
        where: "matching",
        reason: "Two accounts could be theirs: arivers and alex.rivers both have this mail. Set employeeNumber 240 on the right one.",
      },
      {
        key: "241",
        name: "Alex Rivers",
        where: "ad",
        reason:
          "Active Directory refused to rename the account: the name is in use (68, entryAlreadyExists). Rename the other object or change the name in Halo.",
      },
    ],
    notes: [
      "2 accounts under OU=Staff belong to nobody in Halo; they are left alone.",
      "The mapping names 12 people for GG-VPN whose site is Lab; the rule leaves Lab out.",
    ],
  });
}

/** A plan around these parts, with counts that fit them. */
export function planOf(parts: Partial<Plan>): Plan {
  const people = parts.people ?? [];
  const changes = [...people.flatMap((person) => person.changes), ...(parts.shared ?? [])];
  const ops: Record<string, number> = {};
  for (const { op } of changes) ops[op] = (ops[op] ?? 0) + 1;
  const event = (name: string) => people.filter((person) => person.event === name).length;
  const lost = (type: RegExp, path: RegExp) =>
    changes
      .filter((change) => type.test(change.type))
      .reduce(
        (sum, change) => sum + change.fields.filter((each) => path.test(each.path) && each.after === null && each.before !== null).length,
        0,
      );
  return {
    format: "haloform.plan/1",
    digest: "sha256:6d1f0c52a3a5e8e1b60a53be2d5b3b6f3f4f5d8fd7d7d7a7a05f4b8fbb0b9c11",
    stack: "northwind",
    made: "2026-11-21T08:00:00.000Z",
    expires: "2026-11-21T20:00:00.000Z",
    world: "sha256:0a6f0c52a3a5e8e1b60a53be2d5b3b6f3f4f5d8fd7d7d7a7a05f4b8fbb0b9c22",
    source: { name: "Halo users", records: 250, trust: "trusted", doubts: [] },
    summary: {
      people: 250,
      joiners: event("joiner"),
      movers: event("mover"),
      leavers: event("leaver"),
      ops,
      unchanged: 486,
      adopted: 0,
      losses: {
        disabled: ops["disable"] ?? 0,
        memberships: lost(/:(Membership|Group)$/u, /^members\./u),
        licences: lost(/:Licence$/u, /^skus\./u),
      },
    },
    people,
    shared: [],
    parked: [],
    notes: [],
    guard: { verdict: "ok", breaches: [] },
    calls: { halo: 5, graph: 6, ldap: 9 },
    ...parts,
  };
}

/** Names that break renderings: markup, mentions, references, controls, bidirectional overrides, blanks, length. */
export const hardNames: readonly string[] = [
  `Quo"te 'single' \`tick\` \`\`\`fence`,
  "Comma, Surname",
  "Back\\slash \\| pipe | pipe",
  "#12 hash #34 GH-56 org/repo#78",
  "  leading and trailing  ",
  "Emoji 👩‍💻 🏳️‍🌈 🇬🇧",
  "L".repeat(300),
  "Right \u202egnp.exe\u202c left\u2066x\u2069",
  "</pre></code></details></summary>",
  "</details><details open><summary>",
  "<script>document.title='owned'</script>",
  `<img src=x onerror="document.title='owned'">`,
  "<style>body{display:none}</style>",
  "@team @org/team mail@example.org",
  "![x](https://example.com/y.png) [link](https://example.com) https://example.com www.example.com",
  "line\nbreak\r\n# heading\n- item\u2028para\u2029",
  "\u001b[31mred\u001b[0m\u0007\u0008\u009b2J",
  "zero\u200bwidth\u00ad\ufefftag\u{e0041}",
  "*bold* _it_ ~~no~~ $x^2$ :tada: --> <!-- x",
  "1. list",
  "- dash",
  "lone \ud800 surrogate",
  "&lt;b&gt; &amp;",
  `{{ liquid }} \${x} %s`,
  "إسم عربي",
];

/** Everybody has a hard name, and the same text stands in every place a record can reach. */
export function hardPlan(names: readonly string[] = hardNames): Plan {
  const kinds = ["leaver", "joiner", "rejoiner", "mover", "none"] as const;
  return planOf({
    people: names.map((name, index) => ({
      key: String(100 + index),
      name,
      event: kinds[index % kinds.length] ?? "none",
      why: `Why ${name}`,
      changes: [
        account(
          String(100 + index),
          name,
          "update",
          [field("attributes.displayName", name, `${name}!`, { rule: "mappings/ad.yaml:1", record: name, field: name, note: name })],
          { rule: name },
        ),
        membership(String(100 + index), name, true, because("mappings/ad.yaml:2", name, name)),
        { ...licence(String(100 + index), [field(`skus.${name}`, null, { sku: name, without: [name] })], name) },
      ],
    })),
    shared: names.map((name) => ({
      system: "ad",
      type: "ad:Group",
      resource: name,
      label: name,
      op: "create",
      fields: [field(`members.dn:${name}`, null, `dn:${name}`)],
    })),
    parked: names.map((name, index) => ({ key: String(500 + index), name, reason: name, where: name })),
    notes: [...names],
  });
}

/** So many movers, each with a new title, department and group. */
export function largePlan(count: number): Plan {
  return planOf({
    people: Array.from({ length: count }, (_, index) =>
      mover(String(1000 + index), `Person Number${index}`, `pnumber${index}`, ["Deckhand", "Team Lead"], "Sales", "Finance"),
    ),
  });
}
