/** Every client in a process of its own, some at a time: one that fails, or dies, is a row and stops no other. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import pLimit from "p-limit";
import { oneLine } from "../../../base/errors.ts";
import { readAs } from "../../../base/json.ts";
import { mask, secretsOf } from "../../../providers/core/mask.ts";
import { clientSchema, type FleetClient } from "../../answers/fleet.ts";
import { checkout } from "../../engine/project.ts";
import { whenStopped } from "../../engine/stop.ts";
import { exit } from "../../exit.ts";
import { environmentOf, fromCommand } from "./environment.ts";

export interface EachOptions {
  of: "preview" | "report";
  /** All clients there are: what belongs to one of them is nobody else's. */
  known: readonly string[];
  env: NodeJS.ProcessEnv;
  /** So many processes side by side. */
  atOnce: number;
  /** A command that prints the variables of a client. */
  envCommand?: string | undefined;
  /** Further arguments of a client's process. */
  argumentsOf(client: string): string[];
  /** Called when a client's row is there. */
  done(row: FleetClient): void;
}

/** Rows in the order of the clients. */
export async function each(clients: readonly string[], options: EachOptions): Promise<FleetClient[]> {
  const running = new Set<ChildProcess>();
  const over = whenStopped(() => {
    for (const child of running) child.kill("SIGTERM");
  });
  const limit = pLimit(options.atOnce);
  try {
    return await Promise.all(
      clients.map((client) =>
        limit(async () => {
          const row = await one(client, options, running).catch((error: unknown) => failed(client, (error as Error).message));
          options.done(row);
          return row;
        }),
      ),
    );
  } finally {
    over();
  }
}

const failed = (client: string, why: string): FleetClient => ({
  ...{ format: "haloform.fleet-client/1", client, state: "failed", code: exit.failed, said: [oneLine(why)] },
  ...{ looser: [], doubts: [], licences: [] },
});

async function one(client: string, options: EachOptions, running: Set<ChildProcess>): Promise<FleetClient> {
  const { of, known, env: all, envCommand, argumentsOf } = options;
  const env = { ...environmentOf(all, known, client), ...(envCommand === undefined ? {} : await fromCommand(envCommand, client, all)) };
  const child = spawn(process.execPath, [join(checkout, "cli", "main.ts"), "fleet", of, "--one", client, ...argumentsOf(client)], {
    cwd: process.cwd(),
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  running.add(child);
  const { out, err, code } = await said(child).finally(() => running.delete(child));
  const row = readAs(clientSchema, out);
  if (row) return row;
  const last = err.trim().split("\n").at(-1) ?? "";
  return failed(client, `its process ended with ${code ?? "a signal"}${last === "" ? "" : `: ${mask(last, secretsOf(env))}`}`);
}

function said(child: ChildProcess): Promise<{ out: string; err: string; code: number | null }> {
  let [out, err] = ["", ""];
  child.stdout?.on("data", (data: Buffer) => (out += data));
  // Only its end is of use, and a long run says much.
  child.stderr?.on("data", (data: Buffer) => (err = `${err}${data}`.slice(-10_000)));
  return new Promise((done, fail) => {
    child.on("error", fail);
    child.on("close", (code) => done({ out, err, code }));
  });
}
