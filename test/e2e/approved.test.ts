/** 15.4 and 14.7: a plan is applied when those who may have signed it with their SSH keys, and the record says who they were. */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { History } from "../../cli/answers/answers.ts";
import { type GitHubServer, startGitHub } from "../../sandbox/github/server.ts";
import { certificatesIn } from "../../sandbox/tls.ts";
import { newSshKey, type SshKey, signer } from "../ssh.ts";
import { copyOf, hoursLater, type Made, refused } from "./refusals.ts";
import { allow, configure, type World, world } from "./support.ts";

let w: World;
let ada: SshKey;
let bob: SshKey;
let made: Made;
const approvers = (more: object = {}): void => configure(w, (config) => void (config["haloform:approvers"] = more));
const approve = (folder: string, key: SshKey, name: string, ...more: string[]) =>
  w.run(["approve", folder, "--key", key.file, "--as", name, "--yes", ...more]);
const up = (folder: string): string[] => ["--plan", folder];

beforeAll(async () => {
  w = await world({ people: 30 });
  [ada, bob] = [newSshKey(w.home, "ada"), newSshKey(w.home, "bob")];
  allow(w, signer("ada@example.com", ada), signer("bob@example.com", bob));
  approvers();
  made = await w.plan("made");
});
afterAll(() => w?.stop());

describe("a plan of a stack with approvers", () => {
  it("is not applied by its digest, nor asked about at a terminal", async () => {
    const calls = w.sandbox.calls();
    const said = /^Refused: the plan needs the approval of one: have it approved with `haloform approve DIR`\.$/u;
    await refused(w, up(made.folder), said);
    await refused(w, [...up(made.folder), "--approve", made.plan.digest], said, { by: w.processes });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const asked = await w.begin(["up"], {}, stdin).over;
    expect([asked.code, asked.err]).toEqual([64, expect.stringMatching(/^the stack test has approvers: make a plan with/u)]);
    expect(w.sandbox.calls()).toEqual(calls);
  });

  it("is shown from plan.json before it is signed, whatever lies beside it, and asked about", async () => {
    const folder = copyOf(made, join(w.home, "painted"));
    writeFileSync(join(folder, "plan.md"), "# Nothing changes");
    const unasked = await w.run(["approve", folder, "--key", ada.file, "--as", "ada@example.com"]);
    expect([unasked.code, unasked.err]).toEqual([64, expect.stringMatching(/^approve asks on a terminal, .* say --yes\.$/mu)]);
    const done = await approve(folder, ada, "ada@example.com");
    expect([done.code, done.err]).toEqual([0, ""]);
    const git = join(w.home, "gitconfig");
    writeFileSync(git, `[user]\n\temail = bob@example.com\n\tsigningkey = ${bob.file}\n`);
    const own = await w.run(["approve", folder, "--yes", "--json"], { GIT_CONFIG_GLOBAL: git });
    expect([own.code, JSON.parse(own.out)]).toEqual([0, expect.objectContaining({ approver: "bob@example.com", plan: made.plan.digest })]);
    expect(own.err).toContain(`Digest   ${made.plan.digest}`);
    expect(done.out).toContain(`Digest   ${made.plan.digest}`);
    expect(done.out).not.toContain("Nothing changes");
    expect(done.out).toMatch(/Approved as ada@example\.com with SHA256:\S+: \S+painted\/approvals\/[0-9a-f]{16}\.json\./u);
  });

  it("an altered bundle, another stack's plan, an expired one, a key that nobody allowed, and no key are not approved", async () => {
    const folder = copyOf(made, join(w.home, "altered"));
    writeFileSync(join(folder, "plan.json"), readFileSync(join(folder, "plan.json"), "utf8").replace('"leavers": ', '"leavers": 1'));
    expect((await approve(folder, ada, "ada@example.com")).err).toMatch(/^Refused: the plan in .* was altered after it was made/u);
    expect((await approve(made.folder, ada, "ada@example.com", "--stack", "another")).err).toMatch(
      /^Refused: the plan is for the stack test, not for another/u,
    );
    await hoursLater(25, async () => {
      expect((await approve(made.folder, ada, "ada@example.com")).err).toMatch(/^Refused: the plan expired at /u);
    });
    const eve = await approve(made.folder, newSshKey(w.home, "eve"), "ada@example.com");
    expect([eve.code, eve.err]).toEqual([
      3,
      expect.stringMatching(/^Refused: the approval of ada@example\.com is not verified: its key is none of \S+allowed_signers$/mu),
    ]);
    const none = await approve(made.folder, { file: join(w.home, "none"), public: "" }, "ada@example.com");
    expect([none.code, none.err]).toEqual([64, expect.stringMatching(/^Could not sign with \S+none: /mu)]);
    expect((await approve(made.folder, ada, "ada@example.com", "--part", "joiners")).err).toBe("--part joiners: the plan has all.\n");
    expect(readdirSync(made.folder)).not.toContain("approvals");
  });

  it("another plan's approval, a changed one and one that was taken back by allowed_signers do not count", async () => {
    const other = await w.plan("other");
    await approve(other.folder, ada, "ada@example.com");
    renameSync(join(other.folder, "approvals"), join(made.folder, "approvals"));
    await refused(
      w,
      up(made.folder),
      new RegExp(`What does not count: ada@example\\.com has approved another plan \\(${other.plan.digest}\\)\\.$`, "u"),
    );
    rmSync(join(made.folder, "approvals"), { recursive: true });
    await approve(made.folder, ada, "ada@example.com");
    const [name = ""] = readdirSync(join(made.folder, "approvals"));
    const file = join(made.folder, "approvals", name);
    const text = readFileSync(file, "utf8");
    for (const [what, by] of [
      ["ada@example.com", "bob@example.com"],
      ["BEGIN SSH", "BEGIN  SSH"],
    ] as const) {
      writeFileSync(file, text.replace(what, by));
      await refused(
        w,
        up(made.folder),
        /needs the approval of one: .* What does not count: the approval of (?:ada|bob)@example\.com is not verified: (?:it is no signature of ada@example\.com|its key is none of) .*\.$/u,
      );
    }
    writeFileSync(file, text);
    allow(w, signer("bob@example.com", bob));
    await refused(w, up(made.folder), /is not verified: its key is none of \S+allowed_signers\.$/u);
    allow(w, signer("ada@example.com", ada), signer("bob@example.com", bob));
    await hoursLater(25, () => refused(w, up(made.folder), /^Refused: the plan expired at /u));
  });

  it("where two are needed, the same one twice is one; with both it is applied, once, and the record says who they were", async () => {
    approvers({ needed: 2 });
    const two = copyOf(made, join(w.home, "two"));
    // Those of the test before.
    rmSync(join(two, "approvals"), { recursive: true, force: true });
    const twice = newSshKey(w.home, "twice");
    allow(w, signer("ada@example.com", ada), signer("Ada@Example.com", twice), signer("bob@example.com", bob));
    await approve(two, ada, "ada@example.com");
    await approve(two, twice, "ada@example.com");
    expect(readdirSync(join(two, "approvals"))).toHaveLength(2);
    await refused(
      w,
      up(two),
      /^Refused: the plan needs the approval of 2, and has that of ada@example\.com: have it approved with `haloform approve DIR`\.$/iu,
    );
    await approve(two, bob, "bob@example.com", "--out", join(w.home, "elsewhere"));
    renameSync(join(w.home, "elsewhere", readdirSync(join(w.home, "elsewhere"))[0] ?? ""), join(two, "approvals", "bob.json"));
    const done = await w.run(["up", ...up(two)]);
    expect(done.code, done.err).toBe(0);
    await w.sandbox.connect.settled();
    const history = JSON.parse((await w.run(["history", "--json", "--command", "up"])).out) as History;
    expect(history.broken).toEqual([]);
    expect(history.runs[0]?.approvals?.map(({ approver, how, digest, by }) => [approver, how, digest, by.slice(0, 7)]).sort()).toEqual([
      // As the file of allowed signers writes her, whichever of the two is read first.
      [expect.stringMatching(/^ada@example\.com$/iu), "ssh", made.plan.digest, "SHA256:"],
      ["bob@example.com", "ssh", made.plan.digest, "SHA256:"],
    ]);
    expect((await w.run(["history"])).out).toMatch(/^ {2}approved by bob@example\.com at \d{4}-\S+Z, with the key SHA256:\S{43}$/mu);
    await refused(w, up(two), /the plan is stale: another run has changed the state since/u);
  });
});

describe("15.4: in a job of GitLab or Azure DevOps", () => {
  const jobs: [string, NodeJS.ProcessEnv][] = [
    ["GitLab", { GITLAB_CI: "true", CI_JOB_ID: "7", CI_COMMIT_SHA: "b".repeat(40), GITLAB_USER_LOGIN: "ada@example.com" }],
    ["Azure DevOps", { TF_BUILD: "True", BUILD_BUILDID: "7", BUILD_REQUESTEDFOREMAIL: "ada@example.com", SYSTEM_ACCESSTOKEN: "job" }],
  ];
  it.each(jobs)("%s: what approvers have signed elsewhere counts, and who the job says that it is by does not", async (system, job) => {
    approvers({ needed: 1 });
    allow(w, signer("ada@example.com", ada), signer("bob@example.com", bob));
    w.edit("ad", (content) => {
      (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = `Northwind by ${system}`;
    });
    const mine = await w.plan(`by-${system.split(" ")[0]}`);
    // The artifact of the job, on the approver's machine, and back by a folder that nobody has to be trusted with.
    const [artifact, folder] = [copyOf(mine, join(w.home, `artifact-${job["CI_JOB_ID"] ?? "azure"}`)), join(w.home, `signed-${system}`)];
    await refused(
      w,
      [...up(mine.folder), "--approvals", folder],
      /needs the approval of one: have it approved with `haloform approve DIR`\.$/u,
      {
        more: job,
      },
    );
    await approve(artifact, bob, "bob@example.com", "--out", folder);
    writeFileSync(join(folder, "mallory.json"), JSON.stringify({ approver: "ada@example.com" }));
    const done = await w.run(["up", ...up(mine.folder), "--approvals", folder], job);
    expect(done.code, done.err).toBe(0);
    await w.sandbox.connect.settled();
    const [run] = (JSON.parse((await w.run(["history", "--json", "--command", "up"])).out) as History).runs;
    expect(run?.approvals?.map(({ approver, how }) => [approver, how])).toEqual([["bob@example.com", "ssh"]]);
  });
});

describe("15.4: in a job on GitHub", () => {
  let hub: GitHubServer;
  let third: Made;
  const job = { GITHUB_RUN_ID: "77", GITHUB_REPOSITORY: "northwind/people", GITHUB_SHA: "b".repeat(40), GITHUB_TOKEN: "ghs_job" };
  beforeAll(async () => {
    const { ca, tls } = certificatesIn(join(w.home, "sandbox", "tls"));
    hub = await startGitHub({ tls });
    hub.state.tokens.set("ghs_job", ["actions", "pull_requests"]);
    hub.state.collaborators.set("ben-k", "write");
    approvers({ needed: 2, github: { repository: "northwind/people", api: hub.url, ca, people: { "ben-k": "ben@example.com" } } });
    w.edit("ad", (content) => {
      (content["attributes"] as { staff: Record<string, unknown> }).staff["company"] = "Northwind Ferries and Tugs";
    });
    third = await w.plan("third");
  });
  afterAll(() => hub?.stop());

  it("the environment's approval of this run counts beside a signature, for the digest that the run has made; the record has both", async () => {
    await approve(third.folder, ada, "ada@example.com");
    const pinned = [...up(third.folder), "--approve", third.plan.digest];
    await refused(
      w,
      pinned,
      /has that of ada@example\.com: .* What does not count: what was approved on GitHub, as GITHUB_TOKEN is not set to look it up\.$/u,
      {
        more: { ...job, GITHUB_TOKEN: "" },
      },
    );
    hub.state.runs.push({
      id: 77,
      attempt: 1,
      event: "push",
      actor: "ben-k",
      reviews: [{ login: "ben-k", state: "approved", environments: ["production"] }],
    });
    await refused(w, pinned, /What does not count: the environment's approval of ben-k: it is their own work\.$/u, { more: job });
    Object.assign(hub.state.runs[0] ?? {}, { actor: "maja" });
    await refused(w, up(third.folder), /say its digest with --approve\.$/u, { more: job });
    const done = await w.run(["up", ...pinned], job);
    expect(done.code, done.err).toBe(0);
    expect((await w.run(["history"])).out).toMatch(
      /^ {2}approved by ben@example\.com by the environment's approval of ben-k on GitHub, seen at \d{4}-\S+Z$/mu,
    );
    expect([...hub.violations]).toEqual([]);
  });
});
