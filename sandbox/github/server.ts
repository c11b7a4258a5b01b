/**
 * A GitHub of one repository, as far as it says who has approved what: runs and their environments' reviews, pull requests, reviews, rights
 * of collaborators. Shapes and statuses of api.github.com (REST 2022-11-28, and GraphQL for edits); what GitHub would not take, or would
 * ignore without a word, stands in `violations`.
 */
import { find, routes } from "../web/router.ts";
import { type Call, type Reply, serve, type Tls } from "../web/server.ts";

export interface SandboxReview {
  login: string | null;
  state: "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";
  body: string;
  commit: string;
  submitted: string;
  edited?: string;
}

export interface SandboxPull {
  number: number;
  author: string;
  head: string;
  /** Absent: not merged. */
  merged?: string;
  reviews: SandboxReview[];
}

export interface SandboxRun {
  id: number;
  attempt: number;
  event: "push" | "schedule" | "workflow_dispatch";
  actor: string;
  /** Who started this attempt; the actor, where it is left out. */
  triggering?: string;
  /** The environments' reviews, of all attempts. */
  reviews: { login: string; state: "approved" | "rejected"; environments: string[]; comment?: string }[];
}

export interface GitHubState {
  repository: string;
  /** Token → what it may read. */
  tokens: Map<string, readonly ("actions" | "pull_requests")[]>;
  /** Login → their right; who is not here is nobody of the repository. */
  collaborators: Map<string, "admin" | "maintain" | "write" | "triage" | "read">;
  /** Logins that are applications. */
  bots: Set<string>;
  /** Logins whose accounts were deleted since. */
  gone: Set<string>;
  runs: SandboxRun[];
  pulls: SandboxPull[];
}

export interface GitHubServer {
  /** Of the REST API. */
  url: string;
  state: GitHubState;
  /** `GET /repos/northwind/people/pulls/7/reviews`, in order. */
  log: string[];
  violations: Set<string>;
  stop(): Promise<void>;
}

const version = "2022-11-28";
const docs = "https://docs.github.com/rest";
const failed = (status: number, message: string): Reply => ({ status, body: { message, documentation_url: docs, status: String(status) } });
const missing = failed(404, "Not Found");
/** The endpoints that have pages. */
const paged = /\/(?:reviews|commits\/[^/]+\/pulls)$/u;
const lastEdits =
  /^\s*query\s*\(\$ids:\s*\[ID!\]!\)\s*\{\s*nodes\s*\(ids:\s*\$ids\)\s*\{\s*\.\.\.\s*on PullRequestReview\s*\{\s*id\s+lastEditedAt\s*\}\s*\}\s*\}\s*$/u;

type Handler = (parameters: Record<string, string>, call: Call) => Reply;

export async function startGitHub({ tls }: { tls: Tls }): Promise<GitHubServer> {
  const state: GitHubState = {
    repository: "northwind/people",
    ...{ tokens: new Map(), collaborators: new Map(), bots: new Set(), gone: new Set(), runs: [], pulls: [] },
  };
  const log: string[] = [];
  const violations = new Set<string>();
  const table = {
    reads: routes(handlers(state)),
    graph: routes<Handler>({ "POST /graphql": (_, call) => edits(state, call, violations) }),
  };
  const handle = (call: Call): Reply => {
    log.push(`${call.method} ${call.path}`);
    if (!call.headers["user-agent"])
      return failed(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.");
    const [, token] = /^(?:Bearer|token) (.+)$/u.exec(call.headers["authorization"] ?? "") ?? [];
    const rights = token === undefined ? undefined : state.tokens.get(token);
    if (!rights) return failed(401, "Bad credentials");
    const graph = find(table.graph, call.method, call.path);
    if (graph && graph !== "method")
      return rights.includes("pull_requests")
        ? graph.handler(graph.parameters, call)
        : failed(403, "Resource not accessible by integration");
    if (call.headers["x-github-api-version"] !== version) violations.add(`${call.path}: no X-GitHub-Api-Version`);
    if (call.headers["accept"] !== "application/vnd.github+json") violations.add(`${call.path}: Accept ${call.headers["accept"]}`);
    for (const name of call.query.keys())
      if (!paged.test(call.path) || !["per_page", "page"].includes(name)) violations.add(`${call.path}: there is no parameter ${name}`);
    const found = find(table.reads, call.method, call.path);
    if (!found || found === "method") return missing;
    const needs = call.path.includes("/actions/") ? "actions" : /\/pulls(?:\/|$)/u.test(call.path) ? "pull_requests" : undefined;
    if (needs && !rights.includes(needs)) return failed(403, "Resource not accessible by integration");
    return found.handler(found.parameters, call);
  };
  const server = await serve({ tls, handle });
  return { url: server.url, state, log, violations, stop: () => server.stop() };
}

/** A `simple-user`, the fields that matter and some of those that do not. */
const userOf = ({ bots }: GitHubState, login: string | null): object | null =>
  login === null
    ? null
    : {
        ...{ login, id: [...login].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1e8, node_id: `U_${login}` },
        ...{
          url: `https://api.github.com/users/${login}`,
          html_url: `https://github.com/${login}`,
          type: bots.has(login) ? "Bot" : "User",
        },
        ...{ site_admin: false, user_view_type: "public" },
      };

const nodeId = (pull: SandboxPull, index: number): string => `PRR_${pull.number}_${index}`;

function handlers(state: GitHubState): Record<string, Handler> {
  const [owner = "", name = ""] = state.repository.split("/");
  const at = (path: string): string => `GET /repos/${owner}/${name}/${path}`;
  const run = (id: string | undefined): SandboxRun | undefined => state.runs.find((one) => String(one.id) === id);
  const pull = (number: string | undefined): SandboxPull | undefined => state.pulls.find((one) => String(one.number) === number);
  const pullOf = ({ number, author, head, merged }: SandboxPull): object => ({
    ...{ id: 9000 + number, node_id: `PR_${number}`, number, title: `A change ${number}`, draft: false, locked: false },
    ...{ state: merged === undefined ? "open" : "closed", merged_at: merged === undefined ? null : "2027-01-04T07:00:00Z" },
    ...{ merge_commit_sha: merged ?? null, user: userOf(state, author), body: null, author_association: "MEMBER" },
    ...{ head: { ref: "change", sha: head, label: `${owner}:change` }, base: { ref: "main", label: `${owner}:main` } },
  });
  return {
    [at("actions/runs/:id")]: ({ id }) => {
      const one = run(id);
      if (!one) return missing;
      const { attempt, event, actor, triggering = actor } = one;
      const facts = {
        id: one.id,
        name: "up",
        node_id: `WFR_${one.id}`,
        head_branch: "main",
        path: ".github/workflows/up.yml",
        run_number: 12,
      };
      const people = { actor: userOf(state, actor), triggering_actor: userOf(state, triggering) };
      return { status: 200, body: { ...facts, event, status: "in_progress", conclusion: null, run_attempt: attempt, ...people } };
    },
    [at("actions/runs/:id/approvals")]: ({ id }) => {
      const one = run(id);
      if (!one) return missing;
      const environment = (title: string, index: number): object => ({
        ...{
          id: 161_088_068 + index,
          node_id: `EN_${index}`,
          name: title,
          created_at: "2026-11-23T22:00:40Z",
          updated_at: "2026-11-23T22:00:40Z",
        },
        html_url: `https://github.com/${state.repository}/deployments/activity_log?environments_filter=${title}`,
      });
      return {
        status: 200,
        body: one.reviews.map(({ login, state: said, environments, comment }) => ({
          ...{ state: said, comment: comment ?? "", environments: environments.map(environment), user: userOf(state, login) },
        })),
      };
    },
    [at("pulls/:number")]: ({ number }) => {
      const one = pull(number);
      return one ? { status: 200, body: { ...pullOf(one), merged: one.merged !== undefined, mergeable: null } } : missing;
    },
    [at("commits/:sha/pulls")]: ({ sha }, call) =>
      pageOf(state.pulls.filter((one) => one.merged === sha || one.head === sha).map(pullOf), call),
    [at("pulls/:number/reviews")]: ({ number }, call) => {
      const one = pull(number);
      if (!one) return missing;
      const review = ({ login, state: said, body, commit, submitted }: SandboxReview, index: number): object => ({
        ...{ id: 80 + index, node_id: nodeId(one, index), user: userOf(state, login), body, state: said, commit_id: commit },
        ...{ submitted_at: submitted, author_association: "MEMBER", html_url: `https://github.com/${state.repository}/pull/${number}` },
        ...{ pull_request_url: `https://api.github.com/repos/${state.repository}/pulls/${number}`, _links: {} },
      });
      return pageOf(one.reviews.map(review), call);
    },
    [at("collaborators/:login/permission")]: ({ login = "" }) => {
      if (state.gone.has(login)) return failed(404, `${login} is not a user`);
      const right = state.collaborators.get(login);
      // Who is no collaborator may read what is public, or nothing.
      const permission = right === undefined ? "none" : right === "maintain" ? "write" : right === "triage" ? "read" : right;
      return { status: 200, body: { permission, role_name: right ?? "none", user: userOf(state, login) } };
    },
  };
}

function pageOf(rows: readonly object[], { query, path }: Call): Reply {
  const size = Math.min(Number(query.get("per_page") ?? 30), 100);
  const page = Number(query.get("page") ?? 1);
  const rest = rows.length > size * page;
  const link = `<https://api.github.com${path}?per_page=${size}&page=${page + 1}>; rel="next"`;
  return { status: 200, ...(rest ? { headers: { link } } : {}), body: rows.slice(size * (page - 1), size * page) };
}

function edits({ pulls }: GitHubState, { body }: Call, violations: Set<string>): Reply {
  const { query, variables } = JSON.parse(body) as { query?: string; variables?: { ids?: string[] } };
  if (!lastEdits.test(query ?? "") || !variables?.ids) {
    violations.add(`GraphQL: ${query}`);
    return { status: 200, body: { errors: [{ type: "undefinedField", message: "this server knows one question" }] } };
  }
  const known = new Map(pulls.flatMap((pull) => pull.reviews.map((review, index) => [nodeId(pull, index), review] as const)));
  const nodes = variables.ids.map((id) => {
    const review = known.get(id);
    return review ? { id, lastEditedAt: review.edited ?? null } : null;
  });
  return { status: 200, body: { data: { nodes } } };
}
