/** Halo's devices and tickets by the real command line: the connection (S1), hardware as access (S3), dates of tickets (A25), captures. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { configure, real, type World, world } from "./support.ts";

type Row = { [key: string]: unknown };
const ou = "OU=Groups,DC=corp,DC=example,DC=com";

describe("what Halo says besides people", () => {
  let w: World;
  /** Steady people: two with a developer's laptop, one who asks for access, one whose access has ended. */
  let lent: number;
  let other: number;
  let asking: number;
  let ended: number;

  const state = () => w.sandbox.halo.state;
  const account = (field: string, value: string) => w.sandbox.ad.entries.list((entry) => entry.text(field) === value);
  const dnOf = (id: number): string => account("employeeNumber", String(id))[0]?.dn ?? `nobody has ${id}`;
  const members = (group: string): string[] => (w.sandbox.ad.entries.account(group)?.values("member") ?? []).map(String).sort();
  const custom = (id: number, name: string, value: string): Row => ({ id, name, label: name, type: 0, value, display: value });
  const ticket = (id: number, type: number, user: number, fields: { [name: string]: string }, status = 20): void => {
    const customfields = Object.entries(fields).map(([name, value], index) => custom(400 + index, name, value));
    state().tickets.set(id, {
      id,
      summary: `Ticket ${id}`,
      tickettype_id: type,
      status_id: status,
      user_id: user,
      client_id: 12,
      customfields,
    });
  };
  const laptop = (id: number, user: number): void => {
    const fields = [{ id: 102, name: "Purpose", value: "Developer", display: "Developer" }];
    const row = { id, inventory_number: `NF-${id}`, key_field: `=NF-${id}`, assettype_id: 130, client_id: 12, inactive: false, fields };
    state().assets.set(id, { ...row, users: [{ id: user }] });
  };
  const starter = (number: string, surname: string, start: string): { [name: string]: string } => ({
    CFNumber: number,
    CFFirstName: "Ingrid",
    CFSurname: surname,
    CFStartDate: start,
  });
  /** Applied, and nothing left to do: the second plan has no change, and applying it makes none. */
  async function twice(): Promise<Plan> {
    const { plan } = await w.converge();
    const writes = w.sandbox.writes();
    const again = await w.converge();
    expect(changeCount(again.plan), JSON.stringify(real(again.plan))).toBe(0);
    expect(w.sandbox.writes()).toBe(writes);
    return plan;
  }

  beforeAll(async () => {
    w = await world({ people: 40 });
    for (const file of ["entra", "halo"]) rmSync(join(w.mappings, `${file}.yaml`));
    const steady = w.sandbox.organisation.people.filter((one) => one.situation === "steady").map((one) => one.id);
    [lent = 0, other = 0, asking = 0, ended = 0] = steady;
    for (const [id, user] of state().users) user["other1"] = `N${id}`;
    state().assets.clear();
    laptop(7001, lent);
    laptop(7002, other);
    ticket(1, 41, asking, { CFGroup: "GG-Bridge", CFUntil: "2099-12-31" });
    ticket(2, 41, ended, { CFGroup: "GG-Bridge", CFUntil: "2020-01-31" });
    ticket(3, 40, 0, starter("N9001", "Newhaven", "2026-01-05"));
    ticket(4, 40, 0, starter("N9002", "Later", "2099-01-05"));
    w.edit("people", (content) => {
      const people = content["people"] as Row;
      const fields = {
        other1: "{{ custom.CFNumber }}",
        firstname: "{{ custom.CFFirstName }}",
        surname: "{{ custom.CFSurname }}",
        name: "{{ custom.CFFirstName }} {{ custom.CFSurname }}",
        site_name: "Main",
        client_name: "Northwind Ferries",
      };
      people["key"] = "other1";
      people["tickets"] = { first: [{ type: "New starter", status: ["Approved", "Closed"], starts: "custom.CFStartDate", fields }] };
    });
    w.edit("ad", (content) => {
      const ticketed = { type: "Access request", status: "Approved", "custom.CFGroup": "GG-Bridge", ends: "custom.CFUntil" };
      content["groups"] = [
        { name: "VPN-Dev", ou, for: { hasAsset: { type: "Laptop", Purpose: "Developer" } } },
        { name: "GG-Bridge", ou, for: { hasTicket: ticketed } },
      ];
    });
    // S1: the five settings that ScalePad asks for, by the same names; the secret is HALO_CLIENT_SECRET in the environment.
    configure<{ [key: string]: Row }>(w, (config) => {
      const halo = config["haloform:halo"] ?? {};
      const { resourceServer, clientId, limit } = halo;
      config["haloform:halo"] = {
        ...{ resourceServer, clientId, limit, tenant: "northwind", ...(halo["ca"] === undefined ? {} : { ca: halo["ca"] }) },
        ...{
          authorisationServer: `${String(resourceServer).replace(/\/api\/?$/u, "")}/auth`,
          scope: "read:customers read:assets read:tickets",
        },
      };
      delete config["haloform:entra"];
    });
  });
  afterAll(() => w?.stop());

  it("S1, S2: five settings connect it, with the least scopes for what the mapping asks", async () => {
    const done = await w.run(["doctor", "--json"]);
    const { checks } = JSON.parse(done.out) as { checks: { system: string; state: string; said: string }[] };
    const said = checks.filter((one) => one.system === "Halo").map((one) => `${one.state}: ${one.said}`);
    expect(said.join("\n")).toMatch(/ok: the authorisation server is https:\S+\/auth, as set/u);
    expect(said.join("\n")).toMatch(/ok: signed in as /u);
    // S2: what the words of the mapping need, and no more.
    expect(said).toContain("ok: halo.scope (read:customers read:assets read:tickets) is what is needed");
    const printed = await w.run(["init", "halo", "--print"]);
    expect(printed.out, printed.err).toContain("`halo.scope` in the stack's settings: `read:customers read:assets read:tickets`");
  });

  it("S3: `source pull assets` writes them as JSON and as CSV", async () => {
    const seen = w.sandbox.halo.log.length;
    const [json, csv] = [join(w.home, "x.json"), join(w.home, "x.csv")];
    const ends = [await w.run(["source", "pull", "assets", "--out", json]), await w.run(["source", "pull", "assets", "--out", csv])];
    expect(
      ends.map((one) => one.code),
      ends.map((one) => one.err).join(""),
    ).toEqual([0, 0]);
    // S1: with the authorisation server set, nobody asks where it is.
    const paths = w.sandbox.halo.log.slice(seen).map((one) => one.path);
    expect(paths.some((path) => path.startsWith("/auth/token"))).toBe(true);
    expect(paths.filter((path) => path.includes("authinfo"))).toEqual([]);
    const { assets } = JSON.parse(readFileSync(json, "utf8")) as { assets: { id: number; fields: Row; people: { id: string }[] }[] };
    expect(assets.map((one) => [one.id, one.fields["Purpose"], one.people.map((each) => each.id)])).toEqual([
      [7001, "Developer", [String(lent)]],
      [7002, "Developer", [String(other)]],
    ]);
    const [head, first] = readFileSync(csv, "utf8").split("\r\n");
    expect(head).toBe("id,type,user_ids,users,Purpose,inventory_number,key_field");
    expect(first).toMatch(new RegExp(`^7001,Laptop,${lent},.*,Developer,NF-7001,'=NF-7001$`, "u"));
  });

  it("S3, A25: a laptop, a request until a date and an onboarding ticket make access; a capture makes the same plan", async () => {
    const capture = join(w.home, "people.json");
    const pulled = await w.run(["source", "pull", "--out", capture]);
    expect(pulled.code, pulled.err).toBe(0);
    const replayed = await w.run(["preview", "--from", capture, "--json"]);
    expect(replayed.code, replayed.err).toBe(0);
    const plan = await twice();
    const from = planSchema.parse(JSON.parse(replayed.out));
    expect([from.people, from.shared, from.source.doubts]).toEqual([plan.people, plan.shared, []]);
    expect(members("VPN-Dev")).toEqual([dnOf(lent), dnOf(other)].sort());
    expect(members("GG-Bridge")).toEqual([dnOf(asking)]);
    expect(account("sn", "Newhaven")).toHaveLength(1);
    expect(account("sn", "Later")).toEqual([]);
  });

  it("A25: what has ended or was given back goes; Halo's user takes the joiner's account over", async () => {
    const [made] = account("sn", "Newhaven");
    laptop(7001, asking);
    ticket(1, 41, asking, { CFGroup: "GG-Bridge", CFUntil: "2020-12-31" });
    ticket(3, 40, 0, starter("N9001", "Newhaven", "2026-01-05"), 9);
    const like = state().users.get(lent) ?? {};
    const name = { firstname: "Ingrid", surname: "Newhaven", name: "Ingrid Newhaven", emailaddress: "ingrid.newhaven@corp.example.com" };
    state().users.set(9001, { ...like, ...name, id: 9001, other1: "N9001", login: "", phonenumber: "", customfields: [] });
    const plan = await twice();
    expect(members("VPN-Dev")).toEqual([dnOf(asking), dnOf(other)].sort());
    expect(members("GG-Bridge")).toEqual([]);
    expect(account("sn", "Newhaven").map((one) => one.dn)).toEqual([made?.dn]);
    expect(account("sn", "Newhaven")[0]?.text("employeeNumber")).toBe("9001");
    expect(plan.summary.losses.disabled).toBe(0);
  });
});
