/** Drift by cause (issue 15, point 8): told together, kept by a line of the mappings, by the real command line on the sandbox. */
import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Drift, DriftProposed } from "../../cli/answers/drift.ts";
import { patched } from "../../cli/commands/drift/unified.ts";
import { startGitHub } from "../../sandbox/github/server.ts";
import { certificatesIn } from "../../sandbox/tls.ts";
import { type Plan, planSchema } from "../../stacks/model/plan.ts";
import { seal } from "../../stacks/plan/plan.ts";
import { newSshKey, signer } from "../ssh.ts";
import { allow, configure, type World, world } from "./support.ts";

describe("the drift inbox", () => {
  let w: World;
  const people = () =>
    w.sandbox.organisation.people.filter((one) => one.situation === "steady" && one.post.department === "Engineering").slice(0, 8);
  const dnOf = (key: number): string => w.sandbox.ad.entries.list((entry) => entry.text("employeeNumber") === String(key))[0]?.dn ?? "";
  const groupDn = (name: string): string => w.sandbox.ad.entries.account(name)?.dn ?? "";
  const drift = async (...more: string[]): Promise<Drift> => JSON.parse((await w.run(["drift", "--json", ...more])).out) as Drift;

  beforeAll(async () => {
    w = await world({ people: 60 });
    await w.converge();
  });
  afterAll(() => w?.stop());

  it("one person's changes are one cause; what an administrator did to many is one; what is nobody's is the system's", async () => {
    const [first, ...others] = people();
    if (!first || others.length < 5) throw new Error("too few");
    w.sandbox.hand({ ad: { dn: groupDn("GG-Sales"), add: { member: [dnOf(first.id), groupDn("GG-Finance")] } } });
    w.sandbox.hand({ ad: { dn: dnOf(first.id), replace: { title: "Acting Captain" } } });
    for (const one of others) w.sandbox.hand({ ad: { dn: dnOf(one.id), replace: { department: "Moved" } } });
    const { causes, found } = await drift();
    expect(causes.map(({ id, things }) => [id, things.length])).toEqual([
      ["change:ad:User:attributes.department", others.length],
      [`person:${first.id}`, 2],
      ["system:ad", 1],
    ]);
    expect(found).toHaveLength(others.length + 2);
    const text = (await w.run(["drift"])).out;
    expect(text).toContain(`attributes.department of ${others.length} accounts of Active Directory`);
    expect(text).toContain(`haloform drift --keep person:${first.id}`);
  });

  it("a cause that no line can keep is refused with why, and one that is not there is not found", async () => {
    const refused = await w.run(["drift", "--keep", "change:ad:User:attributes.department"]);
    expect([refused.code, refused.out]).toEqual([3, ""]);
    expect(refused.err).toContain("its value comes from records or from lines for many");
    const unknown = await w.run(["drift", "--keep", "person:nobody"]);
    expect(unknown.code).toBe(64);
    expect(unknown.err).toContain("system:ad");
  });

  it("15.8: one cause is put back by a plan of its own, from the command that the inbox prints; every other one stays drift", async () => {
    const [first] = people();
    const command = new RegExp(`haloform (preview --drift person:${first?.id}) --out DIR`, "u").exec((await w.run(["drift"])).out)?.[1];
    const folder = join(w.home, "back");
    // What waits meanwhile is none of it.
    w.sandbox.hand({ halo: { table: "users", id: first?.id ?? 0, set: { other2: "a new value" } } });
    const made = await w.run([...(command ?? "").split(" "), "--out", folder]);
    expect([made.code, made.err]).toEqual([0, expect.any(String)]);
    expect(made.out).toContain(`It puts back what was changed by hand of person:${first?.id}, and does nothing else`);
    const plan = planSchema.parse(JSON.parse(readFileSync(join(folder, "plan.json"), "utf8")));
    const whole = await w.plan("whole");
    expect(plan.digest).not.toBe(whole.plan.digest);
    const places = (one: Plan) =>
      [
        ...one.people.flatMap(({ key, changes }) => changes.map((change) => ({ key, change }))),
        ...one.shared.map((change) => ({ key: "", change })),
      ]
        .flatMap(({ key, change }) => change.fields.map(({ path, after }) => `${key} ${change.label} ${path}: ${JSON.stringify(after)}`))
        .filter((line) => !line.includes(" members: "))
        .sort();
    expect(places(plan)).toEqual([
      expect.stringMatching(new RegExp(`^${first?.id} GG-Sales member of: null$`, "u")),
      expect.stringMatching(new RegExp(`^${first?.id} \\S+ attributes.title: "${first?.post.title}"$`, "u")),
    ]);
    expect(places(whole.plan).length).toBeGreaterThan(people().length);
    // A plan that says of itself that it puts back something else is none, whatever its digests say.
    const { digest: _digest, drift: mine, ...body } = plan;
    const wrong = seal({
      ...body,
      drift: {
        cause: mine?.cause ?? "",
        things: whole.plan.people.flatMap(({ changes }) =>
          changes.map(({ type, resource, fields }) => ({ type, resource, paths: fields.map(({ path }) => path) })),
        ),
      },
    });
    cpSync(folder, join(w.home, "wrong"), { recursive: true });
    writeFileSync(join(w.home, "wrong", "plan.json"), `${JSON.stringify(wrong, null, 2)}\n`);
    const refused = await w.run(["up", "--plan", join(w.home, "wrong"), "--approve", wrong.digest]);
    expect([refused.code, refused.err]).toEqual([
      3,
      expect.stringContaining("what would be done now is not what the plan was approved for"),
    ]);
    const done = await w.run(["up", "--plan", folder, "--approve", plan.digest]);
    expect([done.code, done.err]).toEqual([0, expect.any(String)]);
    expect(w.sandbox.ad.entries.get(dnOf(first?.id ?? 0))?.text("title")).toBe(first?.post.title);
    expect((await drift()).causes.map(({ id, things }) => [id, things.length])).toEqual([
      ["change:ad:User:attributes.department", people().length - 1],
      ["system:ad", 1],
    ]);
    const group = w.sandbox.ad.entries.account("GG-Sales")?.values("member").map(String) ?? [];
    expect([group.includes(dnOf(first?.id ?? 0)), group.includes(groupDn("GG-Finance"))]).toEqual([false, true]);
    // As the next tests have it.
    w.sandbox.hand({ ad: { dn: groupDn("GG-Sales"), add: { member: [dnOf(first?.id ?? 0)] } } });
    w.sandbox.hand({ ad: { dn: dnOf(first?.id ?? 0), replace: { title: "Acting Captain" } } });
    const none = await w.run(["preview", "--drift", "person:nobody"]);
    expect([none.code, none.err]).toEqual([64, expect.stringContaining("There is no drift by the cause person:nobody")]);
  });

  it("15.8: where the settings name approvers, the plan of one cause is what they sign", async () => {
    const [first] = people();
    const ada = newSshKey(w.home, "ada");
    allow(w, signer("ada@example.com", ada));
    configure(w, (config) => void (config["haloform:approvers"] = {}));
    const folder = join(w.home, "signed");
    expect((await w.run(["preview", "--drift", `person:${first?.id}`, "--out", folder])).code).toBe(0);
    const waits = await w.run(["up", "--plan", folder]);
    expect([waits.code, waits.err]).toEqual([3, expect.stringContaining("the plan needs the approval of one")]);
    const signed = await w.run(["approve", folder, "--key", ada.file, "--as", "ada@example.com", "--yes"]);
    expect([signed.code, signed.out]).toEqual([0, expect.stringContaining("It puts back what was changed by hand")]);
    expect((await w.run(["up", "--plan", folder])).code).toBe(0);
    expect((await drift()).causes.map(({ id }) => id)).not.toContain(`person:${first?.id}`);
    w.sandbox.hand({ ad: { dn: groupDn("GG-Sales"), add: { member: [dnOf(first?.id ?? 0)] } } });
    w.sandbox.hand({ ad: { dn: dnOf(first?.id ?? 0), replace: { title: "Acting Captain" } } });
    configure(w, (config) => {
      delete config["haloform:approvers"];
      delete config["haloform:signers"];
    });
  });

  it("a cause that is tolerated is none until its day, is told, and is put back by a plan all the same", async () => {
    const until = new Date(Date.now() + 10 * 86_400_000).toISOString().slice(0, 10);
    const tolerate = (...more: string[]) => w.run(["drift", "--tolerate", "system:ad", ...more]);
    expect((await tolerate("--until", until)).code).toBe(64);
    const done = await tolerate("--until", until, "--why", "until the audit is over");
    expect([done.code, done.out]).toEqual([0, expect.stringContaining("1 of system:ad: until the audit is over")]);
    const { causes, tolerated } = await drift();
    expect(causes.map(({ id }) => id)).not.toContain("system:ad");
    expect(tolerated).toMatchObject([{ cause: "system:ad", things: 1, why: "until the audit is over" }]);
    expect((await w.run(["drift"])).out).toContain(`Tolerated until `);
  });

  it("15.8: keep opens a pull request with the line, by whoever runs it; the same again is the same one, and another main is refused", async () => {
    const [first] = people();
    const { ca, tls } = certificatesIn(join(w.home, "sandbox", "tls"));
    const hub = await startGitHub({ tls });
    const text = readFileSync(join(w.mappings, "ad.yaml"), "utf8");
    hub.state.tokens.set("ghp_ada", ["contents", "pull_requests"]).set("ghp_reader", ["pull_requests"]);
    hub.state.owners.set("ghp_ada", "ada-e");
    hub.state.commits
      .set(
        "c1",
        new Map([
          ["mappings/ad.yaml", text],
          ["README.md", "Ours"],
        ]),
      )
      .set("c2", new Map([["mappings/ad.yaml", "other"]]));
    hub.state.branches.set("main", "c1");
    configure(
      w,
      (config) => void (config["haloform:approvers"] = { github: { repository: "northwind/people", api: hub.url, ca, people: {} } }),
    );
    const keep = (token: string, ...more: string[]) =>
      w.run(["drift", "--keep", `person:${first?.id}`, "--pull-request", ...more], { GITHUB_TOKEN: token });
    expect((await keep("")).err).toContain("set GITHUB_TOKEN to a token of yours");
    expect((await keep("ghp_reader")).err).toContain("the token needs to write the contents and pull requests");
    expect(hub.state.pulls).toEqual([]);
    const done = await keep("ghp_ada", "--json");
    expect([done.code, done.err]).toEqual([0, expect.any(String)]);
    const { url, branch, isNew } = JSON.parse(done.out) as DriftProposed;
    expect([url, isNew]).toEqual(["https://github.com/northwind/people/pull/1", true]);
    const [pull] = hub.state.pulls;
    expect(pull).toMatchObject({ author: "ada-e", branch, title: `Keep: Drift in test: person ${first?.id}` });
    expect(`${pull?.title}${pull?.body}`).not.toMatch(new RegExp(`${first?.name}|GG-Sales`, "u"));
    const files = hub.state.commits.get(pull?.head ?? "");
    expect([...(files?.keys() ?? [])]).toEqual(["mappings/ad.yaml", "README.md"]);
    const patch = (await w.run(["drift", "--keep", `person:${first?.id}`])).out;
    expect(files?.get("mappings/ad.yaml")).toBe(patched(patch, () => text).get("mappings/ad.yaml"));
    expect((await keep("ghp_ada")).out).toBe(`It is proposed already: ${url}\n`);
    expect(hub.state.pulls).toHaveLength(1);
    // Nothing here is changed by it, nor main.
    expect([readFileSync(join(w.mappings, "ad.yaml"), "utf8"), hub.state.branches.get("main")]).toEqual([text, "c1"]);
    hub.state.branches.set("main", "c2");
    const other = await keep("ghp_ada");
    expect([other.code, other.err]).toEqual([
      3,
      expect.stringContaining("mappings/ad.yaml of northwind/people (main) is another than the one here"),
    ]);
    expect([...hub.violations]).toEqual([]);
    configure(w, (config) => void delete config["haloform:approvers"]);
    await hub.stop();
  });

  it("the patch of --keep makes it wished: applied, it is drift no more, and the rest is put back", async () => {
    const [first] = people();
    const { code, out } = await w.run(["drift", "--keep", `person:${first?.id}`]);
    expect(code).toBe(0);
    const folder = dirname(w.mappings);
    writeFileSync(join(folder, "keep.patch"), out);
    // In a checkout of its own: within another one git would leave out what lies elsewhere, without a word.
    for (const args of [
      ["init", "-q"],
      ["apply", "keep.patch"],
    ])
      execFileSync("git", args, { cwd: folder, stdio: "pipe" });
    expect(readFileSync(join(w.mappings, "ad.yaml"), "utf8")).toContain(`person: [ ${first?.id} ]`);
    await w.converge();
    const group = w.sandbox.ad.entries.account("GG-Sales")?.values("member").map(String) ?? [];
    expect(group).toContain(dnOf(first?.id ?? 0));
    expect(group).not.toContain(groupDn("GG-Finance"));
    expect(await drift()).toMatchObject({ found: [], causes: [] });
  });
});
