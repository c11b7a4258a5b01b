/** The files that commands run: a plan rests on what is in them, and its mapping files say their names only. */
import type { Mappings } from "../../mappings/schema/all.ts";
import { sumOfCommand } from "../../providers/core/command-sum.ts";

/** What stands for the command that passwords of a mapping file are handed over to, beside the names of scripts.yaml. */
export const handoverOf = (file: "ad" | "entra"): string => `passwords.handover of ${file}.yaml`;

/** Command → digest over what its files hold. */
export async function programParts(
  mappings: Pick<Mappings, "scripts" | "ad" | "entra">,
  project: string,
): Promise<{ [command: string]: string }> {
  const scripts = (mappings.scripts ?? []).map(({ name, run }) => [name, run] as const);
  const handovers = (["ad", "entra"] as const).flatMap((file) => {
    const handover = mappings[file]?.passwords?.handover;
    return typeof handover === "object" ? [[handoverOf(file), handover.command] as const] : [];
  });
  const sums = [...scripts, ...handovers].map(async ([name, run]) => [name, await sumOfCommand(run, project)] as const);
  return Object.fromEntries(await Promise.all(sums));
}
