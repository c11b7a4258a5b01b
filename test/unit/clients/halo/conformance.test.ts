/**
 * Every path, parameter and property that haloform can send exists in Halo's own OpenAPI file: Halo ignores unknown ones in
 * silence, so a misspelt one would "succeed". Looks for ../shared/contracts/halo-openapi.json beside the project; only
 * this check is skipped where it is not there.
 */

import { existsSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { z } from "zod";
import { agent } from "../../../../providers/halo/agent/agent.ts";
import { role } from "../../../../providers/halo/agent/role.ts";
import { DETAIL_FIELDS, LIST_FIELDS } from "../../../../sources/halo/fields.ts";
import { readPeople } from "../../../../sources/halo/people.ts";
import { listed, memoryContext } from "../../../contract/context.ts";
import { clientOf, pageOf, people, serve } from "./server.ts";

const fileOf = (name: string): URL => new URL(`../../../../../shared/contracts/${name}`, import.meta.url);
const file = fileOf("halo-openapi.json");
const later = fileOf("halo-openapi-2025-03.json");

const property = z.object({
  type: z.string().optional(),
  $ref: z.string().optional(),
  items: z.object({ $ref: z.string().optional() }).optional(),
});
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.object({ parameters: z.array(z.object({ name: z.string() })).optional() }))),
  components: z.object({ schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), property).optional() })) }),
});

const contract = (of = file): z.infer<typeof document> => document.parse(JSON.parse(readFileSync(of, "utf8")));

it.skipIf(!existsSync(later))("knows only fields that Halo's contract has", () => {
  const { schemas } = contract(later).components;
  expect(LIST_FIELDS.filter((field) => !schemas["Users_List"]?.properties?.[field])).toEqual([]);
  expect(DETAIL_FIELDS.filter((field) => !schemas["Users"]?.properties?.[field])).toEqual([]);
});

/** Newer than the file (facts: Halo 2025 and later). */
const newer = ["include_custom_fields"];
const bodies: Record<string, string> = { "/Agent": "Uname", "/Roles": "NHD_Roles" };

const context = memoryContext(async () => []);

/** Lets every reader and writer send all it can, and gives back what was sent. */
async function everythingSent(): Promise<{ method: string; path: string; query: string[]; body: unknown }[]> {
  const role1 = { id: "r1", name: "Service Desk", notes: "", claims: [{ type: "a", value: "1" }] };
  const held = {
    id: 5,
    name: "Old",
    email: "ada@corp.example.com",
    isdisabled: true,
    roles: [{ id: "r2", name: "Field Engineer", is_integration: true, claims: [] }],
    teams: [
      { id: 7, team_id: 2, team_name: "Onsite", agent_id: 5, agent_name: "Old", is_manager: true, team_guid: null, fortickets: true },
    ],
    team: "Onsite",
  };
  const served = await serve((call) => {
    if (call.path === "/api/Users") return pageOf(people(2), call);
    if (call.path.startsWith("/api/Users/")) return { json: people(2).find((one) => call.path.endsWith(String(one["id"]))) };
    if (call.path === "/api/FieldInfo") return { json: [{ id: 202, name: "CFManager", type: 0 }] };
    if (call.path === "/api/Agent") return { json: call.method === "POST" ? [{ id: 6 }] : [held] };
    if (call.path === "/api/Agent/5") return { json: held };
    if (call.path === "/api/Roles")
      return { json: call.method === "POST" ? [role1] : [role1, { ...role1, id: "r2", name: "Field Engineer" }] };
    if (call.path === "/api/Roles/r1") return { json: role1 };
    if (call.path === "/api/Team")
      return {
        json: [
          { id: 1, name: "First line" },
          { id: 2, name: "Onsite" },
        ],
      };
    return undefined;
  });
  const client = clientOf(served);
  const wish = {
    person: "41",
    name: "Ada Example",
    email: "ada@corp.example.com",
    firstname: "Ada",
    surname: "Example",
    enabled: true,
    roles: ["Service Desk"],
    teams: ["First line"],
    team: "First line",
    of: { roles: ["Service Desk"], teams: ["First line"] },
  };
  await readPeople(client, { fields: ["department", "custom.CFManager"] });
  await listed(agent, client);
  await role.list(client, { detailed: ["Service Desk"] });
  // This Halo stores nothing, so each write ends in a refusal; what was sent is what counts.
  await expect(agent.create(client, agent.inputs.parse(wish), context)).rejects.toThrow("Halo did not store");
  await expect(agent.create(client, agent.inputs.parse({ ...wish, email: "new@corp.example.com" }), context)).rejects.toThrow(
    "there is no agent 6",
  );
  await expect(
    role.create(client, { name: "Service Desk", notes: "N", permissions: [{ type: "b", value: "2" }] }, context),
  ).rejects.toThrow("did not store notes, claims");
  await expect(role.create(client, { name: "New", notes: "N", permissions: [{ type: "b", value: "2" }] }, context)).rejects.toThrow(
    "did not store",
  );
  await served.stop();
  return served.api().map(({ method, path, query, body }) => ({
    method,
    path: path.replace(/^\/api/u, ""),
    query: [...query.keys()],
    body: body === "" ? undefined : JSON.parse(body),
  }));
}

/** Properties of a value that the schema does not have, with their path. */
function unknown(schemas: z.infer<typeof document>["components"]["schemas"], schema: string, value: unknown, at = schema): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => unknown(schemas, schema, item, at));
  const properties = schemas[schema]?.properties;
  if (typeof value !== "object" || value === null || !properties) return [];
  return Object.entries(value).flatMap(([name, inner]) => {
    const known = properties[name];
    if (!known) return [`${at}.${name}`];
    const ref = known.items?.$ref ?? known.$ref;
    return ref ? unknown(schemas, ref.replace(/^.*\//u, ""), inner, `${at}.${name}`) : [];
  });
}

it.skipIf(!existsSync(file))("sends nothing that Halo's contract does not have", async () => {
  const { paths, components } = contract();
  const sent = await everythingSent();
  const wrong: string[] = [];
  for (const { method, path, query, body } of sent) {
    const place = path.replace(/^(\/[^/]+)\/.+$/u, "$1/{id}");
    const operation = paths[place]?.[method.toLowerCase()];
    if (!operation) wrong.push(`${method} ${place}`);
    const known = new Set(operation?.parameters?.map((parameter) => parameter.name));
    for (const name of query) if (!known.has(name) && !newer.includes(name)) wrong.push(`${method} ${place}?${name}`);
    if (body !== undefined) wrong.push(...unknown(components.schemas, bodies[place] ?? "none", body));
    if (method === "POST" && !(place in bodies)) wrong.push(`POST ${place}: no schema is known to this test`);
  }
  expect(wrong).toEqual([]);
  const places = new Set(
    sent.map(({ method, path }) => `${method} ${path.replace(/\/[^/]+$/u, (last) => (path.lastIndexOf("/") > 0 ? "/{id}" : last))}`),
  );
  expect([...places].sort()).toEqual([
    "GET /Agent",
    "GET /Agent/{id}",
    "GET /FieldInfo",
    "GET /InstanceInfo",
    "GET /Roles",
    "GET /Roles/{id}",
    "GET /Team",
    "GET /Users",
    "GET /Users/{id}",
    "POST /Agent",
    "POST /Roles",
  ]);
});
