/**
 * A small runner of workflow files: jobs and steps in their order, the `run:` commands with bash as GitHub does, in a fresh
 * checkout for each job, with outputs, summary and artifacts. What it does not know it refuses, so that nothing is skipped
 * in silence. Left out: what is got from elsewhere, `npm ci` (node_modules of this checkout are linked in), Node (this one is) and
 * setup-node.
 */
import { type ChildProcess, spawn } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ended, root } from "./support.ts";

const texts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
const step = z.strictObject({
  id: z.string().optional(),
  name: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: texts.optional(),
  env: texts.optional(),
  run: z.string().optional(),
  "working-directory": z.string().optional(),
});
const job = z.strictObject({
  "runs-on": z.string(),
  "timeout-minutes": z.number(),
  if: z.string().optional(),
  needs: z.string().optional(),
  environment: z.string().optional(),
  permissions: texts.optional(),
  outputs: texts.optional(),
  env: texts.optional(),
  steps: z.array(step),
});
export const workflowSchema = z.strictObject({
  name: z.string(),
  on: z.unknown(),
  permissions: texts,
  concurrency: z.strictObject({ group: z.string(), "cancel-in-progress": z.boolean() }),
  jobs: z.record(z.string(), job),
});
export type Workflow = z.infer<typeof workflowSchema>;

export interface StepDone {
  name: string;
  code: number;
  out: string;
  err: string;
  /** From its cancelling to its end. */
  seconds?: number;
}

export interface JobDone {
  result: "success" | "failure" | "skipped" | "cancelled";
  steps: StepDone[];
  outputs: Record<string, string>;
  summary: string;
}

export interface RunOptions {
  /** Path of the workflow file. */
  file: string;
  /** A folder with the repository as it is checked out (see `repository`). */
  checkout: string;
  /** What is checked out by a `ref`: the branch of a pull request. */
  branch?: string;
  /** Folder for workspaces and artifacts of this run. */
  folder: string;
  /** `github.event.pull_request.number` and the like. */
  github: Record<string, string>;
  vars: (environment: string | undefined) => Record<string, string>;
  secrets: (environment: string | undefined) => Record<string, string>;
  /** What the machine itself has in its environment, by environment of the job (stands for OIDC). */
  machine: (environment: string | undefined) => NodeJS.ProcessEnv;
  /** Waits before a job starts: an approval, or a change of the world. */
  before?: (job: string) => void | Promise<void>;
  /** Cancels the job in the step of this name, as soon as this is so; it is given what the step has said on stderr. */
  cancel?: { step: string; when: (said: string) => boolean };
}

const left = new Set(["node_modules", ".haloform", ".git", "plan", "test", "bench", "tools"]);

/** A copy of this checkout as `actions/checkout` would leave it. */
export function repository(to: string): string {
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(root))
    if (!left.has(name) && !/^Pulumi\..*\.yaml$/u.test(name)) cpSync(join(root, name), join(to, name), { recursive: true });
  return to;
}

/** Runs the jobs one after the other. Throws where the file uses something this runner does not know. */
export async function runWorkflow(options: RunOptions): Promise<Record<string, JobDone>> {
  const workflow = workflowSchema.parse(parse(readFileSync(options.file, "utf8")));
  const artifacts = join(options.folder, "artifacts");
  mkdirSync(artifacts, { recursive: true });
  const done: Record<string, JobDone> = {};
  for (const [name, one] of Object.entries(workflow.jobs)) {
    const needs = one.needs === undefined ? undefined : done[one.needs];
    const scope = new Scope(options, one.environment, done);
    const wanted = (needs === undefined || needs.result === "success") && scope.condition(one.if);
    if (!wanted) {
      done[name] = { result: "skipped", steps: [], outputs: {}, summary: "" };
      continue;
    }
    await options.before?.(name);
    done[name] = await runJob(one, scope, options, artifacts);
  }
  return done;
}

async function runJob(one: z.infer<typeof job>, scope: Scope, options: RunOptions, artifacts: string): Promise<JobDone> {
  const workspace = mkdtempSync(join(options.folder, "job-"));
  const [output, summary] = [`${workspace}.output`, `${workspace}.summary`];
  writeFileSync(summary, "");
  const steps: StepDone[] = [];
  let failed = false;
  let cancelled = false;
  const jobEnv = scope.values(one.env);
  scope.temp = `${workspace}.temp`;
  mkdirSync(scope.temp);
  for (const each of one.steps) {
    if ((failed || cancelled) && each.if !== "always()") continue;
    if (each.if !== undefined && each.if !== "always()") throw new Error(`the runner does not know if: ${each.if}`);
    if (each.uses !== undefined) {
      use(each.uses, scope.values(each.with), { workspace, artifacts, options });
      continue;
    }
    const run = each.run ?? "";
    if (await got(run, workspace)) continue;
    if (run.includes("${{")) throw new Error(`an expression inside a script can be used to run code: ${run}`);
    writeFileSync(output, "");
    const env = {
      ...{
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        HALOFORM_CACHE: process.env["HALOFORM_CACHE"],
        XDG_CACHE_HOME: process.env["XDG_CACHE_HOME"],
      },
      ...{
        CI: "true",
        GITHUB_ACTIONS: "true",
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: scope.temp,
        GITHUB_RUN_ID: "77",
        GITHUB_SERVER_URL: "https://github.example.com",
      },
      ...{ GITHUB_REPOSITORY: options.github["repository"], GITHUB_API_URL: options.github["api_url"] },
      ...options.machine(one.environment),
      ...jobEnv,
      ...scope.values(each.env),
    };
    const script = `${workspace}.sh`;
    writeFileSync(script, run);
    const cwd = join(workspace, each["working-directory"] ?? "");
    const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", script], {
      ...{ cwd, env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const over = ended(child);
    const cancel = options.cancel?.step === each.name ? cancelWhen(child, options.cancel?.when ?? (() => false)) : undefined;
    const { code, out, err } = await over;
    const seconds = await cancel?.over();
    steps.push({ name: each.name ?? run, code: code ?? 1, out, err, ...(seconds === undefined ? {} : { seconds }) });
    if (code !== 0) failed = true;
    if (seconds !== undefined) cancelled = true;
    if (each.id !== undefined)
      scope.steps[each.id] = Object.fromEntries(
        readFileSync(output, "utf8")
          .split("\n")
          .flatMap((line) => (line.includes("=") ? [[line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]] : [])),
      );
  }
  const outputs = scope.values(one.outputs);
  const result: JobDone = {
    result: cancelled ? "cancelled" : failed ? "failure" : "success",
    steps,
    outputs,
    summary: readFileSync(summary, "utf8"),
  };
  for (const folder of [workspace, scope.temp]) rmSync(folder, { recursive: true, force: true });
  return result;
}

/** What a step would get from elsewhere; false where it is none of these. */
async function got(run: string, workspace: string): Promise<boolean> {
  if (/^npm ci\b/u.test(run)) symlinkSync(join(root, "node_modules"), join(workspace, "node_modules"));
  else if (run === "bash .ci/node tools") {
    mkdirSync(join(workspace, "tools"));
    symlinkSync(process.execPath, join(workspace, "tools", "node"));
  } else return false;
  return true;
}

/**
 * Cancels a step as GitHub does: SIGINT to its process, SIGTERM 7.5 s later, the end of all its processes 2.5 s after that
 * (docs.github.com, workflow cancellation reference). `over`: seconds it took to end, undefined where it was not cancelled.
 */
function cancelWhen(child: ChildProcess, when: (said: string) => boolean): { over(): Promise<number | undefined> } {
  let said = "";
  let at: number | undefined;
  const later: NodeJS.Timeout[] = [];
  child.stderr?.on("data", (data: Buffer) => (said += data));
  const looking = setInterval(() => {
    if (!when(said)) return;
    clearInterval(looking);
    at = performance.now();
    child.kill("SIGINT");
    later.push(setTimeout(() => child.kill("SIGTERM"), 7_500));
    later.push(setTimeout(() => child.pid !== undefined && process.kill(-child.pid, "SIGKILL"), 10_000));
  }, 2);
  const ends = new Promise<number | undefined>((done) => {
    child.once("exit", () => {
      clearInterval(looking);
      for (const one of later) clearTimeout(one);
      done(at === undefined ? undefined : (performance.now() - at) / 1000);
    });
  });
  return { over: () => ends };
}

function use(action: string, given: Record<string, string>, at: { workspace: string; artifacts: string; options: RunOptions }): void {
  const name = action.split("@")[0];
  const here = resolve(at.workspace, given["path"] ?? "");
  const there = join(at.artifacts, basename(given["name"] ?? "artifact"));
  if (name === "actions/checkout") {
    if (given["persist-credentials"] !== "false") throw new Error("checkout keeps the token in .git/config");
    if (given["ref"] === undefined) cpSync(at.options.checkout, at.workspace, { recursive: true });
    else takeBranch(given, at);
  } else if (name === "actions/upload-artifact") {
    if (existsSync(here)) cpSync(here, statSync(here).isFile() ? join(there, basename(here)) : there, { recursive: true });
    else if (given["if-no-files-found"] !== "ignore") throw new Error(`upload-artifact: nothing at ${given["path"]}`);
  } else if (name === "actions/download-artifact") {
    // Of an artifact that is one file, the file; of a folder, what is in it.
    cpSync(there, here, { recursive: true });
  } else if (name !== "actions/setup-node") throw new Error(`the runner does not know ${action}`);
}

/** A sparse checkout without cones: only the folders that are named. */
function takeBranch(given: Record<string, string>, at: { workspace: string; options: RunOptions }): void {
  const [, folder] = /^\/(\w+)\/$/u.exec(given["sparse-checkout"] ?? "") ?? [];
  if (folder === undefined || given["sparse-checkout-cone-mode"] !== "false" || !at.options.branch)
    throw new Error("the runner knows a branch of which one folder is taken");
  cpSync(join(at.options.branch, folder), join(at.workspace, given["path"] ?? "", folder), { recursive: true });
}

/** Evaluates the few expressions the workflows use. */
class Scope {
  readonly steps: Record<string, Record<string, string>> = {};
  /** RUNNER_TEMP. */
  temp = "";
  readonly #options: RunOptions;
  readonly #environment: string | undefined;
  readonly #needs: Record<string, JobDone>;
  constructor(options: RunOptions, environment: string | undefined, needs: Record<string, JobDone>) {
    this.#options = options;
    this.#environment = environment;
    this.#needs = needs;
  }

  values(texts: Record<string, string> | undefined): Record<string, string> {
    return Object.fromEntries(
      Object.entries(texts ?? {}).map(([key, text]) => [
        key,
        text.replace(/\$\{\{\s*(.*?)\s*\}\}/gu, (_, expression: string) => this.#value(expression)),
      ]),
    );
  }

  condition(text: string | undefined): boolean {
    if (text === undefined) return true;
    const [left = "", right = ""] = text.split(" == ");
    return this.#value(left) === this.#value(right);
  }

  #value(expression: string): string {
    for (const part of expression.split(" || ")) {
      const value = this.#one(part.trim());
      if (value !== "") return value;
    }
    return "";
  }

  #one(name: string): string {
    const literal = /^'(.*)'$/u.exec(name)?.[1];
    if (literal !== undefined) return literal;
    const [context, ...path] = name.split(".");
    if (context === "vars") return this.#options.vars(this.#environment)[path.join(".")] ?? "";
    if (context === "secrets") return this.#options.secrets(this.#environment)[path.join(".")] ?? "";
    if (context === "steps" && path[1] === "outputs") return this.steps[path[0] ?? ""]?.[path[2] ?? ""] ?? "";
    if (context === "needs" && path[1] === "outputs") return this.#needs[path[0] ?? ""]?.outputs[path[2] ?? ""] ?? "";
    if (name === "runner.temp") return this.temp;
    const value = context === "github" ? this.#options.github[path.join(".")] : undefined;
    if (value === undefined) throw new Error(`the runner does not know \${{ ${name} }}`);
    return value;
  }
}
