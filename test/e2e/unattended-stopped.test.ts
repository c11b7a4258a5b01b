/** 15.5 and 15.6: an unattended run that is stopped while it applies something plans nothing more, and tells why. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Unattended } from "../../cli/answers/answers.ts";
import { newSshKey, type SshKey, signer } from "../ssh.ts";
import { saying } from "./killing.ts";
import { of } from "./refusals.ts";
import { allow, type World, world } from "./support.ts";

let w: World;
let ada: SshKey;
const joiners = () => w.sandbox.organisation.people.filter(({ situation }) => situation === "joiner");
const inactive = (id: number, is: boolean): void => w.sandbox.hand({ halo: { table: "users", id, set: { inactive: is } } });

beforeAll(async () => {
  w = await world({ people: 30 });
  ada = newSshKey(w.home, "ada");
  allow(w, signer("ada@example.com", ada));
  for (const { id } of joiners()) inactive(id, true);
  // What is to be stopped is not over before somebody has typed a word.
  const slow = join(w.home, "slow.sh");
  writeFileSync(slow, `#!/bin/sh\ntouch "${join(w.home, "begun")}"; sleep 5\n`, { mode: 0o700 });
  w.edit("scripts", (content) => (content["scripts"] = [{ name: "slow", run: [slow], after: ["joiner"] }]));
  await w.converge([0, 4]);
  w.edit("approvals", (content) => {
    content["rules"] = { first: [{ kinds: ["joiner"], approvers: "nobody" }] };
    content["otherwise"] = { one: ["ada@example.com"] };
  });
  const made = await w.plan("rules");
  await w.run(["approve", made.folder, "--key", ada.file, "--as", "ada@example.com", "--yes"]);
  expect((await w.run(["up", ...of(made)])).code).toBe(0);
});
afterAll(() => w?.stop());

it("ends with the run that was stopped: nothing is read, planned or kept after it; the next one says who has stopped it", async () => {
  for (const { id } of joiners()) inactive(id, false);
  const args = ["unattended", "--json", "--verbose"];
  const { child, over } = await saying(w, args, () => existsSync(join(w.home, "begun")));
  child.kill("SIGSTOP");
  expect((await w.processes.run(["stop", "half of them are wrong"])).code).toBe(0);
  child.kill("SIGCONT");
  const { code, out, err } = await over;
  const report = JSON.parse(out) as Unattended;
  expect([code, report.looked, report.why], err).toEqual([
    1,
    "failed",
    expect.stringMatching(/^stopped by \S+ \("half of them are wrong"\) after /u),
  ]);
  expect(err.slice(err.indexOf("Stopping, as"))).not.toMatch(/Reading people|Comparing/u);
  const writes = w.sandbox.writes();
  const next = await w.run(["unattended", "--json"]);
  expect([next.code, JSON.parse(next.out)]).toEqual([3, expect.objectContaining({ why: expect.stringContaining("is stopped by") })]);
  expect(w.sandbox.writes()).toBe(writes);
  expect((await w.run(["go", "--sign-with", ada.file, "--yes"])).code).toBe(0);
  // What was begun is finished by rule, and once.
  expect((await w.run(["unattended", "--json"])).code).toBe(0);
  await w.sandbox.connect.settled();
  for (const { id } of joiners())
    expect(w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(id)).map(({ enabled }) => enabled)).toEqual([true]);
});
