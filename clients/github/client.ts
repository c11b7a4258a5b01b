/** GitHub's REST API (2022-11-28), as far as it says who has approved what. Reads only. */
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Called } from "../http/answer.ts";
import type { Clock } from "../http/clock.ts";
import { askerOf, calledGitHub, type GitHubConfig } from "./asker.ts";

/** Somebody may be gone: GitHub has no user then. */
const user = z.object({ login: z.string(), id: z.number().int().nullish(), type: z.string().nullish() }).nullish();
const runSchema = z.object({ run_attempt: z.number().int().nullish(), event: z.string().nullish(), actor: user, triggering_actor: user });
const environmentSchema = z.object({
  environments: z.array(z.object({ name: z.string().nullish() })).nullish(),
  /** `approved`, `rejected`, `pending`. */
  state: z.string(),
  user,
});
const pullSchema = z.object({
  number: z.number().int(),
  merge_commit_sha: z.string().nullish(),
  user,
  head: z.object({ sha: z.string() }),
});
const reviewSchema = z.object({
  node_id: z.string(),
  user,
  body: z.string().nullish(),
  /** `APPROVED`, `CHANGES_REQUESTED`, `COMMENTED`, `DISMISSED`, `PENDING`. */
  state: z.string(),
  submitted_at: z.string().nullish(),
  commit_id: z.string().nullish(),
});
const permissionSchema = z.object({ permission: z.string() });
const editedSchema = z.object({
  data: z.object({ nodes: z.array(z.object({ id: z.string(), lastEditedAt: z.string().nullable() }).partial().nullable()) }),
});

export type Run = z.infer<typeof runSchema>;
export type EnvironmentReview = z.infer<typeof environmentSchema>;
export type Pull = z.infer<typeof pullSchema>;
export type Review = z.infer<typeof reviewSchema>;

export interface GitHub {
  /** A run of a workflow. */
  run(id: string): Promise<Run>;
  /** Who approved or rejected deployments of a run, of all of its attempts. */
  environmentReviews(run: string): Promise<EnvironmentReview[]>;
  pull(number: number): Promise<Pull>;
  /** Pull requests that a commit belongs to. */
  pullsOf(commit: string): Promise<Pull[]>;
  /** In the order of time. */
  reviews(pull: number): Promise<Review[]>;
  /** Of these reviews those whose text nobody has edited: whoever may write to a repository may edit what others have written. */
  unedited(reviews: readonly Review[]): Promise<Set<string>>;
  /** `admin`, `write`, `read`, `none`. */
  permission(login: string): Promise<string>;
}

const called: Called = {
  ...calledGitHub,
  rights: {
    token: "check GITHUB_TOKEN",
    forbidden: "the token needs to read the actions and pull requests of haloform:approvers.github.repository",
  },
};

export function connect(config: GitHubConfig, options: Partial<Clock> = {}): GitHub {
  const { asked, one, all } = askerOf(config, called, options);
  const { api } = config;
  return {
    run: (id) => one(runSchema, `actions/runs/${encodeURIComponent(id)}`),
    environmentReviews: (run) => one(z.array(environmentSchema), `actions/runs/${encodeURIComponent(run)}/approvals`),
    pull: (number) => one(pullSchema, `pulls/${number}`),
    pullsOf: (commit) => all(pullSchema, `commits/${encodeURIComponent(commit)}/pulls`),
    reviews: (pull) => all(reviewSchema, `pulls/${pull}/reviews`),
    async unedited(reviews) {
      if (reviews.length === 0) return new Set();
      const query = "query($ids:[ID!]!){nodes(ids:$ids){...on PullRequestReview{id lastEditedAt}}}";
      const body = { query, variables: { ids: reviews.map(({ node_id }) => node_id) } };
      // A GitHub Enterprise Server has it beside its REST API.
      const { data } = await asked(editedSchema, "reading edits of reviews", `${api.replace(/\/v3$/u, "")}/graphql`, body);
      return new Set(data.nodes.flatMap((node) => (node?.id !== undefined && node.lastEditedAt === null ? [node.id] : [])));
    },
    async permission(login) {
      try {
        return (await one(permissionSchema, `collaborators/${encodeURIComponent(login)}/permission`)).permission;
      } catch (error) {
        if (error instanceof RefusedError && error.code === "404") return "none";
        throw error;
      }
    },
  };
}
