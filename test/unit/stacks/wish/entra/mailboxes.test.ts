/** Mailboxes, automatic replies and devices in the pure middle. Rows A10, A11, A12, A17, H15. */
import { describe, expect, test } from "vitest";
import type { z } from "zod";
import type { Values } from "../../../../../base/json.ts";
import type { entraFile } from "../../../../../mappings/schema/entra.ts";
import type { Live } from "../../../../../providers/core/definition.ts";
import { deviceType } from "../../../../../stacks/model/kinds.ts";
import type { PreviousResource } from "../../../../../stacks/model/types.ts";
import { asksDevices, mailboxesAsked } from "../../../../../stacks/read/entra.ts";
import { type World, wish } from "../../../../../stacks/wish/wish.ts";
import { entraUser, find, mappings, now, record, world } from "../../world.ts";

const e3 = { sku: "SPE_E3", without: [] };
const base = {
  licences: { every: [{ sku: "SPE_E3", for: {} }] },
  mailboxes: { plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE" } },
} satisfies z.input<typeof entraFile>;
const id = "u-41";
const user = (values: Values = {}): Live => entraUser(id, { employeeId: "41", mail: "ada@example.org", direct: [e3], ...values });
const boxed = (values: Values = {}): Live => ({
  id,
  values: { exists: true, kind: "user", hidden: false, hold: false, forward: "", ...values },
});
const known = (type: string, inputs: Values, outputs: Values = {}): PreviousResource => ({
  type,
  name: "person-41",
  id,
  inputs: { person: "41", ...inputs },
  outputs,
});
const held = known("entra:Licence", { skus: [e3], of: ["SPE_E3"] });

function made(
  { for: condition, ...mailbox }: { for?: object; [word: string]: unknown },
  more: Partial<World> = {},
  fields: Values = { inactive: true },
) {
  const people = {
    people: {
      source: "halo.users",
      login: { is: "{{ firstname }}" },
      is: { entra: { employeeId: "{{ id }}" } },
    },
  } as const;
  const boss = record(7, { firstname: "Grace", surname: "Hopper" });
  const wished = wish(
    world({
      records: [record(41, { "custom.CFManager": "7", ...fields }), boss],
      mappings: mappings({
        people: people as never,
        ad: null,
        halo: null,
        entra: { ...base, mailboxes: { ...base.mailboxes, ...(condition ? { for: condition } : {}) } },
        safety: { leaver: { mailbox: mailbox as never } },
      }),
      previous: [held],
      memory: { format: "haloform.memory/1", source: { count: 2, filled: {} }, people: { "41": { name: "Ada" } } },
      ...more,
      live: {
        "entra:Licence": [user(), entraUser("u-7", { employeeId: "7", mail: "grace@example.org", usageLocation: "GB" })],
        "entra:Mailbox": [boxed()],
        ...more.live,
      },
    }),
  );
  const inputs = (type: string) => find(wished, type, "person-41")?.inputs;
  return { wished, box: inputs("entra:Mailbox"), reply: inputs("entra:AutomaticReplies"), skus: inputs("entra:Licence")?.["skus"] };
}
const since = (days: number): Partial<World> => ({
  memory: {
    format: "haloform.memory/1",
    source: { count: 2, filled: {} },
    people: { "41": { name: "Ada", leaverSince: new Date(now.getTime() - days * 86_400_000).toISOString() } },
  },
});

describe("A12: the licence of a leaver", () => {
  test("is taken once the mailbox is to be shared, in a wave after the mailbox", () => {
    const { wished, box, skus } = made({ share: true });
    expect([box, skus]).toEqual([{ person: "41", kind: "shared" }, []]);
    const order = wished.resources.filter((one) => one.person === "41").map((one) => one.type);
    expect(order.indexOf("entra:Mailbox")).toBeLessThan(order.indexOf("entra:Licence"));
  });

  test("stays where the mailbox is kept, on hold, or of a kind that nobody converts", () => {
    expect(made({ share: false }).skus).toEqual([e3]);
    expect(made({ share: true, hold: "litigation" })).toMatchObject({ skus: [e3], box: { kind: "shared", hold: true } });
    expect(made({ share: true }, { live: { "entra:Mailbox": [boxed({ kind: "RoomMailbox" })] } })).toMatchObject({
      skus: [e3],
      box: undefined,
    });
    expect(made({ share: true }, { live: { "entra:Mailbox": [{ id, values: { exists: false } }] } }).skus).toEqual([]);
  });

  test("stays, and the person is parked with what is needed, where Exchange cannot be asked", () => {
    const { wished, skus, box } = made(
      { share: true },
      { live: { "entra:Mailbox": [{ id, values: { unread: true } }] }, exchange: { needs: "it needs a role" } },
    );
    expect([skus, box]).toEqual([[e3], undefined]);
    expect(wished.parked).toMatchObject([
      { key: "41", where: "exchange", reason: "the mailbox cannot be made ready, so SPE_E3 stays: it needs a role" },
    ]);
  });

  test("is taken last: after its days, and once the hold or the export is certain", () => {
    const hold = { hold: "litigation", remove: { after: "30 days", once: "held" } };
    const onHold = { live: { "entra:Mailbox": [boxed({ hold: true })] } };
    expect(made(hold, { ...since(40) }).skus, "not on hold yet").toEqual([e3]);
    expect(made(hold, { ...since(29), ...onHold }).skus, "too early").toEqual([e3]);
    expect(made(hold, { ...since(40), ...onHold }).skus).toEqual([]);
    const exported = { remove: { after: "30 days", once: "exported", for: { other5: "exported" } } };
    expect(made(exported, since(40)).skus).toEqual([e3]);
    expect(made(exported, since(40), { inactive: true, other5: "Exported" }).skus).toEqual([]);
  });

  test("without the section everything is as before", () => {
    const { wished } = made({}, { mappings: mappings({ ad: null, halo: null, entra: { licences: base.licences } }) });
    expect(wished.resources.map((one) => one.type)).not.toContain("entra:Mailbox");
  });
});

describe("A11 and A17: a leaver's mailbox", () => {
  const replies = { internal: "{{ firstname }} has left. Ask {{ manager }} ({{ managerMail }}).", manager: "{{ custom.CFManager }}" };

  test("is hidden and forwarded, and replies in the manager's name", () => {
    const { box, reply } = made({
      share: true,
      hide: true,
      forward: "{{ managerMail }}",
      manager: "{{ custom.CFManager }}",
      replies,
    });
    expect(box).toEqual({ person: "41", kind: "shared", hidden: true, forward: "grace@example.org" });
    const text = "Ada41 has left. Ask Grace Hopper (grace@example.org).";
    expect(reply).toEqual({ person: "41", status: "on", audience: "all", internal: text, external: text });
  });

  test("the reasons of reply and forwarding have the manager that was used, not a field of the record that is called so", () => {
    const { wished } = made(
      { share: true, forward: "{{ managerMail }}", manager: "{{ custom.CFManager }}", replies },
      {},
      {
        ...{ inactive: true, manager: "u-0815", managerMail: "somebody@example.org" },
      },
    );
    const why = (type: string, path: string) => find(wished, type, "person-41")?.because[path];
    const values = { manager: "Grace Hopper", managerMail: "grace@example.org" };
    for (const path of ["internal", "external"])
      expect(why("entra:AutomaticReplies", path)).toMatchObject({
        ...{ rule: "mappings/safety.yaml:leaver.mailbox.replies.internal", field: "firstname, manager, managerMail", values },
      });
    expect(why("entra:Mailbox", "forward")).toMatchObject({ field: "managerMail", values: { managerMail: "grace@example.org" } });
  });

  test("of an account from AD is not hidden here, and the plan says where", () => {
    const { box, wished } = made({ share: true, hide: true }, { live: { "entra:Licence": [user({ synced: true })] } });
    expect(box).toEqual({ person: "41", kind: "shared" });
    expect(wished.notes.join()).toContain("msExchHideFromAddressLists");
  });

  test("replies for a time from the day of leaving, and does not begin when that is over", () => {
    const line = { replies: { ...replies, lasts: "90 days" } };
    expect(made(line).reply).toMatchObject({ status: "scheduled", from: "2026-03-01T08:00:00Z", until: "2026-05-30T08:00:00Z" });
    expect(made(line, since(91)).reply).toBeUndefined();
    expect(
      made(line, { ...since(91), previous: [held, known("entra:AutomaticReplies", { status: "on" })] }).reply,
      "one that is there is kept",
    ).toBeDefined();
    expect(made(line, { live: { "entra:AutomaticReplies": [{ id, values: { mailbox: false } }] } }).reply).toBeUndefined();
  });

  test("is the person's again on return, after the licence; nothing is done for a person who never left", () => {
    const previous = [
      held,
      known("entra:Mailbox", { kind: "shared", hidden: true, hold: true, forward: "grace@example.org" }),
      known("entra:AutomaticReplies", { status: "on", internal: "x", external: "x", audience: "all" }),
    ];
    const back = made({ share: true, replies }, { previous }, {});
    expect(back.box).toEqual({ person: "41", kind: "user", hidden: false, hold: false, forward: "" });
    expect(back.reply).toEqual({ person: "41", status: "off" });
    const order = back.wished.resources.filter((one) => one.person === "41").map((one) => one.type);
    expect(order.indexOf("entra:Mailbox")).toBeGreaterThan(order.indexOf("entra:Licence"));
    const never = made({ share: true, replies }, {}, {});
    expect([never.box, never.reply]).toEqual([undefined, undefined]);
  });

  test("of somebody protected is left alone", () => {
    const safe = mappings({
      ad: null,
      halo: null,
      entra: base,
      safety: { protected: { people: [41] }, leaver: { mailbox: { share: true, replies } } },
    });
    const { box, reply, skus } = made({}, { mappings: safe });
    expect([box, reply, skus]).toEqual([undefined, undefined, [e3]]);
  });
});

describe("A10: who should have a mailbox", () => {
  const line = { for: { title: "Analyst" } };
  test("waits for it; for others the plan is switched off", () => {
    const yes = made(line, { live: { "entra:Mailbox": [{ id, values: { exists: false } }] } }, {});
    expect([yes.box, yes.skus]).toEqual([{ person: "41", kind: "user" }, [e3]]);
    const no = made(line, { live: { "entra:Mailbox": [{ id, values: { exists: false } }] } }, { title: "Deckhand" });
    expect([no.box, no.skus]).toEqual([undefined, [{ sku: "SPE_E3", without: ["EXCHANGE_S_ENTERPRISE"] }]]);
  });

  test("asks only for those who need it", () => {
    const people = [
      { key: "1", name: "A", stage: "active" as const, accounts: { entra: "U-1" } },
      { key: "2", name: "B", stage: "leaver" as const, accounts: { entra: "U-2" } },
      { key: "3", name: "C", stage: "leaver" as const, accounts: {} },
    ];
    const of = ({ for: condition, ...mailbox }: { for?: object; [word: string]: unknown }) => {
      const entra = { ...base, mailboxes: { ...base.mailboxes, ...(condition ? { for: condition } : {}) } };
      return mailboxesAsked(mappings({ entra, safety: { leaver: { mailbox } } }), people, []);
    };
    expect(of({})).toEqual({ mailboxes: [], replies: [] });
    expect(of({ share: true })).toEqual({ mailboxes: ["u-2"], replies: [] });
    expect(of({ for: {}, replies: { internal: "x" } })).toEqual({ mailboxes: ["u-1", "u-2"], replies: ["U-2"] });
  });
});

describe("H15: conditions about devices", () => {
  const group = (hasDevice: Values) => ({ ...base, groups: [{ name: "SG-Windows", for: { hasDevice } }] }) as z.input<typeof entraFile>;
  const device = {
    id: "d1",
    values: { userId: id.toUpperCase(), operatingSystem: "Windows", complianceState: "compliant", model: "Latitude 7450" },
  };
  test.each([
    [{ operatingSystem: "windows", model: { matches: "^latitude" } }, ["person:41"]],
    [{}, ["person:41"]],
    [{ operatingSystem: "Windows", complianceState: "noncompliant" }, []],
    [{ serialNumber: { empty: false } }, []],
  ])("%o", (asked, members) => {
    const mapped = mappings({
      ad: null,
      halo: null,
      entra: group(asked as Values),
      people: {
        people: {
          source: "halo.users",
          login: { is: "{{ firstname }}" },
          is: { entra: { employeeId: "{{ id }}" } },
        },
      } as never,
    });
    expect(asksDevices(mapped)).toBe(true);
    const wished = wish(
      world({ records: [record(41), record(42)], mappings: mapped, live: { "entra:Licence": [user()], [deviceType]: [device] } }),
    );
    expect(find(wished, "entra:Group", "SG-Windows")?.inputs["members"]).toEqual(members);
  });

  test("nothing is read where no condition asks", () => {
    expect(asksDevices(mappings())).toBe(false);
  });
});

describe("reports R14: mail to somebody who has left too", () => {
  const above = { manager: "{{ custom.CFManager }}" };
  const gone = (key: number, manager: string) => record(key, { inactive: true, "custom.CFManager": manager });
  const here = (key: number) => record(key, { firstname: "Grace", surname: "Hopper" });
  const users = [7, 8].map((key) => entraUser(`u-${key}`, { employeeId: String(key), mail: `p${key}@example.org`, usageLocation: "GB" }));
  const given = (records: ReturnType<typeof record>[], mailbox: Parameters<typeof made>[0]) =>
    made(mailbox, {
      records: [record(41, { inactive: true, "custom.CFManager": "7" }), ...records],
      live: { "entra:Licence": [user(), ...users] },
    });
  const forward = { share: true, ...above, forward: "{{ managerMail }}" };

  test("goes to the next manager up who stays, and the plan says so by name", () => {
    const { box, wished } = given([gone(7, "8"), here(8)], forward);
    expect(box).toMatchObject({ forward: "p8@example.org" });
    expect(wished.notes.join("\n")).toMatch(
      /Ada7 Example7 \(7\) has left and would get the mail of Ada41 Example41 \(41\): Grace Hopper \(8\) follows/u,
    );
  });

  test("goes nowhere where nobody above stays, with a note; a circle ends", () => {
    const { box, wished } = given([gone(7, "8"), gone(8, "7")], forward);
    expect(box).toMatchObject({ forward: "" });
    expect(wished.notes.join("\n")).toMatch(/would get the mail of Ada41 Example41 \(41\): nobody above stays: it goes to nobody/u);
  });

  test("the same of an address that the record itself names", () => {
    const direct = { share: true, ...above, forward: "p7@example.org" };
    expect(given([gone(7, "8"), here(8)], direct).box).toMatchObject({ forward: "p8@example.org" });
    expect(given([here(7), here(8)], direct).box).toMatchObject({ forward: "p7@example.org" });
  });

  test("the automatic reply names who stays", () => {
    const replies = { replies: { internal: "Ask {{ manager }}, {{ managerMail }}", ...above } };
    const { reply, wished } = given([gone(7, "8"), here(8)], replies);
    expect(reply).toMatchObject({ internal: "Ask Grace Hopper, p8@example.org" });
    expect(wished.notes.join("\n")).toMatch(/is named in the automatic reply of Ada41 Example41 \(41\): Grace Hopper \(8\) follows/u);
  });
});
