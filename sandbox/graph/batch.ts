/** POST /$batch: up to 20 requests in one; the outer answer is 200 even when all inner ones fail, and their order is any. */
import { isObject, type Row } from "../web/json.ts";
import type { Call, Reply } from "../web/server.ts";
import { malformed, throttled } from "./errors.ts";
import type { GraphFaults } from "./faults.ts";

const most = 20;

interface Inner {
  id: string;
  call: Call;
  dependsOn: string[];
}

/** Words for what is wrong with a batch as a whole, or its requests. */
function parse(outer: Call, complain: (what: string) => void): Inner[] | string {
  let body: unknown;
  try {
    body = JSON.parse(outer.body);
  } catch {
    return "Invalid batch payload format.";
  }
  const list = isObject(body) ? body["requests"] : undefined;
  if (!Array.isArray(list) || list.length === 0) return "Invalid batch payload format.";
  if (list.length > most) {
    complain(`a batch of ${list.length} requests, at most ${most}`);
    return `Number of batch request steps exceeds the maximum value allowed of ${most}.`;
  }
  const requests: Inner[] = [];
  for (const item of list) {
    if (!isObject(item) || typeof item["id"] !== "string" || typeof item["method"] !== "string" || typeof item["url"] !== "string")
      return "Invalid batch payload format.";
    const { id, method, url } = item as { id: string; method: string; url: string };
    if (requests.some((known) => known.id.toLowerCase() === id.toLowerCase())) return `Duplicate request id: ${id}.`;
    if (/^https?:/iu.test(url)) {
      complain("a batch with an absolute URL inside");
      return `The url of request ${id} must be relative.`;
    }
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries((item["headers"] ?? {}) as Row)) headers[name.toLowerCase()] = String(value);
    if (item["body"] !== undefined && headers["content-type"] === undefined) {
      complain("a batch with a body inside that has no Content-Type");
      return `Write request id : ${id} does not contain Content-Type header or body.`;
    }
    const at = new URL(`/v1.0/${url.replace(/^\//u, "")}`, "https://localhost");
    const call: Call = {
      method: method.toUpperCase(),
      path: at.pathname,
      query: at.searchParams,
      headers: { ...headers, authorization: outer.headers["authorization"] },
      body: item["body"] === undefined ? "" : JSON.stringify(item["body"]),
    };
    requests.push({ id, call, dependsOn: Array.isArray(item["dependsOn"]) ? item["dependsOn"].map(String) : [] });
  }
  return requests;
}

/** `dispatch` answers one inner request; the answers come back in an order of their own. */
export async function batch(
  outer: Call,
  options: { faults: GraphFaults; complain: (what: string) => void; dispatch: (call: Call) => Reply },
): Promise<Reply> {
  const { faults, complain, dispatch } = options;
  const requests = parse(outer, complain);
  if (typeof requests === "string") return malformed(requests);
  const failed = new Set<string>();
  const responses = requests.map(({ id, call, dependsOn }) => {
    let reply: Reply;
    if (dependsOn.some((other) => failed.has(other)))
      reply = { status: 424, body: { error: { code: "FailedDependency", message: "A dependency failed." } } };
    else if (call.path.toLowerCase() === "/v1.0/$batch") reply = malformed("A batch cannot hold a batch.");
    else if (faults.throttledInside > 0) {
      faults.throttledInside--;
      reply = throttled(faults.retryAfter);
    } else reply = dispatch(call);
    if (reply.status >= 300) failed.add(id);
    const headers: Record<string, string> = { ...(reply.body === undefined ? {} : { "Content-Type": "application/json" }) };
    for (const [name, value] of Object.entries(reply.headers ?? {})) {
      if (name === "retry-after") headers["Retry-After"] = value;
      else if (name.startsWith("x-ms-")) headers[name] = value;
    }
    return { id, status: reply.status, headers, ...(reply.body === undefined ? {} : { body: reply.body }) };
  });
  // Any order is allowed: the second half first, backwards.
  const half = Math.floor(responses.length / 2);
  return { status: 200, body: { responses: [...responses.slice(half).toReversed(), ...responses.slice(0, half)] } };
}
