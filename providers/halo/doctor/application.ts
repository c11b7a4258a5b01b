/** What Halo says of the application and of the agent it logs in as: where it signs in, who that agent is, whether the scopes are enough. */
import { RefusedError } from "../../../base/errors.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { asRow, rowOf } from "../../../clients/halo/decode.ts";
import { type HaloConfig, serverOf } from "../../../clients/halo/settings.ts";
import { clientsIn } from "../../../clients/halo/sight.ts";
import { type Check, checks, dateCheck, few, type Now } from "../../core/check.ts";
import { type Agent, agentSchema } from "../rows.ts";
import { type HaloRights, lackingScopes } from "./rights.ts";

const { ok, warn, bad } = checks("Halo");

/** Where the authorisation server is, and the clock, by the one page that needs no token. */
export async function discoveryChecks(config: HaloConfig, now: Now): Promise<Check[]> {
  const address = new URL("api/authinfo", serverOf(config));
  let answer: Response;
  try {
    answer = await fetch(address, { redirect: "manual", headers: { accept: "application/json" }, signal: AbortSignal.timeout(15_000) });
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return [
      bad(
        `${address.origin} does not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
        "Check halo.resourceServer and the network.",
      ),
    ];
  }
  const clock = dateCheck("Halo", answer.headers.get("date"), now());
  const found = asRow(await answer.json().catch(() => undefined));
  const [where, tenant] = [found?.["auth_url"], config.tenant ?? found?.["tenant_id"]].map((value) =>
    typeof value === "string" && value !== "" ? value : undefined,
  );
  const told = config.tenant === undefined && tenant !== undefined ? `; tenant ${tenant}, as ${address.host} says` : "";
  if (config.authorisationServer !== undefined)
    return [ok(`the authorisation server is ${config.authorisationServer}, as set${told}`), clock];
  if (where !== undefined)
    return [ok(`the authorisation server is ${where}${tenant === undefined ? "" : `, tenant ${tenant}`}, as ${address.host} says`), clock];
  return [
    warn(
      `${address} does not say where the authorisation server is (${answer.status}); ${address.origin}/auth is tried`,
      "Set halo.authorisationServer as Halo's API details show it.",
    ),
    clock,
  ];
}

/** The agent that the application logs in as. */
export interface Me extends Agent {
  /** May change agents and roles, as far as Halo says. */
  administrator: boolean;
  /** Names of the clients it is restricted to; none: it sees all. */
  clients: string[];
}

/** What is wrong with the agent the application logs in as, each in one line. */
export function meChecks(me: Me | undefined, managesAgents: boolean): Check[] {
  if (!me) return [];
  const found: Check[] = [];
  if (me.isdisabled)
    found.push(bad(`the agent ${me.name} that the application logs in as is disabled`, "Enable it in Halo (Configuration > Agents)."));
  if (me.clients.length > 0)
    found.push(
      warn(
        `${me.name} is restricted to ${few(me.clients, 5)}: people of other clients are missing without a word`,
        "Take the restriction away, or be sure that nobody else is to be managed.",
      ),
    );
  if (managesAgents && me.isapiagent && me.team === "")
    found.push(
      warn(`${me.name} has no default team, without which an API-only agent sees no other agents`, "Give it a default team in Halo."),
    );
  if (!me.isapiagent)
    found.push(
      warn(
        `${me.name} is an ordinary agent, who takes an agent licence and is locked out when there is none left`,
        "Let the application log in as an API-only agent of its own; it takes no licence.",
      ),
    );
  return found;
}

/** Whether the settings ask for the scopes that are needed, and for how many more. */
export function scopeChecks(scope: string, rights: HaloRights | undefined): Check[] {
  if (!rights) return [];
  const lacking = lackingScopes(scope, rights.scopes);
  const enough = rights.scopes.join(" ");
  if (lacking.length > 0)
    return [
      // No error: names and effect of scopes differ between versions of Halo.
      warn(
        `halo.scope (${scope}) lacks ${lacking.join(", ")}`,
        `Set halo.scope to \`${enough}\` and give the application these permissions (\`haloform init halo --print\`).`,
      ),
    ];
  return [
    ok(
      lackingScopes(enough, scope.split(/\s+/u)).length > 0
        ? `halo.scope (${scope}) is enough; \`${enough}\` would do`
        : `halo.scope (${scope}) is what is needed`,
    ),
  ];
}

/** Signs in, and asks who that is. */
export async function signIn(client: HaloClient, config: HaloConfig): Promise<{ me: Me | undefined; check: Check }> {
  const row = await client.get("Agent", "me").catch((error: unknown) => {
    if (error instanceof RefusedError) return undefined;
    throw error;
  });
  const agent = rowOf(agentSchema, row, "the agent of the application");
  const application = `the application ${config.clientId} (scope ${config.scope})`;
  if (!agent)
    return {
      me: undefined,
      check: warn(
        `signed in by ${application}; Halo does not say as which agent`,
        'Look at "Agent to log in as" of the application in Halo.',
      ),
    };
  const roles = agent.role_list || (agent.roles ?? []).map((role) => role.name).join(", ");
  const facts = [
    agent.isapiagent ? "API agent" : "",
    roles === "" ? "" : `roles ${roles}`,
    agent.team === "" ? "no default team" : `team ${agent.team}`,
  ].filter((fact) => fact !== "");
  return {
    me: {
      ...agent,
      administrator: agent.is_admin === true || /\badmin/iu.test(roles),
      clients: clientsIn(row),
    },
    check: ok(`signed in as ${agent.name} (${facts.join("; ")}) by ${application}`),
  };
}
