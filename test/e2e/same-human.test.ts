/** Whose account it is where two could have it, by the real command line, on the sandbox. Rows O3, O4, O5 of the run from outside; R7 of the reports. */
import { afterAll, describe, expect, it } from "vitest";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { real, type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

/** What a person's records may say, and what became of it: one world. */
function about(w: World) {
  const { sandbox } = w;
  const { state } = sandbox.graph;
  const halo = (id: number, set: { [field: string]: string | boolean }): void => sandbox.hand({ halo: { table: "users", id, set } });
  const entries = (name: string, value: string) =>
    sandbox.ad.entries.list((entry) => entry.objectClass === "user" && entry.text(name)?.toLowerCase() === value.toLowerCase());
  const of = (key: number) => {
    const [entry, ...more] = entries("employeeNumber", String(key));
    expect(more, String(key)).toEqual([]);
    return entry;
  };
  return {
    halo,
    /** Somebody more in Halo, like the first there. */
    joins(id: number, first: string, surname: string, set: { [field: string]: string | boolean } = {}): void {
      const { users } = sandbox.halo.state;
      const like = users.get(sandbox.organisation.people.find((one) => one.situation === "steady")?.id ?? 0);
      users.set(id, {
        ...structuredClone(like),
        ...{ id, phonenumber: "", mobilenumber2: "", login: "", inactive: false, linked_agent_id: 0 },
      });
      halo(id, { firstname: first, surname, name: `${first} ${surname}`, title: "Field Engineer", ...set });
      sandbox.hand({ halo: { table: "users", id, custom: { CFManager: "" } } });
    },
    /** The account in AD of a number. */
    of,
    /** Accounts in AD with an address. */
    mailed: (mail: string) => entries("mail", mail),
    /** Accounts in Entra ID with an address. */
    inCloud: (mail: string) =>
      [...state.users.current.values()].filter((row) => String(row["mail"] ?? "").toLowerCase() === mail.toLowerCase()),
    /** Agents with an address: number, name, whether they may work. */
    agents: (mail: string) =>
      [...sandbox.halo.state.agents.values()]
        .filter((row) => String(row["email"]).toLowerCase() === mail.toLowerCase())
        .map((row) => [row["id"], row["name"], row["isdisabled"] !== true]),
    licences: (key: number): number => {
      const id = state.byName.get((of(key)?.text("userPrincipalName") ?? "").toLowerCase()) ?? "";
      return state.direct.get(id)?.length ?? 0;
    },
    isInEverybody: (key: number): boolean =>
      (sandbox.ad.entries.account("GG-AllStaff")?.values("member") ?? []).map(String).includes(of(key)?.dn ?? "nobody"),
    people: (situation: Person["situation"]): Person[] => sandbox.organisation.people.filter((one) => one.situation === situation),
  };
}

const parkedOf = (plan: Plan, key: number): string[] => plan.parked.filter((one) => one.key === String(key)).map((one) => one.reason);

describe("outside O3: two people, one address, and half the feed is hidden", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("a doubted read settles nothing, and after it heals nobody has the other's account; the record corrected, each has their own", async () => {
    w = await world({ people: 40 });
    const { halo, joins, of, mailed, people } = about(w);
    const [owner] = people("mailOnly");
    if (!owner) throw new Error("nobody is known by the address alone");
    // Of one family: by the name alone nobody can tell whose the address is.
    joins(501, "Nia", owner.name.split(" ").at(-1) ?? "", { emailaddress: owner.email, title: "Deckhand" });
    const [shared] = mailed(owner.email);
    const same = () => mailed(owner.email).map((entry) => [entry.guid, entry.text("employeeNumber"), entry.text("displayName")]);
    const untouched = [[shared?.guid, undefined, owner.name]];
    // An account that nobody can settle keeps its groups, exact ones too.
    const groups = (): string[] =>
      w.sandbox.ad.entries
        .list((entry) => entry.objectClass === "group" && entry.values("member").some((one) => String(one) === shared?.dn))
        .map((entry) => entry.dn)
        .sort();
    const inGroups = groups();
    expect(inGroups.length).toBeGreaterThan(1);
    const ambiguous = (plan: Plan): void => {
      expect(same()).toEqual(untouched);
      expect(groups()).toEqual(inGroups);
      for (const key of [owner.id, 501]) {
        expect(parkedOf(plan, key), String(key)).toContainEqual(
          expect.stringMatching(
            /^the AD account CN=.* would belong to 2 people: .*correct the record of whoever it does not belong to in Halo/u,
          ),
        );
        expect(of(key)).toBeUndefined();
      }
    };
    ambiguous((await w.converge([0, 4])).plan);

    // Either of the two is the only one to be seen.
    const half = w.sandbox.organisation.people.filter((one, index) => index % 2 === 0 && one !== owner);
    for (const [hidden, seen] of [
      [501, owner.id],
      [owner.id, 501],
    ] as const) {
      w.sandbox.halo.faults.hiddenUsers = [hidden, ...half.map((one) => one.id)];
      const writes = w.sandbox.writes();
      const { plan } = await w.converge([0, 4]);
      expect(plan.source.trust).toBe("doubted");
      expect(parkedOf(plan, seen)).toContainEqual(
        expect.stringMatching(/^the read of Halo is doubted, and nobody is matched anew until it can be trusted: CN=.* of AD has mail /u),
      );
      expect([real(plan), w.sandbox.writes() - writes, same()]).toEqual([[], 0, untouched]);
      w.sandbox.halo.faults.hiddenUsers = [];
      ambiguous((await w.converge([0, 4])).plan);
    }

    halo(501, { emailaddress: "nia.quist@corp.example.com" });
    const { plan } = await w.converge();
    expect([...parkedOf(plan, owner.id), ...parkedOf(plan, 501)]).toEqual([]);
    expect(of(owner.id)?.guid).toBe(shared?.guid);
    expect(of(501)?.text("mail")).toBe("nia.quist@corp.example.com");
    expect(of(501)?.guid).not.toBe(shared?.guid);
    await w.nothingIsLeft();
  });
});

describe("outside O4: two joiners, one address, both agents by the mapping", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("one is the agent, the other is parked with the holder's name; nothing flips; what the sentence says works, for either", async () => {
    w = await world({ people: 20 });
    const { halo, joins, of, mailed, agents } = about(w);
    const [one, two] = ["one@corp.example.com", "two@corp.example.com"];
    joins(501, "Nia", "Quist", { emailaddress: one });
    joins(502, "Omar", "Rask", { emailaddress: one });
    joins(503, "Pia", "Sund", { emailaddress: two });
    joins(504, "Quin", "Toft", { emailaddress: two });
    const { plan: first } = await w.converge([0, 4]);
    const [nia] = agents(one);
    const held = (): void => {
      expect([agents(one), agents(two).map(([, name]) => name)]).toEqual([[[nia?.[0], "Nia Quist", true]], ["Pia Sund"]]);
      expect([mailed(one), mailed(two)].map((all) => all.map((entry) => entry.text("employeeNumber")))).toEqual([["501"], ["503"]]);
      expect([of(502), of(504)]).toEqual([undefined, undefined]);
    };
    held();
    expect([...parkedOf(first, 501), ...parkedOf(first, 503)]).toEqual([]);
    expect(parkedOf(first, 502).sort()).toEqual([
      `the Halo agent email ${one} goes to Nia Quist (501), and nobody else gets it: make it unique in Halo, for Omar Rask (502) or for Nia Quist (501)`,
      expect.stringContaining(`the address ${one} is given to Nia Quist (501): make it unique in Halo`),
    ]);
    for (let run = 0; run < 2; run += 1) {
      const plan = await w.nothingIsLeft();
      for (const [key, holder] of [
        [502, "Nia Quist"],
        [504, "Pia Sund"],
      ] as const) {
        const reasons = parkedOf(plan, key);
        expect(reasons).toContainEqual(
          expect.stringMatching(new RegExp(`^the Halo agent email .* is that of ${holder} \\(${key - 1}\\)`, "u")),
        );
        for (const reason of reasons) expect(reason).toContain(holder);
      }
      held();
    }

    // The one who waits is given another, and of the other pair the one who has it.
    halo(502, { emailaddress: "omar.rask@corp.example.com" });
    halo(503, { emailaddress: "pia.sund@corp.example.com" });
    await w.converge([0, 4]);
    const { plan } = await w.converge();
    for (const key of [501, 502, 503, 504]) expect(parkedOf(plan, key), String(key)).toEqual([]);
    const whose = ([key, mail]: readonly [number, string]) => [
      of(key)?.text("mail"),
      mailed(mail).length,
      agents(mail).map(([, name, works]) => [name, works]),
    ];
    expect(
      (
        [
          [501, one],
          [502, "omar.rask@corp.example.com"],
          [503, "pia.sund@corp.example.com"],
          [504, two],
        ] as const
      ).map(whose),
    ).toEqual([
      [one, 1, [["Nia Quist", true]]],
      ["omar.rask@corp.example.com", 1, [["Omar Rask", true]]],
      ["pia.sund@corp.example.com", 1, [["Pia Sund", true]]],
      [two, 1, [["Quin Toft", true]]],
    ]);
    expect(agents(one)).toEqual([nia]);
    await w.nothingIsLeft();
  });
});

describe("outside O5: rehired under a new record", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("one case and no second account; taken over where people.newKey says so; the plan after each is quiet", async () => {
    w = await world({ people: 20 });
    const { halo, joins, of, mailed, inCloud, agents, licences, isInEverybody } = about(w);
    const mail = "nia.quist@corp.example.com";
    joins(501, "Nia", "Quist", { emailaddress: mail });
    await w.converge();
    const before = of(501);
    const [agent] = agents(mail);
    expect([before?.enabled, licences(501), isInEverybody(501), agent?.[2]]).toEqual([true, 1, true, true]);
    halo(501, { inactive: true });
    await w.converge();
    const gone = () => [mailed(mail).map((entry) => [entry.guid, entry.enabled]), inCloud(mail).length, licences(501), agents(mail)];
    const asLeft = [[[before?.guid, false]], 1, 0, [[agent?.[0], "Nia Quist", false]]];
    expect(gone()).toEqual(asLeft);

    joins(777, "Nia", "Quist", { emailaddress: mail });
    const { plan } = await w.converge([0, 4]);
    const [reason, ...more] = parkedOf(plan, 777);
    expect(more).toEqual([]);
    expect(reason).toMatch(
      /^looks like Nia Quist \(501\), inactive in Halo, by the address .* who is a leaver all the same; no second account/u,
    );
    expect(reason).toContain('write { person: "777", was: "501" } in same');
    expect([plan.summary.joiners, plan.summary.leavers, gone()]).toEqual([0, 0, asLeft]);
    expect(parkedOf(await w.nothingIsLeft(), 777)).toEqual([reason]);

    w.edit("people", (people) => {
      (people["people"] as Record<string, unknown>)["newKey"] = { same: [{ person: 777, was: 501 }] };
    });
    const { plan: taken } = await w.converge();
    expect([taken.parked, taken.people.filter((one) => one.event !== "none").map((one) => [one.key, one.event])]).toEqual([
      [],
      [["501", "rejoiner"]],
    ]);
    const isBack = (): void => {
      expect(mailed(mail).map((entry) => [entry.guid, entry.enabled, entry.text("employeeNumber")])).toEqual([[before?.guid, true, "777"]]);
      expect([inCloud(mail).length, licences(777), isInEverybody(777), agents(mail)]).toEqual([1, 1, true, [agent]]);
    };
    isBack();
    await w.nothingIsLeft();
    for (const key of ["501", "777"]) {
      const why = await w.run(["why", key]);
      expect([why.code, why.out.split("\n")[0]]).toEqual([0, "Nia Quist (777, known as 501): active"]);
      expect((await w.run(["history", key])).out).toContain("Nia Quist (501)");
    }
    // Remembered: the line can go.
    w.edit("people", (people) => {
      (people["people"] as Record<string, unknown>)["newKey"] = {};
    });
    expect((await w.nothingIsLeft()).parked).toEqual([]);
    isBack();
  });
});

describe("reports R7: a cloud account anchored by mS-DS-ConsistencyGuid", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("keeps its exact cloud group and gets its licence; one that is anchored elsewhere is said, and the way out works", async () => {
    w = await world({ people: 20 });
    const { of, people } = about(w);
    const { state } = w.sandbox.graph;
    const [moved, astray] = people("steady").slice(-2);
    if (!moved || !astray) throw new Error("nobody fits");
    const anchor = Buffer.from("another anchor 1");
    const elsewhere = Buffer.from("another anchor 2");
    const name = (person: Person): string => of(person.id)?.text("userPrincipalName") ?? "";
    const id = (person: Person): string => state.byName.get(name(person).toLowerCase()) ?? "";
    const everybody = String([...state.groups.current.values()].find((row) => row["displayName"] === "SG-Intranet")?.["id"]);
    const isIn = (person: Person): boolean => state.members.of(everybody).includes(id(person));
    const licences = (person: Person): number => state.direct.get(id(person))?.length ?? 0;
    const nothingElse = { onPremisesSecurityIdentifier: null, onPremisesSamAccountName: null, onPremisesDomainName: null };
    // As after a move to another forest: nothing but the anchor says whose copy it is.
    const isAnchoredBy = async (person: Person, bytes: Buffer, set: object): Promise<void> => {
      w.sandbox.hand({ ad: { dn: of(person.id)?.dn ?? "", replace: { "mS-DS-ConsistencyGuid": bytes } } });
      await w.sandbox.connect.settled();
      w.sandbox.hand({ graph: { user: name(person), set: { ...nothingElse, ...set } } });
      expect(state.users.current.get(id(person))?.["onPremisesImmutableId"]).toBe(bytes.toString("base64"));
    };
    await isAnchoredBy(moved, anchor, { mail: null, employeeId: null });
    w.sandbox.hand({ graph: { user: name(moved), removeLicences: ["SPE_E3", "SPE_E5"] } });
    w.sandbox.hand({ graph: { user: name(astray), set: { ...nothingElse, onPremisesImmutableId: elsewhere.toString("base64") } } });
    const had = licences(astray);
    expect([isIn(moved), licences(moved), isIn(astray), had]).toEqual([true, 0, true, 1]);

    const { plan } = await w.converge([0, 4]);
    const own = plan.people.find((one) => one.key === String(moved.id))?.changes ?? [];
    expect(own.map((change) => [change.type, change.pending])).toContainEqual(["entra:Licence", undefined]);
    expect([parkedOf(plan, moved.id), isIn(moved), licences(moved)]).toEqual([[], true, 1]);
    expect(isIn(astray)).toBe(true);
    expect(parkedOf(plan, astray.id)).toEqual([
      `the Entra ID account ${name(astray)} looks like this person and is anchored to another AD account than ${of(astray.id)?.dn} (onPremisesImmutableId ${elsewhere.toString("base64")}): correct its values, or let mS-DS-ConsistencyGuid of the AD account say the same`,
    ]);
    expect([licences(astray), state.users.current.get(id(astray))?.["onPremisesImmutableId"]]).toEqual([had, elsewhere.toString("base64")]);

    await isAnchoredBy(astray, elsewhere, {});
    const { plan: mended } = await w.converge();
    expect([mended.parked, isIn(astray), licences(astray)]).toEqual([[], true, had]);
    expect(changeCount((await w.plan()).plan)).toBe(0);
  });
});
