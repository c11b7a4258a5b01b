/** A change of files as a pull request on GitHub: one commit on the default branch's newest, in a branch of its own. */
import { z } from "zod";
import { RefusedError } from "../../base/errors.ts";
import type { Clock } from "../http/clock.ts";
import { askerOf, calledGitHub, type GitHubConfig } from "./asker.ts";

const repositorySchema = z.object({ default_branch: z.string() });
const refSchema = z.object({ object: z.object({ sha: z.string() }) });
const commitSchema = z.object({ tree: z.object({ sha: z.string() }) });
const madeSchema = z.object({ sha: z.string() });
const fileSchema = z.object({ type: z.literal("file"), encoding: z.literal("base64"), content: z.string() });
const pullSchema = z.object({ html_url: z.string() });

const called = {
  ...calledGitHub,
  rights: {
    token: "check GITHUB_TOKEN",
    forbidden: "the token needs to write the contents and pull requests of the repository",
  },
};

/** The default branch as it is. */
export interface Main {
  branch: string;
  commit: string;
}

export interface Proposal {
  /** Of its own; the same for the same change. */
  branch: string;
  title: string;
  body: string;
  /** Path in the repository → its new text. */
  files: ReadonlyMap<string, string>;
}

export interface Proposing {
  main(): Promise<Main>;
  /** A file's text there; undefined: there is none. */
  file(main: Main, path: string): Promise<string | undefined>;
  /** Address of the pull request; `isNew` false: it was open already. Throws RefusedError. */
  propose(main: Main, proposal: Proposal): Promise<{ url: string; isNew: boolean }>;
}

const encoded = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

export function connectToPropose(config: GitHubConfig, options: Partial<Clock> = {}): Proposing {
  const { one, all, made } = askerOf(config, called, options);
  const [owner = ""] = config.repository.split("/");
  const ifThere = async <T>(work: Promise<T>, code: string): Promise<T | undefined> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof RefusedError && error.code === code) return undefined;
      throw error;
    }
  };
  return {
    async main() {
      const { default_branch: branch } = await one(repositorySchema, "");
      const { object } = await one(refSchema, `git/ref/heads/${encoded(branch)}`);
      return { branch, commit: object.sha };
    },
    async file({ commit }, path) {
      const found = await ifThere(one(fileSchema, `contents/${encoded(path)}?ref=${commit}`), "404");
      return found && Buffer.from(found.content, "base64").toString("utf8");
    },
    async propose(main, { branch, title, body, files }) {
      const head = `${owner}:${branch}`;
      const opened = async (): Promise<string | undefined> =>
        (await all(pullSchema, `pulls?state=open&head=${encodeURIComponent(head)}`))[0]?.html_url;
      const { tree: before } = await one(commitSchema, `git/commits/${main.commit}`);
      const tree = [...files].map(([path, content]) => ({ path, mode: "100644", type: "blob", content }));
      const { sha: next } = await made(madeSchema, "git/trees", { base_tree: before.sha, tree });
      const { sha } = await made(madeSchema, "git/commits", { message: `${title}\n\n${body}`, tree: next, parents: [main.commit] });
      const ref = await ifThere(made(refSchema, "git/refs", { ref: `refs/heads/${branch}`, sha }), "422");
      const there = ref ? undefined : await opened();
      if (there !== undefined) return { url: there, isNew: false };
      const { html_url: url } = await made(pullSchema, "pulls", { title, body, head: branch, base: main.branch });
      return { url, isNew: true };
    },
  };
}
