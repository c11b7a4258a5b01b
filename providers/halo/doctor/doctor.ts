/** `haloform doctor` asks HaloITSM: reached, where it signs in, as whom, clock, and what that agent can see. Nothing is written. */
import { ConfigurationError, RefusedError } from "../../../base/errors.ts";
import type { HaloClient } from "../../../clients/halo/client.ts";
import { connectHalo } from "../../../clients/halo/client.ts";
import { credentialOf, type HaloConfig } from "../../../clients/halo/settings.ts";
import { type Check, certificateCheck, checks, few, type Now, safely } from "../../core/check.ts";
import { readAgents, roleNamed, roles, teamNamed, teams } from "../agent/read.ts";
import { discoveryChecks, type Me, meChecks, scopeChecks, signIn } from "./application.ts";
import { glance, instanceChecks, type ReadNeeds, readingChecks, writerChecks } from "./reads.ts";
import type { HaloRights } from "./rights.ts";

/** What the mapping asks of Halo, without the mapping's own types. */
export interface HaloNeeds extends ReadNeeds {
  /** Looks up the custom fields that the mapping reads; throws ConfigurationError for one that Halo does not have. */
  fields: (client: HaloClient) => Promise<readonly { name: string }[]>;
  /** Names that must exist; undefined: agents are not managed. */
  agents?: { roles: readonly string[]; teams: readonly string[]; changes?: boolean };
  /** The least rights for what is turned on. */
  rights?: HaloRights;
  /** What the last recorded run saw, for lists that became short without a word. */
  last?: { people: number; at: string };
}

const { ok, warn, bad, failed } = checks("Halo");
/** Share of the people of the last run below which a list is called short. */
const fewer = 0.8;
const empty =
  "An under-privileged agent gets short lists, not errors: in Halo (Configuration > Integrations > Halo API) let the application log in as an agent who is Administrator, with a default team.";

/** Everything there is to say about Halo. `needs` absent: the mapping could not be read. Never throws. */
export async function doctorHalo(
  config: HaloConfig,
  env: Readonly<Record<string, string | undefined>>,
  needs: HaloNeeds | undefined,
  now: Now,
  onWait?: (seconds: number) => void,
): Promise<Check[]> {
  const found = [await certificateCheck("Halo", config.resourceServer, now(), config.ca)];
  if (found.some((check) => check.state === "bad")) return found;
  found.push(...(await discoveryChecks(config, now)));
  const asked = await safely("Halo", async () => {
    const credential = credentialOf(config, env);
    const client = glance(connectHalo(config, credential, onWait ? { onWait } : {}));
    const { me, checks: signed } = await signIn(client, config, credential);
    // What a key may do stands at the key, and Halo does not tell it.
    const scopes = "key" in credential ? [] : scopeChecks(config.scope, needs?.rights);
    const said = [...signed, ...meChecks(me, needs?.agents !== undefined), ...scopes];
    // One thing that fails does not hide the next.
    for (const look of [instanceChecks, peopleChecks, fieldChecks, agentChecks, readingChecks, writerChecks])
      said.push(...(await safely("Halo", () => look(client, needs, me))));
    return said;
  });
  return [...found, ...asked];
}

async function peopleChecks(client: HaloClient, needs: HaloNeeds | undefined): Promise<Check[]> {
  const rows = await client.rows("Users", { pageinate: true, page_size: 1, page_no: 1, order: "id" });
  if (rows.length === 0) return [bad("sees no people at all", `${empty} Its restrictions to clients count as well.`)];
  if (!needs?.last) return [ok("may read people")];
  const { people, at } = needs.last;
  // Ids alone come in one answer, however many there are.
  const seen = (await client.rows("Users", { idonly: true, includeactive: true, includeinactive: true })).length;
  return [
    seen < people * fewer
      ? bad(
          `sees ${seen} people, but the run of ${at} knew ${people}: the list has become short`,
          `${empty} Its restrictions to clients count as well.`,
        )
      : ok(`may read people: sees ${seen}, the run of ${at} knew ${people}`),
  ];
}

async function fieldChecks(client: HaloClient, needs: HaloNeeds | undefined): Promise<Check[]> {
  if (!needs) return [];
  try {
    const names = (await needs.fields(client)).map((field) => field.name);
    return names.length === 0 ? [] : [ok(`has the custom fields of the mapping: ${few(names, 10)}`)];
  } catch (error) {
    // The reader's own words; what it was doing does not matter here.
    if (error instanceof ConfigurationError)
      return [failed(new ConfigurationError(error.message.replace(/^Read people from HaloITSM: /u, "")))];
    throw error;
  }
}

async function agentChecks(client: HaloClient, needs: HaloNeeds | undefined, me: Me | undefined): Promise<Check[]> {
  if (!needs?.agents) return [];
  const agents = await readAgents(client);
  const others = agents.filter((agent) => agent.id !== me?.id);
  const found: Check[] = [];
  const seen: string[] = [];
  for (const [what, count] of [
    ["agents", others.length],
    ["roles", (await roles(client)).length],
    ["teams", (await teams(client)).length],
  ] as const) {
    // Somebody always administers Halo: a list of programs alone is short, and a preview believes nothing of Halo then.
    const isShort = what === "agents" && agents.every((agent) => agent.isapiagent);
    if (isShort)
      found.push(bad(`sees no agents${agents.length === 0 ? "" : others.length > 0 ? " but API-only ones" : " but itself"}`, empty));
    else if (count > 0) seen.push(`${count} ${what === "agents" && me ? "other agents" : what}`);
    else found.push(warn(`sees no ${what}`, empty));
  }
  if (seen.length > 0) found.unshift(ok(`sees ${seen.join(", ")}`));
  found.push(...(await nameChecks(client, needs.agents)));
  if (needs.agents.changes !== false && me && !me.administrator)
    found.push(
      warn(
        `cannot tell whether ${me.name} may change agents and roles: Halo does not call it an administrator`,
        "Halo lets only administrators write agents and roles; give that agent the role.",
      ),
    );
  return found;
}

async function nameChecks(client: HaloClient, needed: { roles: readonly string[]; teams: readonly string[] }): Promise<Check[]> {
  const found: Check[] = [];
  const looks = [
    ...needed.roles.map((name) => () => roleNamed(client, name)),
    ...needed.teams.map((name) => () => teamNamed(client, name)),
  ];
  for (const look of looks) {
    try {
      await look();
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      found.push(failed(error));
    }
  }
  return found;
}
