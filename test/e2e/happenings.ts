/** What may happen to a world between two runs, drawn from chance alone, so that the same happens to two of them. */
import type { Chance } from "../../sandbox/random.ts";
import type { World } from "./support.ts";

const titles = ["Purser", "Deckhand", "Field Engineer", "Bosun", "Team Lead"] as const;

type Group = { name: string; [key: string]: unknown };
const groupsOf = (content: Record<string, unknown>): Group[] => content["groups"] as Group[];

/** What may happen to a world between two runs. Each draws from chance alone, so that it is the same in both. */
export const kinds: { [kind: string]: (w: World, by: Chance) => void } = {
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

export const steady = (w: World) => w.sandbox.organisation.people.filter((one) => one.situation !== "absent");
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
