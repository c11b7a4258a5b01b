/** entra:User: one request, with what replication explains tried again, and with Graph's no in words that help. */
import { ConfigurationError } from "../../../base/errors.ts";
import type { GraphRequest } from "../../../clients/graph/batch.ts";
import type { EntraClient } from "../../../clients/graph/client.ts";
import { type Answer, GraphRefusal, graphError } from "../../../clients/graph/errors.ts";

/** What was just written may not be found by the next call. Pauses before trying again, ms. */
const replication = [1000, 2000, 4000, 8000, 15_000];

/** Sends; `fresh`: the account was made or restored a moment ago. Throws RefusedError and the like, each in one line. */
export async function send(client: EntraClient, request: GraphRequest, what: string, fresh = false): Promise<Answer> {
  for (const pause of [...(fresh ? replication : []), undefined]) {
    const answer = await client.submit(request);
    if (answer.status < 400) return answer;
    const error = graphError(what, request.method, request.path, answer);
    if (pause === undefined || !(error instanceof GraphRefusal) || error.kind !== "absent") throw explained(error, what);
    await client.clock.sleep(pause);
  }
  throw new ConfigurationError(`Could not ${what}.`);
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
