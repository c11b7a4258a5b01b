/**
 * entra:Mailbox, entra:AutomaticReplies, entra:Photo and the reader of devices, against the sandbox's Microsoft Graph and its
 * Exchange Online, which refuse what the real ones refuse. Rows A10, A11, A12, A16, A17, H15.
 */

import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { PendingError, RefusedError } from "../../base/errors.ts";
import { sumOf } from "../../base/sum.ts";
import { connectExchange, type ExchangeClient, ExchangeClosed } from "../../clients/exchange/client.ts";
import { connectEntra, type EntraClient } from "../../clients/graph/client.ts";
import { licence } from "../../providers/entra/licence/licence.ts";
import { automaticReplies } from "../../providers/entra/mailbox/auto-reply.ts";
import { mailbox } from "../../providers/entra/mailbox/mailbox.ts";
import { photo } from "../../providers/entra/user/photo.ts";
import { csdl } from "../../sandbox/contracts/csdl.ts";
import { type ExchangeServer, startExchange } from "../../sandbox/exchange/server.ts";
import { addDevice, addRegistered } from "../../sandbox/graph/devices.ts";
import { mailboxes, mailboxOf } from "../../sandbox/graph/mailbox.ts";
import { photosOf } from "../../sandbox/graph/photos.ts";
import { type GraphServer, startGraph } from "../../sandbox/graph/server.ts";
import { blankUser, putUser, setDirect } from "../../sandbox/graph/state.ts";
import { organisation } from "../../sandbox/organisation/index.ts";
import { managedProperties, readDevices, readRegisteredDevices, registeredProperties, united } from "../../sources/entra/devices.ts";
import { convert } from "../../sources/photos/convert.ts";
import { trusted } from "../trusted.ts";
import { picture } from "../unit/sources/photos/images.ts";
import { memoryContext, update } from "./context.ts";
import { lifecycle } from "./lifecycle.ts";

const model = csdl(fileURLToPath(new URL("../../../shared/contracts", import.meta.url)));
const pair = trusted();
const tenantId = "northwind.example.com";
const all = [
  "User.ReadWrite.All",
  "LicenseAssignment.ReadWrite.All",
  "MailboxSettings.ReadWrite",
  "ProfilePhoto.ReadWrite.All",
  "DeviceManagementManagedDevices.Read.All",
  "Device.Read.All",
  "Exchange.ManageAsApp",
];
const apps = ["writer", "without role", "without permission"].map((name, index) => ({
  id: `00000000-0000-4000-8000-0000000000a${index}`,
  name,
  secret: crypto.randomUUID(),
  roles: index === 2 ? all.slice(0, 4) : all,
}));
const clock = { now: () => Date.now(), sleep: (ms: number) => new Promise<void>((done) => setTimeout(done, Math.max(1, ms / 200))) };
const missing = "00000000-0000-4000-8000-0000000000ff";
let graph: GraphServer;
let exchange: ExchangeServer;

function config(app: number) {
  const { id: clientId = "", secret = "" } = apps[app] ?? {};
  return [
    { tenantId, clientId, authority: graph.url, graph: graph.url, exchange: exchange.url, syncWait: 0 },
    { ENTRA_CLIENT_SECRET: secret },
    { counter: { graph: 0 }, clock },
  ] as const;
}
const toGraph = (app = 0): EntraClient => connectEntra(...config(app));
const toExchange = (app = 0): ExchangeClient => connectExchange(...config(app));
const context = (people: Record<string, string> = {}) => memoryContext(async () => [], { entra: people });

function user(name: string, { licensed = true, ...more }: { licensed?: boolean; onPremisesSyncEnabled?: boolean } = {}): string {
  const row = blankUser(graph.state, {
    ...{ userPrincipalName: `${name}@example.org`, displayName: name, mail: `${name}@example.org`, usageLocation: "GB", ...more },
  });
  putUser(graph.state, row);
  const id = String(row["id"]);
  const e3 = graph.state.skus.find((sku) => sku.partNumber === "SPE_E3")?.id ?? "";
  if (licensed) setDirect(graph.state, id, [{ skuId: e3, disabledPlans: [] }]);
  return id;
}
const box = (id: string) => mailboxOf(graph.state, id, Date.now());

beforeAll(async () => {
  graph = await startGraph({ tls: pair, tenant: tenantId, apps, skus: organisation({ people: 30 }).tenant.skus, csdl: model });
  const roles = { [apps[0]?.id ?? ""]: "recipients", [apps[2]?.id ?? ""]: "recipients" } as const;
  exchange = await startExchange({ tls: pair, tenant: tenantId, tokens: graph.tokens, state: graph.state, roles });
});
afterEach(() => {
  graph.faults.reset();
  Object.assign(exchange.faults, { throttled: 0, failing: 0, refusing: 0, slow: 0 });
  mailboxes(graph.state).delay = 0;
});
afterAll(async () => {
  expect([...graph.violations, ...exchange.violations], "what Microsoft would have refused").toEqual([]);
  await Promise.all([graph.stop(), exchange.stop()]);
});

it.skipIf(model === undefined)("asks for no property of a device that the CSDL does not have (skipped without ../shared/contracts)", () => {
  expect(managedProperties.filter((name) => !model?.property("managedDevice", name))).toEqual([]);
  expect(registeredProperties.filter((name) => !model?.property("device", name))).toEqual([]);
});

describe("A11: a mailbox", () => {
  let ada = "";
  lifecycle({
    definition: mailbox,
    client: () => toExchange(),
    missing,
    accounts: () => ({ entra: { "41": ada } }),
    samples() {
      ada = user("ada");
      return {
        create: { person: "41", kind: "user" as const, hidden: false, hold: false, forward: "" },
        updates: {
          shared: { person: "41", kind: "shared" as const, hidden: true, hold: true, forward: "Boss@example.org" },
          back: { person: "41", kind: "user" as const, hidden: false, hold: false, forward: "" },
        },
      };
    },
    get asked() {
      return { ids: [ada] };
    },
  });

  it("A11: of an account from AD Exchange does not take `hidden`, and the person is parked in its words", async () => {
    const id = user("synced", { onPremisesSyncEnabled: true });
    const wish = mailbox.inputs.parse({ person: "42", hidden: true });
    await expect(mailbox.create(toExchange(), wish, context({ "42": id }))).rejects.toThrow(
      /^Could not change the mailbox of person 42: RecipientTaskException: .*on-premises/u,
    );
    expect(box(id)?.hidden).toBe(false);
  });

  it("A10: waits until Exchange has made it, and says so", async () => {
    mailboxes(graph.state).delay = 3_600_000;
    const id = user("fresh");
    const wish = mailbox.inputs.parse({ person: "43", kind: "user" });
    await expect(mailbox.create(toExchange(), wish, context())).rejects.toThrow(PendingError);
    await expect(mailbox.create(toExchange(), wish, context({ "43": id }))).rejects.toThrow(/not there yet/u);
    const [live] = await mailbox.list(toExchange(), { ids: [id] });
    expect(live && mailbox.view(live, wish, {}, context())).toEqual({ person: "43" });
    const stored = mailboxes(graph.state).boxes.get(id);
    if (stored) stored.from = 0;
    expect((await mailbox.create(toExchange(), wish, context({ "43": id }))).outputs).toEqual({ address: "fresh@example.org" });
  });

  it("A12: the licence is not taken while the mailbox could not be made shared, and is once it has been", async () => {
    const id = user("leaver");
    const known = context({ "44": id });
    const shared = mailbox.inputs.parse({ person: "44", kind: "shared" });
    const none = licence.inputs.parse({ person: "44", skus: [], of: ["SPE_E3"] });
    const live = await licence.get(toGraph(), id);
    const take = () =>
      update(
        licence,
        toGraph(),
        id,
        none,
        none,
        memoryContext(async () => (live ? [live] : []), { entra: { "44": id } }),
      );
    expect(box(id)?.kind).toBe("UserMailbox");
    exchange.faults.refusing = 1;
    await expect(update(mailbox, toExchange(), id, shared, shared, known)).rejects.toThrow(RefusedError);
    await expect(take()).rejects.toThrow(/^Could not take SPE_E3 from person 44: the mailbox would be lost with it.*being moved/u);
    expect(graph.state.direct.get(id)).toHaveLength(1);
    // done by and by: it is confirmed before it counts
    exchange.faults.slow = 2;
    await update(mailbox, toExchange(), id, shared, shared, known);
    expect(box(id)?.kind).toBe("SharedMailbox");
    await take();
    expect([graph.state.direct.get(id), box(id)?.kind, mailboxes(graph.state).lost.has(id)]).toEqual([[], "SharedMailbox", false]);
  });

  it("says what the app needs where Exchange does not let it in, and tries again what passes", async () => {
    const id = user("closed");
    for (const app of [1, 2])
      await expect(mailbox.list(toExchange(app), { ids: [id] })).rejects.toThrow(
        /needs the application permission Exchange\.ManageAsApp .* role Exchange Recipient Administrator/u,
      );
    await expect(mailbox.list(toExchange(1), { ids: [id] })).rejects.toThrow(ExchangeClosed);
    exchange.faults.throttled = 1;
    exchange.faults.failing = 1;
    const calls = exchange.log.length;
    expect((await mailbox.list(toExchange(), { ids: [id] }))[0]?.values["kind"]).toBe("user");
    expect(exchange.log.length - calls).toBe(3);
  });

  it("takes no token of Graph's, and Graph none of its", async () => {
    const token = graph.give(apps[0]?.id ?? "")?.token ?? "";
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const answer = await fetch(`${exchange.url}/adminapi/beta/${tenantId}/InvokeCommand`, { method: "POST", headers, body: "{}" });
    expect(answer.status).toBe(401);
  });

  it("reads 25 people a call, and everybody at once where there are many", async () => {
    const ids = Array.from({ length: 60 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`);
    const calls = exchange.log.length;
    const lives = await mailbox.list(toExchange(), { ids: ids });
    expect([lives.length, lives[0]?.values, exchange.log.length - calls]).toEqual([60, { exists: false }, 3]);
  });
});

describe("A17: automatic replies", () => {
  let bob = "";
  lifecycle({
    definition: automaticReplies,
    client: () => toGraph(),
    missing,
    accounts: () => ({ entra: { "41": bob } }),
    samples() {
      bob = user("bob");
      const until = "2099-12-31T00:00:00Z";
      return {
        create: { person: "41", status: "on", audience: "all", internal: "I have left.\nAsk <Eve> & co.", external: "Gone, “quite”" },
        updates: {
          "another text": { person: "41", status: "on", audience: "contactsOnly", internal: "Ask Eve", external: "Ask Eve" },
          window: {
            person: "41",
            status: "scheduled",
            audience: "all",
            internal: "Ask Eve",
            external: "Ask",
            from: "2026-01-01T00:00:00Z",
            until,
          },
          off: { person: "41", status: "off" },
        },
      };
    },
    get asked() {
      return { ids: [bob] };
    },
  });

  it("A17: what the person writes after coming back is the person's, and haloform's own text is not", async () => {
    const id = user("carol");
    const on = automaticReplies.inputs.parse({ person: "45", status: "on", internal: "Left", external: "Left" });
    const off = automaticReplies.inputs.parse({ person: "45", status: "off" });
    const { outputs } = await automaticReplies.create(toGraph(), on, context({ "45": id }));
    const seen = async (wish: typeof on) => {
      const live = await automaticReplies.get(toGraph(), id);
      return live && automaticReplies.view(live, wish, outputs, context());
    };
    expect(await seen(off), "still ours").toEqual({ person: "45", status: "on" });
    await toGraph().patch(`/users/${id}/mailboxSettings`, {
      automaticRepliesSetting: { status: "alwaysEnabled", internalReplyMessage: "On holiday" },
    });
    expect(await seen(off)).toEqual(off);
    expect(await seen(on), "of a leaver it is put back").toMatchObject({ internal: "On holiday" });
  });

  it("waits where there is no mailbox, and asks for 20 people in a call", async () => {
    const id = user("nobox", { licensed: false });
    const wish = automaticReplies.inputs.parse({ person: "46", status: "on", internal: "Left", external: "Left" });
    await expect(automaticReplies.create(toGraph(), wish, context({ "46": id }))).rejects.toThrow(PendingError);
    const made = () => graph.log.filter((entry) => !entry.inner && entry.path.startsWith("/v1.0/")).length;
    const calls = made();
    const ids = [id, ...Array.from({ length: 20 }, (_, index) => user(`many-${index}`))];
    const lives = await automaticReplies.list(toGraph(), { ids: ids });
    expect([lives.length, lives.find((one) => one.id === id)?.values]).toEqual([21, { mailbox: false }]);
    expect(made() - calls).toBe(2);
  });
});

describe("A16: a photo in Microsoft 365", () => {
  const images = new Map<string, Buffer>();
  const client = () => ({ graph: toGraph(), bytes: (sum: string) => images.get(sum) });
  let dora = "";
  beforeAll(async () => {
    for (const shade of [0, 90, 180]) {
      const made = await convert(await picture("png", 120, 120, shade), 96);
      images.set(sumOf(made), made);
    }
    dora = user("dora", { onPremisesSyncEnabled: true });
  });

  let eve = "";
  lifecycle({
    definition: photo,
    client: () => client(),
    missing,
    accounts: () => ({ entra: { "41": eve } }),
    samples() {
      eve = user("eve");
      const [one = "", two = ""] = images.keys();
      return {
        create: { person: "41", photo: one, source: two, size: 96 },
        updates: {
          another: { person: "41", photo: two, source: one, size: 120 },
          removed: { person: "41", photo: "", source: "", size: 120 },
        },
      };
    },
  });

  it("A16: is written as it is, once, and taken away", async () => {
    const [one = "", two = ""] = images.keys();
    const wish = photo.inputs.parse({ person: "41", photo: one, source: two, size: 96 });
    const known = context({ "41": dora });
    const live = { id: dora, values: {} };
    await expect(photo.create(client(), wish, context())).rejects.toThrow(PendingError);
    const { outputs } = await photo.create(client(), wish, known);
    expect(photosOf(graph.state).get(dora)).toMatchObject({ bytes: images.get(one), width: 96, height: 96, times: 1 });
    expect(photo.view(live, wish, outputs, known)).toEqual(wish);
    const larger = { ...wish, size: 120 };
    expect(await update(photo, client(), dora, larger, wish, known, outputs), "the same bytes are not sent again").toEqual(outputs);
    expect(photosOf(graph.state).get(dora)?.times).toBe(1);
    const other = { ...wish, photo: two, source: one };
    expect(photo.view(live, other, outputs, known)).toEqual(wish);
    expect(await update(photo, client(), dora, other, wish, known, outputs)).toEqual({ photo: two, source: one });
    expect(
      photosOf(graph.state)
        .get(dora)
        ?.bytes.equals(images.get(two) ?? Buffer.alloc(0)),
    ).toBe(true);
    const none = { ...wish, photo: "", source: "" };
    expect(await update(photo, client(), dora, none, other, known)).toEqual({ photo: "", source: "" });
    await update(photo, client(), dora, none, other, known);
    expect(photosOf(graph.state).has(dora)).toBe(false);
    await expect(photo.create(client(), { ...wish, photo: `sha256:${"0".repeat(64)}` }, known)).rejects.toThrow("not at hand");
  });

  it("A16: a refusal names the permission", async () => {
    const [one = ""] = images.keys();
    const wish = photo.inputs.parse({ person: "41", photo: one, source: "", size: 96 });
    graph.faults.refuse = [dora];
    await expect(photo.create(client(), wish, context({ "41": dora }))).rejects.toThrow(
      /set a user's photo the app needs the application permission ProfilePhoto\.ReadWrite\.All/u,
    );
  });
});

describe("H15: devices", () => {
  it("H15: are read in bulk with whose they are, each once", async () => {
    const eve = user("eve");
    const managed = addDevice(graph.state, eve, "nw-lt-001");
    addDevice(graph.state, undefined, "nw-lt-002", {
      complianceState: "noncompliant",
      lastSyncDateTime: "0001-01-01T00:00:00Z",
      userId: "00000000-0000-0000-0000-000000000000",
    });
    const phone = addRegistered(graph.state, eve, "eves-phone");
    for (let index = 0; index < 120; index++) addRegistered(graph.state, undefined, `tablet-${index}`);
    graph.faults.shrinkPages = 50;
    const client = toGraph();
    const intune = await readDevices(client);
    const entra = await readRegisteredDevices(client);
    expect(entra).toHaveLength(123);
    expect(intune.find((one) => one.id === managed)).toMatchObject({
      ...{
        deviceName: "nw-lt-001",
        serialNumber: "NW-LT-001",
        model: "Latitude 7450",
        manufacturer: "Dell Inc.",
        operatingSystem: "Windows",
      },
      ...{ complianceState: "compliant", userId: eve, userPrincipalName: "eve@example.org", ownerType: "company", managed: true },
    });
    expect(intune.find((one) => one.deviceName === "nw-lt-002")).toMatchObject({
      userId: "",
      lastSyncDateTime: "",
      complianceState: "noncompliant",
    });
    const both = united(intune, entra);
    expect(both).toHaveLength(123);
    expect(both.find((one) => one.id === phone)).toMatchObject({
      deviceName: "eves-phone",
      userId: eve,
      managed: false,
      complianceState: "unknown",
    });
  });
});
