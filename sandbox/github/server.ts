/**
 * A GitHub of one repository, as far as it says who has approved what: runs and their environments' reviews, pull requests, reviews, rights
 * of collaborators; and files, commits and branches as far as a pull request is opened. Shapes and statuses of api.github.com (REST 2022-11-28, and GraphQL for edits); what GitHub would not take, or would
 * ignore without a word, stands in `violations`.
 */
import { createHash } from "node:crypto";
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
  /** Its branch; `change` where left out. */
  branch?: string;
  title?: string;
  body?: string;
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
  /** Token → what it may read, and with `contents` write. */
  tokens: Map<string, readonly ("actions" | "pull_requests" | "contents")[]>;
  /** Token → whose it is, where pull requests are opened with it. */
  owners: Map<string, string>;
  /** Commit → its files, by path. */
  commits: Map<string, ReadonlyMap<string, string>>;
  /** Branch → commit; `main` is the default branch. */
  branches: Map<string, string>;
  /** Login → their right; who is not here is nobody of the repository. */
  collaborators: Map<string, "admin" | "maintain" | "write" | "triage" | "read">;
  /** Logins that are applications. */
  bots: Set<string>;
  /** Login → the account's id, where it matters: one that is renamed keeps it. */
  ids: Map<string, number>;
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
/** The parameters of the endpoints that have any. */
const parametersOf: readonly [RegExp, string[]][] = [
  [/\/(?:reviews|commits\/[^/]+\/pulls)$/u, ["per_page", "page"]],
  [/\/pulls$/u, ["per_page", "page", "state", "head"]],
  [/\/contents\//u, ["ref"]],
];
const lastEdits =
  /^\s*query\s*\(\$ids:\s*\[ID!\]!\)\s*\{\s*nodes\s*\(ids:\s*\$ids\)\s*\{\s*\.\.\.\s*on PullRequestReview\s*\{\s*id\s+lastEditedAt\s*\}\s*\}\s*\}\s*$/u;

type Handler = (parameters: Record<string, string>, call: Call) => Reply;

export async function startGitHub({ tls }: { tls: Tls }): Promise<GitHubServer> {
  const state: GitHubState = {
    repository: "northwind/people",
    ...{ ids: new Map(), owners: new Map(), commits: new Map(), branches: new Map() },
    ...{ tokens: new Map(), collaborators: new Map(), bots: new Set(), gone: new Set(), runs: [], pulls: [] },
  };
  const log: string[] = [];
  const violations = new Set<string>();
  const table = {
    reads: routes({ ...handlers(state), ...proposals(state) }),
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
    const known = parametersOf.find(([path]) => path.test(call.path))?.[1] ?? [];
    for (const name of call.query.keys()) if (!known.includes(name)) violations.add(`${call.path}: there is no parameter ${name}`);
    const found = find(table.reads, call.method, call.path);
    if (!found || found === "method") return missing;
    const needs = call.path.includes("/actions/")
      ? "actions"
      : /\/pulls(?:\/|$)/u.test(call.path)
        ? "pull_requests"
        : /\/(?:git|contents)\//u.test(call.path)
          ? "contents"
          : undefined;
    if (needs && !rights.includes(needs)) return failed(403, "Resource not accessible by integration");
    return found.handler(found.parameters, call);
  };
  const server = await serve({ tls, handle });
  return { url: server.url, state, log, violations, stop: () => server.stop() };
}

/** A `simple-user`, the fields that matter and some of those that do not. */
const userOf = ({ bots, ids }: GitHubState, login: string | null): object | null =>
  login === null
    ? null
    : {
        ...{
          login,
          id: ids.get(login) ?? [...login].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), 7) % 1e8,
          node_id: `U_${login}`,
        },
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
  const pullOf = ({ number, author, head, merged, branch = "change", title = `A change ${number}`, body }: SandboxPull): object => ({
    ...{ id: 9000 + number, node_id: `PR_${number}`, number, title, draft: false, locked: false },
    html_url: `https://github.com/${state.repository}/pull/${number}`,
    ...{ state: merged === undefined ? "open" : "closed", merged_at: merged === undefined ? null : "2027-01-04T07:00:00Z" },
    ...{ merge_commit_sha: merged ?? null, user: userOf(state, author), body: body ?? null, author_association: "MEMBER" },
    ...{ head: { ref: branch, sha: head, label: `${owner}:${branch}` }, base: { ref: "main", label: `${owner}:main` } },
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
    [at("pulls")]: (_, call) => {
      const [head, wanted = "open"] = [call.query.get("head"), call.query.get("state") ?? undefined];
      const rows = state.pulls.filter(
        (one) => (head === null || head === `${owner}:${one.branch}`) && (wanted !== "open" || one.merged === undefined),
      );
      return pageOf(rows.map(pullOf), call);
    },
    [at("pulls").replace("GET", "POST")]: (_, call) => {
      const { title, body, head, base } = JSON.parse(call.body) as { [name: string]: string };
      const commit = state.branches.get(head ?? "");
      if (!title || commit === undefined || base !== "main") return failed(422, "Validation Failed");
      if (state.pulls.some(({ branch, merged }) => branch === head && merged === undefined)) return failed(422, "Validation Failed");
      const [, token = ""] = /^Bearer (.+)$/u.exec(call.headers["authorization"] ?? "") ?? [];
      const number = Math.max(0, ...state.pulls.map((one) => one.number)) + 1;
      const made = {
        number,
        author: state.owners.get(token) ?? "nobody",
        head: commit,
        branch: head ?? "",
        title,
        body: body ?? "",
        reviews: [],
      };
      state.pulls.push(made);
      return { status: 201, body: pullOf(made) };
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

/** Git's objects, as REST has them: a file is read, a tree is made of another one, a commit of it, and a branch points to that. */
function proposals(state: GitHubState): Record<string, Handler> {
  const at = (method: string, path: string): string => `${method} /repos/${state.repository}${path}`;
  const trees = new Map<string, ReadonlyMap<string, string>>();
  const sent = ({ body }: Call): { [name: string]: unknown } => JSON.parse(body) as { [name: string]: unknown };
  const sha = (of: unknown): string => createHash("sha1").update(JSON.stringify(of)).digest("hex");
  const ref = (branch: string, commit: string): object => ({ ref: `refs/heads/${branch}`, object: { type: "commit", sha: commit } });
  return {
    [at("GET", "")]: () => ({ status: 200, body: { full_name: state.repository, private: true, default_branch: "main" } }),
    [at("GET", "/git/ref/heads/:branch")]: ({ branch = "" }) => {
      const commit = state.branches.get(branch);
      return commit === undefined ? missing : { status: 200, body: ref(branch, commit) };
    },
    [at("GET", "/git/commits/:sha")]: ({ sha: commit = "" }) => {
      const files = state.commits.get(commit);
      if (!files) return missing;
      const tree = sha([...files]);
      trees.set(tree, files);
      return { status: 200, body: { sha: commit, tree: { sha: tree } } };
    },
    [at("GET", "/contents/:folder/:file")]: ({ folder, file }, { query }) => {
      const text = state.commits.get(query.get("ref") ?? state.branches.get("main") ?? "")?.get(`${folder}/${file}`);
      if (text === undefined) return missing;
      // As GitHub does, in lines.
      const content = Buffer.from(text).toString("base64").replace(/.{60}/gu, "$&\n");
      return { status: 200, body: { type: "file", encoding: "base64", name: file, path: `${folder}/${file}`, content } };
    },
    [at("POST", "/git/trees")]: (_, call) => {
      const { base_tree: base, tree } = sent(call) as { base_tree: string; tree: { path: string; mode: string; content: string }[] };
      const before = trees.get(base);
      if (!before || tree.some(({ mode }) => mode !== "100644")) return failed(422, "Validation Failed");
      const files = new Map([...before, ...tree.map(({ path, content }) => [path, content] as const)]);
      trees.set(sha([...files]), files);
      return { status: 201, body: { sha: sha([...files]) } };
    },
    [at("POST", "/git/commits")]: (_, call) => {
      const { message, tree, parents } = sent(call) as { message: string; tree: string; parents: string[] };
      const files = trees.get(tree);
      if (!message || !files || !parents.every((one) => state.commits.has(one))) return failed(422, "Validation Failed");
      const commit = sha([message, tree, parents]);
      state.commits.set(commit, files);
      return { status: 201, body: { sha: commit } };
    },
    [at("POST", "/git/refs")]: (_, call) => {
      const { ref: name, sha: commit } = sent(call) as { ref: string; sha: string };
      const branch = name.replace("refs/heads/", "");
      if (!name.startsWith("refs/heads/") || state.branches.has(branch) || !state.commits.has(commit))
        return failed(422, "Reference already exists");
      state.branches.set(branch, commit);
      return { status: 201, body: ref(branch, commit) };
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
