/**
 * What was answered at sign-in. The errors of @azure/identity carry neither status nor body (a 503 of the token endpoint reads
 * `[object Object]: Error(s): Not Available`), so the answers are looked at as they come in.
 */
import type { TokenCredentialOptions } from "@azure/identity";
import { oneLine } from "../../base/errors.ts";
import { parsed } from "../http/answer.ts";

/** One answer of the authority. */
export interface SignInAnswer {
  host: string;
  /** 0: none came, and `said` is why. */
  status: number;
  /** AADSTS and what follows, or OAuth's error; "" where the body says nothing. */
  said: string;
  /** Retry-After, as sent. */
  retryAfter: string | undefined;
}

type Policy = NonNullable<TokenCredentialOptions["additionalPolicies"]>[number];

/** Sees every answer of the authority, and keeps the last. */
export interface SignInWatch {
  /** Undefined: none came. */
  last(): SignInAnswer | undefined;
  /** Before another attempt. */
  forget(): void;
  options: { additionalPolicies: Policy[] };
}

export function watchSignIn(): SignInWatch {
  let last: SignInAnswer | undefined;
  const policy: Policy["policy"] = {
    name: "haloformSignInWatch",
    async sendRequest(request, next) {
      const { host } = new URL(request.url);
      const response = await next(request).catch((error: unknown) => {
        last = { host, status: 0, said: causeOf(error), retryAfter: undefined };
        throw error;
      });
      last = { host, status: response.status, said: saidIn(response.bodyAsText ?? ""), retryAfter: response.headers.get("retry-after") };
      return response;
    },
  };
  return { last: () => last, forget: () => void (last = undefined), options: { additionalPolicies: [{ policy, position: "perRetry" }] } };
}

/** What Node said first: what is built on it says less. */
function causeOf(error: unknown): string {
  let text = String(error);
  for (let one = error; one instanceof Error; one = one.cause) text = one.message || text;
  return oneLine(text).slice(0, 300);
}

/** The words of an error's body; never a token, as only these two fields are looked at. */
function saidIn(body: string): string {
  const value = parsed(body);
  if (typeof value !== "object" || value === null) return "";
  const { error, error_description: description } = value as { error?: unknown; error_description?: unknown };
  const words = [description, error].find((text) => typeof text === "string" && text.trim() !== "");
  return typeof words === "string" ? oneLine(words).slice(0, 400) : "";
}
