/** Approvals that were given on GitHub: of the environment this job waited for, and reviews of a pull request (docs/decisions/0127). */
import type { GitHub, Pull, Review } from "../../clients/github/client.ts";
import type { StackConfig } from "../../providers/systems.ts";
import type { Plan } from "../../stacks/model/plan.ts";
import { clocks } from "../clock.ts";
import { type Evidence, isSame, type Part } from "./evidence.ts";
import type { Gathered } from "./signatures.ts";

type Settings = NonNullable<NonNullable<StackConfig["approvers"]>["github"]>;

/** Where GitHub says that this runs: from the environment of a job. */
export interface Job {
  repository?: string | undefined;
  run?: string | undefined;
  commit?: string | undefined;
}

export interface GivenFor {
  plan: Pick<Plan, "digest" | "made">;
  parts: readonly Part[];
  settings: Settings;
  job: Job;
  /** The digest of the plan that this very run has made was said: an environment's approval names none. */
  isPinned: boolean;
  /** The number of the pull request whose reviews count; left out: that of the job's commit. */
  pull?: number | undefined;
  now: Date;
}

/** An approval whose giver is not looked at yet. */
interface Given {
  user: Review["user"];
  what: string;
  how: Evidence["how"];
  at: string;
  parts: readonly Part[];
  /** Logins of those whose work it is. */
  own: readonly string[];
}

export async function givenOnGitHub(api: GitHub, about: GivenFor): Promise<Gathered> {
  const not: string[] = [];
  const given = [...(await ofEnvironment(api, about, not)), ...(await ofReviews(api, about, not))];
  const evidence: Evidence[] = [];
  for (const { user, what, how, at, parts, own } of given) {
    const who = giver(user, about.settings, own);
    const why = "why" in who ? who.why : await refusal(api, who.login);
    if ("why" in who || why !== undefined) not.push(`${what} of ${user?.login ?? "somebody who is gone"}: ${why}`);
    else evidence.push(...parts.map(({ id, digest }) => ({ approver: who.approver, how, at, part: id, digest, by: who.login })));
  }
  return { evidence, not };
}

/** By the table of the settings, and never who has done it themselves. Pure. */
function giver(user: Review["user"], { people }: Settings, own: readonly string[]): { approver: string; login: string } | { why: string } {
  if (!user) return { why: "GitHub does not know them any more" };
  const { login, type, id } = user;
  if (type !== undefined && type !== null && type !== "User") return { why: "that is no person" };
  if (own.some((one) => isSame(one, login))) return { why: "it is their own work" };
  // A login may be another's by now, and a renamed account is the same person: where its number is known that alone counts.
  const found = Object.entries(people).find(([name, who]) => (typeof who === "string" ? isSame(name, login) : who.id === id))?.[1];
  if (found === undefined) return { why: "haloform:approvers.github.people does not name them" };
  return { approver: typeof found === "string" ? found : found.name, login };
}

/** Their login may be somebody else's by now: who may not write there any more approves nothing. */
async function refusal(api: GitHub, login: string): Promise<string | undefined> {
  const permission = await api.permission(login);
  return permission === "admin" || permission === "write" ? undefined : `they may not write to the repository any more (${permission})`;
}

async function ofEnvironment(api: GitHub, { settings, job, isPinned, parts, now }: GivenFor, not: string[]): Promise<Given[]> {
  if (job.run === undefined) return [];
  if (!isSame(job.repository ?? "", settings.repository)) {
    not.push(`the approvals of this job, which is one of ${job.repository ?? "no repository"} and not of ${settings.repository}`);
    return [];
  }
  if (!isPinned) {
    not.push("the environment's approval, which is for the plan that this run has made: say its digest with --approve");
    return [];
  }
  const run = await api.run(job.run);
  if (run.run_attempt !== 1) {
    not.push(
      `the environment's approval, as this is attempt ${run.run_attempt ?? "?"} of the run and GitHub does not say which one was approved: start the workflow anew`,
    );
    return [];
  }
  // By the clock nobody starts it: GitHub then names who has changed the schedule last.
  const own = run.event === "schedule" ? [] : [run.actor?.login, run.triggering_actor?.login].filter((one) => one !== undefined);
  const approved = (await api.environmentReviews(job.run)).filter(
    ({ state, environments }) => state === "approved" && environments?.some(({ name }) => name === settings.environment),
  );
  const said = { what: "the environment's approval", how: "github-environment" as const, at: now.toISOString(), parts, own };
  return approved.map(({ user }) => ({ user, ...said }));
}

async function ofReviews(api: GitHub, about: GivenFor, not: string[]): Promise<Given[]> {
  const { pull: number, job } = about;
  const isHere = job.commit !== undefined && isSame(job.repository ?? "", about.settings.repository);
  const pulls =
    number !== undefined
      ? [await api.pull(number)]
      : isHere && job.commit !== undefined
        ? (await api.pullsOf(job.commit)).filter(({ merge_commit_sha: merged }) => merged === job.commit)
        : [];
  const given: Given[] = [];
  for (const pull of pulls) {
    const last = lastOf(await api.reviews(pull.number)).filter(({ state }) => state === "APPROVED" || state === "DISMISSED");
    const looked = last.map((review) => ({ review, found: judged(review, pull, about) }));
    const unedited = await api.unedited(looked.flatMap(({ review, found }) => ("parts" in found ? [review] : [])));
    for (const { review, found } of looked) {
      const what = `the review of #${pull.number}`;
      const why = "why" in found ? found.why : unedited.has(review.node_id) ? undefined : "its text was edited, and others may do that";
      if ("why" in found || why !== undefined) not.push(`${what} of ${review.user?.login ?? "somebody who is gone"}: ${why}`);
      else given.push({ user: review.user, what, how: "github-review", ...found, own: pull.user ? [pull.user.login] : [] });
    }
  }
  return given;
}

/** Of each person's reviews the last that decides anything: comments do not. Pure. */
function lastOf(reviews: readonly Review[]): Review[] {
  const last = new Map<string, Review>();
  for (const review of reviews)
    if (/^(?:APPROVED|CHANGES_REQUESTED|DISMISSED)$/u.test(review.state)) last.set(review.user?.login.toLowerCase() ?? "", review);
  return [...last.values()];
}

/** A line of a review by which it is of a plan or a part: `approve sha256:…`. */
const line = /^[ \t]*(?:haloform[ \t]+)?approve[ \t]+(sha256:[0-9a-f]{64})[ \t]*\r?$/gmu;

/** Which parts it approves, or why none. Pure. */
function judged(
  { state, body, submitted_at: at, commit_id: commit }: Review,
  { head }: Pull,
  about: GivenFor,
): { parts: Part[]; at: string } | { why: string } {
  if (state === "DISMISSED") return { why: "it was dismissed" };
  if (commit !== head.sha) return { why: "it is of another commit than the last" };
  const digests = [...(body ?? "").matchAll(line)].map(([, digest]) => digest);
  if (digests.length === 0) return { why: "it names no digest (a line `approve sha256:…`), so it is of no plan" };
  const parts = about.parts.filter(({ digest }) => digests.includes(digest) || digests.includes(about.plan.digest));
  if (parts.length === 0) return { why: `it is of another plan (${digests.join(", ")})` };
  const moment = Date.parse(at ?? "");
  if (!(moment >= Date.parse(about.plan.made) - clocks && moment <= about.now.getTime() + clocks))
    return { why: `it is of ${at ?? "no time"}, when there was no such plan to be approved` };
  return { parts, at: new Date(moment).toISOString() };
}
