/** The few calls the workflows make to GitHub's REST API. Pages are followed to the end: a missed one would post twice. */
import ky, { HTTPError } from "ky";
import { z } from "zod";

const env = z.object({
  GITHUB_TOKEN: z.string().min(1),
  GITHUB_REPOSITORY: z.string().regex(/^[^/]+\/[^/]+$/u),
  GITHUB_API_URL: z.url().default("https://api.github.com"),
});

export interface GitHub {
  /** Whom comments and issues made with a workflow's own token are by. */
  us: string;
  all<T>(path: string, schema: z.ZodType<T>): Promise<T[]>;
  send(method: "POST" | "PATCH", path: string, body: unknown): Promise<void>;
  ensureLabel(name: string, description: string): Promise<void>;
}

/** Where this run of the workflow can be looked at; undefined outside a workflow. */
export function runAddress(): string | undefined {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = process.env;
  return GITHUB_SERVER_URL && GITHUB_REPOSITORY && GITHUB_RUN_ID
    ? `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
    : undefined;
}

/** `path` is relative to the repository: `issues/12/comments`. Throws ZodError where the variables of a runner are missing. */
export function gitHub(): GitHub {
  const { GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_API_URL } = env.parse(process.env);
  const api = ky.create({
    prefix: `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/`,
    headers: { authorization: `Bearer ${GITHUB_TOKEN}`, accept: "application/vnd.github+json", "x-github-api-version": "2022-11-28" },
    retry: { limit: 3 },
  });
  const send: GitHub["send"] = async (method, path, body) => {
    // A POST that is repeated blindly may post twice.
    await api(path, { method, json: body, retry: method === "POST" ? 0 : 3 });
  };
  return {
    us: "github-actions[bot]",
    async all(path, schema) {
      const found: z.infer<typeof schema>[] = [];
      const [place = "", query = ""] = path.split("?");
      for (let page = 1; ; page += 1) {
        const rows = z
          .array(schema)
          .parse(await api.get(place, { searchParams: { ...Object.fromEntries(new URLSearchParams(query)), per_page: 100, page } }).json());
        found.push(...rows);
        if (rows.length < 100) return found;
      }
    },
    send,
    async ensureLabel(name, description) {
      const there = await api.get(`labels/${encodeURIComponent(name)}`, { throwHttpErrors: false });
      if (there.ok) return;
      await send("POST", "labels", { name, description, color: "d93f0b" }).catch((error: unknown) => {
        // 422: another run has just made it.
        if (!(error instanceof HTTPError && error.response.status === 422)) throw error;
      });
    },
  };
}
