import { expect, it } from "vitest";
import { world } from "./support.ts";
it("try", async () => {
  const w = await world({ people: 40 });
  const begun = Date.parse("2027-03-01T00:10:00Z");
  const run = async (hours: number, ...args: string[]) => {
    const t = performance.now();
    const done = await w.run(["unattended", "--json", ...args], { HALOFORM_NOW: new Date(begun + hours * 3_600_000).toISOString() });
    const r = JSON.parse(done.out || "{}");
    console.log(hours, done.code, r.looked, r.why, Math.round(performance.now() - t), done.err.slice(0, 500), r.message?.title, r.untold);
    return r;
  };
  const first = await run(0);
  console.log(first.message?.text);
  await run(0.25);
  await run(0.5); console.log((await w.run(["--version"])).out);const t=performance.now();await w.run(["--version"]);console.log(performance.now()-t);
  const approval = first.message.items.find((one: any) => one.approval).approval;
  const words = approval.approve.split(" ").slice(1);
  console.log(words);
  const up = await w.run(words, { HALOFORM_NOW: new Date(begun + 1 * 3_600_000).toISOString() });
  console.log(up.code, up.err.slice(-300));
  await w.sandbox.connect.settled();
  await run(1.25); await run(1.5); await run(1.75); await run(2); await run(2.25); await run(2.5);
  await run(24);
  expect(1).toBe(1);
  await w.stop();
}, 60_000);
