/** Requests to Graph that share their calls, and its no: in words that help, or as something that is so already. */
import { z } from "zod";
import { RefusedError, UnreachableError } from "../../base/errors.ts";
import { reason } from "../../base/rows.ts";
import type { GraphRequest } from "../../clients/graph/batch.ts";
import type { EntraClient, RequestOptions } from "../../clients/graph/client.ts";
import { type Answer, GraphRefusal, graphError } from "../../clients/graph/errors.ts";

/** An object, known by its id. */
export const made = z.object({ id: z.string().min(1) });
/** The answer to a search. */
export const found = z.object({ value: z.array(z.unknown()) });

/** One answer of Graph's as the schema expects it; `what` completes "Could not …". @throws RefusedError where it is something else. */
export function understood<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  throw new RefusedError(
    `Could not ${what}: Graph's answer was not understood (${reason(read.error)}); try again, and report it if it stays so`,
    "not-understood",
  );
}

const pageSchema = found.extend({ "@odata.nextLink": z.string().nullish() });

/**
 * All rows of a list, page by page, each sharing its call with what else is read at the moment; undefined where a page is answered by a
 * status of `none`. @throws UnreachableError where Graph names a next page on another host: a list that ends there is not whole
 */
export async function readRows(client: EntraClient, first: string, what: string, none: readonly number[]): Promise<unknown[] | undefined> {
  const rows = await rowsOr(client, first, what, ({ status }) => (none.includes(status) ? "none" : undefined));
  return rows === "none" ? undefined : rows;
}

/** The same; `instead` of a page that is refused: what that means, or undefined where it is no answer. */
export async function rowsOr<T extends string>(
  client: EntraClient,
  first: string,
  what: string,
  instead: (answer: Answer) => T | undefined,
): Promise<unknown[] | T> {
  const rows: unknown[] = [];
  for (let path = first; path !== ""; ) {
    const answer = await client.read(path, what);
    const meant = answer.status >= 400 ? instead(answer) : undefined;
    if (meant !== undefined) return meant;
    if (answer.status >= 400) throw graphError(what, "GET", path, answer);
    const { value, "@odata.nextLink": next } = understood(pageSchema, answer.body, what);
    for (const row of value) rows.push(row);
    if (next && !next.startsWith(`${client.base}/`))
      throw new UnreachableError(`Could not ${what}: Graph named a next page on another host; it was not followed.`);
    path = next ? next.slice(client.base.length) : "";
  }
  return rows;
}

/** Of an object that replicas do not know yet, or no more. */
export const isAbsent = ({ kind }: GraphRefusal): boolean => kind === "absent";

/** Graph's no to a request; undefined where there is none, or one that is as good as a yes. */
function refusalOf(what: string, { method, path }: GraphRequest, answer: Answer, isFine: (refusal: GraphRefusal) => boolean) {
  if (answer.status < 400) return undefined;
  const error = graphError(what, method, path, answer);
  return error instanceof GraphRefusal && isFine(error) ? undefined : error;
}

/** Sends. Throws RefusedError and the like, each in one line. */
export async function submit(client: EntraClient, request: GraphRequest, options: RequestOptions & { what: string }): Promise<Answer> {
  const answer = await client.submit(request, options);
  const refused = refusalOf(options.what, request, answer, () => false);
  if (refused) throw refused;
  return answer;
}

/** Sends what a new object may still be missing for. Resolves with what could not be done; `isFine`: a no by which it is done already, which its asker reads back. */
export async function tryTo(
  client: EntraClient,
  what: string,
  request: GraphRequest,
  isFine: (refusal: GraphRefusal) => boolean,
): Promise<Error | undefined> {
  return refusalOf(what, request, await client.submit(request, { what, passing: isAbsent }), isFine);
}

/** Deletes each, 20 a call; of those that are called gone already `gone` is told by index, to read them back. Resolves with what could not be done. */
export async function removeEach(
  client: EntraClient,
  all: readonly { path: string; what: string }[],
  gone: (index: number) => void,
): Promise<Error[]> {
  const requests = all.map(({ path }): GraphRequest => ({ method: "DELETE", path }));
  const answers = await client.batch(requests);
  return all.flatMap(({ path, what }, index) => {
    const answer = answers[index];
    const isFine = (refusal: GraphRefusal): boolean => {
      const fine = refusal.kind === "not-member" || isAbsent(refusal);
      if (fine) gone(index);
      return fine;
    };
    return (answer && refusalOf(what, { method: "DELETE", path }, answer, isFine)) ?? [];
  });
}

/** Sends what is about a user: a 403 there is mostly about whose account it is, not about the application's permissions. */
export async function send(client: EntraClient, request: GraphRequest, what: string): Promise<Answer> {
  try {
    return await submit(client, request, { what });
  } catch (error) {
    if (!(error instanceof GraphRefusal) || error.kind !== "forbidden") throw error;
    const { status, kind, code, requestId } = error;
    const trace = requestId === undefined ? "" : ` (request ${requestId})`;
    const named = /application permission ([\w.-]+)/u.exec(error.advice ?? "")?.[1];
    const lacking = what.includes("password") ? "User-PasswordProfile.ReadWrite.All" : named;
    const advice = `the account holds an Entra role or is in a role-assignable group, which an application may only touch with a role of its own (User Administrator, for administrators Privileged Authentication Administrator): do it by hand or list it in safety.yaml protected.accounts${lacking ? `; or the app lacks ${lacking}` : ""}`;
    throw new GraphRefusal(`Could not ${what}: ${code}; ${advice}${trace}`, code, { status, kind, requestId, advice });
  }
}
