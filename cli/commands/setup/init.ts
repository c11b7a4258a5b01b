/** `haloform init halo --print`: the applications to register in Halo, with the least rights for what the mappings turn on. Asks nobody. */
import { type HaloRights, type HaloUse, readingOnly, rightsFor } from "../../../providers/halo/doctor/rights.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import { haloUse } from "../../../stacks/read/rights.ts";
import type { Project } from "../../engine/project.ts";

export interface HaloApplication {
  name: string;
  /** What it is for. */
  purpose: string;
  authentication: "Client ID and Secret (Services)";
  loginType: "Agent";
  agent: { apiOnly: true; defaultTeam: "any"; clients: "no restriction"; administrator: boolean };
  scopes: string[];
  /** As `halo.scope` in the stack's settings holds it. */
  scope: string;
  role: HaloRights["role"];
}

export interface HaloInit {
  format: "haloform.init-halo/1";
  uses: HaloUse;
  applications: HaloApplication[];
}

/** Computed from the mapping files alone. Throws MappingError where they are wrong. */
export async function initHalo({ folder, stack, config }: Project): Promise<HaloInit> {
  const uses = haloUse(await mappingsFor(folder, stack, config));
  const writes = Object.values(uses).includes("write");
  const reading = application("haloform preview", "preview and drift: reads, writes nothing", readingOnly(uses));
  return {
    format: "haloform.init-halo/1",
    uses,
    applications: writes ? [reading, application("haloform", "up: writes what an approved plan says", uses)] : [reading],
  };
}

function application(name: string, purpose: string, use: HaloUse): HaloApplication {
  const { scopes, administrator, role } = rightsFor(use);
  return {
    name,
    purpose,
    authentication: "Client ID and Secret (Services)",
    loginType: "Agent",
    agent: { apiOnly: true, defaultTeam: "any", clients: "no restriction", administrator },
    scopes,
    scope: scopes.join(" "),
    role,
  };
}

/** As Markdown, to be followed in Halo by hand. */
export function printInitHalo({ applications }: HaloInit): string {
  const lines = [
    "# Applications to register in Halo",
    "",
    "Configuration › Integrations › Halo API. What an application may do is the smaller of its scopes and the rights of its agent.",
    "",
  ];
  for (const { name, purpose, authentication, loginType, agent, scopes, scope, role } of applications) {
    lines.push(
      `## ${name}`,
      "",
      `For ${purpose}.`,
      "",
      `- Authentication method: ${authentication}`,
      `- Login type: ${loginType}. Agent to log in as: an API-only agent of its own (it takes no licence), with a default team (without one it sees no other agents) and no restriction to clients. Made by hand: Configuration › Teams & Agents › Agents › New; haloform neither makes nor changes API-only agents`,
      `- The agent's role: ${agent.administrator ? "Administrator (Halo lets only administrators write agents, roles, teams and CABs)" : "one of its own (Configuration › Teams & Agents › Roles › New; then Permissions › Edit, under Feature Access) with"}`,
      ...(agent.administrator ? [] : role.map(({ area, access }) => `  - ${area}: ${access}`)),
      `- Permissions (scopes): ${scopes.join(", ")}. There is none for users or agents: asking for one gives invalid_scope`,
      `- \`halo.scope\` in the stack's settings: \`${scope}\``,
      "",
    );
  }
  lines.push("Scope names and their effect differ between versions of Halo: `haloform doctor` says what is missing, and what it sees.", "");
  return lines.join("\n");
}
