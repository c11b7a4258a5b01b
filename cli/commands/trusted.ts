/** `--trusted FOLDER`: mapping files that nobody has approved yet, held against those that somebody has. */
import { lstatSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { untrusted } from "../../mappings/check/trusted.ts";
import { mappingsFor } from "../../stacks/read/checked.ts";
import type { Project } from "../engine/project.ts";
import { Refusal } from "../exit.ts";

/** Asks nobody. Throws Refusal where secrets or files would be used otherwise than the approved ones say, and what loading throws. */
export async function refuseUntrusted({ folder, stack, config, common }: Project, approved: string): Promise<void> {
  const odd = [config.mappings, ...(config.common === undefined ? [] : [config.common])].flatMap((place) =>
    readdirSync(place).filter((name) => !lstatSync(join(place, name)).isFile() && /\.ya?ml$/u.test(name)),
  );
  if (odd.length > 0) throw new Refusal(odd.map((name) => `${name} is no plain file: a link would have another file read as mappings`));
  const [given, trusted] = [
    await mappingsFor(folder, stack, config),
    await mappingsFor(folder, stack, { ...config, mappings: resolve(approved), common }),
  ];
  const wrong = untrusted(given, trusted, config.mappings);
  if (wrong.length > 0) throw new Refusal(wrong);
}
