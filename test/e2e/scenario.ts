/** What the scenarios on a real domain controller share: a converged company, and how somebody in it is looked at. */
import { expect } from "vitest";
import { sameDn } from "../../providers/ad/values/dn.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import type { Thing } from "../samba/hand.ts";
import { sized } from "../sizes.ts";
import { type SambaWorld, sambaWorld } from "./samba-world.ts";
import { real } from "./support.ts";

export const people = sized(150, 500);
/** A password that somebody knows. */
export const known = "Known-To-Them-1!";

export interface Scenario extends SambaWorld {
  /** Somebody to whom nothing has happened yet; an optional wish. */
  someone(like?: (person: Person) => boolean): Person;
  /** People to whom nothing has happened yet. */
  free: readonly Person[];
  inGroup(account: Thing, group: string): Promise<boolean>;
  /** Applied once more, all changes nothing: neither in the plan nor in the directory. */
  settled(): Promise<void>;
}

export const enabled = (account: Thing): boolean => (Number(account.text("userAccountControl")) & 2) === 0;

export async function scenario(): Promise<Scenario> {
  const w = await sambaWorld(people);
  const free = w.people.filter((one) => one.situation === "steady" && one.id > 120 && one.post.title !== "Team Lead");
  return {
    ...w,
    free,
    someone(like = () => true) {
      const at = free.findIndex(like);
      const [found] = at < 0 ? [] : free.splice(at, 1);
      if (!found) throw new Error("nobody is left for this");
      return found;
    },
    async inGroup(account, group) {
      return ((await w.members(group)) ?? []).some((dn) => sameDn(dn, account.dn));
    },
    async settled() {
      const before = await w.hand.usn();
      const { plan } = await w.converge();
      expect(real(plan)).toEqual([]);
      expect(changeCount(plan)).toBe(0);
      expect(await w.hand.usn()).toBe(before);
    },
  };
}
