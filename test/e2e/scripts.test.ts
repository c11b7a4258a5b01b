/** The administrator's own commands, through the real command line: joiners, leavers, failures, a kill, secrets. Row A19. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { alive } from "../../base/owner.ts";
import type { UpResult } from "../../cli/answers/answers.ts";
import type { Person } from "../../sandbox/organisation/people.ts";
import type { Plan, PlanChange } from "../../stacks/model/plan.ts";
import { changeCount } from "../../stacks/plan/plan.ts";
import { ended, real, root, type World, world } from "./support.ts";

interface Told {
  id: string;
  script: string;
  event: string;
  when: string;
  person: { key: string; name: string };
  fields: Record<string, unknown>;
  accounts: { ad?: string };
}

const token = "tok-4711-Seekrit";

describe("commands", () => {
  let w: World;
  let joiners: Person[];
  let leavers: Person[];
  let first: Plan;
  /** Everything that anybody could read afterwards. */
  const said: string[] = [];
  const file = (name: string): string => join(w.home, "scripts", name);
  const told = (name: string): Told[] =>
    existsSync(file(`${name}.log`))
      ? readFileSync(file(`${name}.log`), "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as Told)
      : [];
  const runs = (plan: Plan): { who: string; change: PlanChange }[] =>
    plan.people.flatMap((one) => one.changes.filter((change) => change.op === "run").map((change) => ({ who: one.key, change })));
  const account = (person: Person) =>
    w.sandbox.ad.entries.list(
      (entry) => entry.objectClass === "user" && String(entry.values("employeeNumber")[0] ?? "") === String(person.id),
    )[0];
  const keys = (list: readonly Person[]): string[] => list.map((one) => String(one.id)).sort();

  function script(name: string, body: string): void {
    writeFileSync(file(name), `#!/bin/sh\n${body}\n`);
    chmodSync(file(name), 0o755);
  }

  async function plan(codes: readonly number[] = [0]) {
    const made = await w.plan(undefined, codes);
    said.push(made.ended.out, made.ended.err, ...readdirSync(made.folder).map((one) => readFileSync(join(made.folder, one), "utf8")));
    return made;
  }

  async function up(made: { plan: Plan; folder: string }, code: number): Promise<UpResult> {
    const done = await w.run(["up", "--json", "--plan", made.folder, "--approve", made.plan.digest]);
    said.push(done.out, done.err);
    expect(done.code, `${done.out}\n${done.err}`).toBe(code);
    await w.sandbox.connect.settled();
    return JSON.parse(done.out) as UpResult;
  }

  beforeAll(async () => {
    w = await world({ people: 40 });
    const of = (situation: Person["situation"]) => w.sandbox.organisation.people.filter((one) => one.situation === situation);
    joiners = of("joiner");
    leavers = of("leaver");
    expect(joiners.length).toBeGreaterThanOrEqual(3);
    expect(leavers.length).toBeGreaterThanOrEqual(2);
    mkdirSync(join(w.home, "scripts"));
    Object.assign(w.env, { SCRIPT_MAIL_TOKEN: token, SCRIPT_DIR: join(w.home, "scripts") });
    // Writes what it is told, says its secret on both outputs, and waits for a file `go` the first time.
    script(
      "welcome.sh",
      'env > "$SCRIPT_DIR/env"; cat /proc/$PPID/environ >> "$SCRIPT_DIR/parent"; echo $$ >> "$SCRIPT_DIR/pids"; cat >> "$SCRIPT_DIR/welcome.log"; echo "mail sent with $SCRIPT_MAIL_TOKEN"; echo "$SCRIPT_MAIL_TOKEN" >&2; while [ ! -e "$SCRIPT_DIR/go" ]; do sleep 0.05; done',
    );
    script(
      "check.sh",
      `read -r input; echo "$input" >> "$SCRIPT_DIR/check.log"; [ -e "$SCRIPT_DIR/mended" ] && exit 0; case "$input" in *'"key":"${joiners[0]?.id}"'*|*'"key":"${leavers[0]?.id}"'*) echo "no desk: $SCRIPT_MAIL_TOKEN" >&2; exit 3;; esac`,
    );
    script("slow.sh", '[ -e "$SCRIPT_DIR/mended" ] && exit 0; sleep 30 & echo $! > "$SCRIPT_DIR/pid"; wait');
    w.edit("scripts", (content) => {
      content["scripts"] = [
        {
          name: "welcome-mail",
          run: [relative(root, file("welcome.sh")), "--to", "a b; exit 9"],
          after: ["joiner"],
          input: ["firstname", "login", "mail", "objectGUID"],
          env: ["SCRIPT_DIR"],
          secrets: ["SCRIPT_MAIL_TOKEN"],
        },
        {
          name: "check",
          run: [file("check.sh")],
          before: ["joiner", "leaver"],
          input: { login: "{{ login }}", pin: { value: "pin-{{ id }}-hidden", secret: true } },
          env: ["SCRIPT_DIR"],
          secrets: ["SCRIPT_MAIL_TOKEN"],
        },
        { name: "slow", run: [file("slow.sh")], after: ["joiner"], for: { person: [joiners[1]?.id] }, timeout: 1, env: ["SCRIPT_DIR"] },
      ];
    });
  });
  afterAll(() => w.stop());

  it("A19: the plan says which commands run for whom, and adopting an existing company runs none", async () => {
    // As processes, as its run will be killed.
    const made = await w.processes.plan("plan-1");
    said.push(made.ended.out, made.ended.err);
    first = made.plan;
    const all = runs(first);
    const by = (name: string) =>
      all
        .filter(({ change }) => change.label === name)
        .map(({ who }) => who)
        .sort();
    expect(by("welcome-mail")).toEqual(keys(joiners));
    expect(by("check")).toEqual(keys([...joiners, ...leavers]));
    expect(by("slow")).toEqual([String(joiners[1]?.id)]);
    const mail = all.find(({ who, change }) => who === String(joiners[2]?.id) && change.label === "welcome-mail")?.change;
    expect(mail).toMatchObject({ system: "script", type: "script:Run", because: { rule: expect.stringMatching(/scripts\.yaml:\d+$/u) } });
    expect(Object.fromEntries(mail?.fields.map((field) => [field.path, field.after]) ?? [])).toMatchObject({
      runs: "after joiner",
      "input.firstname": joiners[2]?.first,
      "input.objectGUID": "known when it runs",
    });
    expect(made.ended.out).toMatch(
      /^ {4}Command welcome-mail runs {3}.*\n {6}runs: after joiner\n {6}command: \S+welcome\.sh --to a b; exit 9\n/mu,
    );
    expect(told("welcome")).toEqual([]);
  });

  it("A19: a run that is killed while a command runs ends the command, and the next one runs it again with the same id", async () => {
    const made = { plan: first, folder: join(w.home, "plan-1") };
    const child = w.processes.start(["up", "--plan", made.folder, "--approve", made.plan.digest]);
    const over = ended(child);
    for (let turn = 0; told("welcome").length === 0 && turn < 4000 && child.exitCode === null; turn++) await pause(50);
    child.kill("SIGKILL");
    const { out, err } = await over;
    said.push(out, err);
    await pause(1000);
    expect(told("welcome").length, err).toBeGreaterThan(0);
    const before = told("welcome");
    for (const pid of readFileSync(file("pids"), "utf8").trim().split("\n")) expect(alive(Number(pid))).toBe(false);
    // The account is there by now, and the state knows nothing of it.
    const one = joiners.find((each) => String(each.id) === before[0]?.person.key);
    expect(one && account(one)).toBeDefined();
    writeFileSync(file("go"), "");
    const next = await plan();
    expect(next.plan.people.find((each) => each.key === before[0]?.person.key)?.changes).toEqual(
      expect.arrayContaining([expect.objectContaining({ op: "run", label: "welcome-mail" })]),
    );
    const result = await up(next, 4);
    const again = told("welcome").slice(before.length);
    expect(again.map((each) => each.person.key).sort()).toEqual(keys(joiners.slice(1)));
    for (const each of before) expect(again.find((other) => other.person.key === each.person.key)?.id).toBe(each.id);
    expect(result.ran?.map((each) => each.command)).toContain("welcome-mail");
  });

  it("A19, security-10: a command gets what it asked for as JSON, the id of the account, and nothing of our environment", () => {
    const last = told("welcome").findLast((each) => each.person.key === String(joiners[2]?.id));
    const login = account(joiners[2] as Person)?.text("sAMAccountName");
    expect(last).toMatchObject({
      format: "haloform.script/1",
      script: "welcome-mail",
      stack: "test",
      when: "after",
      event: "joiner",
      fields: { firstname: joiners[2]?.first, login },
    });
    expect(last?.fields["objectGUID"]).toBe(last?.accounts.ad);
    expect(String(last?.accounts.ad)).toMatch(/^[0-9a-f-]{36}$/u);
    expect(told("check").find((each) => each.person.key === String(joiners[2]?.id))?.fields["pin"]).toBe(`pin-${joiners[2]?.id}-hidden`);
    const names = readFileSync(file("env"), "utf8")
      .split("\n")
      .map((line) => line.split("=")[0]);
    expect(names).toEqual(expect.arrayContaining(["PATH", "SCRIPT_MAIL_TOKEN", "SCRIPT_DIR"]));
    expect(names.filter((name) => /^(?:HALO|AD_|ENTRA|PULUMI|NODE|npm_)/u.test(name ?? ""))).toEqual([]);
    // Nor has who runs it: a process of its own, which never had any of ours.
    const parent = readFileSync(file("parent"), "utf8").split("\0");
    const passed = ["PATH", "HOME", "LANG", "TZ", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE", ""];
    expect(parent.map((line) => line.split("=")[0] ?? "").filter((name) => !passed.includes(name))).toEqual([]);
  });

  it("A19: a command that fails before an event parks that person and nobody else; one that takes too long is stopped", async () => {
    expect(account(joiners[0] as Person)).toBeUndefined();
    expect(Number(account(leavers[0] as Person)?.text("userAccountControl")) & 2).toBe(0);
    for (const one of leavers.slice(1)) expect(Number(account(one)?.text("userAccountControl")) & 2).toBe(2);
    for (const one of joiners.slice(1)) expect(account(one)).toBeDefined();
    const groups = Object.entries(w.sandbox.snapshot().ad).flatMap(([dn, entry]) =>
      (Array.isArray(entry["member"]) ? entry["member"] : []).map((member) => ({ group: dn, member: String(member) })),
    );
    const memberships = (person: Person | undefined) => groups.filter((one) => person && one.member === account(person)?.dn.toString());
    expect(memberships(leavers[0]).length).toBeGreaterThan(0);
    expect(memberships(leavers[1]).length).toBe(0);
    const pid = Number(readFileSync(file("pid"), "utf8"));
    expect(alive(pid)).toBe(false);
    // Still to be done, and nothing else is.
    const made = await plan();
    expect(
      new Set(
        real(made.plan)
          .map((one) => one.who)
          .filter((who) => who !== ""),
      ),
    ).toEqual(new Set(keys([joiners[0], joiners[1], leavers[0]] as Person[])));
    const result = await up(made, 4);
    const reasons = (person: Person | undefined) =>
      result.parked.filter((one) => one.who.includes(`(${person?.id},`)).map((one) => one.reason);
    expect(reasons(joiners[0])).toEqual(
      expect.arrayContaining([
        "The command check (before joiner) ended with exit code 3: no desk: •••",
        expect.stringMatching(/^Left as it is, because what comes first has failed: The command check/u),
      ]),
    );
    expect(reasons(joiners[1])).toEqual(["The command slow (after joiner) took longer than 1 s and was stopped"]);
    expect(new Set(result.parked.map((one) => /\((\d+),/u.exec(one.who)?.[1]))).toEqual(
      new Set(keys([joiners[0], joiners[1], leavers[0]] as Person[])),
    );
    expect(result.pending.map((one) => one.who).filter((who) => who.includes("script:Run"))).toEqual([
      expect.stringContaining(`(${joiners[0]?.id}, script:Run)`),
    ]);
  });

  it("A19: once it is mended everything is done, and applied twice nothing is left to do", async () => {
    writeFileSync(file("mended"), "");
    const count = told("welcome").length;
    await up(await plan(), 0);
    expect(account(joiners[0] as Person)).toBeDefined();
    expect(Number(account(leavers[0] as Person)?.text("userAccountControl")) & 2).toBe(2);
    expect(
      told("welcome")
        .slice(count)
        .map((one) => one.person.key),
    ).toEqual([String(joiners[0]?.id)]);
    expect(changeCount((await plan()).plan)).toBe(0);
    expect((await w.run(["drift"])).code).toBe(0);
  });

  it("A19: another declaration runs nothing again, another key does", async () => {
    w.edit("scripts", (content) => {
      const [welcome] = content["scripts"] as Record<string, unknown>[];
      Object.assign(welcome as object, { timeout: 30, input: ["login"] });
    });
    expect(changeCount((await plan()).plan)).toBe(0);
    w.edit("scripts", (content) => {
      const [welcome] = content["scripts"] as Record<string, unknown>[];
      Object.assign(welcome as object, { key: 2 });
    });
    const made = await plan();
    expect(real(made.plan).map((one) => one.type)).toEqual(joiners.map(() => "script:Run"));
  });

  it("A19: no secret is in a plan, an output, the state or a record", () => {
    const files = readdirSync(w.home, { recursive: true, encoding: "utf8" })
      .map((name) => join(w.home, name))
      .filter((path) => !path.includes(`${w.home}/scripts`) && !path.includes(`${w.home}/sandbox`) && statSync(path).isFile());
    expect(files.some((path) => path.includes("/state/"))).toBe(true);
    said.push(...files.map((path) => readFileSync(path, "latin1")));
    for (const secret of [token, String(w.env["AD_BIND_PASSWORD"]), `pin-${joiners[2]?.id}-hidden`]) {
      expect(secret.length).toBeGreaterThan(8);
      expect(said.filter((text) => text.includes(secret)).length, `how often ${secret.slice(0, 4)}… is somewhere`).toBe(0);
    }
    expect(said.some((text) => text.includes("mail sent with •••"))).toBe(true);
  });
});
