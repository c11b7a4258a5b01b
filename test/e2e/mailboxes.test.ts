/** Mailboxes, automatic replies, photos and devices through the real command line. Rows A10, A11, A12, A16, A17, H15. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDevice } from "../../sandbox/graph/devices.ts";
import { allMailboxes, mailboxes, mailboxOf } from "../../sandbox/graph/mailbox.ts";
import { photosOf } from "../../sandbox/graph/photos.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { picture } from "../unit/sources/photos/images.ts";
import { real, type World, world } from "./support.ts";

describe("mailboxes, photos and devices", () => {
  let w: World;
  let first: Plan;
  const people = (): readonly Person[] => w.sandbox.organisation.people;
  const state = () => w.sandbox.graph.state;
  const account = (person: Person): string => {
    const [id] = [...state().users.current].find(([, row]) => row["employeeId"] === String(person.id)) ?? [];
    if (id === undefined) throw new Error(`${person.name} is not in Entra ID.`);
    return id;
  };
  /** With a mailbox by a direct licence. */
  const steady = (): Person[] =>
    people().filter(
      (one) => one.situation === "steady" && one.post.department !== "Operations" && skus(one).some((sku) => sku.startsWith("SPE_")),
    );
  const box = (person: Person) => mailboxOf(state(), account(person), Date.now());
  const skus = (person: Person): string[] =>
    (state().direct.get(account(person)) ?? []).map((one) => state().skus.find((sku) => sku.id === one.skuId)?.partNumber ?? "");
  const halo = (person: Person, set: { [field: string]: unknown }): void =>
    void w.sandbox.hand({ halo: { table: "users", id: person.id, set } });
  const of = (plan: Plan, person: Person, type: string) =>
    plan.people.find((one) => one.key === String(person.id))?.changes.find((one) => one.type === type);
  let leaver: Person;
  let pictured: Person;

  beforeAll(async () => {
    w = await world({ people: 30 });
    allMailboxes(state(), Date.now());
    const [one, two] = steady();
    if (!one || !two) throw new Error("Nobody is steady.");
    [leaver, pictured] = [one, two];
    mkdirSync(join(w.home, "photos"));
    writeFileSync(join(w.home, "photos", `${pictured.id}.jpg`), await picture("jpeg", 700, 700, 90));
    for (const [index, person] of steady().slice(0, 3).entries())
      addDevice(
        state(),
        account(person),
        `nw-lt-00${index}`,
        index === 0 ? {} : { complianceState: index === 1 ? "compliant" : "noncompliant" },
      );
    w.edit("entra", (content) => {
      content["mailboxes"] = {
        plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE", SPE_E5: "EXCHANGE_S_ENTERPRISE" },
        for: { not: { "custom.CFDepartment": "Operations" } },
      };
      content["photos"] = { first: [{ from: { folder: join(w.home, "photos"), name: "{{ id }}.jpg" } }] };
      content["groups"] = [
        ...((content["groups"] as unknown[] | undefined) ?? []),
        {
          name: "SG-Windows",
          for: { hasDevice: { operatingSystem: "Windows", complianceState: "compliant", model: { matches: "^Latitude" } } },
        },
      ];
    });
    w.edit("safety", (content) => {
      (content["leaver"] as { mailbox?: object }).mailbox = {
        share: true,
        manager: "{{ custom.CFManager }}",
        forward: "{{ managerMail }}",
        replies: { internal: "{{ firstname }} has left; ask {{ manager | default: 'reception' }}.", lasts: "90 days" },
      };
    });
    // joiners' mailboxes take an hour
    mailboxes(state()).delay = 3_600_000;
    first = (await w.converge([0, 4])).plan;
  });
  afterAll(() => w?.stop());

  it("A10: a joiner's mailbox is pending until Exchange has made it; the plan is off for whom none is wanted", async () => {
    const joiners = people().filter((one) => one.situation === "joiner");
    expect(joiners.length).toBeGreaterThan(0);
    const wished = first.people.flatMap((one) => one.changes).filter((one) => one.type === "entra:Mailbox" && one.pending !== undefined);
    expect(wished.length).toBeGreaterThan(0);
    const { plan } = await w.plan();
    const waiting = plan.people.flatMap((one) => one.changes.filter((change) => change.type === "entra:Mailbox"));
    expect(waiting.length).toBeGreaterThan(0);
    expect(new Set(waiting.map((one) => one.pending))).toEqual(new Set(["waits until Exchange has made the mailbox"]));
    expect(
      real(plan).every((one) => one.type === "entra:Mailbox"),
      "nothing else is left to do",
    ).toBe(true);
    const spe = new Set(
      state()
        .skus.filter((sku) => sku.partNumber.startsWith("SPE_"))
        .map((sku) => sku.id),
    );
    const without = people().filter((one) => one.post.department === "Operations" && one.situation === "steady");
    const direct = without.flatMap((person) => state().direct.get(account(person)) ?? []).filter((one) => spe.has(one.skuId));
    for (const one of direct) expect(one.disabledPlans).toContain("efb87545-963c-4e0d-99df-69c6916d9eb0");
    for (const stored of mailboxes(state()).boxes.values()) stored.from = 0;
    mailboxes(state()).delay = 0;
  });

  it("A16: the photo of an account from AD is set once, in Microsoft's size", async () => {
    const photo = photosOf(state()).get(account(pictured));
    expect([photo?.width, photo?.height, photo?.times, photosOf(state()).size]).toEqual([648, 648, 1, 1]);
    expect(of(first, pictured, "entra:Photo")).toMatchObject({ op: expect.stringMatching(/adopt|update/u), label: "photo" });
  });

  it("H15: who has such a device is in the group", () => {
    const group = [...state().groups.current.values()].find((row) => row["displayName"] === "SG-Windows");
    const members = state().members.of(String(group?.["id"])).sort();
    expect(members).toEqual(steady().slice(0, 2).map(account).sort());
  });

  it("A11, A12, A17: a leaver's mailbox is made shared before the licence is taken, with a reply; refused, the licence stays", async () => {
    halo(leaver, { inactive: true });
    const had = skus(leaver);
    w.sandbox.exchange.faults.refusing = 1;
    const refused = await w.converge([4]);
    expect(of(refused.plan, leaver, "entra:Mailbox")?.fields.map((one) => one.path)).toContain("kind");
    expect([skus(leaver), box(leaver)?.kind]).toEqual([had, "UserMailbox"]);
    expect(refused.ended.out).toMatch(/refused .*entra:Mailbox\): Could not change the mailbox of .+ \(\d+\): .*being moved/u);
    expect(state().users.current.get(account(leaver))?.["accountEnabled"], "all else is done").toBe(false);
    const done = await w.converge();
    expect(of(done.plan, leaver, "entra:Licence")?.fields.map((one) => [one.path, one.after])).toEqual(
      had.filter((sku) => sku.startsWith("SPE_")).map((sku) => [`skus.${sku}`, null]),
    );
    expect([skus(leaver), box(leaver)?.kind, mailboxes(state()).lost.has(account(leaver))]).toEqual([
      had.filter((sku) => !sku.startsWith("SPE_")),
      "SharedMailbox",
      false,
    ]);
    expect(box(leaver)?.replies).toMatchObject({ status: "scheduled", externalAudience: "all" });
    expect(String(box(leaver)?.replies["internalReplyMessage"])).toContain(`${leaver.first} has left; ask `);
    expect(real((await w.plan()).plan), "a second plan").toEqual([]);
  });

  it("A17: back again, the mailbox is the person's and the reply is off", async () => {
    halo(leaver, { inactive: false });
    await w.converge();
    expect([
      skus(leaver).some((sku) => sku.startsWith("SPE_")),
      box(leaver)?.kind,
      box(leaver)?.replies["status"],
      box(leaver)?.forward,
    ]).toEqual([true, "UserMailbox", "disabled", null]);
    expect(real((await w.plan()).plan), "a second plan").toEqual([]);
    expect(w.sandbox.violations()).toEqual([]);
  });
});
