/** 15.4: approvals that were given on GitHub, by its API: which count, and why the others do not. Sandbox: a GitHub over TLS, stricter than our code. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type GivenFor, givenOnGitHub } from "../../cli/approval/github.ts";
import { connect } from "../../clients/github/client.ts";
import { type GitHubServer, type SandboxPull, type SandboxReview, type SandboxRun, startGitHub } from "../../sandbox/github/server.ts";
import { certificates } from "../../sandbox/tls.ts";

const home = mkdtempSync(join(tmpdir(), "haloform-github-"));
const digest = `sha256:${"1".repeat(64)}`;
const [head, merged] = ["a".repeat(40), "b".repeat(40)];
const parts = [
  { id: "joiners-1", digest: `sha256:${"2".repeat(64)}`, needs: { approvers: 1, never: [] } },
  { id: "movers-1", digest: `sha256:${"3".repeat(64)}`, needs: { approvers: 1, never: [] } },
];
let ca: string;
let hub: GitHubServer;

beforeAll(async () => {
  const made = await certificates(home);
  ca = made.ca;
  hub = await startGitHub({ tls: made.tls });
  hub.state.tokens.set("ghs_all", ["actions", "pull_requests"]).set("ghs_pulls", ["pull_requests"]);
  for (const login of ["ada-e", "ben-k", "dependabot[bot]", "stranger"]) hub.state.collaborators.set(login, "write");
  hub.state.collaborators.set("cas-l", "read").set("maja", "maintain");
  hub.state.bots.add("dependabot[bot]");
  hub.state.gone.add("eve-gone");
});
afterEach(() => {
  expect([...hub.violations]).toEqual([]);
  hub.state.runs = [];
  hub.state.pulls = [];
});
afterAll(async () => {
  await hub?.stop();
  rmSync(home, { recursive: true, force: true });
});

async function given(more: Partial<GivenFor> = {}, token = "ghs_all", named?: GivenFor["settings"]["people"]) {
  const people = named ?? {
    "ada-e": "ada@example.com",
    "ben-k": "ben@example.com",
    "cas-l": "cas@example.com",
    "dan-gone": "dan@example.com",
    "eve-gone": "eve@example.com",
    maja: "maja@example.com",
  };
  const settings = { repository: "northwind/people", environment: "production", api: hub.url, ca, people };
  return givenOnGitHub(connect({ ...settings, token }), {
    ...{ plan: { digest, made: "2027-01-04T08:00:00.000Z" }, parts, settings, isPinned: true, now: new Date("2027-01-04T10:00:00Z") },
    ...{ job: { repository: "Northwind/People", run: "77", commit: merged }, ...more },
  });
}
const by = (login: string, environment = "production"): Pick<SandboxRun, "reviews"> => ({
  reviews: [{ login, state: "approved", environments: [environment] }],
});
const ran = (more: Partial<SandboxRun>): void =>
  void hub.state.runs.push({
    id: 77,
    attempt: 1,
    event: "push",
    actor: "ben-k",
    ...by("ada-e"),
    ...more,
  });
const review = (more: Partial<SandboxReview> = {}): SandboxReview => ({
  ...{ login: "ada-e", state: "APPROVED", body: `approve ${digest}`, commit: head, submitted: "2027-01-04T09:00:00Z", ...more },
});
const pulled = (reviews: SandboxReview[], more: Partial<SandboxPull> = {}): void =>
  void hub.state.pulls.push({ number: 7, author: "ben-k", head, merged, reviews, ...more });
const noRun = { job: { repository: "northwind/people", commit: merged } };

describe("an approval of the environment", () => {
  it("counts for the plan of this run, of who is named and may write", async () => {
    ran({});
    expect(await given()).toEqual({
      evidence: parts.map((part) => ({
        ...{ approver: "ada@example.com", how: "github-environment", at: "2027-01-04T10:00:00.000Z" },
        ...{ part: part.id, digest: part.digest, by: "ada-e" },
      })),
      not: [],
    });
  });

  it.each<[string, Partial<SandboxRun>, Partial<GivenFor>, string[]]>([
    ["who has started the run", { actor: "ada-e" }, {}, ["the environment's approval of ada-e: it is their own work"]],
    ["who has started this attempt", { triggering: "Ada-E" }, {}, ["the environment's approval of ada-e: it is their own work"]],
    [
      "by a second attempt",
      { attempt: 2 },
      {},
      [expect.stringContaining("this is attempt 2 of the run and GitHub does not say which one was approved")],
    ],
    ["of a plan that is not the run's own", {}, { isPinned: false }, [expect.stringContaining("say its digest with --approve")]],
    [
      "in another repository's job",
      {},
      { job: { repository: "eve/people", run: "77" } },
      [expect.stringContaining("one of eve/people and not of northwind/people")],
    ],
    ["of another environment", by("ada-e", "preview"), {}, []],
    ["a rejection", { reviews: [{ login: "ada-e", state: "rejected", environments: ["production"] }] }, {}, []],
    ["a bot's", by("dependabot[bot]"), {}, ["the environment's approval of dependabot[bot]: that is no person"]],
    ["a stranger's", by("stranger"), {}, ["the environment's approval of stranger: haloform:approvers.github.people does not name them"]],
    [
      "of who may read only by now",
      by("cas-l"),
      {},
      ["the environment's approval of cas-l: they may not write to the repository any more (read)"],
    ],
    [
      "of who is no collaborator any more",
      by("dan-gone"),
      {},
      ["the environment's approval of dan-gone: they may not write to the repository any more (none)"],
    ],
  ])("does not count: %s", async (_what, run, more, not) => {
    ran(run);
    expect(await given(more)).toEqual({ evidence: [], not });
  });

  it("15.4: an approver whose login was renamed is known by the account's id; who has taken the old login is not, though they may write", async () => {
    hub.state.ids.set("ada-renamed", 41).set("ada-e", 666);
    hub.state.collaborators.set("ada-renamed", "write");
    const people = { "ada-e": { name: "ada@example.com", id: 41 }, "ben-k": "ben@example.com" };
    ran(by("ada-renamed"));
    expect((await given({}, "ghs_all", people)).evidence.map(({ approver, by: login }) => [approver, login])).toEqual(
      parts.map(() => ["ada@example.com", "ada-renamed"]),
    );
    hub.state.runs = [];
    ran(by("ada-e"));
    expect(await given({}, "ghs_all", people)).toEqual({
      evidence: [],
      not: ["the environment's approval of ada-e: haloform:approvers.github.people does not name them"],
    });
    hub.state.ids.clear();
  });

  it("of a scheduled run counts, whoever changed the schedule last; a maintainer may write", async () => {
    ran({ event: "schedule", actor: "maja", reviews: [{ login: "maja", state: "approved", environments: ["preview", "production"] }] });
    expect((await given()).evidence.map(({ approver }) => approver)).toEqual(["maja@example.com", "maja@example.com"]);
  });

  it("is an error where the token may not read it, is none, or there is no such run", async () => {
    ran({});
    await expect(given({}, "ghs_pulls")).rejects.toThrow(
      /^GET actions\/runs\/77: GitHub answers 403: Resource not accessible by integration; the token needs to read the actions/u,
    );
    await expect(given({}, "ghs_none")).rejects.toThrow(
      /^GET actions\/runs\/77: GitHub answers 401 to GITHUB_TOKEN \(Bad credentials\); check GITHUB_TOKEN$/u,
    );
    hub.state.runs = [];
    await expect(given()).rejects.toThrow(/answers 404/u);
  });
});

describe("a review of the pull request", () => {
  it("counts for the plan whose digest it names, and for a part whose digest it names", async () => {
    pulled([review({ body: `Looks right.\r\n\r\n  haloform approve ${digest}\r\n` })]);
    expect((await given(noRun)).evidence.map(({ how, part, at, by }) => [how, part, at, by])).toEqual([
      ["github-review", "joiners-1", "2027-01-04T09:00:00.000Z", "ada-e"],
      ["github-review", "movers-1", "2027-01-04T09:00:00.000Z", "ada-e"],
    ]);
    hub.state.pulls = [];
    pulled([review({ body: `approve ${parts[1]?.digest}` })]);
    expect((await given({ job: {}, pull: 7 })).evidence.map(({ part }) => part)).toEqual(["movers-1"]);
  });

  it.each<[string, SandboxReview[], string[]]>([
    ["of another commit", [review({ commit: "c".repeat(40) })], ["it is of another commit than the last"]],
    ["dismissed", [review({ state: "DISMISSED" })], ["it was dismissed"]],
    ["by the author", [review({ login: "ben-k" })], ["it is their own work"]],
    ["by a bot", [review({ login: "dependabot[bot]" })], ["that is no person"]],
    ["by somebody who is gone", [review({ login: null })], ["GitHub does not know them any more"]],
    ["by somebody whom nobody names", [review({ login: "stranger" })], ["haloform:approvers.github.people does not name them"]],
    ["by somebody who may not write any more", [review({ login: "cas-l" })], ["they may not write to the repository any more (read)"]],
    ["of no plan", [review({ body: "Looks right" })], ["it names no digest (a line `approve sha256:…`), so it is of no plan"]],
    [
      "that says the contrary",
      [review({ body: `Do not approve ${digest}` })],
      ["it names no digest (a line `approve sha256:…`), so it is of no plan"],
    ],
    ["of another plan", [review({ body: `approve sha256:${"9".repeat(64)}` })], [`it is of another plan (sha256:${"9".repeat(64)})`]],
    ["whose text was edited", [review({ edited: "2027-01-04T09:30:00Z" })], ["its text was edited, and others may do that"]],
    [
      "from before the plan",
      [review({ submitted: "2027-01-03T09:00:00Z" })],
      ["it is of 2027-01-03T09:00:00Z, when there was no such plan to be approved"],
    ],
    ["by an account that is gone", [review({ login: "eve-gone" })], ["they may not write to the repository any more (none)"]],
    ["taken back by a later one", [review(), review({ state: "CHANGES_REQUESTED" })], []],
    ["a comment", [review({ state: "COMMENTED" })], []],
  ])("does not count: %s", async (_what, reviews, not) => {
    pulled(reviews);
    const who = reviews[0]?.login ?? "somebody who is gone";
    expect(await given(noRun)).toEqual({ evidence: [], not: not.map((why) => `the review of #7 of ${who}: ${why}`) });
  });

  it("of a pull request that this commit is not the merge of does not count; a comment after it takes nothing back; pages are read to the end", async () => {
    pulled([review()], { merged: "d".repeat(40) });
    pulled([review()], { number: 8, head: merged, merged: "e".repeat(40) });
    expect(await given(noRun)).toEqual({ evidence: [], not: [] });
    hub.state.pulls = [];
    pulled([
      ...Array.from({ length: 120 }, () => review({ state: "COMMENTED", login: "ben-k" })),
      review(),
      review({ state: "COMMENTED" }),
    ]);
    expect((await given(noRun)).evidence).toHaveLength(2);
    expect(hub.log.filter((call) => call.endsWith("/pulls/7/reviews")).length).toBeGreaterThanOrEqual(2);
  });
});
