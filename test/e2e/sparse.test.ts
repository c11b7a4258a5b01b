/**
 * The engine told of what moves only, and told of everything: two worlds that are the same, to which the same happens. Plans,
 * states and systems are the same after every round, and each goes on from what the other way has left (docs/decisions/0120).
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Chance, chance } from "../../sandbox/random.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { everything } from "../engine/engine.ts";
import { StateFile } from "../engine/state.ts";
import { sized } from "../sizes.ts";
import { comparable, type Side, said, stateOf, systems } from "./alike.ts";
import { type World, world } from "./support.ts";

const rounds = sized(2, 25);
const changes = 14;

const titles = ["Purser", "Deckhand", "Field Engineer", "Bosun", "Team Lead"] as const;

type Group = { name: string; [key: string]: unknown };
const groupsOf = (content: Record<string, unknown>): Group[] => content["groups"] as Group[];

/** What may happen to a world between two runs. Each draws from chance alone, so that it is the same in both. */
const kinds: { [kind: string]: (w: World, by: Chance) => void } = {
  "another title": (w, by) => halo(w, by, { title: by.pick(titles) }),
  "another site": (w, by) => halo(w, by, { site_id: siteIn(w, by) }),
  "somebody leaves": (w, by) => halo(w, by, { inactive: true }),
  "somebody comes back": (w, by) => halo(w, by, { inactive: false }),
  "another name": (w, by) => halo(w, by, { surname: `Example${by.below(9)}` }),
  "a record goes": (w, by) => {
    if (by.happens(0.3)) w.sandbox.hand({ halo: { table: "users", id: person(w, by), delete: true } });
  },
  "an attribute changed by hand": (w, by) => {
    const dn = account(w, by);
    if (dn !== undefined) w.sandbox.hand({ ad: { dn, replace: { title: by.pick(["By hand", "Acting"]), department: null } } });
  },
  "an attribute of nobody's business changed by hand": (w, by) => {
    const dn = account(w, by);
    if (dn !== undefined) w.sandbox.hand({ ad: { dn, replace: { info: `seen ${by.below(100)}` } } });
  },
  "an account deleted by hand": (w, by) => {
    const dn = account(w, by);
    if (dn !== undefined) w.sandbox.hand({ ad: { dn, delete: by.happens(0.5) ? true : "for good" } });
  },
  "a member put in by hand": (w, by) => {
    const [dn, group] = [account(w, by), w.sandbox.ad.entries.account(by.pick(["GG-VPN", "GG-Sales", "GG-AllStaff"]))?.dn];
    const there =
      group === undefined
        ? []
        : (w.sandbox.ad.entries
            .list((one) => one.dn === group)[0]
            ?.values("member")
            .map(String) ?? []);
    if (dn !== undefined && group !== undefined && !there.includes(dn)) w.sandbox.hand({ ad: { dn: group, add: { member: [dn] } } });
  },
  "a group deleted by hand": (w, by) => {
    const dn = w.sandbox.ad.entries.account(by.pick(["GG-Finance", "GG-Engineering", "GG-Sales"]))?.dn;
    if (dn !== undefined) w.sandbox.hand({ ad: { dn, delete: true } });
  },
  "a line of the mapping goes or comes": (w, by) => {
    const name = by.pick(["GG-Finance", "GG-Sales", "GG-Change"]);
    w.edit("ad", (content) => {
      const all = groupsOf(content);
      const [found] = all.filter((one) => one.name === name);
      content["groups"] = found ? all.filter((one) => one !== found) : [...all, { name, for: { title: by.pick(titles) } }];
    });
  },
  "a type goes or comes": (w, by) => {
    const field = by.pick(["agents", "roles"]);
    w.edit("halo", (content) => {
      if (content[field] === undefined) content[field] = aside.get(w)?.[field];
      else {
        aside.set(w, { ...aside.get(w), [field]: content[field] });
        delete content[field];
      }
    });
  },
  "a system refuses somebody, or does no more": (w, by) => {
    const [found] = w.sandbox.organisation.people.filter((one) => one.id === person(w, by));
    w.sandbox.halo.faults.refuse = by.happens(0.6) && found ? [found.email] : [];
  },
};
const aside = new WeakMap<World, { [field: string]: unknown }>();

const steady = (w: World) => w.sandbox.organisation.people.filter((one) => one.situation !== "absent");
function person(w: World, by: Chance): number {
  return by.pick(steady(w)).id;
}
function halo(w: World, by: Chance, set: object): void {
  const id = person(w, by);
  if (w.sandbox.halo.state.users.get(id)) w.sandbox.hand({ halo: { table: "users", id, set: set as never } });
}
function siteIn(w: World, by: Chance): number {
  return by.pick([...new Set([...w.sandbox.halo.state.users.values()].map((one) => Number(one["site_id"])))].sort((a, b) => a - b));
}
function account(w: World, by: Chance): string | undefined {
  const key = String(person(w, by));
  return w.sandbox.ad.entries.list((one) => one.text("employeeNumber") === key)[0]?.dn;
}

describe("told of what moves, and told of everything", () => {
  let sparse: Side;
  let whole: Side;
  beforeAll(async () => {
    const [one, other] = [await world({ people: 30 }), await world({ people: 30 })];
    other.env[everything] = "1";
    sparse = { w: one, commands: one };
    whole = { w: other, commands: other };
  });
  afterAll(() => Promise.all([sparse, whole].map((one) => one?.w.stop())));

  async function together(): Promise<number> {
    const [one, other] = [await sparse.commands.converge([0, 4]), await whole.commands.converge([0, 4])];
    expect(comparable(one.plan)).toEqual(comparable(other.plan));
    expect(one.ended.code).toBe(other.ended.code);
    expect(said(one.ended)).toEqual(said(other.ended));
    expect(stateOf(sparse)).toEqual(stateOf(whole));
    expect(systems(sparse)).toEqual(systems(whole));
    return changeCount(one.plan);
  }

  it("a first run is the same", async () => {
    expect(await together()).toBeGreaterThan(20);
  });

  it(`${rounds * changes} seeded changes of every kind, in ${rounds} rounds`, { timeout: 3_600_000 }, async () => {
    const names = Object.keys(kinds);
    let [happened, made] = [0, 0];
    for (let round = 1; round <= rounds; round += 1) {
      const seeds = Array.from({ length: changes }, (_, index) => round * 1000 + index);
      for (const seed of seeds) {
        // Every kind in turn: none is left to chance.
        const kind = names[happened % names.length] ?? "";
        happened += 1;
        for (const { w } of [sparse, whole]) kinds[kind]?.(w, chance(seed));
      }
      made += await together();
    }
    expect(happened).toBe(rounds * changes);
    expect(made).toBeGreaterThan(happened / 2);
  });

  it("parked, and parked again", async () => {
    for (const { w } of [sparse, whole]) {
      w.sandbox.halo.faults.refuse = steady(w).map((one) => one.email);
      w.edit("halo", (content) => {
        content["agents"] = { every: [{ for: { site_id: { matches: "." } }, roles: ["Service Desk"] }] };
      });
    }
    await together();
    expect(new StateFile(sparse.w.home, "test").rows().filter((row) => row.id?.startsWith("parked-")).length).toBeGreaterThan(0);
    await together();
    for (const { w } of [sparse, whole]) w.sandbox.halo.faults.refuse = [];
    await together();
  });

  it("each goes on from what the other way has left: nothing is to be done", async () => {
    for (const [{ w }, way] of [
      [sparse, { [everything]: "1" }],
      [whole, { [everything]: "" }],
    ] as const) {
      Object.assign(w.env, way);
      const writes = w.sandbox.writes();
      const { plan } = await w.converge([0, 4]);
      expect(changeCount(plan)).toBe(0);
      expect(w.sandbox.writes()).toBe(writes);
    }
  });
});
