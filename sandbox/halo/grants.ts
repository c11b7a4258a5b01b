/** What stands behind a token besides an application alone: a person who logged in (code, refresh token), or a user's password. */
import { createHash, randomBytes } from "node:crypto";
import type { Call, Reply } from "../web/server.ts";

/** How an application signs in ("Authentication Method"); left out: by itself, with id and secret. */
export interface SignsIn {
  /** Who may sign in by password, and with which. */
  users?: { readonly [name: string]: string };
  /** The registered redirect address: a person logs in there, at once in the sandbox. */
  redirect?: string;
}

export interface Grants {
  /** What a browser gets at the authorize address of an application that people log in to. */
  authorize(client: SignsIn & { id: string }, query: URLSearchParams): Reply;
  /** `undefined`: good; else OAuth's name of the error. */
  refused(client: SignsIn & { id: string; secret: string }, form: URLSearchParams): string | undefined;
  /** The refresh token to give: where `offline_access` is asked for. It is good once. */
  refresh(client: SignsIn & { id: string }, form: URLSearchParams, scopes: readonly string[]): { refresh_token?: string };
}

export function haloGrants(): Grants {
  const codes = new Map<string, { client: string; challenge: string; redirect: string; scope: string }>();
  const refreshes = new Map<string, string>();
  const random = (): string => randomBytes(18).toString("base64url");
  const no = (text: string): Reply => ({ status: 400, text });
  return {
    authorize(client, query) {
      const redirect = query.get("redirect_uri") ?? "";
      if (client.redirect === undefined || redirect !== client.redirect) return no("The redirect address is not registered");
      if (query.get("response_type") !== "code" || query.get("code_challenge_method") !== "S256") return no("Not a login by code");
      const code = random();
      const scope = query.get("scope") ?? "";
      codes.set(code, { client: client.id, challenge: query.get("code_challenge") ?? "", redirect, scope });
      return { status: 302, headers: { location: `${redirect}?code=${code}&state=${query.get("state")}` } };
    },
    refused(client, form) {
      const kind = form.get("grant_type");
      const secret = client.secret === (form.get("client_secret") ?? "");
      if (kind === "password") {
        if (client.users === undefined) return "unauthorized_client";
        if (!secret) return "invalid_client";
        return client.users[form.get("username") ?? ""] === form.get("password") ? undefined : "invalid_grant";
      }
      if (kind === "client_credentials")
        return client.users || client.redirect !== undefined ? "unauthorized_client" : secret ? undefined : "invalid_client";
      if (client.redirect === undefined) return "unauthorized_client";
      if (!secret) return "invalid_client";
      if (kind === "refresh_token") return refreshes.get(form.get("refresh_token") ?? "") === client.id ? undefined : "invalid_grant";
      const code = codes.get(form.get("code") ?? "");
      codes.delete(form.get("code") ?? "");
      const proof = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      const isGood = code?.client === client.id && code.redirect === form.get("redirect_uri") && code.challenge === proof;
      if (isGood) form.set("scope", code.scope);
      return isGood ? undefined : "invalid_grant";
    },
    refresh(client, form, scopes) {
      refreshes.delete(form.get("refresh_token") ?? "");
      if (client.redirect === undefined || !scopes.includes("offline_access")) return {};
      const token = random();
      refreshes.set(token, client.id);
      return { refresh_token: token };
    },
  };
}

/** What the authorize address answers. */
export function authorizeReply(grants: Grants, clients: readonly (SignsIn & { id: string })[], call: Call): Reply {
  const client = clients.find(({ id }) => id === call.query.get("client_id"));
  return client ? grants.authorize(client, call.query) : { status: 400, text: "No such application" };
}
