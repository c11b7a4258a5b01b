/** `haloform doctor` asks HaloITSM: reached, where it signs in, as whom, clock, and what that agent can see. Nothing is written. */
import { z } from "zod";
import { ConfigurationError, RefusedError } from "../../../base/errors.ts";
import type { HaloConfig } from "../../../base/settings.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { connectHalo } from "../../../clients/halo/client.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { asRow, flag } from "../../../clients/halo/decode.ts";
import { bad, type Check, certificateCheck, dateCheck, failed, few, type Now, ok, warn } from "../../core/check.ts";
import { readRoles, resolveRoles, resolveTeams } from "../agent/names.ts";
import { readAgents } from "../agent/read.ts";
import { type Agent, parseAgent, parseTeams } from "../rows.ts";
import { type HaloRights, lackingScopes } from "./rights.ts";

/** What the mapping asks of Halo, without the mapping's own types. */
export interface HaloNeeds {
  /** Looks up the custom fields that the mapping reads; throws ConfigurationError for one that Halo does not have. */
  fields: (client: HaloClient) => Promise<readonly { name: string }[]>;
  /** Names that must exist; undefined: agents are not managed. */
  agents?: { roles: readonly string[]; teams: readonly string[] };
  /** The least rights for what is turned on. */
  rights?: HaloRights;
  /** What the last recorded run saw, for lists that became short without a word. */
  last?: { people: number; at: string };
}

const system = "Halo";
/** Share of the people of the last run below which a list is called short. */
const fewer = 0.8;
const empty =
  "An under-privileged agent gets short lists, not errors: in Halo (Configuration > Integrations > Halo API) let the application log in as an agent who is Administrator, with a default team.";

/** Everything there is to say about Halo. `needs` absent: the mapping could not be read. Never throws. */
export async function doctorHalo(
  config: HaloConfig,
  secret: string | undefined,
  needs: HaloNeeds | undefined,
  now: Now,
  onWait?: (seconds: number) => void,
): Promise<Check[]> {
  const checks = [await certificateCheck(system, config.resourceServer, now())];
  if (checks.some((check) => check.state === "bad")) return checks;
  checks.push(...(await discoveryChecks(config, now)));
  if (!secret) {
    checks.push(
      bad(system, "cannot sign in: HALO_CLIENT_SECRET is not set", "Put the client secret of the Halo application into the environment."),
    );
    return checks;
  }
  try {
    const client = connectHalo(config, secret, onWait ? { onWait } : {});
    const { me, check } = await signIn(client, config);
    checks.push(check, ...meChecks(me, needs), ...scopeChecks(config.scope, needs?.rights));
    for (const look of [peopleChecks, fieldChecks, agentChecks]) checks.push(...(await attempt(() => look(client, needs, me))));
  } catch (error) {
    checks.push(failed(system, error));
  }
  return checks;
}

/** One thing that fails does not hide the next. */
async function attempt(work: () => Promise<Check[]>): Promise<Check[]> {
  try {
    return await work();
  } catch (error) {
    return [failed(system, error)];
  }
}

/** Where the authorisation server is, and the clock, by the one page that needs no token. */
async function discoveryChecks(config: HaloConfig, now: Now): Promise<Check[]> {
  const address = new URL(`${config.resourceServer.replace(/\/+$/u, "").replace(/\/api$/iu, "")}/api/authinfo`);
  let answer: Response;
  try {
    answer = await fetch(address, { redirect: "manual", headers: { accept: "application/json" }, signal: AbortSignal.timeout(15_000) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return [
      bad(
        system,
        `${address.origin} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        "Check halo.resourceServer and the network.",
      ),
    ];
  }
  const clock = dateCheck(system, answer.headers.get("date"), now());
  const found = asRow(await answer.json().catch(() => undefined));
  const [where, tenant] = [found?.["auth_url"], config.tenant ?? found?.["tenant_id"]].map((value) =>
    typeof value === "string" && value !== "" ? value : undefined,
  );
  if (config.authorisationServer !== undefined)
    return [ok(system, `the authorisation server is ${config.authorisationServer}, as set`), clock];
  if (where !== undefined)
    return [
      ok(system, `the authorisation server is ${where}${tenant === undefined ? "" : `, tenant ${tenant}`}, as ${address.host} says`),
      clock,
    ];
  return [
    warn(
      system,
      `${address} does not say where the authorisation server is (${answer.status}); ${address.origin}/auth is tried`,
      "Set halo.authorisationServer as Halo's API details show it.",
    ),
    clock,
  ];
}

interface Me {
  id: number;
  name: string;
  /** May change agents and roles, as far as Halo says. */
  administrator: boolean;
  disabled: boolean;
  api: boolean;
  defaultTeam: boolean;
  /** Names of the clients it is restricted to; none: it sees all. */
  clients: string[];
}

const restrictions = z.object({ clients: z.array(z.looseObject({ client_id: z.unknown(), client_name: z.unknown() })).nullish() });

/** What is wrong with the agent the application logs in as, each in one line. */
function meChecks(me: Me | undefined, needs: HaloNeeds | undefined): Check[] {
  if (!me) return [];
  const checks: Check[] = [];
  if (me.disabled)
    checks.push(
      bad(system, `the agent ${me.name} that the application logs in as is disabled`, "Enable it in Halo (Configuration > Agents)."),
    );
  if (me.clients.length > 0)
    checks.push(
      warn(
        system,
        `${me.name} is restricted to ${few(me.clients, 5)}: people of other clients are missing without a word`,
        "Take the restriction away, or be sure that nobody else is to be managed.",
      ),
    );
  if (needs?.agents && me.api && !me.defaultTeam)
    checks.push(
      warn(
        system,
        `${me.name} has no default team, without which an API-only agent sees no other agents`,
        "Give it a default team in Halo.",
      ),
    );
  if (!me.api)
    checks.push(
      warn(
        system,
        `${me.name} is an ordinary agent, who takes an agent licence and is locked out when there is none left`,
        "Let the application log in as an API-only agent of its own; it takes no licence.",
      ),
    );
  return checks;
}

/** Whether the settings ask for the scopes that are needed, and for how many more. */
function scopeChecks(scope: string, rights: HaloRights | undefined): Check[] {
  if (!rights) return [];
  const lacking = lackingScopes(scope, rights.scopes);
  const enough = rights.scopes.join(" ");
  if (lacking.length > 0)
    return [
      // No error: names and effect of scopes differ between versions of Halo.
      warn(
        system,
        `halo.scope (${scope}) lacks ${lacking.join(", ")}`,
        `Set halo.scope to \`${enough}\` and give the application these permissions (\`haloform init halo --print\`).`,
      ),
    ];
  return [
    ok(
      system,
      lackingScopes(enough, scope.split(/\s+/u)).length > 0
        ? `halo.scope (${scope}) is enough; \`${enough}\` would do`
        : `halo.scope (${scope}) is what is needed`,
    ),
  ];
}

async function signIn(client: HaloClient, config: HaloConfig): Promise<{ me: Me | undefined; check: Check }> {
  let row: Row | undefined;
  try {
    row = await client.get("Agent", "me");
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
  }
  const application = `the application ${config.clientId} (scope ${config.scope})`;
  if (!row)
    return {
      me: undefined,
      check: warn(
        system,
        `signed in by ${application}; Halo does not say as which agent`,
        'Look at "Agent to log in as" of the application in Halo.',
      ),
    };
  const agent = parseAgent(row);
  const roles = agent.role_list || (agent.roles ?? []).map((role) => role.name).join(", ");
  const administrator = z.object({ is_admin: flag }).safeParse(row).data?.is_admin === true || /\badmin/iu.test(roles);
  const facts = [
    agent.isapiagent ? "API agent" : "",
    roles === "" ? "" : `roles ${roles}`,
    agent.team === "" ? "no default team" : `team ${agent.team}`,
  ].filter((fact) => fact !== "");
  return {
    me: {
      id: agent.id,
      name: agent.name,
      administrator,
      disabled: agent.isdisabled,
      api: agent.isapiagent,
      defaultTeam: agent.team !== "",
      clients: (restrictions.safeParse(row).data?.clients ?? []).map((one) => String(one.client_name ?? one.client_id)),
    },
    check: ok(system, `signed in as ${agent.name} (${facts.join("; ")}) by ${application}`),
  };
}

async function peopleChecks(client: HaloClient, needs: HaloNeeds | undefined): Promise<Check[]> {
  const rows = await client.rows("Users", { pageinate: true, page_size: 1, page_no: 1, order: "id" });
  if (rows.length === 0) return [bad(system, "sees no people at all", `${empty} Its restrictions to clients count as well.`)];
  if (!needs?.last) return [ok(system, "may read people")];
  const { people, at } = needs.last;
  // Ids alone come in one answer, however many there are.
  const seen = (await client.rows("Users", { idonly: true, includeactive: true, includeinactive: true })).length;
  return [
    seen < people * fewer
      ? bad(
          system,
          `sees ${seen} people, but the run of ${at} knew ${people}: the list has become short`,
          `${empty} Its restrictions to clients count as well.`,
        )
      : ok(system, `may read people: sees ${seen}, the run of ${at} knew ${people}`),
  ];
}

async function fieldChecks(client: HaloClient, needs: HaloNeeds | undefined): Promise<Check[]> {
  if (!needs) return [];
  try {
    const fields = await needs.fields(client);
    return fields.length === 0
      ? []
      : [
          ok(
            system,
            `has the custom fields of the mapping: ${few(
              fields.map((field) => field.name),
              10,
            )}`,
          ),
        ];
  } catch (error) {
    // The reader's own words; what it was doing does not matter here.
    if (error instanceof ConfigurationError)
      return [failed(system, new ConfigurationError(error.message.replace(/^Read people from HaloITSM: /u, "")))];
    throw error;
  }
}

async function agentChecks(client: HaloClient, needs: HaloNeeds | undefined, me: Me | undefined): Promise<Check[]> {
  if (!needs?.agents) return [];
  const agents: Agent[] = await readAgents(client);
  const others = agents.filter((agent) => agent.id !== me?.id);
  const roles = await readRoles(client);
  const teams = parseTeams(await client.rows("Team", { includeenabled: true, includedisabled: true, showall: true }));
  const checks: Check[] = [];
  const seen: string[] = [];
  for (const [what, count] of [
    ["agents", others.length],
    ["roles", roles.length],
    ["teams", teams.length],
  ] as const) {
    if (count > 0) seen.push(`${count} ${what === "agents" && me ? "other agents" : what}`);
    else
      checks.push(warn(system, what === "agents" ? `sees no agents${agents.length > 0 ? " but itself" : ""}` : `sees no ${what}`, empty));
  }
  if (seen.length > 0) checks.unshift(ok(system, `sees ${seen.join(", ")}`));
  checks.push(...(await nameChecks(client, needs.agents)));
  if (me && !me.administrator)
    checks.push(
      warn(
        system,
        `cannot tell whether ${me.name} may change agents and roles: Halo does not call it an administrator`,
        "Halo lets only administrators write agents and roles; give that agent the role.",
      ),
    );
  return checks;
}

async function nameChecks(client: HaloClient, { roles, teams }: { roles: readonly string[]; teams: readonly string[] }): Promise<Check[]> {
  const checks: Check[] = [];
  for (const [names, resolve] of [
    [roles, resolveRoles],
    [teams, resolveTeams],
  ] as const) {
    for (const name of names) {
      try {
        await resolve(client, [name]);
      } catch (error) {
        if (!(error instanceof RefusedError)) throw error;
        checks.push(failed(system, error));
      }
    }
  }
  return checks;
}
