/** Which site of Halo a person is put into, and who is an agent as well: the entries of mappings/halo-users.yaml, decided. */
import { defined } from "../../base/defined.ts";
import { fold } from "../../base/text.ts";
import { compile } from "../../mappings/language/template.ts";
import type { Condition, Mappings } from "../../mappings/schema/all.ts";
import { agentEntry, type SiteRule } from "../../mappings/schema/halo-users.ts";
import type { AgentLine, Decisions, Known } from "../model/decisions.ts";
import { remembered } from "../model/remembered.ts";
import { because } from "../model/scene.ts";
import { textOf } from "../model/values.ts";

/** What deciding needs of a person. */
export interface Candidate {
  /** A guest of the tenant. */
  external: boolean;
  decide(condition: Condition): { holds: boolean; fields: string[] };
  /** What a template gives. */
  text?(template: string): string;
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
    const verdict = rule.for === undefined ? { holds: true, fields: [] } : person.decide(rule.for);
    // An entry that cannot say which site is nobody's: the next is asked.
    if (!verdict.holds || (rule.siteFrom !== undefined && person.text?.(rule.siteFrom) === "")) continue;
    decision[kind] = { index, fields: verdict.fields };
  }
  return decision;
}

/** A guest, by the field userType of Entra ID; people of other sources are none. */
const isExternal = (person: Known): boolean => fold(textOf(person.record?.fields["userType"])) === "guest";

const once = <T>(make: (person: Known) => T) => remembered(make, ({ key }) => key);

/** The section `organisation` is an entry behind all others. */
export function siteEntries({ haloUsers }: Mappings): { rule: SiteRule; path: (string | number)[] }[] {
  const { sites = [], organisation } = haloUsers?.users ?? {};
  const entries = sites.map((rule, index) => ({ rule, path: ["halo-users", "users", "sites", index] }));
  if (!organisation) return entries;
  const { client, ...last } = organisation;
  return [...entries, { rule: { ...last, organisation: client, sequence: Infinity }, path: ["halo-users", "users", "organisation"] }];
}

/** Decides for a person: the site (`place`), and whether halo-users.yaml makes an agent (`agentBySite`). Nobody without a record meets any entry. */
export function sitesOf(mappings: Mappings, verdict: Decisions["verdict"]): Pick<Decisions, "place" | "agentBySite"> {
  const entries = siteEntries(mappings);
  const rules = entries.map(({ rule }) => rule);
  const agents = siteAgents(mappings);
  // Without entries nobody need be remembered.
  if (rules.length === 0) return { place: () => undefined, agentBySite: () => undefined };
  const decided = once((person): Decision => {
    const { record } = person;
    if (!record) return {};
    return decideSite(rules, {
      external: isExternal(person),
      decide: (condition) => verdict(condition, person),
      text: (template) => compile(template).render(record.fields),
    });
  });
  return {
    place: once((person) => {
      const { site } = decided(person);
      const entry = site && entries[site.index];
      if (!site || !entry || !person.record) return undefined;
      const { site: named, organisation, siteFrom, create = false, role } = entry.rule;
      const rule = mappings.at(entry.path);
      if (named !== undefined) return { site: named, role, why: because(rule, person, site.fields) };
      const template = compile(siteFrom ?? "");
      const name = template.render(person.record.fields);
      const why = because(rule, person, [...new Set([...site.fields, ...template.fields])]);
      return { site: `${organisation}/${name}`, role, why, made: { client: organisation ?? "", name, create } };
    }),
    agentBySite(person) {
      const { agent } = decided(person);
      const line = agent && agents.get(agent.index);
      return line && { line, why: because(mappings.at(["halo-users", "users", "sites", agent.index]), person, agent.fields) };
    },
  };
}

/** H4: what each `*agent*` entry makes of people, as a line of halo.yaml's agents, by the entry's index. */
export function siteAgents({ haloUsers }: Mappings): ReadonlyMap<number, AgentLine["line"]> {
  const { roles = [], teams = [], mode = "exact", team, fields } = haloUsers?.agents ?? {};
  return new Map(
    (haloUsers?.users?.sites ?? []).flatMap(({ site, role }, index) => {
      if (site !== agentEntry) return [];
      const given = [...new Set([...roles, ...(role === undefined ? [] : [role])])];
      return [[index, { for: {}, roles: given, teams, mode, ...defined({ name: fields?.name, team }) } as AgentLine["line"]] as const];
    }),
  );
}
