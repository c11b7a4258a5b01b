/**
 * Reading 10,000 people of Halo and making what the mappings say of them, beside the bare requests: the same pages by the same
 * library (ky) in the same process, their bodies read to the end and thrown away.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { checkout } from "../cli/engine/project.ts";
import type { Bench } from "./active-directory.ts";
import { world } from "./world.ts";

const people = 10_000;
const script = join(checkout, "bench", "halo-loop.ts");

export async function haloRead({ say, print, repeat }: Bench): Promise<void> {
  say(`${people} people: reading Halo, and the same requests bare`);
  const here = await world(people, { emptied: false });
  try {
    const args = [script, "--repeat", String(repeat), ...here.options];
    const child = spawn(process.execPath, args, { cwd: checkout, env: here.env, stdio: ["ignore", "pipe", "inherit"] });
    let out = "";
    child.stdout.on("data", (data: Buffer) => (out += data));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`bench/halo-loop.ts ended with ${code}`);
    const { value, floor, parts, requests, found } = JSON.parse(out) as {
      value: number;
      floor: number;
      parts: { [part: string]: number };
      requests: number;
      found: number;
    };
    const note = `${requests} requests, ${found} records; median of ${repeat}, each beside its own floor`;
    print({ people, figure: "halo-read", value, unit: "s", floor, budget: 2, parts, note });
  } finally {
    await here.stop();
  }
}
