/** The answer of an authorisation server as the library wants it: tolerant in what is read, for real servers are not strict. */

/** Statuses whose answer has no body, which a Response cannot be given one. */
const bodiless = [101, 204, 205, 304];

/**
 * What says nothing (null: Halo's `id_token`, a refresh token that was not given) is left out, as is an id token: nobody here asks
 * who the person is, and one of another issuer would be refused. Seconds as text become a number; a token is a bearer token unless
 * it says otherwise.
 */
export async function lenient(answer: Response): Promise<Response> {
  if (bodiless.includes(answer.status)) return answer;
  const text = await answer.text();
  const { status, headers } = answer;
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return new Response(text, { status, headers });
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) return new Response(text, { status, headers });
  const said: { [name: string]: unknown } = Object.fromEntries(
    Object.entries(data).filter(([name, value]) => value !== null && name !== "id_token"),
  );
  const { expires_in: life } = said;
  if (typeof life === "string" && /^\d+$/u.test(life)) said["expires_in"] = Number(life);
  if (typeof said["access_token"] === "string") said["token_type"] ??= "Bearer";
  return new Response(JSON.stringify(said), { status, headers });
}
