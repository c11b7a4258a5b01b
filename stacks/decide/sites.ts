/** Which site of Halo a person is put into, and who is an agent as well: the entries of mappings/halo-users.yaml, decided. */
import { fold } from "../../base/text.ts";
import { compile } from "../../mappings/language/template.ts";
import type { Condition, HaloFile, Mappings } from "../../mappings/schema/all.ts";
import { agentEntry, type SiteRule } from "../../mappings/schema/halo-users.ts";
import { because, type Scene } from "../model/scene.ts";
import type { Because } from "../model/types.ts";
import { textOf, textsOf } from "../model/values.ts";
import type { Subject } from "../people/lifecycle.ts";

/** What deciding needs of a person. */
export interface Candidate {
  /** A guest of the tenant. */
  external: boolean;
  /** Names of the Entra groups they are in, exactly. */
  groups: readonly string[];
  decide(condition: Condition): { holds: boolean; fields: string[] };
}

export interface Decision {
  /** Index of the first entry that holds and names a site. */
  site?: { index: number; fields: string[] };
  /** Index of the first `*agent*` entry that holds. */
  agent?: { index: number; fields: string[] };
}

/** The first entry that holds, by sequence (file order among equals); entries for agents decide no site. */
export function decideSite(rules: readonly SiteRule[], person: Candidate): Decision {
  const decision: Decision = {};
  const order = rules.map((rule, index) => ({ rule, index })).sort((a, b) => a.rule.sequence - b.rule.sequence || a.index - b.index);
  for (const { rule, index } of order) {
    const kind = rule.site === agentEntry ? "agent" : "site";
    if (decision[kind] || (person.external && !rule.external)) continue;
    if (rule.entra_group !== undefined && !person.groups.includes(rule.entra_group)) continue;
    const verdict = rule.for === undefined ? { holds: true, fields: [] } : person.decide(rule.for);
    if (!verdict.holds) continue;
    const fields = rule.entra_group === undefined ? verdict.fields : [...verdict.fields, "groups"].sort();
    decision[kind] = { index, fields };
  }
  return decision;
}

/** A guest, by the field userType of Entra ID; people of other sources are none. */
const isExternal = (subject: Subject): boolean => fold(textOf(subject.record?.fields["userType"])) === "guest";

const decisions = new WeakMap<Scene, Map<string, Decision>>();

/** Decided once a run for everybody. Nobody without a record meets any entry. */
function decisionFor(scene: Scene, subject: Subject): Decision {
  const known = decisions.get(scene) ?? new Map<string, Decision>();
  decisions.set(scene, known);
  const found = known.get(subject.key);
  if (found) return found;
  const rules = scene.mappings.haloUsers?.users?.sites ?? [];
  const made =
    rules.length === 0 || !subject.record
      ? {}
      : decideSite(rules, {
          external: isExternal(subject),
          groups: textsOf(subject.record.fields["groups"]),
          decide: (condition) => scene.wanted.decide(condition, subject),
        });
  known.set(subject.key, made);
  return made;
}

export interface Placed {
  /** `Client/Site`. */
  site: string;
  role?: string | undefined;
  why: Because;
  /** The site follows from a field's value (`organisation`). */
  made?: { client: string; name: string };
}

/** Where a person belongs; undefined: nowhere, so no user in Halo. */
export function placeOf(scene: Scene, subject: Subject): Placed | undefined {
  const { site } = decisionFor(scene, subject);
  const users = scene.mappings.haloUsers?.users;
  const rule = site && users?.sites[site.index];
  if (site && rule)
    return { site: rule.site, role: rule.role, why: because(scene.at("halo-users", "users", "sites", site.index), subject, site.fields) };
  const organisation = users?.organisation;
  if (!organisation || !subject.record || (isExternal(subject) && !organisation.external)) return undefined;
  const template = compile(organisation.siteFrom);
  const name = template.render(subject.record.fields);
  if (name === "") return undefined;
  return {
    site: `${organisation.client}/${name}`,
    role: organisation.role,
    why: because(scene.at("halo-users", "users", "organisation"), subject, template.fields),
    made: { client: organisation.client, name },
  };
}

type AgentLine = HaloFile["agents"][number];

/** H4: what `*agent*` makes of people, as a line of halo.yaml's agents; undefined where no entry does. */
export function siteAgents(mappings: Mappings): AgentLine | undefined {
  const { haloUsers } = mappings;
  if (!haloUsers?.users?.sites.some((rule) => rule.site === agentEntry)) return undefined;
  const { roles = [], teams = [], team, fields } = haloUsers.agents ?? {};
  return {
    for: {},
    roles,
    teams,
    ...(fields?.name === undefined ? {} : { name: fields.name }),
    ...(team === undefined ? {} : { team }),
  } as AgentLine;
}

/** The line by which a person is an agent because of an `*agent*` entry. */
export function agentOfSites(scene: Scene, subject: Subject): { line: AgentLine; why: Because } | undefined {
  const line = siteAgents(scene.mappings);
  const { agent } = line ? decisionFor(scene, subject) : {};
  if (!line || !agent) return undefined;
  return { line, why: because(scene.at("halo-users", "users", "sites", agent.index), subject, agent.fields) };
}

/** H1: the fields of an agent of the `*agent*` entry, apart from those of users; {} for everybody else. */
export function agentFields(scene: Scene, subject: Subject): { email?: string; firstname?: string; surname?: string } {
  const fields = scene.mappings.haloUsers?.agents?.fields;
  if (!fields || !subject.record || !agentOfSites(scene, subject)) return {};
  const record = subject.record.fields;
  return Object.fromEntries(
    (["email", "firstname", "surname"] as const).flatMap((name) => {
      const template = fields[name];
      const text = template === undefined ? "" : compile(template).render(record);
      return text === "" ? [] : [[name, text]];
    }),
  );
}
