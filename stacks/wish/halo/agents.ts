/** Who is an agent of Halo, and with which roles and teams. */
import { defined } from "../../../base/defined.ts";
import type { Values } from "../../../base/json.ts";
import { few, same } from "../../../base/text.ts";
import { agentEmail } from "../../../mappings/language/identity.ts";
import { compile } from "../../../mappings/language/template.ts";
import type { HaloFile } from "../../../mappings/schema/all.ts";
import type { Live } from "../../../providers/core/definition.ts";
import { agentTexts } from "../../../providers/halo/agent/inputs.ts";
import { siteAgents } from "../../decide/sites.ts";
import type { AgentLine } from "../../model/decisions.ts";
import { accountOf, because, forEach, ofPerson, park, personName, type Scene, want } from "../../model/scene.ts";
import type { Because, Subject } from "../../model/types.ts";
import { called, flag, part, picked, sorted, textOf, textsOf } from "../../model/values.ts";
import { refusesAdministrator } from "../groups.ts";
import { additiveIn, type Carried, carried, keptAgent, ownOf, raisedAgent } from "../keep.ts";
import { type Granted, grantsOf, needsLicence } from "./grants.ts";
import { type Usable, usableNames } from "./usable.ts";

/** Parks who cannot be an agent for want of an address, before anything is wished: parked people lose nothing anywhere. */
export function parkUnnamed(scene: Scene): void {
  if (scene.untouched.has("halo")) return;
  for (const subject of scene.subjects) {
    if (subject.stage !== "active" || subject.parkedIn.has("halo") || scene.decisions.agents(subject).length === 0) continue;
    const reason = `a Halo agent needs an e-mail address, and the record has none: fill it in in ${scene.source}`;
    if (identity(scene, subject, scene.decisions.agents(subject))["email"] === "") park(scene, subject, "halo", "mapping", reason);
  }
}

type Kind = "roles" | "teams";

/** What agents are made with. */
interface Making {
  scene: Scene;
  halo: HaloFile;
  usable: Usable;
  /** What of the mapping's roles and teams is haloform's own with somebody: who is not entitled loses it. */
  own(kind: Kind, subject: Subject, live: Live | undefined, asked?: readonly string[]): ReturnType<typeof ownOf>;
  grantsTo: ReturnType<typeof grantsOf>;
}

/** Adds halo:Agent for whom a line asks, and disables those whom no line asks for any more. */
export function agents(scene: Scene): void {
  const { halo } = scene.mappings;
  const bySite = [...siteAgents(scene.mappings).values()];
  if (!halo || halo.agents.length + bySite.length === 0) return;
  refuseAdministrators(scene, halo, bySite);
  const lines = [...halo.agents, ...halo.grants, ...bySite];
  const named = {
    roles: sorted([...halo.roles.map((role) => role.name), ...lines.flatMap((line) => line.roles)]),
    teams: sorted(lines.flatMap((line) => line.teams)),
  };
  const defaults = sorted([...halo.agents, ...bySite].flatMap(({ team }) => team ?? []));
  const usable = usableNames(scene, { ...named, teams: sorted([...named.teams, ...defaults]) });
  const [roles, teams] = [named.roles.filter((name) => usable("roles", name)), named.teams.filter((name) => usable("teams", name))];
  const additive = { roles: additiveIn(lines, (line) => line.roles), teams: additiveIn(lines, (line) => line.teams) };
  const everything = scene.mappings.safety.leaver.roles === "all" && !scene.doubted;
  const own: Making["own"] = (kind, subject, live, asked = []) => {
    const before = scene.previous("halo:Agent", personName(subject.key))?.inputs;
    const there = textsOf(live?.values[kind]);
    const own = ownOf({ roles, teams }[kind], { additive: additive[kind], asked, there, before: textsOf(before?.[kind]) });
    if (!everything || subject.stage !== "leaver" || !subject.due.has("strip") || subject.keep) return own;
    // What was taken stays named, so that the next plan is the same.
    return { ...own, of: sorted([...own.of, ...there, ...textsOf(part(before?.["of"])[kind])]) };
  };
  const making: Making = { scene, halo, own, usable, grantsTo: grantsOf(scene) };
  const kind: Carried = {
    ...{ type: "halo:Agent", system: "halo", noun: "Halo agent", raised: keptAgent },
    ofLeaver(subject, { team: _team, ...rest }, live) {
      if (!subject.due.has("strip")) return { ...keptAgent(rest, live), enabled: false };
      const of = everything ? ofBoth(own, subject, live) : part(rest["of"]);
      tellKept(scene, subject, live, of);
      return { ...rest, enabled: false, roles: [], teams: [], of };
    },
  };
  for (const subject of scene.subjects) {
    const live = accountOf(scene, subject, "halo:Agent");
    const known = scene.previous("halo:Agent", personName(subject.key)) !== undefined;
    const mine = scene.decisions.agents(subject);
    if (live) spare(scene, subject, live);
    if (subject.stage === "held" || subject.parkedIn.has("halo") || !subject.record) carried(scene, kind, subject, live);
    else if (subject.stage === "active" && mine.length > 0) agent(making, subject, live, mine);
    else if (live && (known || mine.length > 0 || leaves(subject, live))) former(making, subject, live, mine);
    else carried(scene, kind, subject, undefined);
  }
}

/** Refuses lines that make somebody an administrator of Halo. */
function refuseAdministrators(scene: Scene, halo: HaloFile, bySite: readonly { roles: readonly string[] }[]): void {
  for (const section of ["agents", "grants"] as const)
    for (const [index, { roles }] of halo[section].entries()) refusesAdministrator(scene, scene.at("halo", section, index, "roles"), roles);
  const given = bySite.flatMap(({ roles }) => roles);
  refusesAdministrator(scene, scene.at("halo-users", "users"), given);
}

/** A protected agent is left as it is, and of somebody who has left a human is told. */
function spare(scene: Scene, subject: Subject, live: Live): void {
  if (!flag(live.values["protected"])) return;
  const why = textOf(live.values["protectedBecause"]);
  const reason = `the Halo agent ${textOf(live.values["name"])} would be disabled, and is protected: ${why}; disable it by hand, or take it out there`;
  if (subject.stage === "leaver" && flag(live.values["enabled"])) park(scene, subject, "halo", "protected", reason);
  else subject.parkedIn.add("halo");
}

/** What may be taken away from an agent whom nothing asks for. */
const ofBoth = (own: Making["own"], subject: Subject, live: Live): Values => ({
  roles: own("roles", subject, live).of,
  teams: own("teams", subject, live).of,
});

/** Says what stays on the agent of a leaver that loses the rest now, or is disabled now: `of` may be taken away. */
function tellKept(scene: Scene, subject: Subject, live: Live, of: Values): void {
  const kinds = ["roles", "teams"] as const;
  const isOwn = (kind: Kind, name: string): boolean => textsOf(of[kind]).some((one) => same(one, name));
  const all = kinds.map((kind) => ({ kind, kept: textsOf(live.values[kind]).filter((name) => !isOwn(kind, name)) }));
  const isNow = flag(live.values["enabled"]) || kinds.some((kind) => textsOf(live.values[kind]).some((name) => isOwn(kind, name)));
  const kept = all.flatMap(({ kind, kept }) => (kept.length > 0 ? [`the ${kind} ${few(kept)}`] : []));
  if (!isNow || kept.length === 0) return;
  scene.notes.push(
    `The Halo agent ${textOf(live.values["name"])} of ${called(subject)}, who has left, keeps ${kept.join(" and ")}, which haloform did not give: take them away by hand, or say roles: all in leaver (${scene.at("safety", "leaver")})`,
  );
}

/** Somebody who has left must not stay an agent, whoever made them one. */
const leaves = (subject: Subject, live: Live): boolean => subject.stage === "leaver" && !flag(live.values["isapiagent"]);

function agent(
  { scene, halo, own, usable, grantsTo }: Making,
  subject: Subject,
  live: Live | undefined,
  lines: readonly AgentLine[],
): void {
  const granted = grantsTo(subject, live);
  const asked = (kind: Kind): string[] =>
    sorted([...lines.flatMap(({ line }) => line[kind]), ...granted[kind].keys()].filter((name) => usable(kind, name)));
  const [ours, teams] = (["roles", "teams"] as const).map((kind) => {
    const { of, isOwn } = own(kind, subject, live, asked(kind));
    return { of, wished: asked(kind).filter(isOwn) };
  }) as [Own, Own];
  const roles = ours.wished;
  const team = firstOf(lines, "team");
  // Roles that others gave count: only who has none at all frees a licence.
  const others = textsOf(live?.values["roles"]).filter((name) => !ours.of.some((one) => same(one, name)));
  const enabled = needsLicence(halo, [...roles, ...others]);
  // A disabled agent is of no use to anybody who is none yet.
  if (!enabled && !live) return;
  const wish: Values = {
    ...identity(scene, subject, lines),
    enabled,
    roles,
    teams: teams.wished,
    ...defined({ team: team !== undefined && usable("teams", team) ? team : undefined, licenceType: firstOf(lines, "licenceType") }),
    of: { roles: ours.of, teams: teams.of },
  };
  const inputs = subject.keep ? raisedAgent(wish, live) : wish;
  const why = lines[0]?.why ?? { rule: scene.at("halo", "agents") };
  const freed = because(scene.at("halo", "licensedRoles"), subject, [], "has no role that needs a licence: disabled, which frees it");
  push(scene, subject, live, inputs, why, { ...itemReasons(lines, granted), ...(enabled ? {} : { enabled: freed }) });
}

/** Of roles or teams: what may be taken away, and what is wished. */
interface Own {
  of: string[];
  wished: string[];
}

/** Why a role or team is had, where another line than the first gave it. */
function itemReasons(lines: readonly AgentLine[], granted: Granted): Reasons {
  const reasons: Reasons = {};
  for (const kind of ["roles", "teams"] as const) {
    for (const [name, why] of granted[kind]) reasons[`${kind}.${name}`] = why;
    for (const { line, why } of lines.toReversed()) for (const name of line[kind]) reasons[`${kind}.${name}`] = why;
  }
  return reasons;
}

/** An agent whom nothing asks for any more, or a leaver: disabled, and without what the mapping owns. */
function former({ scene, own }: Making, subject: Subject, live: Live, lines: readonly AgentLine[]): void {
  const before = scene.previous("halo:Agent", personName(subject.key))?.inputs;
  const leaver = subject.stage === "leaver";
  const unasked = because(scene.at("halo", "agents"), subject, [], "no line of agents asks for this person any more");
  const why = leaver ? (subject.because ?? unasked) : unasked;
  // A leaver's agent keeps its names: only access is taken.
  const names = before ?? (leaver ? live.values : identity(scene, subject, lines));
  const bare: Values = {
    ...picked(names, ["name", "email", "firstname", "surname", ...(before ? agentTexts : [])]),
    person: subject.key,
    enabled: false,
    roles: [],
    teams: [],
    of: ofBoth(own, subject, live),
  };
  const strip = !leaver || subject.due.has("strip");
  if (leaver && strip && !subject.keep) tellKept(scene, subject, live, part(bare["of"]));
  const kept = strip ? bare : { ...raisedAgent(bare, live), enabled: false };
  push(scene, subject, live, subject.keep ? raisedAgent(bare, live) : kept, subject.keep ?? why);
}

/** What the first line that says it says. */
const firstOf = <F extends keyof AgentLine["line"]>(lines: readonly AgentLine[], field: F): AgentLine["line"][F] | undefined =>
  lines.find(({ line }) => line[field] !== undefined)?.line[field];

function identity(scene: Scene, subject: Subject, lines: readonly AgentLine[]): Values {
  const fields = subject.record?.fields ?? {};
  const firstname = textOf(fields["firstname"]);
  const surname = textOf(fields["surname"]);
  const template = firstOf(lines, "name") ?? scene.mappings.people.is.halo["name"];
  const name = template === undefined ? "" : compile(template).render(fields);
  return {
    person: subject.key,
    name: name || [firstname, surname].filter((text) => text !== "").join(" ") || subject.name,
    email: compile(agentEmail(scene.mappings.people)).render(fields),
    ...(firstname === "" ? {} : { firstname }),
    ...(surname === "" ? {} : { surname }),
    ...agentFields(scene, subject),
  };
}

/** H1: the fields of an agent of the `*agent*` entry, apart from those of users; {} for everybody else. */
function agentFields(scene: Scene, subject: Subject): { [field: string]: string } {
  const fields = scene.mappings.haloUsers?.agents?.fields;
  if (!fields || !subject.record || !scene.decisions.agentBySite(subject)) return {};
  const record = subject.record.fields;
  const texts = (["email", "firstname", "surname", ...agentTexts] as const).map((name) => [
    name,
    compile(fields[name] ?? "").render(record),
  ]);
  return Object.fromEntries(texts.filter(([, text]) => text !== ""));
}

type Reasons = { [path: string]: Because };

function push(scene: Scene, subject: Subject, live: Live | undefined, inputs: Values, why: Because, more: Reasons = {}): void {
  const read: { [input: string]: readonly string[] } = {
    firstname: ["firstname"],
    surname: ["surname"],
    email: compile(agentEmail(scene.mappings.people)).fields,
  };
  const each = forEach(inputs, (input) => (read[input] ? { ...why, field: read[input].join(", ") } : why));
  want(scene, { type: "halo:Agent", ...ofPerson(subject), inputs, because: { "": why, ...each, ...more }, live });
}
