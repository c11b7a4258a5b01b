/**
 * security-2: new passwords are encrypted to public keys the moment they are made. Nothing that a run leaves can be opened with what a
 * job has; only the identity of a recipient opens it. By the real command line; where the state's own secrets matter, with Pulumi's engine.
 */
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { armor, Decrypter } from "age-encryption";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keep, keptIn } from "../../providers/core/vault.ts";
import { passwordKey } from "../../sandbox/graph/accounts.ts";
import type { Row } from "../../sandbox/web/json.ts";
import { StateFile } from "../engine/state.ts";
import { holding, rules, works } from "./passwords.ts";
import { configure, ended, real, type World, world } from "./support.ts";

/** Whom the stack's settings name. */
function name(w: World, recipients: string[]): void {
  configure(w, (config) => void (config["haloform:passwords"] = { recipients }));
}

const on = (w: World, ...args: string[]): string[] => ["password", ...args, "--config-file", w.stackFile, "--mappings", w.mappings];

/** Makes an identity as somebody of the service desk does; returns its public line. */
async function identity(w: World, file: string, ...more: string[]): Promise<string> {
  const made = await w.run(["password", "new-key", file, ...more]);
  expect(made.code, made.err).toBe(0);
  expect(made.out).toMatch(/^age1[0-9a-z]{58}\n$/u);
  return made.out.trim();
}

/** The state as it is on the disk: by slot what waits there. */
function stored(w: World): Record<string, { login: string; since: string; why: string; age?: string }> {
  return (new StateFile(w.home, "test").stackRow?.outputs?.["passwords"] ?? {}) as ReturnType<typeof stored>;
}

/** By the library itself, and not by ours. Throws where the key is none of the recipients'. */
async function openedBy(file: string, armored: string): Promise<string> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(/^AGE-SECRET-KEY-.*$/mu.exec(readFileSync(file, "utf8"))?.[0] ?? "");
  return (JSON.parse(await decrypter.decrypt(armor.decode(armored), "text")) as { password: string }).password;
}

const secretMark = "4dabf18193072939515e22adb298388d";

describe("security-2: passwords for recipients", { timeout: 600_000 }, () => {
  let w: World;
  const file = (name: string): string => join(w.home, "..", `identity-${process.pid}-${name}.txt`);
  const desk = () => file("desk");
  const deputy = () => file("deputy");
  const stranger = () => file("stranger");
  const said: string[] = [];
  const clear = new Set<string>();
  let joiners: number[] = [];
  let cloud = 0;

  const run = async (...args: string[]) => {
    const done = await w.run(on(w, ...args));
    said.push(done.err);
    return done;
  };
  const show = (who: string | number, ...more: string[]) => run("show", String(who), ...more);
  const vault = () => join(w.home, "passwords", "test");
  const rotated = (key: string, who: number) => rules(w, { handover: "output", length: 24, rotate: { key, for: { person: [who] } } });

  beforeAll(async () => {
    w = await world();
    for (const name of ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "HALOFORM_IDENTITY"]) delete w.env[name];
    joiners = w.sandbox.organisation.people.filter((one) => one.situation === "joiner").map((one) => one.id);
    cloud = joiners.pop() ?? 0;
    w.edit("ad", (content) => {
      const [line] = (content["accounts"] as { first: Row[] }).first;
      content["accounts"] = { first: [{ for: { not: { person: [cloud] } }, ...line }] };
    });
    w.edit("entra", (content) => {
      content["accounts"] = { first: [{ userPrincipalName: "{{ login }}@corp.example.com", attributes: "staff" }] };
      content["attributes"] = { staff: { displayName: "{{ name }}", employeeId: "{{ id }}", usageLocation: "GB" } };
      content["passwords"] = { handover: "output", length: 24 };
    });
    rules(w, { handover: "output", length: 24 });
  }, 60_000);
  afterAll(async () => {
    for (const one of [desk(), deputy(), stranger()]) rmSync(one, { force: true });
    await w?.stop();
  });

  it("security-2: an identity is made for its owner alone, and never twice; a recipient that is none is refused before anything is made", async () => {
    const first = await identity(w, desk());
    expect(readFileSync(desk(), "utf8")).toMatch(/^# created: .*\n# public key: (age1[0-9a-z]+)\nAGE-SECRET-KEY-1[0-9A-Z]{58}\n$/u);
    expect(statSync(desk()).mode & 0o077).toBe(0);
    const again = await w.run(["password", "new-key", desk()]);
    expect([again.code, again.out]).toEqual([64, ""]);
    expect(again.err).toMatch(/is there already, and is left as it is/u);

    name(w, [`${first.slice(0, -1)}${first.endsWith("q") ? "p" : "q"}`]);
    const slip = await w.run(["preview"]);
    expect(slip.code).toBe(64);
    expect(slip.err).toMatch(/^Pulumi\.test\.yaml haloform:passwords\.recipients\[0\]: age1\S+ is no public key of age/mu);
    const secret = /^AGE-SECRET-KEY-.*$/mu.exec(readFileSync(desk(), "utf8"))?.[0] ?? "";
    name(w, [secret]);
    const pasted = await w.run(["preview"]);
    expect(pasted.code).toBe(64);
    expect(pasted.err).toMatch(/haloform:passwords\.recipients\.0: expected a public key of age \(age1…\), never a secret one/u);
    expect(pasted.err).not.toContain(secret);
    name(w, [first, await identity(w, deputy())]);
    await identity(w, stranger());
  });

  it("security-2: no passphrase is set anywhere: joiners of AD and Entra ID wait in the state, as age files for every recipient", async () => {
    const { plan, ended: up } = await w.processes.converge([0, 4]);
    said.push(up.out, up.err);
    const created = real(plan).filter((one) => one.type === "ad:User" && one.op === "create");
    const waiting = stored(w);
    expect(Object.keys(waiting).sort()).toEqual([...created.map(({ who }) => who), `entra:${cloud}`].sort());
    for (const one of Object.values(waiting)) {
      expect(Object.keys(one).sort()).toEqual(["age", "login", "since", "why"]);
      // The armor and the first line of the format (age-encryption.org/v1).
      expect(one.age).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n[\s\S]*\n-----END AGE ENCRYPTED FILE-----\n$/u);
      const bytes = Buffer.from((one.age ?? "").replace(/-----.*-----/gu, ""), "base64").toString("latin1");
      expect(bytes).toMatch(/^age-encryption\.org\/v1\n-> X25519 /u);
      expect(bytes.match(/^-> X25519 /gmu)).toHaveLength(2);
    }
    // Whoever has the state, the vault and the environment of a job has nothing that opens them.
    expect(holding(join(w.home, "state"), secretMark)).toEqual([]);
    expect(existsSync(vault()) ? readdirSync(vault()) : []).toEqual([]);
    for (const [slot, { login, age = "" }] of Object.entries(waiting)) {
      const text = await openedBy(desk(), age);
      expect(await openedBy(deputy(), age)).toBe(text);
      await expect(openedBy(stranger(), age)).rejects.toThrow(/no identity matched/u);
      if (slot.startsWith("entra:")) expect(cloudPassword()).toBe(text);
      else expect(await works(w, login, text)).toBe(true);
      clear.add(text);
    }
    expect(clear.size).toBe(created.length + 1);
    // They stay where they are, and are no change.
    expect(real((await w.processes.plan()).plan)).toEqual([]);
  });

  const cloudPassword = (): unknown =>
    [...w.sandbox.graph.state.users.current.values()].find((row) => row["employeeId"] === String(cloud))?.[passwordKey];

  it("security-2: list needs no key, show needs an identity: none, a wrong one and a broken file say so in one line, and the password waits on", async () => {
    const [one = 0] = joiners;
    const list = await run("list");
    expect(list.code, list.err).toBe(0);
    expect(list.out).toContain(`(${one}), login `);
    const refusals: [string[], number, RegExp][] = [
      [
        [],
        64,
        /^The password is encrypted to the recipients of haloform:passwords: say --identity FILE .* or name the file in HALOFORM_IDENTITY\.$/mu,
      ],
      [
        ["--identity", stranger()],
        1,
        /^Could not open the password of .*: no key in .*stranger\.txt is one it was encrypted to;.*password reset/mu,
      ],
      [["--identity", join(w.home, "none")], 64, /^Could not read the identity file .*none: ENOENT\.$/mu],
      [["--identity", w.stackFile], 64, /is no identity file of age/u],
    ];
    for (const [args, code, words] of refusals) {
      const refused = await show(one, ...args);
      expect([refused.code, refused.out], refused.err).toEqual([code, ""]);
      expect(refused.err).toMatch(words);
    }
    expect(Object.keys(stored(w))).toContain(String(one));

    const { age = "", login } = stored(w)[String(one)] ?? {};
    const right = await openedBy(desk(), age);
    w.env["HALOFORM_IDENTITY"] = deputy();
    const shown = await show(one);
    delete w.env["HALOFORM_IDENTITY"];
    expect([shown.code, shown.out], shown.err).toEqual([0, `${right}\n`]);
    expect(await works(w, login ?? "", right)).toBe(true);
    expect(Object.keys(stored(w))).not.toContain(String(one));
    expect((await show(one, "--identity", desk())).err).toMatch(/it is gone once it was shown/u);
    const ofCloud = await show(cloud, "--entra", "--identity", desk());
    expect(ofCloud.out, ofCloud.err).toBe(`${String(cloudPassword())}\n`);
  });

  it("security-2: a plan stays valid when somebody reads a password before it is applied", async () => {
    const [, one = 0] = joiners;
    w.edit("ad", (content) => {
      (content["attributes"] as { staff: Row }).staff["company"] = "Read between";
    });
    const planned = await w.processes.plan();
    const before = stored(w);
    const shown = await w.processes.run(on(w, "show", String(one), "--identity", desk()));
    expect(shown.code, shown.err).toBe(0);
    const up = await w.processes.up(planned);
    expect([0, 4], up.err).toContain(up.code);
    said.push(up.out, up.err);
    const { [String(one)]: _read, ...rest } = before;
    expect(stored(w)).toEqual(rest);
  });

  it("security-2: one who can write the state cannot give Ada's password out as Ben's", async () => {
    const [ada = 0, ben = 0] = joiners;
    for (const who of [ada, ben]) {
      const done = await run("reset", String(who), "--yes");
      expect(done.code, done.err).toBe(0);
    }
    const place = join(w.home, "state", ".pulumi", "stacks", "haloform", "test.json");
    const good = readFileSync(place, "utf8");
    const of = (who: number): string => JSON.stringify(stored(w)[String(who)]?.age ?? "none");
    expect(good.split(of(ada))).toHaveLength(2);
    writeFileSync(place, good.replace(of(ben), of(ada)));
    const swapped = await show(ben, "--identity", desk());
    expect([swapped.code, swapped.out]).toEqual([1, ""]);
    expect(swapped.err).toMatch(/^Could not open the password of \S+: what is kept was altered, or is another's; .*password reset/mu);
    writeFileSync(place, good);
    for (const who of [ada, ben]) {
      const { login = "" } = stored(w)[String(who)] ?? {};
      const shown = await show(who, "--identity", desk());
      expect(shown.code, shown.err).toBe(0);
      clear.add(shown.out.trimEnd());
      expect(await works(w, login, shown.out.trimEnd())).toBe(true);
    }
  });

  it("security-2: a run killed before the state is saved loses no password, and what it leaves is for the recipients alone", async () => {
    const [one = 0] = joiners;
    rotated("2027-01", one);
    const planned = await w.processes.plan();
    const child = w.processes.start(["up", "--plan", planned.folder, "--approve", planned.plan.digest]);
    const done = ended(child);
    while (!keptIn(vault()).some(({ taken }) => taken) && child.exitCode === null) await pause(1);
    child.kill("SIGKILL");
    await done;
    await pause(1500);
    const [left] = keptIn(vault());
    expect(left?.content.format).toBe("haloform.password/2");
    const text = await openedBy(desk(), left && "age" in left.content ? left.content.age : "");
    clear.add(text);
    expect(await works(w, left?.login ?? "", text)).toBe(true);
    expect((await show(one, "--identity", stranger())).code).toBe(1);
    // Another machine's run, or the next one, puts it into the state as it is.
    const { ended: up } = await w.processes.converge([0, 4]);
    said.push(up.out, up.err);
    expect(keptIn(vault())).toEqual([]);
    const put = stored(w)[String(one)];
    expect(put?.why).toBe("rotated");
    const last = await openedBy(desk(), put?.age ?? "");
    clear.add(last);
    expect(await works(w, put?.login ?? "", last)).toBe(true);
    // One of which nobody knows is asked of AD, and thrown away where AD never had it.
    await keep(
      vault(),
      { recipients: [/age1\S+/u.exec(readFileSync(desk(), "utf8"))?.[0] ?? ""] },
      { person: String(one), login: left?.login ?? "", since: "2027-01-01T00:00:00.000Z", why: "reset", taken: false },
      "Never2reached!AD",
    );
    const never = await show(one, "--identity", desk());
    expect([never.code, never.out]).toEqual([1, ""]);
    expect(never.err).toMatch(/never reached Active Directory, and was thrown away; ask once more for the one before it/u);
    expect(await show(one, "--identity", desk())).toMatchObject({ code: 0, out: `${last}\n` });
  });

  it("security-2: an identity file under a passphrase opens with it, and with no other", async () => {
    const [one = 0] = joiners;
    const under = file("under");
    w.env["HALOFORM_IDENTITY_PASSPHRASE"] = "of the desk's own file";
    name(w, [await identity(w, under, "--passphrase")]);
    expect(readFileSync(under, "utf8")).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/u);
    rotated("2027-02", one);
    await w.converge([0, 4]);
    w.env["HALOFORM_IDENTITY_PASSPHRASE"] = "another";
    const wrong = await show(one, "--identity", under);
    expect([wrong.code, wrong.err]).toEqual([64, expect.stringMatching(/the passphrase is another one, or the file was altered\.$/mu)]);
    delete w.env["HALOFORM_IDENTITY_PASSPHRASE"];
    expect((await show(one, "--identity", under)).err).toMatch(/there is no terminal to ask for it: set HALOFORM_IDENTITY_PASSPHRASE/u);
    // Who is named no more reads nothing that is made from now on.
    expect((await show(one, "--identity", desk())).err).toMatch(/is one it was encrypted to/u);
    w.env["HALOFORM_IDENTITY_PASSPHRASE"] = "of the desk's own file";
    const shown = await show(one, "--identity", under);
    delete w.env["HALOFORM_IDENTITY_PASSPHRASE"];
    expect(shown.code, shown.err).toBe(0);
    clear.add(shown.out.trimEnd());
    rmSync(under);
  });

  it("security-2: nothing that all these runs have left or said holds a password: state, vault, plans, record, outcomes, logs", () => {
    expect(clear.size).toBeGreaterThanOrEqual(joiners.length + 4);
    for (const text of clear) {
      expect(holding(w.home, text)).toEqual([]);
      expect(said.filter((line) => line.includes(text))).toEqual([]);
    }
    expect(holding(w.home, "AGE-SECRET-KEY")).toEqual([]);
    // A bundle has none, also no encrypted one.
    const plans = readdirSync(w.home).filter((name) => name.startsWith("plan-"));
    expect(plans.length).toBeGreaterThan(3);
    for (const plan of plans) expect(holding(join(w.home, plan), "AGE ENCRYPTED FILE")).toEqual([]);
  });
});

describe("security-2: passwords that waited under the passphrase", { timeout: 600_000 }, () => {
  let w: World;
  const phrase = { PULUMI_CONFIG_PASSPHRASE: "The phrase of before" };
  const desk = () => join(w.home, "..", `identity-${process.pid}-before.txt`);

  beforeAll(async () => {
    w = await world();
    for (const name of ["PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE", "HALOFORM_IDENTITY"]) delete w.env[name];
    rules(w, { handover: "output", length: 24 });
  }, 60_000);
  afterAll(async () => {
    rmSync(desk(), { force: true });
    await w?.stop();
  });

  it("security-2: are encrypted to the recipients by the first up, once; before it the passphrase is asked for, after it nobody needs it", async () => {
    const made = await w.processes.plan("before", [0]).catch(async () => undefined);
    expect(made).toBeUndefined();
    Object.assign(w.env, phrase);
    await w.processes.converge([0, 4]);
    const old = stored(w);
    expect(Object.keys(old).length).toBeGreaterThan(1);
    expect(JSON.stringify(old)).toContain(secretMark);
    const [[key, { login }] = ["", { login: "" }]] = Object.entries(old);
    // One that a killed run has left on this machine.
    const left = { person: key, login, since: "2020-01-01T00:00:00.000Z", why: "created", taken: false } as const;
    await keep(join(w.home, "passwords", "test"), { phrase: phrase.PULUMI_CONFIG_PASSPHRASE }, left, "Left2by!a.killed.run");
    delete w.env["PULUMI_CONFIG_PASSPHRASE"];

    name(w, [await identity(w, desk())]);
    // What only reads needs none.
    const without = await w.processes.up(await w.processes.plan());
    expect(without.code).toBe(1);
    expect(without.err).toMatch(
      /^Could not read the state of the stack test: PULUMI_CONFIG_PASSPHRASE is empty, and the state was encrypted with one; set the one it was made with, until `haloform up` has encrypted the passwords in it to the recipients of haloform:passwords\.$/mu,
    );
    Object.assign(w.env, phrase);
    const planned = await w.processes.plan();
    expect(stored(w)).toEqual(old);
    const up = await w.processes.up(planned);
    expect([0, 4], up.err).toContain(up.code);
    expect(up.err).toContain("Passwords still wait under PULUMI_CONFIG_PASSPHRASE; `haloform up` encrypts them");
    expect(up.err).toContain("No job needs PULUMI_CONFIG_PASSPHRASE any more: remove it.");
    delete w.env["PULUMI_CONFIG_PASSPHRASE"];

    const now = stored(w);
    expect(Object.keys(now)).toEqual(Object.keys(old));
    // The copies of former states that the backend keeps are as they were.
    expect(holding(join(w.home, "state", ".pulumi", "stacks"), secretMark)).toEqual([]);
    for (const [slot, { age = "", ...note }] of Object.entries(now)) {
      expect(note).toEqual({ login: old[slot]?.login, since: old[slot]?.since, why: old[slot]?.why });
      expect(await works(w, note.login, await openedBy(desk(), age))).toBe(true);
    }
    const [kept] = keptIn(join(w.home, "passwords", "test"));
    expect(await openedBy(desk(), kept && "age" in kept.content ? kept.content.age : "")).toBe("Left2by!a.killed.run");

    // Nobody needs it: not a preview, not an up, not in a fresh home either; with one set all the same, nothing is said of it.
    const next = await w.processes.plan();
    expect(real(next.plan)).toEqual([]);
    expect((await w.processes.up(next)).code).not.toBe(1);
    const elsewhere = join(w.home, "elsewhere");
    const fresh = { HALOFORM_HOME: elsewhere, PULUMI_BACKEND_URL: `file://${join(w.home, "state")}` };
    const there = await w.processes.run(["preview", "--detailed-exitcode"], fresh);
    expect(there.code, there.err + there.out).toBe(0);
    const set = await w.processes.run(["preview", "--detailed-exitcode"], { ...fresh, ...phrase });
    expect([set.code, set.err]).toEqual([0, expect.not.stringContaining("PASSPHRASE")]);
    expect(stored(w)).toEqual(now);

    const shown = await w.processes.run(on(w, "show", key, "--identity", desk()));
    expect(await works(w, login, shown.out.trimEnd()), shown.err).toBe(true);
  });

  it("security-2: a state under a passphrase with nothing secret in it goes over by itself", async () => {
    const stack = await world();
    try {
      Object.assign(stack.env, phrase);
      await stack.processes.converge([0, 4]);
      delete stack.env["PULUMI_CONFIG_PASSPHRASE"];
      const file = `${desk()}.second`;
      name(stack, [await identity(stack, file)]);
      rmSync(file);
      const next = await stack.processes.run(["preview", "--detailed-exitcode"]);
      expect([0, 2], next.err).toContain(next.code);
    } finally {
      await stack.stop();
    }
  });
});
