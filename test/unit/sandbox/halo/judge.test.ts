/** The sandbox's judge of requests: what Halo ignores in silence is written down. Only where ../shared/contracts is beside the project. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { haloContract } from "../../../../sandbox/contracts/halo.ts";
import type { HaloServer } from "../../../../sandbox/halo/context.ts";
import { unknownParameters } from "../../../../sandbox/halo/posts.ts";
import type { Call } from "../../../../sandbox/web/server.ts";

const folder = fileURLToPath(new URL("../../../../../shared/contracts", import.meta.url));
const contract = haloContract(folder);

function judged(method: string, path: string, query = ""): string[] {
  const server = { options: { contract }, violations: new Set<string>() } as unknown as HaloServer;
  unknownParameters({ method, path, query: new URLSearchParams(query) } as unknown as Call, server);
  return [...server.violations];
}

it.skipIf(!existsSync(folder))("paths, methods, parameters and their types", () => {
  expect(judged("GET", "/api/CAB", "includemembers=true")).toEqual([]);
  expect(judged("GET", "/api/cab/12", "includedetails=true")).toEqual([]);
  expect(judged("GET", "/api/Agent/me")).toEqual([]);
  expect(judged("POST", "/api/CABMember")).toEqual(["POST /api/CABMember: the contract has no such path or method"]);
  expect(judged("GET", "/api/Boards")).toEqual(["GET /api/Boards: the contract has no such path or method"]);
  expect(judged("GET", "/api/CAB", "members=true")).toEqual(["GET /CAB: there is no parameter members"]);
  expect(judged("GET", "/api/CAB", "includemembers=1")).toEqual(['GET /CAB: the parameter includemembers is bool, not "1"']);
  expect(judged("GET", "/api/Agent", "team_id=First+line")).toEqual(['GET /Agent: the parameter team_id is int, not "First line"']);
});

it.skipIf(!existsSync(folder))("properties, also inside of arrays", () => {
  const { ignored, refused } = contract?.check("CabHeader", { name: "CAB", members: [{ agent: 4 }, { agent_id: 4 }] }) ?? {
    ignored: [],
    refused: [],
  };
  expect(ignored).toEqual(["CabMember has no property agent ($.members[0].agent)"]);
  expect(refused).toEqual([]);
  expect(contract?.check("CabHeader", { members: [{ agent_id: "four" }] }).refused).toHaveLength(1);
});
