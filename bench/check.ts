/** `haloform check --from` of a capture of 10,000 people, beside reading that capture: in one process, in turns. */
import { join } from "node:path";
import type { Bench } from "./figures.ts";
import { haloPeople } from "./halo-read.ts";
import { measure } from "./measure.ts";
import { here } from "./tree.ts";
import { world } from "./world.ts";

export async function check({ say, print, repeat }: Bench): Promise<void> {
  say(`${haloPeople} people: a capture, and the mapping files held against it`);
  const at = await world(haloPeople, { emptied: false });
  try {
    const from = join(at.home, "capture.json");
    await at.run(["source", "pull", "--out", from]);
    const script = join(here.folder, "bench", "check-loop.ts");
    const { out } = await measure([script, "--from", from, "--repeat", String(repeat), ...at.options], at.env, [0], here.folder);
    const { value, floor, people, lines, warnings } = JSON.parse(out) as { [figure: string]: number };
    const note = `${people} people, ${lines} lines, ${warnings} warnings; the floor is reading the capture; median of ${repeat}`;
    print({ people: haloPeople, figure: "check", value: value ?? 0, unit: "s", floor: floor ?? 0, budget: 3, note });
  } finally {
    await at.stop();
  }
}
