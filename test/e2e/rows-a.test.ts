/** Rows A12, A16, A17, A19 and A25 of the systems, each through the real command line. */
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { allMailboxes, mailboxes, mailboxOf } from "../../sandbox/graph/mailbox.ts";
import { saveUser } from "../../sandbox/halo/users.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { colour, picture } from "../unit/sources/photos/images.ts";
import { type Api, serve } from "../unit/sources/rest/server.ts";
import { real, type World, world } from "./support.ts";

type Row = { [key: string]: unknown };
type Person = World["sandbox"]["organisation"]["people"][number];

const length = 24 * 60 * 60 * 1000;
/** Noon, so that no day ends while the test runs. */
const begun = Date.UTC(2027, 0, 11, 12);
const at = (days: number): string => new Date(begun + days * length).toISOString();
const dayAt = (days: number): string => at(days).slice(0, 10);

const steadyOf = (w: World): Person[] => w.sandbox.organisation.people.filter((one) => one.situation === "steady");
const halo = (w: World, person: Person | undefined, set: Row): void =>
  void w.sandbox.hand({ halo: { table: "users", id: person?.id ?? 0, set } });
const accountOf = (w: World, person: Person | undefined): string =>
  [...w.sandbox.graph.state.users.current].find(([, row]) => row["employeeId"] === String(person?.id))?.[0] ?? "";
const skusOf = (w: World, person: Person | undefined): string[] => {
  const { direct, skus } = w.sandbox.graph.state;
  return (direct.get(accountOf(w, person)) ?? []).map(({ skuId }) => skus.find((sku) => sku.id === skuId)?.partNumber ?? "");
};
const changesOf = (plan: Plan, person: Person | undefined): string[] =>
  real(plan)
    .filter(({ who }) => who === String(person?.id))
    .map(({ type, op }) => `${type} ${op}`);
const clock = (w: World, days: number): void => void (w.env["HALOFORM_NOW"] = at(days));

describe("mailboxes", () => {
  let w: World;
  let [leaver, parent, mover, renamed, plain]: Person[] = [];
  const box = (person: Person | undefined) => mailboxOf(w.sandbox.graph.state, accountOf(w, person), Date.now());
  const reply = (person: Person | undefined): Row => (box(person)?.replies ?? {}) as Row;
  const status = (person: Person | undefined): unknown => reply(person)["status"];

  beforeAll(async () => {
    w = await world({ people: 30 });
    allMailboxes(w.sandbox.graph.state, Date.now());
    [leaver, parent, mover, renamed, plain] = steadyOf(w).filter((one) => skusOf(w, one).some((sku) => sku.startsWith("SPE_")));
    w.edit("entra", (entra) => {
      entra["mailboxes"] = { plans: { SPE_E3: "EXCHANGE_S_ENTERPRISE", SPE_E5: "EXCHANGE_S_ENTERPRISE" } };
      entra["replies"] = {
        first: [
          {
            for: { other3: "Parental leave" },
            internal: "{{ firstname }} is away; ask {{ manager | default: 'reception' }}.",
            external: "Please write to reception@example.org.",
            audience: "contactsOnly",
            manager: "{{ custom.CFManager }}",
            starts: "other4",
            ends: "other5",
          },
          { for: { other3: { matches: "^Moved" } }, internal: "{{ firstname }} has moved to {{ site_name }}." },
          { for: { other2: { empty: false } }, internal: "My address is {{ emailaddress }} now; {{ other2 }} ends soon." },
        ],
      };
    });
    w.edit("safety", (safety) => {
      (safety["leaver"] as Row)["mailbox"] = { hold: "litigation", remove: { after: "30 days", once: "held" } };
    });
    clock(w, 0);
    await w.converge([0, 4]);
    await w.nothingIsLeft();
  });
  afterAll(() => w?.stop());

  it("A17: a reply for anybody whom a condition names, from a day to a day, and off when its time is over", async () => {
    halo(w, parent, { other3: "Parental leave", other4: dayAt(2), other5: dayAt(10) });
    halo(w, mover, { other3: "Moved in January" });
    halo(w, renamed, { other2: "ada.byron@example.org" });
    const { plan } = await w.converge([0, 4]);
    for (const person of [parent, mover, renamed]) expect(changesOf(plan, person)).toEqual(["entra:AutomaticReplies adopt"]);
    expect(reply(parent)).toMatchObject({ status: "scheduled", externalAudience: "contactsOnly" });
    expect(JSON.stringify(reply(parent))).toMatch(new RegExp(`"scheduledStartDateTime":\\{"dateTime":"${dayAt(2)}T00:00:00`, "u"));
    expect(JSON.stringify(reply(parent))).toMatch(new RegExp(`"scheduledEndDateTime":\\{"dateTime":"${dayAt(11)}T00:00:00`, "u"));
    expect(String(reply(parent)["internalReplyMessage"])).toMatch(new RegExp(`${parent?.first} is away; ask \\S`, "u"));
    expect(reply(mover)).toMatchObject({ status: "alwaysEnabled", externalAudience: "all" });
    expect(String(reply(renamed)["internalReplyMessage"])).toContain("ada.byron@example.org ends soon");
    expect([status(leaver), status(plain)]).toEqual(["disabled", "disabled"]);
    await w.nothingIsLeft();
    // Later on the same and on another day nothing of it moves.
    clock(w, 5.4);
    await w.nothingIsLeft();
    const why = await w.run(["why", String(parent?.id), "internal"]);
    expect(why.out).toMatch(/entra\.yaml:\d+/u);

    halo(w, mover, { other3: "" });
    halo(w, parent, { other5: dayAt(20) });
    await w.converge([0, 4]);
    expect(status(mover)).toBe("disabled");
    expect(JSON.stringify(reply(parent))).toContain(`"dateTime":"${dayAt(21)}T00:00:00`);
    clock(w, 20.4);
    await w.converge([0, 4]);
    expect(status(parent)).toBe("scheduled");
    clock(w, 21);
    await w.converge([0, 4]);
    expect([status(parent), status(renamed)]).toEqual(["disabled", "alwaysEnabled"]);
    await w.nothingIsLeft();
  });

  it("A17: a last day that is none leaves the reply as it is and says so; who leaves says nothing of it any more", async () => {
    halo(w, parent, { other5: "after the summer" });
    const odd = await w.converge([0, 4]);
    expect(status(parent)).toBe("disabled");
    expect(odd.plan.notes.join("\n")).toMatch(
      /mappings\/entra\.yaml:\d+ gives "after the summer", which is no day, for .*: the automatic reply stays as it is; write days like/u,
    );
    halo(w, parent, { other3: "Back at work", other5: dayAt(20) });
    halo(w, renamed, { inactive: true });
    await w.converge([0, 4]);
    expect(status(renamed)).toBe("disabled");
    await w.nothingIsLeft();
  });

  it("A12: a leaver's licence, and the mailbox with it, goes only after the hold's days, and once Exchange says that it is held", async () => {
    clock(w, 40);
    halo(w, leaver, { inactive: true });
    const had = skusOf(w, leaver).filter((sku) => sku.startsWith("SPE_"));
    expect(had.length).toBeGreaterThan(0);
    await w.converge([0, 4]);
    const licensed = (): string[] => skusOf(w, leaver).filter((sku) => sku.startsWith("SPE_"));
    expect([licensed(), box(leaver)?.hold]).toEqual([had, true]);
    clock(w, 69.4);
    // Others, who left earlier, lose theirs on the way.
    expect(changesOf((await w.converge([0, 4])).plan, leaver)).toEqual([]);
    await w.nothingIsLeft();
    expect(licensed()).toEqual(had);
    // Somebody lifts the hold: it is put on again, and until then nothing is taken.
    const stored = mailboxes(w.sandbox.graph.state).boxes.get(accountOf(w, leaver));
    if (stored) stored.hold = false;
    clock(w, 71);
    const mended = await w.converge([0, 4]);
    expect(changesOf(mended.plan, leaver)).toEqual(["entra:Mailbox update"]);
    expect([licensed(), box(leaver)?.hold]).toEqual([had, true]);
    const taken = await w.converge([0, 4]);
    expect(changesOf(taken.plan, leaver)).toEqual(["entra:Licence strip"]);
    expect(licensed()).toEqual([]);
    expect(box(leaver)).toBe(undefined);
    expect(mailboxes(w.sandbox.graph.state).lost.has(accountOf(w, leaver))).toBe(true);
    await w.nothingIsLeft();
    expect(licensed()).toEqual([]);
  });
});

describe("A16: photos, with people.key other than Halo's number", () => {
  let w: World;
  let api: Api;
  let [byHalo, byUrl, without]: Person[] = [];
  const photoOf = (person: Person | undefined): Buffer | undefined => {
    const key = String(w.sandbox.halo.state.users.get(person?.id ?? 0)?.["other1"]);
    const entry = w.sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeNumber") === key)[0];
    const found = entry?.values("thumbnailPhoto")[0];
    return found === undefined ? undefined : Buffer.from(found as Buffer);
  };

  beforeAll(async () => {
    const image = await picture("png", 120, 120, 60);
    api = await serve(({ path }) => (/^\/photos\/HR-\d+\.png$/u.test(path) ? { bytes: image } : undefined));
    w = await world({ people: 20 });
    [byHalo, byUrl, without] = steadyOf(w);
    // The number that HR gives: that of somebody else in Halo, for everybody.
    const all = [...w.sandbox.halo.state.users.values()];
    for (const [index, row] of all.entries()) row["other1"] = String(all[(index + 1) % all.length]?.["id"]);
    const url = w.sandbox.halo.state.users.get(byUrl?.id ?? 0) ?? {};
    url["other1"] = "HR-7";
    // An account has the number of its person; whose has another one now is known by it.
    for (const row of all) {
      const entry = w.sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeNumber") === String(row["id"]))[0];
      if (entry) w.sandbox.ad.entries.modify(entry.dn, { employeeID: String(row["other1"]) });
    }
    for (const entry of w.sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeID") !== undefined))
      w.sandbox.ad.entries.modify(entry.dn, { employeeNumber: entry.text("employeeID") ?? "" });
    const shown = await picture("jpeg", 90, 90);
    saveUser(w.sandbox.halo.state, { id: byHalo?.id ?? 0, imagedata: `data:image/jpeg;base64,${shown.toString("base64")}` });
    w.edit("people", (people) => {
      const section = people["people"] as Row;
      section["key"] = "other1";
      const is = section["is"] as { ad?: Row; entra?: Row };
      if (is.ad) is.ad["employeeNumber"] = "{{ other1 }}";
    });
    rmSync(join(w.mappings, "entra.yaml"));
    w.edit("ad", (ad) => {
      const { host } = new URL(api.base);
      ad["photos"] = {
        first: [{ for: { other1: "HR-7" }, from: { url: `${api.base}/photos/{{ other1 }}.png`, hosts: [host] } }, { from: "halo" }],
      };
    });
  });
  afterAll(async () => {
    await w?.stop();
    await api?.stop();
  });

  it("A16: each account gets its own person's photo, from Halo by Halo's number and from an address by the key", async () => {
    await w.converge([0, 4]);
    const [first, second] = [photoOf(byHalo), photoOf(byUrl)];
    expect([first?.subarray(0, 2).toString("hex"), second?.subarray(0, 2).toString("hex"), photoOf(without)]).toEqual([
      "ffd8",
      "ffd8",
      undefined,
    ]);
    // Red stands top left in both; the one of the address is a shade lighter in green.
    const [, green] = await colour(first ?? Buffer.alloc(0), 0, 0);
    const [, lighter] = await colour(second ?? Buffer.alloc(0), 0, 0);
    expect([(green ?? 99) < 30, (lighter ?? 0) > 40]).toEqual([true, true]);
    expect(new Set(api.asked.map(({ path }) => path))).toEqual(new Set(["/photos/HR-7.png"]));
    const holders = w.sandbox.ad.entries.list((one) => one.values("thumbnailPhoto").length > 0);
    expect(holders.length).toBe(2);
    await w.nothingIsLeft();
  });
});

describe("A19: commands for people of the cloud", () => {
  let w: World;
  let cloud: Person[] = [];
  let [ada, bob]: Person[] = [];
  interface Told {
    script: string;
    event: string;
    person: { key: string };
    fields: Row;
    accounts: Row;
  }
  const log = (): string => join(w.home, "told.log");
  /** What was told since the last look, as `41 joiner`. */
  const told = (): Told[] => {
    const lines = existsSync(log()) ? readFileSync(log(), "utf8").trim().split("\n") : [];
    rmSync(log(), { force: true });
    return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Told);
  };
  const events = (person: Person | undefined, all: Told[]): string[] =>
    all
      .filter((one) => one.person.key === String(person?.id))
      .map(({ event }) => event)
      .sort();
  const row = (person: Person | undefined): Row => w.sandbox.graph.state.users.current.get(accountOf(w, person)) ?? {};

  beforeAll(async () => {
    w = await world({ people: 40 });
    const joiners = w.sandbox.organisation.people.filter((one) => one.situation === "joiner");
    cloud = joiners.slice(0, 2);
    [ada, bob] = cloud;
    const keys = cloud.map(({ id }) => id);
    w.edit("ad", (ad) => {
      const [line] = (ad["accounts"] as { first: Row[] }).first;
      ad["accounts"] = { first: [{ for: { not: { person: keys } }, ...line }] };
    });
    w.edit("entra", (entra) => {
      entra["accounts"] = { first: [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }] };
      entra["attributes"] = {
        staff: {
          displayName: "{{ name }}",
          surname: "{{ surname }}",
          jobTitle: "{{ title }}",
          employeeId: "{{ id }}",
          usageLocation: "GB",
        },
      };
    });
    mkdirSync(join(w.home, "scripts"));
    writeFileSync(join(w.home, "scripts", "tell.sh"), `#!/bin/sh\nread -r input; echo "$input" >> "$SCRIPT_LOG"\n`);
    chmodSync(join(w.home, "scripts", "tell.sh"), 0o755);
    w.env["SCRIPT_LOG"] = log();
    w.edit("scripts", (scripts) => {
      scripts["scripts"] = [
        {
          name: "tell",
          run: [join(w.home, "scripts", "tell.sh")],
          after: ["joiner", "mover", "rename", "enable", "disable", "leaver", "rejoiner"],
          input: ["login", "userPrincipalName", "objectGUID", "jobTitle"],
          env: ["SCRIPT_LOG"],
        },
        {
          name: "id",
          run: [join(w.home, "scripts", "tell.sh")],
          after: ["joiner"],
          for: { person: keys },
          input: ["entraId"],
          env: ["SCRIPT_LOG"],
        },
      ];
    });
  });
  afterAll(() => w?.stop());

  it("A19: joiner, mover, rename, enable, disable, leaver and rejoiner of an account that is made in Entra ID", async () => {
    await w.converge([0, 2, 4]);
    const first = told();
    for (const person of cloud) expect(events(person, first)).toEqual(["joiner", "joiner"]);
    const one = first.find(({ script, person }) => script === "tell" && person.key === String(ada?.id));
    expect(one?.fields).toMatchObject({
      objectGUID: null,
      userPrincipalName: row(ada)["userPrincipalName"],
      jobTitle: row(ada)["jobTitle"],
    });
    expect(`${one?.fields["login"]}@corp.example.com`).toBe(row(ada)["userPrincipalName"]);
    expect(first.find(({ script, person }) => script === "id" && person.key === String(ada?.id))?.fields).toEqual({
      entraId: accountOf(w, ada),
    });
    expect(one?.accounts).toMatchObject({ entra: accountOf(w, ada) });
    await w.converge([0, 4]);
    told();
    await w.nothingIsLeft();
    expect(told()).toEqual([]);

    halo(w, ada, { title: "Captain" });
    halo(w, bob, { surname: "Newname", name: `${bob?.first} Newname` });
    await w.converge([0, 4]);
    const moved = told();
    expect([events(ada, moved), events(bob, moved)]).toEqual([["mover"], ["rename"]]);

    row(ada)["accountEnabled"] = false;
    await w.converge([0, 4]);
    expect(events(ada, told())).toEqual(["enable"]);

    halo(w, bob, { inactive: true });
    await w.converge([0, 4]);
    expect(events(bob, told())).toEqual(["disable", "leaver"]);
    halo(w, bob, { inactive: false });
    await w.converge([0, 4]);
    expect(events(bob, told())).toEqual(["enable", "rejoiner"]);
    await w.nothingIsLeft();
    expect(told()).toEqual([]);
  });

  it("A19: in a company without AD at all; a name that nobody there has is refused where it stands", async () => {
    const alone = await world({ people: 20 });
    try {
      for (const file of ["ad", "halo"]) rmSync(join(alone.mappings, `${file}.yaml`));
      const joiner = alone.sandbox.organisation.people.find((one) => one.situation === "joiner");
      alone.edit("people", (people) => {
        (people["people"] as Row)["for"] = { person: [joiner?.id] };
        (people["people"] as Row)["is"] = { entra: { employeeId: "{{ id }}" } };
        (people["people"] as Row)["login"] = { is: "{{ firstname | downcase }}.{{ surname | downcase }}" };
      });
      writeFileSync(join(alone.mappings, "entra.yaml"), readFileSync(join(w.mappings, "entra.yaml"), "utf8"));
      alone.edit("entra", (entra) => {
        for (const section of ["licences", "groups", "mailboxes"]) delete entra[section];
      });
      const scripts = (input: string[]): void =>
        alone.edit("scripts", (content) => {
          content["scripts"] = [
            { name: "tell", run: [join(w.home, "scripts", "tell.sh")], after: ["joiner", "leaver"], input, env: ["SCRIPT_LOG"] },
          ];
        });
      alone.env["SCRIPT_LOG"] = log();
      scripts(["objectGUID"]);
      const refused = await alone.run(["check"]);
      expect([refused.code, refused.err]).toEqual([
        64,
        expect.stringMatching(
          /scripts\.yaml:\d+:\d+ scripts\[0\]\.input\[0\]: expected a name that somebody has, found objectGUID; there is no ad\.yaml: entraId is/u,
        ),
      ]);
      scripts(["login", "entraId"]);
      await alone.converge([0, 4]);
      const made = told();
      expect(events(joiner, made)).toEqual(["joiner"]);
      expect(made[0]?.fields["entraId"]).toBe(accountOf(alone, joiner));
      halo(alone, joiner, { inactive: true });
      await alone.converge([0, 4]);
      expect(events(joiner, told())).toEqual(["leaver"]);
    } finally {
      await alone.stop();
    }
  });
});

describe("A25: tasks that follow one another, without anybody's hand", () => {
  let w: World;
  let [joined, moved]: Person[] = [];
  const root = join(import.meta.dirname, "..", "..");
  const inside = (group: string): string[] => (w.sandbox.ad.entries.account(group)?.values("member") ?? []).map(String);
  const dn = (person: Person | undefined): string =>
    w.sandbox.ad.entries.list((one) => one.objectClass === "user" && one.text("employeeNumber") === String(person?.id))[0]?.dn ?? "";
  /** The groups that docs/ci.md shows, with fields of the sandbox's people. */
  const shown = (): Row[] => {
    const [, block = ""] = /```yaml\n# mappings\/ad\.yaml\n(groups:.*?)```/su.exec(readFileSync(join(root, "docs", "ci.md"), "utf8")) ?? [];
    const fields = [
      ["custom.CFStartDate", "other1"],
      ["custom.CFDepartment", "other2"],
      ["custom.CFOldDepartment", "other3"],
      ["custom.CFMoved", "other4"],
    ] as const;
    const text = fields.reduce((all, [from, to]) => all.replaceAll(from, to), block);
    return (parse(text) as { groups: Row[] }).groups;
  };
  /** What the schedule of docs/ci.md does: a plan into a new folder, its digest from plan.json, and that one applied. */
  const scheduled = async (days: number): Promise<void> => {
    clock(w, days);
    const folder = mkdtempSync(join(w.home, "scheduled-"));
    expect((await w.run(["preview", "--out", folder])).code).toBe(0);
    const { digest } = JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")) as { digest: string };
    expect([0, 4]).toContain((await w.run(["up", "--plan", folder, "--approve", digest])).code);
    await w.sandbox.connect.settled();
  };

  beforeAll(async () => {
    w = await world({ people: 25 });
    [joined, moved] = steadyOf(w);
    halo(w, joined, { other1: dayAt(0) });
    halo(w, moved, { other2: "Sales" });
    w.edit("ad", (ad) => {
      const ou = `OU=Groups,${w.sandbox.config.ad.base}`;
      (ad["groups"] as Row[]).push(...shown().map((group) => ({ ou, ...group, name: `${group["name"]}-A25` })));
    });
  });
  afterAll(() => w?.stop());

  it("A25: a joiner's and a mover's groups begin and end on their days, by the schedule alone", async () => {
    expect(shown().map(({ name }) => name)).toEqual(["GG-Welcome", "GG-Bonus", "GG-Sales"]);
    const groups = (person: Person | undefined): string[] =>
      ["GG-Welcome", "GG-Bonus", "GG-Sales"].filter((name) => inside(`${name}-A25`).includes(dn(person)));
    await scheduled(0);
    expect([groups(joined), groups(moved)]).toEqual([["GG-Welcome"], ["GG-Sales"]]);
    halo(w, moved, { other2: "Accounts", other3: "Sales", other4: dayAt(10) });
    await scheduled(10);
    expect([groups(joined), groups(moved)]).toEqual([["GG-Welcome"], ["GG-Sales"]]);
    await scheduled(20);
    expect([groups(joined), groups(moved)]).toEqual([[], ["GG-Sales"]]);
    await scheduled(31);
    expect([groups(joined), groups(moved)]).toEqual([["GG-Bonus"], ["GG-Sales"]]);
    await scheduled(41);
    expect([groups(joined), groups(moved)]).toEqual([["GG-Bonus"], []]);
    await w.nothingIsLeft();
  });
});
