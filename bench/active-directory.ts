/** The figures of Active Directory alone: mappings/ad.yaml, and neither Entra ID nor agents. */
import { join } from "node:path";
import { parallel } from "../cli/automation.ts";
import { type Figure, type line, median } from "./figures.ts";
import { bare, facts, floorOf } from "./floors.ts";
import type { Measured } from "./measure.ts";
import { type BenchWorld, world } from "./world.ts";

export interface Bench {
  say(text: string): void;
  print(figure: Parameters<typeof line>[0]): void;
  wants(...names: Figure[]): boolean;
  repeat: number;
}

/** How many members of the largest group change. */
const moved = 50;

interface Done {
  up: Measured;
  done: { [op: string]: number };
}

/** preview, and up of what it showed. */
async function apply(here: BenchWorld, name: string): Promise<Done> {
  const plan = join(here.home, name);
  const first = await here.run(["preview", "--out", plan, "--json"]);
  const { digest } = JSON.parse(first.out) as { digest: string };
  const up = await here.run(["up", "--plan", plan, "--approve", digest, "--json"]);
  return { up, ...(JSON.parse(up.out) as { done: Done["done"] }) };
}

export async function activeDirectory(people: number, bench: Bench): Promise<void> {
  const { say, print, wants, repeat } = bench;
  say(`${people} people, Active Directory alone: a sandbox whose AD has none of their accounts`);
  const here = await world(people, { emptied: true, adOnly: true });
  try {
    say("haloform: first preview and up");
    const { up, done } = await apply(here, "first");
    const { resources, engine } = floorOf(here);
    if (wants("ad-first-up")) {
      say(`engine floor: first up of ${resources.length} resources`);
      const floorUp = await engine("up");
      say("bare writes: a fresh sandbox of the same size");
      const fresh = await world(people, { emptied: true, adOnly: true });
      try {
        const writes = await bare("writes", fresh);
        print({
          ...{ people, figure: "ad-first-up", value: up.wall, unit: "s", budget: 1.5 },
          floor: writes.seconds + floorUp.wall,
          ...{ cpu: up.cpu ?? 0, floorCpu: floorUp.cpu ?? 0 },
          parts: { bareWrites: writes.seconds, engine: floorUp.wall },
          writes: writes.done,
          done,
          note: `the up command alone; up to ${parallel} operations at a time`,
        });
      } finally {
        await fresh.stop();
      }
    } else if (wants("ad-drift")) await engine("up");
    if (wants("ad-drift")) {
      const [drifts, refreshes, reads]: [Measured[], Measured[], number[]] = [[], [], []];
      for (let turn = 1; turn <= repeat; turn += 1) {
        say(`drift, and its floor: ${turn} of ${repeat}`);
        drifts.push(await here.run(["drift"]));
        refreshes.push(await engine("refresh"));
        reads.push((await bare("users", here)).seconds);
      }
      const [mine, least] = [facts(drifts), facts(refreshes)];
      print({
        ...{ people, figure: "ad-drift", value: mine.seconds, unit: "s", budget: 2 },
        floor: least.seconds + median(reads),
        ...{ cpu: mine.cpu, floorCpu: least.cpu },
        parts: { refresh: least.seconds, pagedRead: median(reads) },
        note: `${resources.length} resources; haloform reads Halo and the groups as well`,
      });
    }
    if (wants("ad-members")) await members(people, here, bench);
  } finally {
    await here.stop();
  }
}

/** Takes members out of the largest group by hand, has haloform put them back, and counts what it sent. */
async function members(people: number, here: BenchWorld, { say, print }: Bench): Promise<void> {
  type Directory = { [dn: string]: { member?: string[] } };
  const { ad } = (await here.sandbox.control("GET", "/snapshot")) as { ad: Directory };
  const [dn, { member = [] }] = Object.entries(ad).reduce((most, one) =>
    (one[1].member?.length ?? 0) > (most[1].member?.length ?? 0) ? one : most,
  );
  say(`a group of ${member.length} members changed by ${moved}`);
  await here.sandbox.control("POST", "/hand", { ad: { dn, remove: { member: member.slice(0, moved) } } });
  const log = async (): Promise<{ op: string; values?: number }[]> =>
    ((await here.sandbox.control("GET", "/log")) as { ldap: { op: string; values?: number }[] }).ldap;
  const before = (await log()).length;
  await apply(here, "members");
  const writes = (await log()).slice(before).filter((one) => !["bind", "search"].includes(one.op));
  const values = writes.reduce((sum, one) => sum + (one.values ?? 0), 0);
  const given = { people, figure: "ad-members", unit: "calls" } as const;
  const note = `a group of ${member.length} members, ${moved} of them put back`;
  print({ ...given, system: "writes", value: writes.length, floor: 1, budget: 1, note });
  print({ ...given, system: "values", value: values, floor: moved, budget: moved, note });
}
