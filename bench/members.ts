/** Memory in groups × members: a preview in which nothing changes, with many groups that everybody is in, beside one without them. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { Bench } from "./figures.ts";
import { type BenchWorld, world } from "./world.ts";

export const usual = { people: 2000, groups: 50 };

/** Gives everybody so many groups more, which haloform makes. */
function more(here: BenchWorld, groups: number): void {
  const file = join(here.home, "mappings", "ad.yaml");
  const content = parse(readFileSync(file, "utf8")) as { groups: object[] };
  const ou = `OU=Groups,${here.sandbox.config.ad?.base ?? ""}`;
  content.groups.push(...Array.from({ length: groups }, (_, n) => ({ name: `GG-Everybody-${n}`, ou, for: {} })));
  writeFileSync(file, stringify(content));
}

export async function members({ say, print }: Bench, { people, groups } = usual): Promise<void> {
  say(`${people} people in ${groups} groups each: memory of a preview`);
  const here = await world(people, { emptied: false, adOnly: true });
  try {
    await here.apply("before", [0, 4]);
    const floor = (await here.run(["preview"])).memory ?? 0;
    more(here, groups);
    await here.apply("after", [0, 4]);
    const value = (await here.run(["preview"])).memory ?? 0;
    const each = Math.round(((value - floor) * 2 ** 20) / (people * groups));
    const note = `${people * groups} memberships more, ${each} bytes each; the floor has none of them`;
    print({ people, figure: "members-memory", value, unit: "MiB", floor, note });
  } finally {
    await here.stop();
  }
}
