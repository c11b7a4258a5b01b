/** Who is an agent of Halo, by the lines of mappings/halo.yaml and by the entries for agents of mappings/halo-users.yaml. */
import type { Mappings } from "../../mappings/schema/all.ts";
import type { AgentLine, Decisions, Known } from "../model/decisions.ts";
import { because } from "../model/scene.ts";

/** The lines of agents that hold for a person, that of halo-users.yaml last. */
export function agentLines(
  mappings: Mappings,
  verdict: Decisions["verdict"],
  agentBySite: Decisions["agentBySite"],
  person: Known,
): readonly AgentLine[] {
  const lines = (mappings.halo?.agents ?? []).flatMap((line, index): AgentLine[] => {
    const { holds, fields } = verdict(line.for, person);
    return holds ? [{ line, why: because(mappings.at(["halo", "agents", index]), person, fields) }] : [];
  });
  const further = agentBySite(person);
  return further ? [...lines, further] : lines;
}
