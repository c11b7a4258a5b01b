/** What stops a run, or one person's part of it, on a real domain controller (Samba). Rows A14, A27. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { sambaMissing } from "../samba/samba.ts";
import { dated } from "../unit/providers/doctor/certificates.ts";
import { known, people, type Scenario, scenario } from "./scenario.ts";
import { real } from "./support.ts";

const missing = sambaMissing();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);

describe.skipIf(missing !== undefined)(`${people} people on a real domain controller, stopped`, () => {
  let w: Scenario;
  beforeAll(async () => {
    w = await scenario();
    await w.converge();
  });
  afterAll(() => w?.stop());

  describe("a full disk for the home folder", () => {
    let owners: Person[];
    let homes: string;
    let mounted = false;
    let plan: Plan;
    let said: { code: number | null; err: string; out: string };
    const there = (): Person[] => owners.filter((one) => existsSync(join(homes, one.login)));
    /** A disk with room for so many files and folders; only root may make one. */
    const disk = (inodes: number, more = ""): void =>
      void execFileSync("mount", ["-t", "tmpfs", "-o", `${more}size=1m,nr_inodes=${inodes}`, "tmpfs", homes], { stdio: "ignore" });

    beforeAll(async () => {
      homes = join(w.home, "homes");
      mkdirSync(homes);
      try {
        disk(2); // the disk itself, and one folder
        mounted = true;
      } catch (error) {
        if (process.env["HALOFORM_REQUIRE_SAMBA"] === "1") throw error;
        console.log("SKIPPED: a full disk for the home folder: only root may mount a small one.");
        return;
      }
      owners = Array.from({ length: 3 }, () => w.someone());
      w.files({ homes });
      w.edit("files", (content) => {
        content["homes"] = { first: [{ for: { person: owners.map((one) => one.id) }, path: "{{ login }}" }] };
      });
      const made = await w.plan();
      plan = made.plan;
      said = await w.up(made);
    });
    afterAll(() => {
      if (mounted) execFileSync("umount", [homes]);
    });

    it("parks whose folder has no room, with one clear line, and nobody else", (context) => {
      if (!mounted) context.skip();
      expect(real(plan).map((change) => change.type)).toEqual(["files:HomeFolder", "files:HomeFolder", "files:HomeFolder"]);
      expect(said.code, said.err).toBe(4);
      const refusals = `${said.out}\n${said.err}`.split("\n").filter((line) => line.startsWith("refused"));
      expect(refusals.length).toBeGreaterThan(0);
      expect(refusals.length).toBeGreaterThanOrEqual(owners.length - there().length);
      for (const line of refusals) expect(line).toMatch(/disk is full/u);
    });
    it("makes them as soon as there is room", async (context) => {
      if (!mounted) context.skip();
      disk(1000, "remount,");
      await w.converge();
      expect(there()).toEqual(owners);
    });
    it("applied twice, the second changes nothing", async (context) => {
      if (!mounted) context.skip();
      await w.settled();
    });
  });

  describe("what stops a run before it begins", () => {
    /** Runs preview, and holds it to: exit code 1, one line that matches, nothing written. */
    const refused = async (said: RegExp, more: NodeJS.ProcessEnv = {}): Promise<void> => {
      const done = await w.run(["preview"], more);
      expect(done.code, done.err).toBe(1);
      expect(done.out).toBe("");
      const lines = done.err.split("\n").filter((line) => line !== "" && !/^Read(?:ing)? /u.test(line));
      expect(lines, done.err).toHaveLength(1);
      expect(lines[0]).toMatch(said);
    };

    it("a certificate that expired: one clear line, exit 1, nothing changed", async () => {
      const before = await w.hand.usn();
      const folder = mkdtempSync(join(tmpdir(), "haloform-expired-"));
      try {
        const old = dated(folder, "20200101000000Z", "20200201000000Z");
        await w.samba.start(old);
        await w.settings({ ca: old.ca }, () => refused(/certificate.*expired/iu));
      } finally {
        await w.samba.start();
        rmSync(folder, { recursive: true, force: true });
      }
      expect(await w.hand.usn()).toBe(before);
    });

    it("a bind password that is no longer good (it must be changed first): one clear line, exit 1, nothing changed", async () => {
      const { base } = w.samba;
      const bind = `CN=svc-limited,CN=Users,${base}`;
      await w.hand.account(bind, { sAMAccountName: "svc-limited" }, known);
      await w.settings({ bind }, async () => {
        await w.hand.replace(bind, "pwdLastSet", "0");
        const before = await w.hand.usn();
        await refused(/must change its password first \(LDAP 49, 773\)/u, { AD_BIND_PASSWORD: known });
        expect(await w.hand.usn()).toBe(before);
      });
      await w.hand.delete(bind);
    });
  });
});
