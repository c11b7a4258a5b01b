/** security-5: each way to lose access, and each to gain it, is counted and refused with a sentence of its own. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { safetyFile } from "../../mappings/schema/safety.ts";
import { type World, world } from "./support.ts";

type Row = Record<string, unknown>;
type File = Record<string, unknown>;

describe("security-5: ways to lose access", () => {
  let w: World;
  beforeAll(async () => {
    w = await world({ people: 40 });
    const sales = w.sandbox.ad.entries.account("GG-Sales");
    w.sandbox.hand({
      ad: {
        dn: sales?.dn.replace("GG-Sales", "GG-Keys") ?? "",
        create: { objectClass: "group", sAMAccountName: "GG-Keys", adminCount: 1 },
      },
    });
    w.edit("safety", (safety) => {
      safety["protected"] = { allow: ["GG-Keys"] };
    });
    w.edit("ad", (ad) => {
      (ad["groups"] as Row[]).push({ name: "GG-Keys", for: { title: "Nobody" } });
      (ad["attributes"] as { staff: Row }).staff["mailNickname"] = "{{ login }}";
    });
    w.edit("entra", (entra) => {
      (entra["groups"] as Row[]).push({ name: "DYN-Engineering", create: true, rule: '(user.department -eq "Engineering")' });
      (entra["groups"] as Row[]).push({ name: "SG-Owned", create: true, for: { id: -1 }, owners: { site_name: "Main" } });
    });
    w.edit("halo", (halo) => {
      (halo["roles"] as Row[])[1] = { name: "Field Engineer", permissions: { CanViewTickets: "1", CanEditTickets: "1" } };
    });
    await w.converge([0, 4]);
    await w.converge([0, 4]);
    w.edit("safety", (safety) => {
      safety["limits"] = Object.fromEntries(Object.keys(safetyFile.parse({}).limits).map((name) => [name, { most: 0, below: 0 }]));
    });
  });
  afterAll(() => w?.stop());

  const accounts = (change: (line: Row) => void) => (ad: File) => change(((ad["accounts"] as File)["first"] as Row[])[0] ?? {});
  const staff = (more: Row) => (ad: File) => Object.assign((ad["attributes"] as { staff: Row }).staff, more);
  const group = (name: string, more: Row) => (file: File) =>
    Object.assign((file["groups"] as Row[]).find((one) => one["name"] === name) ?? {}, more);

  const ways: readonly [what: string, file: string, change: (content: File) => void, said: RegExp][] = [
    [
      "Exchange's plan switched off in a licence",
      "entra",
      (entra) => Object.assign(((entra["licences"] as File)["every"] as Row[])[1] ?? {}, { without: ["EXCHANGE_S_ENTERPRISE"] }),
      /^\d\d licences would be lost in 24 hours.* limits\.licencesLost\.most/u,
    ],
    [
      "a security group that becomes a distribution list",
      "ad",
      group("GG-Sales", { kind: "distribution", convert: true }),
      /^\d+ (?:person|people) would come under other rules.* limits\.rulesChanged\.most/u,
    ],
    [
      "the rule of a dynamic group",
      "entra",
      group("DYN-Engineering", { rule: '(user.department -eq "Nobody")' }),
      /^(?:[4-9]|\d\d) people would come under other rules.* limits\.rulesChanged\.most/u,
    ],
    [
      "accountExpires in the past",
      "ad",
      staff({ accountExpires: "2020-01-31" }),
      /^\d\d accounts would lose or change a way in.* limits\.lockedOut/u,
    ],
    ["logonHours none", "ad", staff({ logonHours: "never" }), /^\d\d accounts would lose or change a way in.* limits\.lockedOut/u],
    [
      "smartcardRequired",
      "ad",
      accounts((line) => Object.assign(line, { flags: { smartcardRequired: true } })),
      /^\d\d accounts would lose or change a way in.* limits\.lockedOut/u,
    ],
    [
      "a password rotation for everybody",
      "ad",
      (ad) => Object.assign(ad, { passwords: { handover: { command: ["/bin/true"] }, rotate: { key: "2027-01" } } }),
      /^\d\d accounts would lose or change a way in.* limits\.lockedOut/u,
    ],
    [
      "a new userPrincipalName",
      "ad",
      staff({ userPrincipalName: "{{ login }}.new@corp.example.com" }),
      /^\d\d accounts would lose or change a way in.* limits\.lockedOut/u,
    ],
    [
      "the permissions of a role of Halo",
      "halo",
      (halo) => Object.assign((halo["roles"] as Row[])[1] ?? {}, { permissions: { CanViewTickets: "0", CanEditTickets: "0" } }),
      /^\d+ (?:person|people) would come under other rules.* limits\.rulesChanged\.most/u,
    ],
    [
      "owners",
      "entra",
      group("SG-Owned", { owners: { site_name: "Lab" } }),
      /^\d+ group memberships? would be lost.* limits\.membershipsLost\.most/u,
    ],
    [
      "everybody in one more group",
      "ad",
      group("GG-VPN", { for: {}, not: undefined }),
      /^\d\d accounts, memberships, licences and roles would be gained.* limits\.gained\.most/u,
    ],
    [
      "another address for everybody",
      "ad",
      staff({ mailNickname: "{{ login }}.elsewhere" }),
      /^\d\d mailboxes would change in 24 hours.* limits\.mailboxesChanged\.most/u,
    ],
    [
      "everybody in a group that Active Directory protects",
      "ad",
      group("GG-Keys", { for: {} }),
      /^\d\d privileged rights would be gained in 24 hours.* limits\.privilegedGained\.most/u,
    ],
  ];

  it.each(ways)("%s is counted", async (_what, file, change, said) => {
    const before = structuredClone(await readOf(file));
    w.edit(file, change);
    const made = await w.plan(undefined, [3]).finally(() =>
      w.edit(file, (content) => {
        for (const key of Object.keys(content)) delete content[key];
        Object.assign(content, before);
      }),
    );
    const { plan, ended } = made;
    expect(
      plan.guard.breaches.some((breach) => said.test(breach)),
      plan.guard.breaches.join("\n") || ended.out.slice(0, 3000),
    ).toBe(true);
  });

  async function readOf(file: string): Promise<File> {
    let found: File = {};
    w.edit(file, (content) => {
      found = structuredClone(content);
    });
    return found;
  }

  it("with `per`, each department has a limit of its own", async () => {
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady");
    const [, few = []] =
      [...Map.groupBy(steady, ({ post }) => post.department)]
        .sort(([, a], [, b]) => a.length - b.length)
        .find(([, all]) => all.length > 1) ?? [];
    const [one, two] = few;
    if (!one || !two) throw new Error("no department has two");
    w.edit("safety", (safety) => {
      safety["limits"] = { disabled: { most: 1000, share: "25 %", below: 0, per: "custom.CFDepartment" } };
    });
    for (const { id } of [one, two]) w.sandbox.hand({ halo: { table: "users", id, set: { inactive: true } } });
    const { plan } = await w.plan("site", [3]);
    for (const { id } of [one, two]) w.sandbox.hand({ halo: { table: "users", id, set: { inactive: false } } });
    const disabled = plan.guard.breaches.filter((breach) => breach.includes("limits.disabled"));
    expect(disabled).toEqual([
      expect.stringMatching(
        new RegExp(
          `^2 accounts in Active Directory would be disabled in 24 hours where custom\\.CFDepartment is ${one.post.department}; the limit is 25 % of \\d+ = [01] \\(`,
          "u",
        ),
      ),
    ]);
    w.edit("safety", (safety) => {
      safety["limits"] = Object.fromEntries(Object.keys(safetyFile.parse({}).limits).map((name) => [name, { most: 0, below: 0 }]));
    });
  });

  it("and a plan that changes nothing is not refused", async () => {
    expect((await w.plan()).plan.guard).toEqual({ verdict: "ok", breaches: [] });
  });
});
