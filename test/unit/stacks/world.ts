/** Invented people, mappings and systems for the tests of the pure middle, and a simulator that does what a wish says. */
import type { z } from "zod";
import type { Json, Values } from "../../../base/json.ts";
import { adFile } from "../../../mappings/schema/ad.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { entraFile } from "../../../mappings/schema/entra.ts";
import { haloFile } from "../../../mappings/schema/halo.ts";
import { peopleFile } from "../../../mappings/schema/people.ts";
import { safetyFile } from "../../../mappings/schema/safety.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { waveOrder } from "../../../providers/core/waves.ts";
import { immutableIdOf } from "../../../stacks/match/anchors.ts";
import type { Memory, PreviousResource, SourceRecord } from "../../../stacks/model/types.ts";
import { waveOf, wavesOf } from "../../../stacks/model/waves.ts";
import type { Wish, World } from "../../../stacks/wish/wish.ts";

export const base = "DC=corp,DC=example,DC=com";
export const staff = (site: string): string => `OU=${site},OU=Staff,${base}`;

type In = {
  people?: z.input<typeof peopleFile>;
  ad?: z.input<typeof adFile> | null;
  entra?: z.input<typeof entraFile> | null;
  halo?: z.input<typeof haloFile> | null;
  safety?: z.input<typeof safetyFile>;
};

export const peopleDefault: z.input<typeof peopleFile> = {
  people: {
    source: "halo.users",
    for: { isserviceaccount: false },
    login: { is: "{{ firstname | slice: 0 }}{{ surname | ascii | downcase }}" },
  },
};
export const adDefault: z.input<typeof adFile> = {
  accounts: {
    first: [{ for: { site_name: ["Main", "Harbour", "Lab"] }, ou: `OU={{ site_name }},OU=Staff,${base}`, attributes: "office" }],
  },
  attributes: {
    office: {
      displayName: "{{ firstname }} {{ surname }}",
      department: "{{ custom.CFDepartment }}",
      mail: "{{ emailaddress | downcase }}",
      employeeNumber: "{{ id }}",
      telephoneNumber: { value: "{{ phonenumber }}", whenEmpty: "clear" },
      userPrincipalName: "{{ login }}@corp.example.com",
      manager: { person: "{{ custom.CFManager }}" },
    },
  },
  groups: [
    { name: "GG-Change", ou: `OU=Groups,${base}`, for: { any: [{ group: "GG-Sales" }, { title: { matches: "Lead" } }] } },
    { name: "GG-Sales", ou: `OU=Groups,${base}`, for: { "custom.CFDepartment": "Sales" } },
    { name: "GG-VPN", ou: `OU=Groups,${base}`, for: { site_name: "Harbour" }, mode: "additive" },
  ],
};
export const entraDefault: z.input<typeof entraFile> = {
  usageLocation: "GB",
  licences: {
    every: [
      { sku: "SPE_E3", without: ["YAMMER_ENTERPRISE", "SWAY"], for: { site_name: "Main" } },
      { sku: "SPE_E3", without: ["SWAY"], for: { group: "GG-Sales" } },
      { sku: "SPE_E5", for: { site_name: "Lab" } },
    ],
  },
  groups: [{ name: "SG-Intranet", for: { site_name: ["Main", "Harbour"] } }],
};
export const haloDefault: z.input<typeof haloFile> = {
  roles: [{ name: "Field Engineer", permissions: { b: "1", a: "2" } }],
  agents: {
    every: [
      { for: { "custom.CFDepartment": "Service Desk" }, roles: ["Service Desk"], teams: ["First line"], team: "First line" },
      { for: { title: { matches: "Lead" } }, roles: ["Field Engineer"] },
    ],
  },
};

/** Mappings as load.ts would give them; a file given as null is left out. Places are the paths themselves. */
export function mappings(given: In = {}): Mappings {
  const people = peopleFile.parse(given.people ?? peopleDefault);
  return {
    people: people.people,
    trust: people.trust,
    ...(given.ad === null ? {} : { ad: adFile.parse(given.ad ?? adDefault) }),
    ...(given.entra === null ? {} : { entra: entraFile.parse(given.entra ?? entraDefault) }),
    ...(given.halo === null ? {} : { halo: haloFile.parse(given.halo ?? haloDefault) }),
    safety: safetyFile.parse(given.safety ?? {}),
    at: ([file, ...path]) => `mappings/${file}.yaml:${path.join(".")}`,
    digest: "sha256:0",
    fields: [],
    adAttributes: [],
  };
}

export function record(id: number, fields: { [field: string]: Json } = {}): SourceRecord {
  const firstname = (fields["firstname"] as string | undefined) ?? `Ada${id}`;
  const surname = (fields["surname"] as string | undefined) ?? `Example${id}`;
  const name = `${firstname} ${surname}`;
  return {
    ref: `halo.users ${id}`,
    fields: {
      id,
      name,
      firstname,
      surname,
      emailaddress: `user${id}@corp.example.com`,
      site_name: "Main",
      title: "Analyst",
      inactive: false,
      isserviceaccount: false,
      phonenumber: "",
      "custom.CFDepartment": "Sales",
      "custom.CFManager": "",
      ...fields,
    },
  };
}

let serial = 0;
export const guid = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;

export function account(number: number, values: Values = {}, attributes: Values = {}): Live {
  const name = (values["name"] as string | undefined) ?? `Ada${number} Example${number}`;
  const path = (values["path"] as string | undefined) ?? staff("Main");
  return {
    id: guid(number),
    values: {
      distinguishedName: `CN=${name},${path}`,
      name,
      path,
      enabled: true,
      sAMAccountName: `user${number}`,
      userPrincipalName: `user${number}@corp.example.com`,
      memberOf: [],
      protected: false,
      unfinished: false,
      ...values,
      attributes: { employeeNumber: String(number), mail: `user${number}@corp.example.com`, ...attributes },
    },
  };
}

export function group(name: string, members: Json[] = [], values: Values = {}): Live {
  return {
    id: `group-${name}`,
    values: {
      distinguishedName: `CN=${name},OU=Groups,${base}`,
      name,
      path: `OU=Groups,${base}`,
      scope: "global",
      kind: "security",
      description: "",
      members,
      protected: false,
      ...values,
    },
  };
}

export const memberOf = (live: Live): Json => ({ dn: live.values["distinguishedName"] ?? "", guid: live.id });

export function entraUser(id: string, values: Values = {}): Live {
  return {
    id,
    values: {
      userPrincipalName: `${id}@corp.example.com`,
      mail: "",
      employeeId: "",
      displayName: id,
      enabled: true,
      immutableId: "",
      synced: false,
      usageLocation: "",
      direct: [],
      inherited: [],
      ...values,
    },
  };
}

/** The agent of a person in Halo. */
export function agent(id: number, person: number, values: Values = {}): Live {
  return {
    id: String(id),
    values: {
      name: `Ada${person} Example${person}`,
      email: `user${person}@corp.example.com`,
      firstname: `Ada${person}`,
      surname: `Example${person}`,
      enabled: true,
      roles: [],
      teams: [],
      team: "",
      isapiagent: false,
      ...values,
    },
  };
}

export const now = new Date("2026-03-01T08:00:00.000Z");
export const trusted: World["trust"] = { verdict: "trusted", doubts: [], memory: { count: 1, filled: {} } };
export const doubted: World["trust"] = { verdict: "doubted", doubts: ["60 of 250 records are missing"], memory: { count: 1, filled: {} } };

export function world(given: Partial<World> & { records: readonly SourceRecord[] }): World {
  return { now, mappings: mappings(), trust: trusted, previous: [], memory: undefined, live: {}, ...given };
}

export interface After {
  live: { [type: string]: Live[] };
  previous: PreviousResource[];
  memory: Memory;
}

/** Does what the wish says, with Entra Connect at once, and gives the world the next run finds. Ids never depend on order of the wish. */
export function apply(before: World, wished: Wish): After {
  const live: { [type: string]: Live[] } = Object.fromEntries(
    ["ad:OrganizationalUnit", "ad:User", "ad:Group", "entra:User", "entra:Licence", "entra:Group", "halo:Role", "halo:Agent"].map(
      (type) => [type, structuredClone([...(before.live[type] ?? [])])],
    ),
  );
  const of = (type: string): Live[] => (live[type] ??= []);
  const people = Object.fromEntries(wished.people.map((one) => [one.key, { ...one.accounts }]));
  const states = new Map(before.previous.map((one) => [`${one.type}::${one.name}`, one]));
  const previous: PreviousResource[] = [];
  const synced = (): void => {
    // Entra Connect joins a new AD account with a cloud account of the same person where there is one ("soft match").
    for (const one of Object.values(people)) {
      const cloud = of("entra:Licence").find((each) => each.id === one.entra);
      const anchor = immutableIdOf(one.ad ?? "") ?? "";
      // Entra ID has an anchor once.
      const isFree = !of("entra:Licence").some((each) => each.values["immutableId"] === anchor);
      if (cloud && isFree && !cloud.values["immutableId"]) cloud.values["immutableId"] = anchor;
    }
    connect(live);
    for (const one of Object.values(people)) {
      const immutableId = one.ad === undefined ? undefined : immutableIdOf(one.ad);
      const entra = immutableId && of("entra:Licence").find((each) => each.values["immutableId"] === immutableId)?.id;
      if (entra) one.entra ??= entra;
    }
  };
  let cloud = false;
  for (const wave of wavesOf(wished.resources)) {
    if (!cloud && wave[0] && waveOrder(waveOf(wave[0])) > waveOrder("accounts")) {
      cloud = true;
      synced();
    }
    for (const one of wave) {
      const state = states.get(`${one.type}::${one.name}`);
      let id = one.adopt ?? (state && of(one.type).some((each) => each.id === state.id) ? state.id : undefined);
      if (one.type === "entra:Licence") id ??= people[one.person ?? ""]?.entra;
      if (one.type === "entra:Licence" && id === undefined) continue;
      let target = of(one.type).find((each) => each.id === id);
      if (!target) {
        target = { id: one.type === "ad:User" ? guid(1_000_000 + ++serial) : `made-${++serial}`, values: {} };
        of(one.type).push(target);
      }
      if (one.person !== undefined) {
        const mine = people[one.person] ?? {};
        people[one.person] = mine;
        if (one.type === "ad:User") mine.ad = target.id;
        if (one.type === "halo:Agent") mine.halo = target.id;
      }
      write(one.type, target, one.inputs, people, live);
      previous.push({
        type: one.type,
        name: one.name,
        id: target.id,
        inputs: structuredClone(one.inputs),
        outputs: resolved(one, state?.outputs ?? {}),
      });
    }
  }
  return { live, previous, memory: wished.memory };

  function resolved(one: { type: string; inputs: Values }, old: Values): Values {
    const system = ({ "ad:Group": "ad", "entra:Group": "entra", "halo:Team": "halo" } as const)[one.type];
    if (system === undefined || !one.inputs["members"]) return {};
    const was = ((old["computed"] as Values | undefined)?.["resolved"] ?? {}) as Values;
    const refs = (one.inputs["members"] as string[]).flatMap((ref) => {
      const id = people[ref.slice("person:".length)]?.[system] ?? was[ref];
      return ref.startsWith("person:") && id ? [[ref, id]] : [];
    });
    return { computed: { resolved: Object.fromEntries(refs) } };
  }
}

/** Entra Connect: every AD account has its account in Entra. */
export function connect(live: { [type: string]: Live[] }): void {
  const cloud = live["entra:Licence"] ?? [];
  live["entra:Licence"] = cloud;
  const known = new Set(cloud.map((one) => one.values["immutableId"]));
  for (const user of live["ad:User"] ?? []) {
    const immutableId = immutableIdOf(user.id) ?? "";
    if (!known.has(immutableId))
      cloud.push(entraUser(`entra-${user.id}`, { immutableId, synced: true, userPrincipalName: user.values["userPrincipalName"] ?? "" }));
  }
}

function write(
  type: string,
  target: Live,
  inputs: Values,
  people: { [key: string]: { ad?: string; entra?: string } },
  live: { [type: string]: Live[] },
): void {
  const { person: _person, members, of: _of, skus, attributes, mode: _mode, create: _create, ...plain } = inputs;
  const before = { ...target.values };
  Object.assign(target.values, plain);
  if (type === "ad:User") {
    target.values["distinguishedName"] = `CN=${String(inputs["name"])},${String(inputs["path"])}`;
    target.values["attributes"] = { ...(target.values["attributes"] as Values | undefined), ...(attributes as Values) };
    target.values["unfinished"] = false;
  }
  if (type === "entra:Licence") {
    const owned = new Set(inputs["of"] as string[]);
    const others = ((target.values["direct"] ?? []) as { sku: string }[]).filter(({ sku }) => !owned.has(sku));
    target.values["direct"] = [...others, ...(skus as Json[])] as Json[];
  }
  if (type === "halo:Agent") {
    const of = inputs["of"] as Values;
    for (const list of ["roles", "teams"] as const) {
      const owned = new Set(of[list] as string[]);
      const others = ((before[list] ?? []) as string[]).filter((one) => !owned.has(one));
      target.values[list] = [...others, ...((inputs[list] ?? []) as string[])].sort();
    }
  }
  if (type === "ad:Group") {
    target.values["path"] ??= inputs["path"] ?? "";
    const wished = (members as string[]).map((ref) => {
      const named = live["ad:User"]?.find((one) => `dn:${String(one.values["distinguishedName"])}` === ref);
      if (ref.startsWith("dn:")) return named ? memberOf(named) : { dn: ref.slice(3) };
      const id = people[ref.slice("person:".length)]?.ad;
      const user = live["ad:User"]?.find((one) => one.id === id);
      return user ? { dn: String(user.values["distinguishedName"]), guid: user.id } : undefined;
    });
    const kept = inputs["mode"] === "additive" ? ((target.values["members"] ?? []) as Json[]) : [];
    const all = [...kept, ...wished.filter((one) => one !== undefined)];
    target.values["members"] = [...new Map(all.map((one) => [JSON.stringify(one), one])).values()] as Json[];
  }
  if (type === "entra:Group") {
    target.values["members"] = (members as string[]).flatMap((ref) =>
      ref.startsWith("id:") ? [ref.slice(3)] : (people[ref.slice("person:".length)]?.entra ?? []),
    );
  }
}

/** The next run over what the last one left. */
export function next(before: World, after: After, change: Partial<World> = {}): World {
  return { ...before, live: after.live, previous: after.previous, memory: after.memory, ...change };
}

/** Inputs by type and name. */
export function inputsOf(wished: Wish): { [name: string]: Values } {
  return Object.fromEntries(wished.resources.map((one) => [`${one.type}::${one.name}`, one.inputs]));
}

export function find(wished: Wish, type: string, name: string) {
  return wished.resources.find((one) => one.type === type && one.name === name);
}
