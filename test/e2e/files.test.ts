/** Home folders and photos through the real command line. Rows A14, A15, A16. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { colour, picture } from "../unit/sources/photos/images.ts";
import { configure, type World, world } from "./support.ts";

const day = 86_400_000;

/** A disk of its own, so that a move must copy, and so small that it can be full; undefined where only root may mount one. */
function disk(folder: string, size: string, again = false): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `${again ? "remount," : ""}size=${size}`, "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("home folders and photos", () => {
  let here: World;
  let people: Person[];
  let small: boolean;
  const at = (...path: string[]): string => join(here.home, ...path);
  const person = (index: number): Person => {
    const one = people[index];
    if (!one) throw new Error("the sandbox has too few people");
    return one;
  };
  const home = (one: Person): string => at("homes", one.post.site, one.login);
  const account = (one: Person) => {
    const entry = here.sandbox.ad.entries.account(one.login);
    if (!entry) throw new Error(`${one.login} has no account`);
    return entry;
  };
  const photoOf = (one: Person): Buffer | undefined => account(one).values("thumbnailPhoto")[0] as Buffer | undefined;
  const changes = (plan: Plan, type: string) =>
    plan.people
      .flatMap((one) => one.changes.filter((change) => change.type === type).map((change) => `${one.key} ${change.op} ${change.label}`))
      .sort();

  beforeAll(async () => {
    here = await world();
    for (const folder of ["homes", "archive", "photos"]) mkdirSync(at(folder));
    small = disk(at("archive"), "1m");
    configure(here, (config) => void (config["haloform:files"] = { homes: at("homes"), archive: at("archive") }));
    people = here.sandbox.organisation.people.filter((one) => one.situation === "steady").slice(8, 11);
    const mine = { person: people.map((one) => one.id) };
    here.edit("files", (files) => {
      files["homes"] = { first: [{ for: mine, path: "{{ site_name }}/{{ login }}", rights: "0700" }] };
    });
    here.edit("ad", (ad) => {
      ad["photos"] = { first: [{ for: mine, from: { folder: at("photos"), name: "{{ id }}.jpg" } }] };
    });
    here.edit("safety", (safety) => {
      (safety["leaver"] as { folder?: object }).folder = { archive: "10 days", delete: "30 days" };
    });
  });
  afterAll(async () => {
    if (small) execFileSync("umount", [at("archive")]);
    await here?.stop();
  });

  it("A14, A16: folders and photos are made; a folder made by hand is taken over; a broken image parks that photo only", async () => {
    const [one, two, three] = [person(0), person(1), person(2)];
    mkdirSync(home(two), { recursive: true });
    writeFileSync(join(home(two), "letter.txt"), "by hand");
    writeFileSync(at("photos", `${one.id}.jpg`), await picture("jpeg"));
    writeFileSync(at("photos", `${two.id}.jpg`), "no image at all");
    const { plan, ended } = await here.converge([4]);
    expect(changes(plan, "files:HomeFolder")).toEqual(
      [`${one.id} create`, `${two.id} adopt`, `${three.id} create`]
        .map((text, index) => `${text} ${person(index).post.site}/${person(index).login}`)
        .sort(),
    );
    expect(ended.out).toContain("the photo is neither JPEG nor PNG");
    for (const each of people) expect(statSync(home(each)).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(home(two), "letter.txt"), "utf8")).toBe("by hand");
    const photo = photoOf(one);
    expect(await colour(photo ?? Buffer.alloc(0), 1, 0).then(([red = 0, green = 0]) => green > 200 && red < 80)).toBe(true);
    expect([photoOf(two), photoOf(three)]).toEqual([undefined, undefined]);
    const again = await here.plan();
    expect([changeCount(again.plan), again.plan.parked.map((parked) => parked.key)]).toEqual([0, [String(two.id)]]);
  });

  it("A14, A16: what somebody changes is put back; A15: a new path moves the folder with everything in it", async () => {
    const [one, two] = [person(0), person(1)];
    const before = photoOf(one);
    here.sandbox.ad.entries.modify(account(one).dn, { thumbnailPhoto: await picture("png", 50, 50) });
    chmodSync(home(person(2)), 0o755);
    writeFileSync(at("photos", `${two.id}.jpg`), await picture("png", 300, 300, 90));
    here.edit("files", (files) => {
      for (const line of (files["homes"] as { first: { path: string }[] }).first) line.path = "{{ login }}";
    });
    await here.converge();
    expect(photoOf(one)?.equals(before ?? Buffer.alloc(0))).toBe(true);
    expect(photoOf(two)?.subarray(0, 2).toString("hex")).toBe("ffd8");
    expect(readFileSync(at("homes", two.login, "letter.txt"), "utf8")).toBe("by hand");
    expect(existsSync(home(two))).toBe(false);
    expect(statSync(at("homes", person(2).login)).mode & 0o777).toBe(0o700);
  });

  it("outside O2: a share that is not mounted makes no folder anew", async () => {
    renameSync(at("homes"), at("homes-away"));
    mkdirSync(at("homes"));
    const { plan } = await here.converge();
    expect(plan.source.doubts.join("\n")).toMatch(/home folders: 3 of the 3 that the state knows are missing: 100 %/u);
    expect(changeCount(plan)).toBe(0);
    expect(readdirSync(at("homes")).filter((name) => !name.startsWith("."))).toEqual([]);
    rmSync(at("homes"), { recursive: true });
    renameSync(at("homes-away"), at("homes"));
    expect(changeCount((await here.plan()).plan)).toBe(0);
  });

  it("A15: a leaver's folder goes to the archive, not onto a full disk, and is deleted from there alone, on its day", async () => {
    const two = person(1);
    const from = at("homes", two.login);
    const to = at("archive", `${two.login}-${two.id}`);
    writeFileSync(join(from, "large"), Buffer.alloc(2_000_000, 7));
    here.sandbox.hand({ halo: { table: "users", id: two.id, set: { inactive: true } } });
    await here.converge();
    expect(existsSync(join(from, "letter.txt")), "nothing happens to it at once").toBe(true);
    const later = (days: number): void => {
      here.env["HALOFORM_NOW"] = new Date(Date.now() + days * day).toISOString();
    };
    later(11);
    if (small) {
      const ended = await here.up(await here.plan());
      expect([ended.code, ended.out], ended.err).toEqual([4, expect.stringContaining("the disk is full")]);
      expect(readdirSync(from).sort()).toEqual(["large", "letter.txt"]);
      expect(readdirSync(at("archive"))).toEqual([]);
      disk(at("archive"), "16m", true);
    }
    await here.converge();
    expect(existsSync(from)).toBe(false);
    expect([readdirSync(to).sort(), statSync(join(to, "large")).size]).toEqual([["large", "letter.txt"], 2_000_000]);
    expect(photoOf(two), "a leaver's photo stays").toBeDefined();
    later(31);
    const { plan } = await here.converge();
    expect([changes(plan, "files:HomeFolder"), plan.summary.losses.folders]).toEqual([[`${two.id} delete ${two.login}-${two.id}`], 1]);
    expect(readdirSync(at("archive"))).toEqual([]);
    expect(changeCount((await here.plan()).plan)).toBe(0);
  });
});
