/**
 * The state as the engine gives and takes it (`pulumi stack export` and `import`). What it is to encrypt goes to it through a pipe; the
 * Automation API's own import would write it to a file first.
 */
import { spawn } from "node:child_process";
import { z } from "zod";
import { oneLine } from "../../base/errors.ts";
import type { Exported } from "../ledger/shelf.ts";
import { withoutLogins } from "./backend.ts";

/** How the engine is run for the stack: its environment, its work folder, and the stack's name. */
export interface EngineAt {
  cwd: string;
  env: Record<string, string>;
  stack: string;
}

/** Runs the engine; resolves with stdout. The error has the engine's `error:` line and never what was written to it. */
export function engine(at: EngineAt, args: readonly string[], input = "", env: Readonly<Record<string, string>> = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn("pulumi", [...args, "--stack", at.stack, "--non-interactive", "--color", "never"], {
      cwd: at.cwd,
      env: { ...process.env, ...at.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const out: Buffer[] = [];
    let err = "";
    child.stdout.on("data", (data: Buffer) => out.push(data));
    child.stderr.on("data", (data: Buffer) => (err += String(data)));
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) resolve(Buffer.concat(out).toString("utf8"));
      else reject(new Error(withoutLogins(oneLine(/error: (.*)/u.exec(err)?.[1] ?? `the engine ended with ${code}`))));
    });
  });
}

/** Whether the engine failed because there is no such stack. */
export const isNoStack = (error: unknown): boolean => /no stack named/u.test(String(error));

/** The same for who only asks; undefined where there is no such stack. */
export function engineIfThere(at: EngineAt, args: readonly string[]): Promise<string | undefined> {
  return engine(at, args).catch((error: unknown) => {
    if (isNoStack(error)) return undefined;
    throw error;
  });
}

const resource = z.looseObject({ type: z.string(), outputs: z.record(z.string(), z.unknown()).optional() });
/** What `pulumi stack export` writes, and `import` reads. */
export const exported = z.looseObject({ deployment: z.looseObject({ resources: z.array(resource).nullish() }).nullish() });

/** The state as it is, secrets as ciphertexts. */
export async function exportPlain(at: EngineAt): Promise<Exported> {
  return JSON.parse(await engine(at, ["stack", "export"])) as Exported;
}

/** Puts a state in place. */
export async function importState(at: EngineAt, state: Exported): Promise<void> {
  await engine(at, ["stack", "import"], JSON.stringify(state));
}
