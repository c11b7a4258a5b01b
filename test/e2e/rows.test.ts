/** Rows of the audits that are met at the command line: rows-B1, B2, B4, B8; reports R19; middle-B4; behaviour F8, F9, F11. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { CheckReport } from "../../cli/answers/answers.ts";
import type { Drift } from "../../cli/answers/drift.ts";
import { blankGroup, join as joinGroup, leave } from "../../sandbox/graph/state.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { real, type World, world } from "./support.ts";

type Row = Record<string, unknown>;
type Person = World["sandbox"]["organisation"]["people"][number];

const write = (w: World, file: string, content: unknown): void => {
  writeFileSync(join(w.mappings, `${file}.yaml`), typeof content === "string" ? content : stringify(content));
};
const steadyOf = (w: World): Person[] => w.sandbox.organisation.people.filter((one) => one.situation === "steady");
/** The lines of a mistake in the mapping files: `check` and `preview` say the same, end with 64, and nothing is written. */
async function mistakes(w: World): Promise<string> {
  const writes = w.sandbox.writes();
  const [checked, previewed] = [await w.run(["check"]), await w.run(["preview"])];
  expect([checked.code, previewed.code], checked.err + previewed.err).toEqual([64, 64]);
  expect(previewed.err).toBe(checked.err);
  expect(w.sandbox.writes()).toBe(writes);
  return previewed.err;
}

describe("people of Halo", () => {
  let w: World;
  let lent: Person[];
  let [chooser, other, assisted, carded]: Person[] = [];

  const account = (person: Person | undefined) => {
    const found = w.sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeNumber") === String(person?.id))[0];
    if (!found) throw new Error(`${person?.name} has no account`);
    return found;
  };
  const members = (group: string): string[] => (w.sandbox.ad.entries.account(group)?.values("member") ?? []).map(String).sort();
  const places = (): Row =>
    Object.fromEntries(
      w.sandbox.ad.entries
        .list((one) => one.objectClass === "user" && one.text("employeeNumber") !== undefined)
        .map((one) => [one.text("employeeNumber") ?? "", one.dn]),
    );
  const halo = (person: Person | undefined, set: Row): void => w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set } });
  /** What somebody may choose several of: option ids, and their labels as Halo shows them. */
  const chooses = (person: Person | undefined, value: string, display: string): void => {
    const row = w.sandbox.halo.state.users.get(person?.id ?? 0) ?? {};
    const kept = (row["customfields"] as Row[]).filter((one) => one["id"] !== 205);
    row["customfields"] = [...kept, { id: 205, name: "CFApps", label: "Apps", type: 3, value, display }];
  };
  const laptop = (id: number, owner: number): void => {
    const row = { id, inventory_number: `NF-${id}`, key_field: `NF-${id}`, assettype_id: 130, client_id: 12, inactive: false, fields: [] };
    w.sandbox.halo.state.assets.set(id, { ...row, users: [{ id: owner }] });
  };

  beforeAll(async () => {
    w = await world({ people: 20 });
    const steady = steadyOf(w);
    [chooser, other, assisted, carded] = steady;
    lent = steady.slice(4, 12);
    const { state } = w.sandbox.halo;
    const options = ["Adobe", "Visio"].map((name, index) => ({ id: 18 + index, name }));
    state.fields.push({ id: 205, name: "CFApps", label: "Apps", typeid: 4, type: 3, inputtype: 0, usage: 4, values: options });
    chooses(chooser, "18", "Adobe");
    chooses(other, "19", "Visio");
    state.assets.clear();
    for (const [index, { id }] of lent.entries()) laptop(7001 + index, id);
    w.edit("ad", (ad) => {
      const [rule] = (ad["accounts"] as { first: Row[] }).first;
      ad["accounts"] = {
        first: [
          { ...rule, for: { hasAsset: "Laptop" }, ou: `OU=Laptops,OU=Staff,${w.sandbox.config.ad.base}` },
          { ...rule, flags: { smartcardRequired: false } },
        ],
      };
      (ad["attributes"] as { staff: Row }).staff["seeAlso"] = ["{{ other3 }}", "{{ other4 }}"];
      const ou = `OU=Groups,${w.sandbox.config.ad.base}`;
      for (const name of ["Adobe", "Visio"]) (ad["groups"] as Row[]).push({ name: `GG-${name}`, ou, for: { "custom.CFApps": name } });
    });
    await w.converge([0, 4]);
    await w.nothingIsLeft();
  });
  afterAll(() => w?.stop());

  it("reports R19: a second choice in a field of several gives its group and takes the first one's from nobody", async () => {
    expect([members("GG-Adobe"), members("GG-Visio")]).toEqual([[account(chooser).dn], [account(other).dn]]);
    chooses(chooser, "18,19", "Adobe, Visio");
    const { plan } = await w.converge([0, 4]);
    expect(plan.people.flatMap(({ key, changes }) => changes.map(({ type, label, op }) => [key, type, label, op]))).toEqual([
      [String(chooser?.id), "ad:Membership", "GG-Visio", "update"],
    ]);
    expect(plan.summary.losses.memberships).toBe(0);
    expect([members("GG-Adobe"), members("GG-Visio")]).toEqual([[account(chooser).dn], [account(chooser).dn, account(other).dn].sort()]);
    chooses(chooser, "19", "Visio");
    expect((await w.converge([0, 4])).plan.summary.losses.memberships).toBe(1);
    expect(members("GG-Adobe")).toEqual([]);
    await w.nothingIsLeft();
  });

  it("middle-B4: while the feed of devices is doubted, who leaves is disabled, who has left stays so, and nobody is moved", async () => {
    const { assets } = w.sandbox.halo.state;
    const all = [...assets];
    const [leaver, returning] = lent;
    const former = w.sandbox.organisation.people.find((one) => one.situation === "leaver");
    const before = places();
    expect(account(leaver).dn).toContain(",OU=Laptops,OU=Staff,");
    expect([account(leaver).enabled, account(former).enabled]).toEqual([true, false]);

    assets.clear();
    try {
      halo(leaver, { inactive: true });
      const { plan } = await w.converge([0, 4]);
      expect(plan.notes.join("\n")).toMatch(/The read of Halo's assets is doubted.*: 0 instead of the 8 of the last good read/u);
      expect(plan.notes.join("\n")).not.toContain("is under no rule");
      expect(plan.people.filter(({ changes }) => changes.length > 0).map(({ key }) => key)).toEqual([String(leaver?.id)]);
      expect(real(plan).filter(({ type }) => type === "ad:User")).toMatchObject([{ op: "disable" }]);
      // Of what is shared, only the groups that this one person leaves.
      expect([...new Set(plan.shared.flatMap(({ fields }) => fields.map(({ path, before }) => [path, before].join(" "))))]).toEqual([
        "members 1 removed",
      ]);
      expect([account(leaver).enabled, account(former).enabled]).toEqual([false, false]);
      expect(places()).toEqual(before);
      await w.nothingIsLeft();
      expect([account(leaver).enabled, account(former).enabled]).toEqual([false, false]);
    } finally {
      // One laptop fewer is an ordinary day, and is believed.
      for (const [id, row] of all) if (id !== 7002) assets.set(id, row);
    }
    const believed = await w.converge([0, 4]);
    expect(believed.plan.notes.join("\n")).not.toContain("is doubted");
    expect(real(believed.plan)).toMatchObject([{ who: String(returning?.id), type: "ad:User", op: "move" }]);
    expect(account(returning).dn).toContain(`,OU=${returning?.post.site},OU=Staff,`);
    await w.nothingIsLeft();
  });

  it("behaviour F8: one object in two spellings in a list of references is written once, and nothing is left", async () => {
    const { dn } = account(other);
    halo(assisted, { other3: dn, other4: dn.toLowerCase().replaceAll(",", " , ") });
    const { plan } = await w.converge([0, 4]);
    expect(real(plan)).toEqual([{ who: String(assisted?.id), type: "ad:User", op: "update", fields: ["attributes.seeAlso"] }]);
    expect(account(assisted).values("seeAlso").map(String)).toEqual([dn]);
    await w.nothingIsLeft();
  });

  it("behaviour F9: who needs a card no more has a password that nobody knows: the plan says so, once", async () => {
    w.sandbox.ad.entries.modify(account(carded).dn, { userAccountControl: 0x200 | 0x40000 });
    const about = ({ notes }: Plan): string[] => notes.filter((one) => one.includes("takes a password again"));
    const { plan } = await w.converge([0, 4]);
    expect(about(plan)).toEqual([expect.stringContaining(`(haloform password reset ${carded?.id})`)]);
    expect(account(carded).text("userAccountControl")).toBe(String(0x200));
    expect(about(await w.nothingIsLeft())).toEqual([]);
  });

  it("behaviour F11: what YAML would turn into something else is one line each, and nothing is read or written", async () => {
    const was = readFileSync(join(w.mappings, "safety.yaml"), "utf8");
    const tagged = [
      "leaver: { disable: !!timestamp 2027-01-31 }",
      "limits: !!set { disabled }",
      "protected: { people: [!!binary YWRh, 12345678901234567890] }",
    ];
    write(w, "safety", `${tagged.join("\n")}\n`);
    const said = await mistakes(w);
    for (const line of [
      "safety.yaml:1:20 expected plain data, found the tag !!timestamp; take it away, and write text in quotes",
      "safety.yaml:2:9 expected plain data, found the tag !!set; take it away, and write text in quotes",
      "safety.yaml:3:23 expected plain data, found the tag !!binary; take it away, and write text in quotes",
    ])
      expect(said).toContain(line);
    write(w, "safety", "protected:\n  people: [12345678901234567890]\n  groups: [a]\n");
    expect(await mistakes(w)).toContain(
      "safety.yaml:2:12 expected a number of at most 15 digits, found 12345678901234567890, which would be rounded; write it in quotes",
    );
    write(w, "safety", was);
    const ad = readFileSync(join(w.mappings, "ad.yaml"), "utf8");
    write(w, "ad", `${ad}syntax:\n  1: text\n  '1': number\n`);
    expect(await mistakes(w)).toMatch(/ad\.yaml:\d+:3 expected each key once, found "'1'" again/u);
    write(w, "ad", ad);
    await w.nothingIsLeft();
  });

  it("rows-B4: further values of a login that nothing would send are one line each", async () => {
    const login = (auth: Row): Row => ({
      ...{ base: "https://hr.example.com", unique: "id", endpoints: [{ name: "people", path: "people" }] },
      auth,
    });
    const urls = { tokenUrl: "https://hr.example.com/token", authorizeUrl: "https://hr.example.com/authorize" };
    const value = (at: string, where: string): Row => ({ at, in: where, name: "x", value: "y" });
    const extra = [value("authorize", "header"), value("authorize", "body"), value("request", "body"), value("token", "body")];
    write(w, "sources", {
      sources: {
        hr: login({ kind: "authorizationCode", clientId: "haloform", ...urls, extra }),
        pay: login({ kind: "header", extra: [value("token", "query")] }),
      },
    });
    const browser = "expected query with authorize, which is an address that a browser opens, found";
    const found = (await mistakes(w)).split("\n").filter((line) => line.includes(".extra["));
    expect(found.map((line) => line.replace(/^.*sources\.yaml:\d+:\d+ /u, ""))).toEqual([
      `sources.hr.auth.extra[0].in: ${browser} header`,
      `sources.hr.auth.extra[1].in: ${browser} body`,
      "sources.hr.auth.extra[2].in: expected header or query with request, whose body is the endpoint's, found body",
      "sources.pay.auth.extra[0].at: expected request, as header has no other, found token",
    ]);
    rmSync(join(w.mappings, "sources.yaml"));
    await w.nothingIsLeft();
  });
});

describe("people of Entra ID (people.source: entra.users)", () => {
  let w: World;
  /** Whoever holds a SKU directly when the test starts, by its part number. */
  let held: Record<"SPE_E3" | "SPE_E5" | "POWER_BI_STANDARD", string[]>;
  let staff = "";

  const holders = (part: string): string[] => {
    const { direct, skus, users } = w.sandbox.graph.state;
    const sku = skus.find((one) => one.partNumber === part)?.id;
    const all = [...direct].filter(([id, licences]) => users.current.has(id) && licences.some((one) => one.skuId === sku));
    return all.map(([id]) => id).sort();
  };
  const group = (name: string, people: readonly string[]): string => {
    const { state } = w.sandbox.graph;
    const row = blankGroup(state, { displayName: name, mailNickname: name });
    const id = String(row["id"]);
    state.groups.put(id, row);
    for (const person of people) joinGroup(state, id, person);
    return id;
  };
  const entra = () => ({
    usageLocation: "GB",
    licences: {
      every: [
        { sku: "SPE_E3", for: { groups: "SG-Staff" } as Row },
        { sku: "SPE_E5", for: { entraGroup: "SG-Builders" } },
        { sku: "POWER_BI_STANDARD", for: { groups: { matches: "^SG-Fin" } } },
      ],
    },
  });

  beforeAll(async () => {
    w = await world({ people: 25 });
    for (const file of ["ad", "halo"]) rmSync(join(w.mappings, `${file}.yaml`));
    write(w, "people", {
      people: { source: "entra.users", for: { mail: { empty: false } }, login: { is: "{{ userPrincipalName }}" } },
    });
    write(w, "entra", entra());
    held = { SPE_E3: holders("SPE_E3"), SPE_E5: holders("SPE_E5"), POWER_BI_STANDARD: holders("POWER_BI_STANDARD") };
    staff = group("SG-Staff", held.SPE_E3);
    group("SG-Builders", held.SPE_E5);
    group("SG-Finance", held.POWER_BI_STANDARD);
  });
  afterAll(() => w?.stop());

  it("rows-B1: groups that only entra.yaml asks for are read: nobody loses a licence, and who leaves a group loses one", async () => {
    for (const all of Object.values(held)) expect(all.length).toBeGreaterThan(0);
    const { lines } = JSON.parse((await w.run(["check", "--json"])).out) as CheckReport;
    expect(lines.filter(({ of }) => of.startsWith("licences")).map(({ of, holds }) => [of, holds])).toEqual(
      Object.entries(held).map(([sku, all]) => [`licences ${sku}`, all.length]),
    );
    const { plan } = await w.converge([0, 4]);
    expect(plan.summary.losses.licences).toBe(0);
    expect(real(plan)).toEqual([]);
    expect({ SPE_E3: holders("SPE_E3"), SPE_E5: holders("SPE_E5"), POWER_BI_STANDARD: holders("POWER_BI_STANDARD") }).toEqual(held);

    const [gone = "", ...rest] = held.SPE_E3;
    leave(w.sandbox.graph.state, staff, gone);
    const after = await w.converge([0, 4]);
    expect(real(after.plan).map(({ who, type }) => [who, type])).toEqual([[gone, "entra:Licence"]]);
    expect(holders("SPE_E3")).toEqual(rest);
    joinGroup(w.sandbox.graph.state, staff, gone);
    await w.converge([0, 4]);
    expect(holders("SPE_E3")).toEqual(held.SPE_E3);
    await w.nothingIsLeft();
  });

  it("rows-B8: an unknown field is called one of a user of Entra ID, and not of the Halo record", async () => {
    const wrong = entra();
    wrong.licences.every[0] = { sku: "SPE_E3", for: { jobTitel: "Deckhand" } };
    write(w, "entra", wrong);
    const said = await mistakes(w);
    expect(said).toMatch(/entra\.yaml:\d+:\d+ .*expected a field of a user of Entra ID, found "jobTitel"; did you mean "jobTitle"\?/u);
    expect(said).not.toContain("Halo");
    write(w, "entra", entra());
    w.edit("people", (content) => {
      (content["people"] as Row)["login"] = { is: "{{ custom.CFLogin }}" };
    });
    expect(await mistakes(w)).toMatch(/people\.yaml:\d+:\d+ .*expected a field of a user of Entra ID, found "custom\.CFLogin"$/mu);
  });
});

describe("people by another key than Halo's number (people.key)", () => {
  let w: World;
  let board: Person[];

  const users = (): Row[] => [...w.sandbox.halo.state.users.values()];
  const keyOf = (person: Person | undefined): string => String(w.sandbox.halo.state.users.get(person?.id ?? 0)?.["other1"]);
  /** Numbers of the users in Halo who are linked to a SKU's licence, and of those whose account has it. */
  const linked = (sku: string): number[] => {
    const { licences, links } = w.sandbox.halo.state;
    const [licence, ...more] = [...licences.values()].filter((one) => one["product_sku"] === sku);
    expect(more).toEqual([]);
    return [...links.values()]
      .filter((one) => one["licence_id"] === licence?.["id"])
      .map((one) => Number(one["user_id"]))
      .sort();
  };
  const having = (sku: string): number[] => {
    const rows = Object.values(w.sandbox.snapshot().entra.users) as unknown as { mail: string; licences: string[]; inherited: string[] }[];
    const mails = rows
      .filter((one) => [...one.licences, ...one.inherited].some((text) => text.split(" ")[0] === sku))
      .map((one) => one.mail);
    return users()
      .filter((one) => mails.includes(String(one["emailaddress"])))
      .map((one) => Number(one["id"]))
      .sort();
  };
  const onBoard = (): number[] => {
    const cab = [...w.sandbox.halo.state.boards.values()].find((one) => one["name"] === "CAB");
    return ((cab?.["members"] ?? []) as Row[]).map((one) => Number(one["user_id"])).sort();
  };

  beforeAll(async () => {
    w = await world({ people: 25 });
    rmSync(join(w.mappings, "ad.yaml"));
    // Everybody's key is the number of somebody else; one is no number at all.
    const all = users();
    for (const [index, row] of all.entries()) row["other1"] = String(all[(index + 1) % all.length]?.["id"]);
    board = steadyOf(w).slice(-2);
    const [, plain] = board;
    for (const row of all) if (row["id"] === plain?.id) row["other1"] = "HR-7";
    w.edit("people", (content) => {
      (content["people"] as Row)["key"] = "other1";
    });
    write(w, "halo", { boards: [{ name: "CAB", as: "user", for: { person: board.map(keyOf) } }], licences: { client: 12 } });
  });
  afterAll(() => w?.stop());

  it("rows-B2: licences are linked to the users whose accounts have them, and the board has the users who are meant", async () => {
    await w.converge([0, 4]);
    for (const sku of ["SPE_E3", "SPE_E5"]) {
      expect(having(sku).length, sku).toBeGreaterThan(0);
      expect(linked(sku), sku).toEqual(having(sku));
    }
    expect(onBoard()).toEqual(board.map(({ id }) => id).sort());
    await w.nothingIsLeft();
    expect((JSON.parse((await w.run(["drift", "--json"])).out) as Drift).found).toEqual([]);
  });

  it("rows-B2: who leaves is unlinked and off the board, and nobody else is", async () => {
    const [leaver, stays] = board;
    w.sandbox.hand({ halo: { table: "users", id: leaver?.id ?? 0, set: { inactive: true } } });
    const before = [...linked("SPE_E3"), ...linked("SPE_E5")];
    expect(before).toContain(leaver?.id);
    await w.converge([0, 4]);
    expect([...linked("SPE_E3"), ...linked("SPE_E5")]).toEqual(before.filter((id) => id !== leaver?.id));
    expect(onBoard()).toEqual([stays?.id]);
    await w.nothingIsLeft();
  });
});
