import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { PendingError, RefusedError } from "../../../../base/errors.ts";
import type { Values } from "../../../../base/json.ts";
import type { EntraClient } from "../../../../clients/graph/client.ts";
import type { Live } from "../../../../providers/core/definition.ts";
import type { LicenceInputs } from "../../../../providers/entra/licence/inputs.ts";
import { licence } from "../../../../providers/entra/licence/licence.ts";
import { immutableIdOfGuid } from "../../../../providers/entra/user/find.ts";
import { listed, memoryContext, update as updateById } from "../../../contract/context.ts";
import { fakeClock, type GraphServer, startGraphServer } from "../../clients/graph/graph-server.ts";
import { E3, E5, makeTenant, TEAMS, type Tenant, YAMMER } from "./tenant.ts";

let graph: GraphServer;
let tenant: Tenant;
let client: EntraClient;
beforeAll(async () => {
  graph = await startGraphServer();
});
afterAll(() => graph.close());
beforeEach(() => {
  tenant = makeTenant();
  Object.assign(tenant, { origin: graph.origin });
  graph.script = (request) => tenant.script(request);
  graph.outer = [];
  graph.inner = [];
  client = graph.client({ clock: fakeClock() });
});

const wish = (values: Partial<LicenceInputs> = {}): LicenceInputs =>
  licence.inputs.parse({ person: "41", skus: [{ sku: "SPE_E3" }], of: ["SPE_E3", "SPE_E5"], ...values });
const contextOf = (accounts: Parameters<typeof memoryContext>[1] = {}) => memoryContext(() => listed(licence, client), accounts);
const posted = (): unknown[] => graph.inner.filter((one) => one.path.endsWith("/assignLicense")).map((one) => one.body);

async function update(id: string, inputs: LicenceInputs): Promise<Values> {
  const context = contextOf();
  const live = (await context.liveById("entra:Licence")).get(id);
  if (!live) throw new Error("no such user");
  return updateById(licence, client, id, inputs, licence.view(live, inputs, {}, context), context);
}

describe("reading", () => {
  it("reads N users in ⌈N / page⌉ calls and the SKUs once, direct apart from inherited", async () => {
    for (let i = 0; i < 25; i += 1) tenant.user({ id: `u${i}`, department: "Sales" });
    tenant.page = 10;
    tenant.give("u3", E3, { without: [YAMMER] });
    tenant.give("u3", E3, { group: "g1" });
    tenant.give("u3", E5, { group: "g2", state: "Error", error: "CountViolation" });
    const all = await licence.list(client, { properties: ["department"] });
    expect(client.calls()).toBe(4);
    expect(all.length).toBe(25);
    expect(all.find((one) => one.id === "u3")?.values).toMatchObject({
      userPrincipalName: "u3@corp.example.com",
      department: "Sales",
      enabled: true,
      synced: false,
      usageLocation: "GB",
      direct: [{ sku: "SPE_E3", without: ["YAMMER_ENTERPRISE"] }],
      inherited: [
        { sku: "SPE_E3", group: "g1" },
        { sku: "SPE_E5", group: "g2", error: "CountViolation" },
      ],
    });
    expect(graph.outer.find((one) => one.path.startsWith("/v1.0/users"))?.path).toContain(
      "licenseAssignmentStates,userType,proxyAddresses,department&$top=999",
    );
  });

  it("refuses a property name that would change the query", async () => {
    await expect(licence.list(client, { properties: ["mail&$top=1"] })).rejects.toThrow(/not a property of a Graph user/u);
  });
});

describe("view", () => {
  const live = (values: Values): Live => ({
    id: "u",
    values: { userPrincipalName: "u@corp.example.com", direct: [], inherited: [], ...values },
  });
  const context = memoryContext(async () => []);
  it.each([
    ["a direct one as it is", { direct: [{ sku: "SPE_E3", without: ["TEAMS1"] }] }, [{ sku: "SPE_E3", without: ["TEAMS1"] }]],
    [
      "an inherited wished one as wished",
      { inherited: [{ sku: "SPE_E3", group: "g" }], direct: [{ sku: "SPE_E3", without: ["TEAMS1"] }] },
      [{ sku: "SPE_E3", without: [] }],
    ],
    ["no inherited one that failed", { inherited: [{ sku: "SPE_E3", group: "g", error: "CountViolation" }] }, []],
    ["no inherited one nobody wishes", { inherited: [{ sku: "SPE_E5", group: "g" }] }, []],
    ["an owned direct one nobody wishes", { direct: [{ sku: "SPE_E5", without: [] }] }, [{ sku: "SPE_E5", without: [] }]],
    ["nothing the mapping does not own", { direct: [{ sku: "POWER_BI_STANDARD", without: [] }] }, []],
    ["no wished one that failed", { direct: [{ sku: "SPE_E3", without: [], error: "CountViolation" }] }, []],
    ["the mapping's spelling", { direct: [{ sku: "spe_e3", without: [] }] }, [{ sku: "SPE_E3", without: [] }]],
  ])("shows %s", (_name, values, skus) => {
    expect(licence.view(live(values), wish(), {}, context).skus).toEqual(skus);
  });

  it("respects an existing usage location and leaves out what is not managed", () => {
    expect(licence.view(live({ usageLocation: "DE" }), wish({ usageLocation: "GB" }), {}, context).usageLocation).toBe("GB");
    expect("usageLocation" in licence.view(live({}), wish({ usageLocation: "GB" }), {}, context)).toBe(false);
    expect("usageLocation" in licence.view(live({ usageLocation: "DE" }), wish(), {}, context)).toBe(false);
  });
});

describe("assigning", () => {
  it("swaps in one call, resolving plan names, and takes the answer for what it says", async () => {
    tenant.user({ id: "ada" });
    tenant.give("ada", E5);
    const outputs = await update("ada", wish({ skus: [{ sku: "spe_e3", without: ["yammer_enterprise", "TEAMS1"] }] }));
    expect(posted()).toEqual([{ addLicenses: [{ skuId: E3, disabledPlans: [TEAMS, YAMMER] }], removeLicenses: [E5] }]);
    expect(outputs).toEqual({ userPrincipalName: "ada@corp.example.com", inherited: [] });
    expect(graph.outer.filter((one) => one.method === "GET").length).toBe(2);
  });

  it("does nothing for what is there or inherited, and never touches what it does not own", async () => {
    tenant.user({ id: "ada" });
    tenant.give("ada", E3, { group: "g" });
    tenant.give("ada", E5);
    await update("ada", wish({ of: ["SPE_E3"] }));
    await update("ada", wish({ skus: [], of: ["SPE_E3"] }));
    expect(graph.inner).toEqual([]);
  });

  it("sets the usage location first, only where there is none", async () => {
    tenant.user({ id: "ada", usageLocation: null });
    tenant.user({ id: "bob", usageLocation: "DE" });
    await update("ada", wish({ usageLocation: "GB" }));
    await update("bob", wish({ usageLocation: "GB" }));
    expect(graph.inner.map((one) => `${one.method} ${one.path}`)).toEqual([
      "PATCH /v1.0/users/ada",
      "POST /v1.0/users/ada/assignLicense",
      "POST /v1.0/users/bob/assignLicense",
    ]);
    expect([tenant.users.get("ada")?.usageLocation, tenant.users.get("bob")?.usageLocation]).toEqual(["GB", "DE"]);
  });

  it.each([
    [{ skus: [{ sku: "SPE_E4", without: [] }] }, /owns no licence SPE_E4; did you mean SPE_E[35]\?/u],
    [{ skus: [{ sku: "VISIOCLIENT", without: [] }] }, /owns no licence VISIOCLIENT; it has SPE_E3, SPE_E5/u],
    [
      { skus: [{ sku: "SPE_E3", without: ["YAMER_ENTERPRISE"] }] },
      /SPE_E3 has no service plan YAMER_ENTERPRISE; did you mean YAMMER_ENTERPRISE\?/u,
    ],
  ])("names the nearest right name and writes nothing: %j", async (values, message) => {
    tenant.user({ id: "ada", usageLocation: null });
    await expect(update("ada", wish({ usageLocation: "GB", ...values }))).rejects.toThrow(message);
    expect(graph.inner).toEqual([]);
  });

  it("skips a removal that is inherited meanwhile", async () => {
    const ada = tenant.user({ id: "ada" });
    tenant.give("ada", E3);
    const context = contextOf();
    const live = (await context.liveById("entra:Licence")).get("ada");
    ada.licenseAssignmentStates = [];
    tenant.give("ada", E3, { group: "g" });
    await updateById(licence, client, "ada", wish({ skus: [] }), wish(), context);
    expect(live?.values["direct"]).toEqual([{ sku: "SPE_E3", without: [] }]);
    expect(ada.licenseAssignmentStates.length).toBe(1);
  });

  it("goes on where the answer to its own first try was lost", async () => {
    const ada = tenant.user({ id: "ada" });
    tenant.give("ada", E5);
    const script = tenant.script;
    let lost = 1;
    graph.script = async (request) => {
      const answer = await script(request);
      return request.path.endsWith("/assignLicense") && lost-- > 0 ? { status: 504 } : answer;
    };
    await update("ada", wish());
    expect(ada.licenseAssignmentStates.map((one) => one.skuId)).toEqual([E3]);
    expect(posted().length).toBe(2);
  });

  it("waits for replication of a fresh usage location and of a fresh user", async () => {
    tenant.user({ id: "ada", usageLocation: null });
    let refusals = 2;
    const script = tenant.script;
    graph.script = (request) =>
      request.path.endsWith("/assignLicense") && refusals-- > 0
        ? {
            status: refusals === 1 ? 404 : 400,
            body: {
              error: { code: "Request_BadRequest", message: "License assignment cannot be done for user with invalid usage location." },
            },
          }
        : script(request);
    await update("ada", wish({ usageLocation: "GB" }));
    expect(posted().length).toBe(3);
  });
});

describe("seats", () => {
  it("parks exactly the one who finds none, with the numbers", async () => {
    tenant.owned.set(E3, 9);
    for (let i = 0; i < 10; i += 1) tenant.user({ id: `u${i}` });
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => update(`u${i}`, wish({ person: String(i) }))));
    const refused = results.filter((one) => one.status === "rejected");
    expect(refused.length).toBe(1);
    expect(refused[0]?.reason).toBeInstanceOf(RefusedError);
    expect(refused[0]?.reason.message).toMatch(
      /^Could not give SPE_E3 to u\d@corp\.example\.com: no free SPE_E3 licence \(owned 9, used 9\); buy or free one$/u,
    );
    expect(posted().length).toBe(9);
  });

  it("uses a seat that somebody else of the run gives back", async () => {
    tenant.owned.set(E3, 1);
    tenant.user({ id: "joiner" });
    tenant.user({ id: "leaver" });
    tenant.give("leaver", E3);
    client = graph.client();
    const joining = update("joiner", wish());
    await new Promise((resolve) => setTimeout(resolve, 100));
    await update("leaver", wish({ skus: [] }));
    await joining;
    expect(tenant.users.get("joiner")?.licenseAssignmentStates.length).toBe(1);
  });

  it("needs no seat to change plans", async () => {
    tenant.owned.set(E3, 1);
    tenant.user({ id: "ada" });
    tenant.give("ada", E3);
    await update("ada", wish({ skus: [{ sku: "SPE_E3", without: ["TEAMS1"] }] }));
    expect(tenant.users.get("ada")?.licenseAssignmentStates[0]?.disabledPlans).toEqual([TEAMS]);
  });

  it("believes Graph where its own count was out of date", async () => {
    tenant.owned.set(E3, 1);
    tenant.user({ id: "ada" });
    tenant.user({ id: "other" });
    const context = contextOf();
    await context.live("entra:Licence");
    tenant.give("other", E3);
    await expect(updateById(licence, client, "ada", wish(), wish({ skus: [] }), context)).rejects.toThrow(
      /no free SPE_E3 licence|does not have any available licenses.*buy or free one/u,
    );
  });
});

describe("many", () => {
  it("makes 200 changes in about a twentieth of the calls", async () => {
    tenant.owned.set(E3, 1000);
    for (let i = 0; i < 200; i += 1) tenant.user({ id: `u${i}` });
    const context = contextOf();
    const live = await context.live("entra:Licence");
    const before = client.calls();
    await Promise.all(live.map((one) => updateById(licence, client, one.id, wish(), wish({ skus: [] }), context)));
    expect(client.calls() - before).toBe(10);
  });
});

describe("whose account", () => {
  const guid = "8f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0";

  it("takes the account the run knows", async () => {
    tenant.user({ id: "ada" });
    expect((await licence.create(client, wish(), contextOf({ entra: { "41": "ada" } }))).id).toBe("ada");
  });

  it("finds the account Entra Connect made from the AD account, and tells the run", async () => {
    tenant.user({ id: "ada", onPremisesImmutableId: immutableIdOfGuid(guid), onPremisesSyncEnabled: true });
    const context = contextOf({ ad: { "41": guid } });
    expect((await licence.create(client, wish(), context)).id).toBe("ada");
    expect(context.account("entra", "41")).toBe("ada");
    expect(tenant.users.get("ada")?.licenseAssignmentStates.length).toBe(1);
  });

  it("is pending while Entra Connect has not brought it, after waiting as long as it may", async () => {
    const clock = fakeClock();
    client = graph.client({ clock, syncWait: 10 });
    await expect(licence.create(client, wish(), contextOf({ ad: { "41": guid } }))).rejects.toThrow(PendingError);
    expect(clock.slept[0]).toBe(1000);
    expect(clock.slept.reduce((a, b) => a + b, 0)).toBe(10_000);
    // Connect seems to stand still: the next person is asked for once.
    const slept = clock.slept.length;
    await expect(
      licence.create(client, wish({ person: "42" }), contextOf({ ad: { "42": "8f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f1" } })),
    ).rejects.toThrow(/wait for Entra Connect/u);
    expect(clock.slept.length).toBe(slept);
  });

  it("goes on as soon as it comes", async () => {
    const clock = fakeClock();
    client = graph.client({ clock, syncWait: 60 });
    const sleep = clock.sleep.bind(clock);
    clock.sleep = async (ms) => {
      if (clock.slept.length === 2)
        tenant.user({ id: "late", onPremisesImmutableId: immutableIdOfGuid(guid), onPremisesSyncEnabled: true });
      await sleep(ms);
    };
    expect((await licence.create(client, wish(), contextOf({ ad: { "41": guid } }))).id).toBe("late");
    expect(clock.slept).toEqual([1000, 1500, 2250]);
  });

  it("refuses a person without any account", async () => {
    await expect(licence.create(client, wish(), contextOf())).rejects.toThrow(/no account in Entra ID, and none in AD/u);
  });

  it("says that a user is gone", async () => {
    await expect(updateById(licence, client, "nobody", wish(), wish(), contextOf())).rejects.toThrow(/it is gone/u);
  });
});
