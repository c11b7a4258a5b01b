/** Names that somebody has in the other directory, and records that are odd in any way, by the real command line on the sandbox (reports R1, R6, R10). */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addContact } from "../../sandbox/graph/contacts.ts";
import { blankUser, deleteUser, putUser } from "../../sandbox/graph/state.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { type World, world } from "./support.ts";

describe("names that somebody has already, in the other directory", () => {
  let w: World;
  let plan: Plan;
  const graph = () => w.sandbox.graph.state;
  const parkedOf = (key: number) => plan.parked.filter((one) => one.key === String(key)).map((one) => one.reason);
  const account = (key: number) => w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(key))[0];
  /** Somebody more in Halo, like the first there. */
  function joins(id: number, set: { [field: string]: string | boolean }): void {
    const { users } = w.sandbox.halo.state;
    const like = users.get(w.sandbox.organisation.people.find((one) => one.situation === "steady")?.id ?? 0);
    const fresh = { phonenumber: "", mobilenumber2: "", login: "", inactive: false, linked_agent_id: 0 };
    users.set(id, { ...structuredClone(like), ...fresh, id });
    w.sandbox.hand({ halo: { table: "users", id, set, custom: { CFManager: "" } } });
  }

  beforeAll(async () => {
    w = await world({ people: 30 });
    await w.converge([0, 4]);
    const alfredo = { displayName: "Alfredo Martinez", userPrincipalName: "amartinez@corp.example.com", mailNickname: "alfredo" };
    putUser(
      graph(),
      blankUser(graph(), { ...alfredo, proxyAddresses: ["SMTP:amartinez@corp.example.com", "smtp:sales@corp.example.com"] }),
    );
    joins(502, { firstname: "Anthony", surname: "Martinez", name: "Anthony Martinez", emailaddress: "anthony@corp.example.com" });
    addContact(graph(), "Shipping agent", "cparker@corp.example.com");
    joins(504, { firstname: "Cleo", surname: "Parker", name: "Cleo Parker", emailaddress: "cleo@corp.example.com" });
    // Of the cloud only, and deleted: its name and its addresses come back with it.
    const dora = blankUser(graph(), {
      ...{ displayName: "Dora Old", userPrincipalName: "dwest@corp.example.com", mailNickname: "dora" },
      proxyAddresses: ["smtp:post@corp.example.com"],
    });
    putUser(graph(), dora);
    deleteUser(graph(), String(dora["id"]));
    joins(505, { firstname: "Dana", surname: "West", name: "Dana West", emailaddress: "dana@corp.example.com" });
    joins(506, { firstname: "Pia", surname: "Post", name: "Pia Post", emailaddress: "post@corp.example.com" });
    joins(503, { firstname: "Bea", surname: "Sales", name: "Bea Sales", emailaddress: "Sales@corp.example.com" });
    ({ plan } = await w.converge([0, 4]));
  });
  afterAll(() => w?.stop());

  it("reports R1: the login is numbered, the plan says by whom it is taken, and Entra Connect takes nobody's account over", () => {
    expect(account(502)?.text("userPrincipalName")).toBe("amartinez2@corp.example.com");
    const made = plan.people.find((one) => one.key === "502")?.changes.find((change) => change.type === "ad:User");
    const login = made?.fields.find(({ path }) => path === "sAMAccountName");
    expect(login?.because?.note).toBe("amartinez is taken by the account amartinez@corp.example.com in Entra ID");
    const id = graph().byName.get("amartinez@corp.example.com") ?? "";
    expect(graph().users.current.get(id)).toMatchObject({ displayName: "Alfredo Martinez", onPremisesSyncEnabled: null });
  });

  it("reports R10: an address that somebody has there parks the newcomer with the holder", async () => {
    expect(account(503)).toBeUndefined();
    expect(parkedOf(503)).toEqual([
      "the address sales@corp.example.com is the address of amartinez@corp.example.com in Entra ID: make it unique in Halo or in the mapping",
    ]);
    await w.nothingIsLeft();
  });

  it("an address of a mail contact, a name and an alias of a deleted account count: issue 12, names", () => {
    expect(account(504)?.text("userPrincipalName")).toBe("cparker2@corp.example.com");
    expect(account(505)?.text("userPrincipalName")).toBe("dwest2@corp.example.com");
    const loginOf = (key: number) =>
      plan.people
        .find((one) => one.key === String(key))
        ?.changes.find((change) => change.type === "ad:User")
        ?.fields.find(({ path }) => path === "sAMAccountName")?.because?.note;
    expect(loginOf(504)).toBe("cparker is taken by the contact Shipping agent in Entra ID: userPrincipalName cparker@corp.example.com");
    expect(loginOf(505)).toBe("dwest is taken by the deleted account dwest@corp.example.com in Entra ID");
    expect(parkedOf(506)).toEqual([
      "the address post@corp.example.com is the address of the deleted account dwest@corp.example.com in Entra ID: make it unique in Halo or in the mapping",
    ]);
    expect(plan.notes.join()).not.toContain("OrgContact.Read.All");
  });

  it("contacts that the app may not read weaken the plan, which says so once, and only where somebody gets a name", async () => {
    const { apps } = w.sandbox.graph;
    const before = apps.map((app) => app.roles);
    for (const app of apps) app.roles = app.roles.filter((role) => role !== "OrgContact.Read.All");
    const said = (all: Plan) => all.notes.filter((one) => one.includes("OrgContact.Read.All"));
    // Whose address is another's would get it at the first look.
    w.sandbox.halo.state.users.delete(506);
    expect(said((await w.plan()).plan)).toEqual([]);
    joins(507, { firstname: "Eli", surname: "Quay", name: "Eli Quay", emailaddress: "eli@corp.example.com" });
    const { plan: weaker } = await w.plan();
    expect(said(weaker)).toEqual([
      "New names and addresses are not compared with the mail contacts of Exchange Online, as the app may not read those: give it the application permission OrgContact.Read.All with admin consent",
    ]);
    expect(weaker.people.find((one) => one.key === "507")?.changes.some((change) => change.type === "ad:User")).toBe(true);
    for (const [index, app] of apps.entries()) app.roles = before[index] ?? [];
    await w.converge([0, 4]);
  });

  it("reports R6: records that are odd in any way end no preview: whoever cannot be is parked by name", async () => {
    const odd = [
      "\u0000",
      "\u202eevil",
      "x".repeat(300),
      "a@b@c",
      "CN=a,DC=b",
      "\\",
      "/..",
      "31/12/2027",
      "Germany",
      "\u200b",
      " ",
      "{{ id }}",
      "😀".repeat(70),
    ];
    const fields = ["firstname", "surname", "emailaddress", "title", "site_name", "phonenumber"];
    for (const [index, field] of fields.entries())
      for (const [more, value] of odd.entries()) {
        const id = 2000 + index * 100 + more;
        joins(id, {
          firstname: `Odd${index}`,
          surname: `One${more}`,
          name: `Odd${index} One${more}`,
          emailaddress: `odd${id}@corp.example.com`,
          [field]: value,
        });
      }
    const first = await w.plan();
    plan = first.plan;
    const ended = await w.up(first);
    expect([0, 4], ended.err).toContain(ended.code);
    // What could not be done was known before: `up` parks nobody whom the plan has not.
    const said = ended.out.split("\n").filter((line) => line.startsWith("parked"));
    expect(said.filter((line) => !plan.parked.some((one) => line.includes(`(${one.key})`)))).toEqual([]);
    const text = first.ended.out + first.ended.err + ended.out + ended.err;
    expect(text).not.toMatch(/pulumi:|urn:|error: /u);
    await w.sandbox.connect.settled();
    await w.nothingIsLeft();
    expect(w.sandbox.violations()).toEqual([]);
  });
});
