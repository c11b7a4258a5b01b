/** A GitHub for the workflows' scripts: issues, comments and labels of one repository, paged and strict, on loopback. */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface Comment {
  id: number;
  issue: number;
  body: string;
  user: { login: string };
}

export interface Issue {
  number: number;
  title: string;
  body: string;
  state: "open" | "closed";
  labels: string[];
  user: { login: string };
  pull_request?: object;
}

export interface FakeGitHub {
  url: string;
  token: string;
  repository: string;
  comments: Comment[];
  issues: Issue[];
  labels: string[];
  /** `POST issues/7/comments` and so on, in order; refused calls too, with their status. */
  log: { call: string; status: number }[];
  stop(): Promise<void>;
}

const bot = { login: "github-actions[bot]" };
const mostBody = 65_536;

interface Answer {
  status: number;
  body?: unknown;
}

const invalid = (message: string): Answer => ({ status: 422, body: { message: "Validation Failed", errors: [{ message }] } });

async function json(message: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return chunks.length === 0 ? {} : (JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>);
}

/** Only these keys may be sent; text has GitHub's limit. */
function checked(sent: Record<string, unknown>, allowed: readonly string[]): Answer | undefined {
  const unknown = Object.keys(sent).filter((key) => !allowed.includes(key));
  if (unknown.length > 0) return invalid(`unknown: ${unknown.join(", ")}`);
  if ("body" in sent && (typeof sent["body"] !== "string" || sent["body"].length === 0 || sent["body"].length > mostBody))
    return invalid("body is too long or empty");
  return undefined;
}

export async function fakeGitHub(): Promise<FakeGitHub> {
  const hub: Omit<FakeGitHub, "url" | "stop"> = {
    token: "ghs_of-this-test",
    repository: "northwind/people",
    comments: [],
    issues: [],
    labels: ["bug"],
    log: [],
  };
  let ids = 1000;

  const answer = async (message: IncomingMessage, url: URL): Promise<Answer> => {
    if (message.headers.authorization !== `Bearer ${hub.token}`) return { status: 401, body: { message: "Bad credentials" } };
    if (!message.headers["user-agent"]) return { status: 403, body: { message: "Request forbidden by administrative rules." } };
    const root = `/repos/${hub.repository}/`;
    if (!url.pathname.startsWith(root)) return { status: 404, body: { message: "Not Found" } };
    const parts = url.pathname.slice(root.length).split("/").map(decodeURIComponent);
    const what = `${message.method} ${parts.map((part) => (/^\d+$/u.test(part) ? ":n" : part)).join("/")}`;
    const page = <T>(all: readonly T[]): Answer => {
      const size = Math.min(Number(url.searchParams.get("per_page") ?? 30), 100);
      const at = (Number(url.searchParams.get("page") ?? 1) - 1) * size;
      return { status: 200, body: all.slice(at, at + size) };
    };
    const sent = message.method === "GET" ? {} : await json(message);
    const issue = hub.issues.find((one) => one.number === Number(parts[1]));
    switch (what) {
      case "GET issues/:n/comments":
        return issue ? page(hub.comments.filter((one) => one.issue === issue.number)) : { status: 404 };
      case "POST issues/:n/comments": {
        if (!issue) return { status: 404 };
        const wrong = checked(sent, ["body"]);
        if (wrong) return wrong;
        const made: Comment = { id: (ids += 1), issue: issue.number, body: String(sent["body"]), user: bot };
        hub.comments.push(made);
        return { status: 201, body: made };
      }
      case "PATCH issues/comments/:n": {
        const comment = hub.comments.find((one) => one.id === Number(parts[2]));
        if (!comment) return { status: 404 };
        const wrong = checked(sent, ["body"]);
        if (wrong) return wrong;
        comment.body = String(sent["body"]);
        return { status: 200, body: comment };
      }
      case "GET issues": {
        const state = url.searchParams.get("state") ?? "open";
        const labels = (url.searchParams.get("labels") ?? "").split(",").filter((label) => label !== "");
        return page(
          hub.issues
            .filter((one) => (state === "all" || one.state === state) && labels.every((label) => one.labels.includes(label)))
            .toReversed(),
        );
      }
      case "POST issues": {
        const wrong = checked(sent, ["title", "body", "labels"]);
        if (wrong) return wrong;
        const labels = (sent["labels"] ?? []) as string[];
        if (!labels.every((label) => hub.labels.includes(label))) return invalid("there is no such label");
        const made: Issue = {
          number: Math.max(0, ...hub.issues.map((one) => one.number)) + 1,
          title: String(sent["title"]),
          body: String(sent["body"]),
          state: "open",
          labels,
          user: bot,
        };
        hub.issues.push(made);
        return { status: 201, body: made };
      }
      case "PATCH issues/:n": {
        if (!issue) return { status: 404 };
        const wrong = checked(sent, ["body", "state", "state_reason"]);
        if (wrong) return wrong;
        if ("body" in sent) issue.body = String(sent["body"]);
        if ("state" in sent) issue.state = sent["state"] as Issue["state"];
        return { status: 200, body: issue };
      }
      case "POST labels": {
        const wrong = checked(sent, ["name", "color", "description"]);
        if (wrong) return wrong;
        if (!/^[0-9a-f]{6}$/u.test(String(sent["color"]))) return invalid("color");
        if (hub.labels.includes(String(sent["name"]))) return invalid("already_exists");
        hub.labels.push(String(sent["name"]));
        return { status: 201, body: {} };
      }
      default:
        if (message.method === "GET" && parts[0] === "labels" && parts.length === 2)
          return { status: hub.labels.includes(parts[1] ?? "") ? 200 : 404, body: {} };
        return { status: 404, body: { message: "Not Found" } };
    }
  };

  const server = createServer((message, response) => {
    const url = new URL(message.url ?? "/", "http://localhost");
    answer(message, url).then(
      ({ status, body }) => {
        hub.log.push({ call: `${message.method} ${url.pathname.replace(`/repos/${hub.repository}/`, "")}`, status });
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body ?? { message: "Not Found" }));
      },
      (error: unknown) => void response.writeHead(400).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return Object.assign(hub, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
