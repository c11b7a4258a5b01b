/** How GitHub's REST API (2022-11-28) is asked: headers, pages, and one line for whatever it answers. */
import type { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import { type Called, dataOf } from "../http/answer.ts";
import { type Clock, stoppable } from "../http/clock.ts";
import { makeLimiter } from "../http/limiter.ts";
import { makeWire } from "../http/wire.ts";

export const calledGitHub: Omit<Called, "rights"> = {
  system: "GitHub",
  address: "haloform:approvers.github.api",
  authority: "haloform:approvers.github.ca",
  credential: "GITHUB_TOKEN",
  limit: "how often it is asked",
};

export interface GitHubConfig {
  api: string;
  /** `owner/name` */
  repository: string;
  ca?: string | undefined;
  token: string;
}

export interface Asker {
  /** One request to an address. Throws RefusedError, also where the answer is not understood. */
  asked<T>(schema: z.ZodType<T>, what: string, url: string, body?: object, write?: boolean): Promise<T>;
  /** `path` in the repository: `pulls/7`. */
  one<T>(schema: z.ZodType<T>, path: string): Promise<T>;
  all<T>(schema: z.ZodType<T>, path: string): Promise<T[]>;
  /** What it made. It is never tried again: twice is two. */
  made<T>(schema: z.ZodType<T>, path: string, body: object): Promise<T>;
}

/** Rows of a page; fewer are the last page. */
const page = 100;

export function askerOf({ api, repository, ca, token }: GitHubConfig, called: Called, options: Partial<Clock>): Asker {
  const clock = stoppable(options, called.system);
  const wire = makeWire({ ...clock, limiter: makeLimiter({ ...clock, limit: 1000, window: 3600 }), called, timeout: 30_000, ca });
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": "haloform",
    "x-github-api-version": "2022-11-28",
  };
  const asked: Asker["asked"] = async (schema, what, url, body, write = false) => {
    const sent = body
      ? { method: "POST" as const, body: JSON.stringify(body), headers: { ...headers, "content-type": "application/json" } }
      : { method: "GET" as const, headers };
    const answer = await wire.send({ ...sent, what, write, url: new URL(url) });
    const found = schema.safeParse(dataOf(answer, { what, write }, called));
    if (found.success) return found.data;
    const [issue] = found.error.issues;
    throw new RefusedError(
      `${what}: GitHub's answer is not understood (${issue?.path.join(".")}: ${issue?.message}); use \`haloform approve\` instead`,
      "answer",
    );
  };
  const at = (path: string): string => `${api}/repos/${repository}${path === "" ? "" : "/"}${path}`;
  const one: Asker["one"] = (schema, path) => asked(schema, `GET ${path}`, at(path));
  return {
    asked,
    one,
    async all(schema, path) {
      const rows: (typeof schema)["_output"][] = [];
      for (let number = 1; ; number += 1) {
        const more = await one(schema.array(), `${path}${path.includes("?") ? "&" : "?"}per_page=${page}&page=${number}`);
        rows.push(...more);
        if (more.length < page) return rows;
      }
    },
    made: (schema, path, body) => asked(schema, `POST ${path}`, at(path), body, true),
  };
}
