/**
 * A13 through the real command line and engine: a first password, read once; given anew by hand and by key; handed to a
 * command; never on adoption; and nowhere in clear, whatever is searched.
 */
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keep } from "../../providers/core/vault.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { holding, lastSet, passphrase, password, passwordProcess, phrase, rules, works } from "./passwords.ts";
import { ended, real, type World, world } from "./support.ts";

describe("A13: passwords", { timeout: 240_000 }, () => {
  let w: World;
  const said: string[] = [];
  const shown: string[] = [];
  let joiner: { key: string; login: string };
  let late = "";

  beforeAll(async () => {
    w = await world();
    Object.assign(w.env, passphrase);
  }, 60_000);
  afterAll(() => w?.stop());

  it("A13: output needs a passphrase: an empty one encrypts nothing", async () => {
    rules(w, { handover: "output" });
    const refused = await w.run(["preview"], { PULUMI_CONFIG_PASSPHRASE: "" });
    expect(refused.code).toBe(64);
    expect(refused.err.trim().split("\n").at(-1)).toMatch(
      /^mappings\/ad\.yaml:\d+ passwords\.handover: output needs PULUMI_CONFIG_PASSPHRASE/u,
    );
  });

  it("A13: a new account's password waits, is shown once, works, and is gone; an adopted account gets none", async () => {
    // A state that was made without a passphrase goes over to the one that is set now.
    rules(w, undefined);
    const first = await w.processes.run(["preview", "--out", join(w.home, "first")], { PULUMI_CONFIG_PASSPHRASE: "" });
    expect(first.code, first.err).toBe(0);
    const joiners = real(JSON.parse(readFileSync(join(w.home, "first", "plan.json"), "utf8")) as Plan).filter(
      (one) => one.type === "ad:User" && one.op === "create",
    );
    late = joiners.at(-1)?.who ?? "";
    w.edit("ad", (content) => {
      Object.assign((content["accounts"] as { first: object[] }).first[0] ?? {}, { for: { not: { person: [Number(late)] } } });
    });
    const put = (from: string, to: string): void => {
      for (const file of ["ad", "entra", "halo"]) renameSync(join(w.mappings, `${file}${from}`), join(w.mappings, `${file}${to}`));
    };
    put(".yaml", ".off");
    const none = { PULUMI_CONFIG_PASSPHRASE: "" };
    expect((await w.processes.run(["preview", "--out", join(w.home, "none")], none)).code).toBe(0);
    const { digest } = JSON.parse(readFileSync(join(w.home, "none", "plan.json"), "utf8")) as Plan;
    const made = await w.processes.run(["up", "--plan", join(w.home, "none"), "--approve", digest], none);
    expect(made.code, made.err).toBe(0);
    put(".off", ".yaml");
    const before = await lastSet(w);
    rules(w, { handover: "output", length: 24 });
    const planned = await w.processes.plan();
    // A preview works on a copy, and says nothing of what becomes of that one.
    expect(planned.ended.err).not.toContain("The state was kept without a passphrase");
    const { plan } = planned;
    const up = await w.processes.up(planned);
    expect([0, 4], up.err).toContain(up.code);
    expect(up.err).toContain("The state was kept without a passphrase; from now on");
    await w.sandbox.connect.settled();
    said.push(up.out, up.err);
    const created = real(plan).filter((one) => one.type === "ad:User" && one.op === "create");
    expect(created.length).toBeGreaterThan(0);

    const list = await password(w, "list", "--json");
    expect(list.code, list.err).toBe(0);
    const { waiting } = JSON.parse(list.out) as {
      waiting: { key: string; name: string; login: string; why: string; confirmed: boolean }[];
    };
    // Only who was created, so nobody who was taken over.
    expect(waiting.map((one) => one.key).sort()).toEqual(created.map((one) => one.who).sort());
    expect(waiting.every((one) => one.confirmed && one.why === "created")).toBe(true);
    expect(existsSync(join(w.home, "passwords", "test")) ? readdirSync(join(w.home, "passwords", "test")) : []).toEqual([]);
    const after = await lastSet(w);
    const same = [...before].filter(([dn]) => after.has(dn));
    expect(same.length).toBeGreaterThan(15);
    expect(same.filter(([dn, set]) => after.get(dn) !== set)).toEqual([]);

    const [one] = waiting;
    if (!one) throw new Error("nobody waits");
    joiner = one;
    const show = await password(w, "show", one.name);
    expect(show.code, show.err).toBe(0);
    const text = show.out.trimEnd();
    expect(text).toMatch(/^[!-~]{24}$/u);
    expect(show.err).toContain("the only time");
    said.push(show.err, list.out, list.err);
    shown.push(text);
    expect(await works(w, one.login, text)).toBe(true);
    expect(await works(w, one.login, `${text}x`)).toBe(false);

    const again = await password(w, "show", one.key);
    expect(again.code).toBe(1);
    expect(again.out).toBe("");
    expect(again.err).toMatch(/waits to be read: it is gone once it was shown/u);
    // Shown or not: a plan of an unchanged world has no change, and applying it keeps those that still wait.
    const next = await w.plan();
    expect(real(next.plan)).toEqual([]);
  });

  it("A13: a plan stays valid when somebody reads a password before it is applied", async () => {
    w.edit("ad", (content) => {
      (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = "Read between";
    });
    // Under the real engine: it holds a plan to its secrets, and reads those that were encrypted here.
    const planned = await w.processes.plan();
    const { waiting } = JSON.parse((await password(w, "list", "--json")).out) as { waiting: { key: string; login: string }[] };
    const [now, later] = waiting;
    if (!now || !later) throw new Error("too few wait");
    const first = await passwordProcess(w, "show", now.key);
    expect(first.code, first.err).toBe(0);
    const up = await w.processes.up(planned);
    expect([0, 4], up.err).toContain(up.code);
    // The run put nothing back, and lost nothing of those who still wait.
    const still = await password(w, "list");
    expect(still.out).not.toContain(`login ${now.login}:`);
    expect(still.out.match(/login /gu)).toHaveLength(waiting.length - 1);
    const second = await password(w, "show", later.login);
    expect(second.code, second.err).toBe(0);
    shown.push(first.out.trimEnd(), second.out.trimEnd());
    expect(await works(w, later.login, second.out.trimEnd())).toBe(true);
  });

  it("A13: reset gives one person another, and writes nothing else; refused without --yes, and for who is protected", async () => {
    const before = w.sandbox.snapshot();
    const unasked = await password(w, "reset", joiner.key);
    expect(unasked.code).toBe(64);
    expect(unasked.err).toContain("--yes");
    const done = await password(w, "reset", joiner.key, "--yes", "--unlock");
    expect(done.code, done.err).toBe(0);
    expect(done.out).toContain(`haloform password show ${joiner.key}`);
    const show = await password(w, "show", joiner.key, "--json");
    const made = JSON.parse(show.out) as { password: string; why: string };
    expect(made.why).toBe("reset");
    shown.push(made.password);
    said.push(done.out, done.err, show.err);
    expect(await works(w, joiner.login, made.password)).toBe(true);
    expect(w.sandbox.snapshot().entra).toEqual(before.entra);

    const wrong = await w.processes.run(["password", "list", "--config-file", w.stackFile], { PULUMI_CONFIG_PASSPHRASE: "another" });
    expect(wrong.code).toBe(1);
    expect(wrong.err).toMatch(
      /^Could not read the state of the stack test: PULUMI_CONFIG_PASSPHRASE is not the passphrase it was encrypted with; set the one it was made with\.$/mu,
    );

    w.edit("safety", (content) => {
      content["protected"] = { people: [Number(joiner.key)] };
    });
    const refused = await password(w, "reset", joiner.key, "--yes");
    expect(refused.code).toBe(3);
    expect(refused.err).toMatch(/Refused: could not reset .*protected/u);
    w.edit("safety", (content) => {
      delete content["protected"];
    });
    expect(await works(w, joiner.login, made.password)).toBe(true);
  });

  it("A13: another key rotates once for those it selects; the plan says so and shows no value", async () => {
    rules(w, { handover: "output", rotate: { key: "2027-01", for: { person: [Number(joiner.key)] } } });
    const { plan } = await w.converge([0, 4]);
    const rotated = plan.people
      .flatMap((one) => one.changes.map((change) => ({ key: one.key, change })))
      .filter(({ change }) => change.fields.some((field) => field.path === "passwordKey"));
    expect(rotated.map((one) => one.key)).toEqual([joiner.key]);
    expect(rotated[0]?.change.fields.find((field) => field.path === "passwordKey")?.because?.note).toBe(
      "password rotated because the key changed",
    );
    const show = await password(w, "show", joiner.key);
    expect(show.code, show.err).toBe(0);
    shown.push(show.out.trimEnd());
    expect(await works(w, joiner.login, show.out.trimEnd())).toBe(true);
    expect(shown.filter((one) => one === show.out.trimEnd())).toHaveLength(1);
  });

  it("A13: a run killed before the state is saved loses no password", async () => {
    rules(w, { handover: "output", rotate: { key: "2027-02", for: { person: [Number(joiner.key)] } } });
    const planned = await w.processes.plan();
    const child = w.processes.start(["up", "--plan", planned.folder, "--approve", planned.plan.digest]);
    const done = ended(child);
    const file = join(w.home, "passwords", "test", `${joiner.key}.json`);
    const taken = (): boolean => existsSync(file) && readFileSync(file, "utf8").includes('"taken":true');
    while (!taken() && child.exitCode === null) await pause(1);
    child.kill("SIGKILL");
    await done;
    // Everything that the killed one started ends with it; then the state's lock can be released.
    await pause(1500);
    const show = await password(w, "show", joiner.key);
    expect(show.code, show.err).toBe(0);
    shown.push(show.out.trimEnd());
    expect(await works(w, joiner.login, show.out.trimEnd())).toBe(true);
    expect(existsSync(file)).toBe(false);
    // Cut off before Active Directory answered: it is asked, and what it never had is thrown away.
    await keep(
      join(w.home, "passwords", "test"),
      { phrase },
      { person: joiner.key, login: joiner.login, since: "2027-01-01T00:00:00.000Z", why: "reset", taken: false },
      "Never2reached!AD",
    );
    const never = await password(w, "show", joiner.key);
    expect(never.code).toBe(1);
    expect(never.out).toBe("");
    expect(never.err).toMatch(/never reached Active Directory/u);
    expect(existsSync(file)).toBe(false);
    const { ended: up } = await w.converge([0, 4]);
    said.push(up.out, up.err);
  });

  it("A13: a command gets it on stdin and nothing of haloform's secrets; where it fails, the account stays disabled and the next run tries again", async () => {
    const seen = join(w.home, "..", `seen-${process.pid}.json`);
    const command = join(w.home, "hand-over.mjs");
    const node = process.execPath;
    writeFileSync(
      command,
      `import { writeFileSync, readFileSync } from "node:fs";\nconst text = readFileSync(0, "utf8");\nconsole.log(text); console.error(text);\nwriteFileSync(process.argv[2], JSON.stringify({ given: JSON.parse(text), env: Object.keys(process.env) }));\nprocess.exit(Number(process.argv[3]));\n`,
    );
    chmodSync(command, 0o700);
    rules(w, { handover: { command: [node, command, seen, "7"] } });
    w.edit("ad", (content) => {
      delete (content["accounts"] as { first: { for?: object }[] }).first[0]?.for;
    });
    const failed = await w.converge([4]);
    expect(failed.ended.out).toMatch(/could not hand|Could not hand/u);
    expect(failed.ended.out).toContain("ended with exit code 7; the account stays disabled");
    const first = JSON.parse(readFileSync(seen, "utf8")) as { given: Record<string, string>; env: string[] };
    expect(Object.keys(first.given).sort()).toEqual(["name", "password", "person", "sAMAccountName", "userPrincipalName"]);
    expect(first.given["person"]).toBe(late);
    expect(first.env.filter((name) => /SECRET|PASSWORD|PASSPHRASE|PULUMI|HALOFORM/u.test(name))).toEqual([]);
    const account = (): Record<string, unknown> =>
      Object.values(w.sandbox.snapshot().ad).find((one) => one["sAMAccountName"] === first.given["sAMAccountName"]) ?? {};
    expect(Number(account()["userAccountControl"]) & 2).toBe(2);

    rules(w, { handover: { command: [node, command, seen, "0"] } });
    await w.converge([0]);
    const second = JSON.parse(readFileSync(seen, "utf8")) as typeof first;
    expect(second.given["password"]).not.toBe(first.given["password"]);
    expect(Number(account()["userAccountControl"]) & 2).toBe(0);
    expect(await works(w, second.given["sAMAccountName"] ?? "", second.given["password"] ?? "")).toBe(true);
    shown.push(first.given["password"] ?? "", second.given["password"] ?? "");
    said.push(failed.ended.out, failed.ended.err);
  });

  it("A13: no password is in clear in the home folder, state, bundles, outputs or messages", () => {
    expect(shown.length).toBeGreaterThan(5);
    expect(new Set(shown).size).toBe(shown.length);
    for (const text of shown) {
      expect(holding(w.home, text)).toEqual([]);
      for (const message of said) expect(message.includes(text)).toBe(false);
    }
    // The search itself finds what is there.
    expect(holding(w.home, "Stack passphrase of a test")).toEqual([]);
    expect(holding(w.home, "Read between").length).toBeGreaterThan(0);
  });
});
