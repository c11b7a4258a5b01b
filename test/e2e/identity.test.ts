/** Who is who, by the real command line, on the sandbox. Rows R5, R8, R9 of the reports; middle-B10. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { blankUser, putUser } from "../../sandbox/graph/state.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { type World, world } from "./support.ts";

type Person = World["sandbox"]["organisation"]["people"][number];

const changed = (plan: Plan, person: Person): string[] =>
  plan.people.find((one) => one.key === String(person.id))?.changes.map((change) => change.type) ?? [];

describe("who is who", () => {
  let w: World;
  let invited: Person;
  let newcomer: Person;
  /** Numbers of theirs are in accounts of others: one without an address, and one that was deleted. */
  let others: Person[];
  let first: Plan;

  const graph = () => w.sandbox.graph.state;
  const olaf = (): string => `CN=Olaf Ferry,OU=Service,${w.sandbox.config.ad.base}`;

  beforeAll(async () => {
    w = await world({ people: 40 });
    const [one, other, ...more] = w.sandbox.organisation.people.filter((each) => each.situation === "joiner");
    const [third, fourth] = more;
    if (!one || !other || !third || !fourth) throw new Error("too few join");
    [invited, newcomer, others] = [one, other, [third, fourth]];
    putUser(
      graph(),
      blankUser(graph(), {
        userPrincipalName: "jo_partner.example.org#EXT#@corp.example.com",
        displayName: "Jo (Partner)",
        mail: invited.email,
        userType: "Guest",
      }),
    );
    w.sandbox.hand({
      ad: {
        dn: olaf(),
        create: {
          objectClass: ["top", "person", "organizationalPerson", "user"],
          ...{ sAMAccountName: "oferry", displayName: "Olaf Ferry", userAccountControl: 512 },
          ...{ employeeNumber: String(newcomer.id), mail: "olaf.ferry@corp.example.com" },
        },
      },
    });
    for (const [name, { id }, mail] of [
      ["Olga Fjord", third, {}],
      ["Otto Frank", fourth, { mail: "otto.frank@corp.example.com" }],
    ] as const) {
      const dn = `CN=${name},OU=Service,${w.sandbox.config.ad.base}`;
      const login = { sAMAccountName: name.slice(0, 4).toLowerCase(), userAccountControl: 512, displayName: name, ...mail };
      w.sandbox.hand({ ad: { dn, create: { objectClass: ["user"], employeeNumber: String(id), ...login } } });
      if (id === fourth.id) w.sandbox.hand({ ad: { dn, delete: true } });
    }
    w.edit("safety", (safety) => {
      safety["protected"] = { people: ["999999"], accounts: ["svc-nobody*"], groups: [] };
    });
    first = (await w.converge([0, 4])).plan;
    await w.converge([0, 4]);
  });
  afterAll(() => w?.stop());

  it("reports R5: a guest with a joiner's address is told and left alone; the joiner's own account gets the licence", () => {
    expect(first.notes.join("\n")).toContain(
      `The guest jo_partner.example.org#EXT#@corp.example.com in Entra ID has mail ${invited.email}`,
    );
    const id = graph().byName.get("jo_partner.example.org#ext#@corp.example.com") ?? "";
    expect(graph().users.current.get(id)?.["displayName"]).toBe("Jo (Partner)");
    expect(graph().direct.get(id) ?? []).toEqual([]);
    const account = w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(invited.id))[0];
    const own = graph().byName.get((account?.text("userPrincipalName") ?? "").toLowerCase()) ?? "";
    expect(graph().direct.get(own) ?? []).toHaveLength(1);
  });

  it("reports R8: a number used again parks the newcomer, with the values, and nothing is done to the other's account", () => {
    expect(first.parked.find((one) => one.key === String(newcomer.id))?.reason).toMatch(
      new RegExp(`CN=Olaf Ferry,.* has employeeNumber ${newcomer.id}, and everything else speaks against it: mail olaf\\.ferry@`, "u"),
    );
    expect(changed(first, newcomer)).not.toContain("ad:User");
    expect(w.sandbox.ad.entries.get(olaf())?.text("displayName")).toBe("Olaf Ferry");
    expect(w.sandbox.ad.entries.get(olaf())?.text("mail")).toBe("olaf.ferry@corp.example.com");
  });

  it("reports R8: so does a number of somebody who has no address, or whose account was deleted", () => {
    const [third, fourth] = others.map((one) => first.parked.find((each) => each.key === String(one.id))?.reason);
    expect(third).toMatch(/^the AD account CN=Olga Fjord,.* and everything else speaks against it: the name Olga Fjord and not /u);
    expect(fourth).toMatch(
      /^the deleted AD account otto has employeeNumber .*: mail otto\.frank@.*; it is called Otto Frank; restore it by hand where it is the person's, or else delete it for good$/u,
    );
    for (const one of others) expect(changed(first, one)).not.toContain("ad:User");
    expect(w.sandbox.ad.entries.account("otto")).toBeUndefined();
  });

  it("reports R9: protected names that fit nobody are said in every plan", async () => {
    for (const { notes } of [first, (await w.plan()).plan]) {
      expect(
        notes.filter((one) => one.includes(" protects ")).sort((a, b) => Number(a.includes("person")) - Number(b.includes("person"))),
      ).toEqual([
        expect.stringMatching(/safety\.yaml:\d+ protects svc-nobody\*, and no account that is read is called so/u),
        expect.stringMatching(/safety\.yaml:\d+ protects the person 999999, and nobody has that key/u),
      ]);
    }
  });

  it("middle-B10: people.for that hides leavers is refused with the reason", async () => {
    const file = join(w.mappings, "people.yaml");
    const before = readFileSync(file, "utf8");
    w.edit("people", (people) => {
      (people["people"] as { for: object }).for = { inactive: false };
    });
    const done = await w.run(["preview"]);
    writeFileSync(file, before);
    expect(done.code).not.toBe(0);
    expect(done.err).toMatch(/people\.for\.inactive: expected who a person is, found inactive, which says who has left/u);
  });
});

describe("reports R9: keys with leading zeros", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("protect, and ask for, the person as written without quotes", async () => {
    w = await world({ people: 20 });
    const people = w.sandbox.organisation.people.filter((one) => w.sandbox.halo.state.users.has(one.id));
    const padded = (person: Person): string => String(person.id).padStart(5, "0");
    for (const person of people) w.sandbox.hand({ halo: { table: "users", id: person.id, set: { other1: padded(person) } } });
    const [left, member] = people.filter((one) => one.situation === "steady");
    if (!left || !member) throw new Error("nobody fits");
    w.edit("people", (file) => {
      const content = file["people"] as { key?: string; for?: object };
      content.key = "other1";
      content.for = { isserviceaccount: false, other1: { empty: false } };
    });
    const replaced = (file: string, from: RegExp, to: string): void => {
      const path = join(w.mappings, `${file}.yaml`);
      const text = readFileSync(path, "utf8");
      expect(text).toMatch(from);
      writeFileSync(path, text.replace(from, to));
    };
    replaced("ad", /person: \[103, 117, 142\]/u, `person: [${padded(member)}]`);
    replaced("safety", /people: \[\]/u, `people: [${padded(left)}]`);
    await w.converge([0, 4]);
    const dn = (person: Person): string | undefined =>
      w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(person.id))[0]?.dn;
    expect((w.sandbox.ad.entries.account("GG-Change")?.values("member") ?? []).map(String)).toEqual([dn(member)]);
    w.sandbox.hand({ halo: { table: "users", id: left.id, set: { inactive: true } } });
    const { plan } = await w.converge([0, 4]);
    expect(plan.summary.losses.disabled).toBe(0);
    expect(w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(left.id))[0]?.enabled).toBe(true);
    expect(plan.notes.join("\n")).toContain(`(${padded(left)}) is inactive in Halo, and protected`);
  });
});

describe("reports R3: one human, a new key", () => {
  let w: World;
  afterAll(() => w?.stop());

  it("is one case, nobody is disabled and nobody made anew; the line that the sentence gives takes over", async () => {
    w = await world({ people: 20 });
    const people = w.sandbox.organisation.people.filter((one) => w.sandbox.halo.state.users.has(one.id));
    const number = (person: Person, zeros: string): void =>
      w.sandbox.hand({ halo: { table: "users", id: person.id, set: { other1: `${zeros}${person.id}` } } });
    for (const person of people) number(person, "00");
    w.edit("people", (file) => {
      const content = file["people"] as Record<string, unknown>;
      content["key"] = "other1";
      content["for"] = { isserviceaccount: false, other1: { empty: false } };
      content["is"] = { ad: { employeeNumber: "{{ other1 }}", mail: "{{ emailaddress | downcase }}" } };
    });
    await w.converge([0, 4]);
    const [moved] = people.filter((one) => one.situation === "steady");
    if (!moved) throw new Error("nobody fits");
    const mine = () => w.sandbox.ad.entries.list((entry) => entry.text("mail") === moved.email.toLowerCase());
    const [before] = mine();
    expect(before?.enabled).toBe(true);

    number(moved, "");
    const { plan } = await w.converge([0, 4]);
    const key = String(moved.id);
    expect(plan.parked.find((one) => one.key === key)?.reason).toContain(`{ person: "${key}", was: "00${key}" } in same`);
    expect([plan.summary.joiners, plan.summary.leavers, mine().length, mine()[0]?.enabled]).toEqual([0, 0, 1, true]);

    w.edit("people", (file) => {
      (file["people"] as Record<string, unknown>)["newKey"] = { same: [{ person: key, was: `00${key}` }] };
    });
    const taken = await w.converge([0, 4]);
    expect(taken.plan.parked.filter((one) => one.key.endsWith(key))).toEqual([]);
    expect([taken.plan.summary.losses.disabled, taken.plan.summary.losses.memberships]).toEqual([0, 0]);
    expect(mine().map((entry) => [entry.guid, entry.enabled, entry.text("employeeNumber")])).toEqual([[before?.guid, true, key]]);
  });
});
