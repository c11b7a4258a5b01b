/** `haloform fleet preview` and `report`: a table over all clients. Changes nothing. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { guess } from "../../../base/text.ts";
import type { Fleet, FleetClient } from "../../answers/fleet.ts";
import { checkout, stacksOf } from "../../engine/project.ts";
import { exit, UsageError } from "../../exit.ts";
import type { Voice } from "../../say.ts";
import { each } from "./each.ts";
import { refuseAlike } from "./environment.ts";

export interface FleetOptions {
  of: Fleet["of"];
  /** Left out: all of them. */
  clients: readonly string[];
  /** Folder of the settings files, another than the checkout: `Pulumi.<client>.yaml`. */
  settings?: string | undefined;
  /** Plans are written to a folder of each client there. */
  out?: string | undefined;
  atOnce: number;
  envCommand?: string | undefined;
  env: NodeJS.ProcessEnv;
  now: Date;
  voice: Voice;
}

/** The clients of a folder of settings: every stack but the sandbox. Throws UsageError where there is none. */
export function clientsIn(settings: string | undefined): string[] {
  const folder = settings === undefined ? checkout : resolve(settings);
  if (!existsSync(folder)) throw new UsageError(`--settings ${settings}: there is no such folder.`);
  const found = stacksOf(folder).filter((name) => name !== "sandbox");
  if (found.length > 0) return found;
  throw new UsageError(`${folder} has no settings of a client (Pulumi.<client>.yaml): \`haloform fleet new NAME\` makes some.`);
}

/** Throws UsageError for a client that is none, and where secrets could not be told apart. */
export async function fleet(options: FleetOptions): Promise<Fleet> {
  const known = clientsIn(options.settings);
  const odd = options.clients.find((one) => !known.includes(one));
  if (odd !== undefined) throw new UsageError(`There is no client ${odd}${guess(odd, known)}: expected one of ${known.join(", ")}.`);
  refuseAlike(known);
  const asked = options.clients.length > 0 ? known.filter((one) => options.clients.includes(one)) : known;
  const { of, settings, out, voice, env, atOnce, envCommand } = options;
  voice.say(
    `${of === "preview" ? "Previewing" : "Reading what is kept of"} ${asked.length} clients, ${Math.min(atOnce, asked.length)} at a time`,
  );
  const clients = await each(asked, {
    ...{ of, known, env, atOnce, envCommand },
    argumentsOf: (client) => [
      ...(settings === undefined ? [] : ["--settings", resolve(settings)]),
      ...(out === undefined ? [] : ["--out", join(resolve(out), client)]),
    ],
    done: ({ client, state }) => voice.say(`${client}: ${state}`),
  });
  return { format: "haloform.fleet/1", of, made: options.now.toISOString(), clients };
}

/** The worst of all: failed, refused, then with `detailed` something waits. */
export function codeOf(clients: readonly Pick<FleetClient, "state">[], detailed: boolean): number {
  const are = (...states: FleetClient["state"][]): boolean => clients.some(({ state }) => states.includes(state));
  if (are("failed")) return exit.failed;
  if (are("refused")) return exit.refused;
  return detailed && are("waits") ? exit.changes : exit.done;
}
