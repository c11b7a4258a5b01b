/** Putting one agent into a team, or out of it, on the agent's side. */

import { RefusedError } from "../../../base/errors.ts";
import type { Row } from "../../../clients/halo/decode.ts";
import { teamsChange } from "../agent/change.ts";
import { readAgent } from "../agent/read.ts";
import { type Halo, inLine, isPartial, post, recordLine } from "../record.ts";

/** Does nothing where it is so already; reads back whether it was stored. */
export function put(client: Halo, agent: string, team: { name: string }, present: boolean): Promise<void> {
  return inLine(client, recordLine("Agent", agent), async () => {
    let lost: Error | undefined;
    // Single rows where its contract has them, the whole array where it has not, or does not take them.
    for (const partly of [true, false]) {
      const change = await needed(client, agent, team, present, partly);
      if (!change) return;
      ({ lost } = await post(client, "Agent", { id: Number(agent), ...change.teams }));
      if (lost || !isPartial(change.teams)) break;
    }
    const change = await needed(client, agent, team, present, false);
    if (!change) return;
    throw (
      lost ??
      new RefusedError(
        `Could not put ${change.name} ${present ? "into" : "out of"} the team "${team.name}": Halo did not store it; check the rights of the Halo application's agent`,
        "not-stored",
      )
    );
  });
}

async function needed(
  client: Halo,
  id: string,
  team: { name: string },
  present: boolean,
  partly: boolean,
): Promise<{ name: string; teams: Row } | undefined> {
  const agent = await readAgent(client, id);
  if (!agent) {
    if (!present) return undefined;
    throw new RefusedError(
      `Could not put the agent ${id} into the team "${team.name}": Halo has no such agent any more; the next plan will see that`,
      "gone",
    );
  }
  // Programs are never touched, whatever team they are in.
  if (agent.isapiagent) return undefined;
  const teams = await teamsChange(client, agent, present ? [team.name] : [], [team.name], partly);
  return teams && { name: `agent "${agent.name}"`, teams };
}
