/** "Already a member" and "none any more" are believed only when Graph's own list says so too (behaviour F1, in Entra ID). */
import { afterAll, beforeAll, expect, it } from "vitest";
import { addEach, removeLinks } from "../../../../providers/entra/group/links.ts";
import { fakeClock, type GraphServer, graphProblem, type Scripted, startGraphServer } from "../../clients/graph/graph-server.ts";

let graph: GraphServer;
beforeAll(async () => {
  graph = await startGraphServer();
}, 60_000); // a key is made
afterAll(() => graph.close());

const group = { id: "11111111-0000-4000-8000-000000000001", name: "SG-A" };
const user = "22222222-0000-4000-8000-000000000002";
const already = graphProblem(
  400,
  "Request_BadRequest",
  "One or more added object references already exist for the following modified properties: 'members'.",
);
const none = graphProblem(
  404,
  "Request_ResourceNotFound",
  "One or more removed object references do not exist for the following modified properties: 'members'.",
);
/** Graph's answers: to each write in turn, the last one again; and who its list has. */
function plays(writes: Scripted[], listed: () => boolean): string[] {
  const seen: string[] = [];
  graph.script = ({ method, path }) => {
    if (path === "/v1.0/$batch") return { status: 0 };
    seen.push(method);
    if (method !== "GET") return (writes.length > 1 ? writes.shift() : writes[0]) ?? already;
    return { status: 200, body: { value: listed() ? [{ "@odata.type": "#microsoft.graph.user", id: user }] : [] } };
  };
  return seen;
}
const client = () => graph.client({ clock: fakeClock() });

it("a member that is called one already, and is one: read once, and done", async () => {
  const seen = plays([already], () => true);
  expect(await addEach(client(), group, [user], "members")).toEqual([]);
  expect(seen).toEqual(["POST", "GET"]);
});

it("one that the list does not have is added again, until it is in; a refusal that stays is said", async () => {
  const seen = plays([already, { status: 204 }], () => false);
  expect(await addEach(client(), group, [user], "members")).toEqual([]);
  expect(seen).toEqual(["POST", "GET", "POST"]);
  plays([already], () => false);
  expect((await addEach(client(), group, [user], "members")).map((error) => error.message)).toEqual([
    `Graph says that ${user} is among the members of the group SG-A already, and its list says otherwise; the next run looks again`,
  ]);
});

it("one that is called gone and is in the list is taken out again; a replica that is late is waited for", async () => {
  let looks = 0;
  const seen = plays([none], () => ++looks < 3);
  expect(await removeLinks(client(), group, [user], "members")).toEqual([]);
  expect(seen).toEqual(["DELETE", "GET", "DELETE", "GET", "DELETE", "GET"]);
  plays([none], () => true);
  expect((await removeLinks(client(), group, [user], "owners")).map((error) => error.message)).toEqual([
    `Graph says that ${user} is none of the owners of the group SG-A already, and its list says otherwise; the next run looks again`,
  ]);
});
