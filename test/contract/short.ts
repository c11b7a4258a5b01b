/** Ways in which a Halo's lists come back short for the agent that an application logs in as (number 2 in the sandbox). */
import type { HaloServer } from "../../sandbox/halo/context.ts";

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed * 2_654_435_761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 4_294_967_296;
  };
}

/** Shortens the lists in one of the ways that real instances do; says which. */
export function shorten(halo: HaloServer, random: () => number): string {
  const { state, faults } = halo;
  const me = state.agents.get(2) ?? {};
  const part = (table: "agents" | "users" | "assets" | "sites", share: number): number[] =>
    [...state[table].keys()].filter((id) => id !== 2 && random() < share);
  switch (Math.floor(random() * 6)) {
    case 0:
      me["team"] = "";
      return "no default team";
    case 1:
      me["clients"] = [{ client_id: [...state.clients.keys()].find((id) => id !== 90), client_name: "Northwind Ferries" }];
      return "one client";
    case 2:
      faults.forbidden = ["Agent"];
      return "no right to see agents";
    case 3:
      // Agents of whom Halo's users tell.
      faults.hidden = {
        agents: part("agents", random()).filter((id) => [...state.users.values()].some((row) => row["linked_agent_id"] === id)),
      };
      return "some agents";
    case 4:
      me["team"] = "";
      me["clients"] = [{ client_id: 90, client_name: "Night Ferries" }];
      return "no default team, one client";
    default:
      me["clients"] = [{ client_id: 90, client_name: "Night Ferries" }];
      faults.hidden = { agents: part("agents", 0.5).filter((id) => id > 900) };
      return "the other client, some agents";
  }
}

/** Everything is seen again. */
export function unshorten(halo: HaloServer): void {
  halo.faults.reset();
  Object.assign(halo.state.agents.get(2) ?? {}, { team: "First line", clients: [] });
}
