/** entra:User: one request, with Graph's no in words that help. */
import type { GraphRequest } from "../../../clients/graph/batch.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { type Answer, GraphRefusal, graphError } from "../../../clients/graph/errors.ts";

/** Sends. Throws RefusedError and the like, each in one line. */
export async function send(client: EntraClient, request: GraphRequest, what: string): Promise<Answer> {
  const answer = await client.submit(request, { what });
  if (answer.status < 400) return answer;
  throw explained(graphError(what, request.method, request.path, answer), what);
}

/** A 403 on a user is mostly about whose account it is, not about the application's permissions. */
function explained(error: Error, what: string): Error {
  if (!(error instanceof GraphRefusal) || error.kind !== "forbidden") return error;
  const trace = error.requestId === undefined ? "" : ` (request ${error.requestId})`;
  const named = /application permission ([\w.-]+)/u.exec(error.advice ?? "")?.[1];
  const lacking = what.includes("password") ? "User-PasswordProfile.ReadWrite.All" : named;
  const { status, kind, requestId } = error;
  const advice = `the account holds an Entra role or is in a role-assignable group, which an application may only touch with a role of its own (User Administrator, for administrators Privileged Authentication Administrator): do it by hand or list it in safety.yaml protected.accounts${lacking ? `; or the app lacks ${lacking}` : ""}`;
  return new GraphRefusal(`Could not ${what}: ${error.code}; ${advice}${trace}`, error.code, { status, kind, requestId, advice });
}
