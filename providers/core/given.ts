/**
 * What the engine was given to write into the state, by digests: the provider process notes each of its answers in the run's folder,
 * where nobody writes who writes states. What lies in the state after a run is held against it before it is signed
 * (cli/ledger/vouched.ts, docs/decisions/0150).
 */
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { digestOf } from "../../base/digest.ts";
import { readAs, type Values } from "../../base/json.ts";
import type { Adapted } from "./adapter.ts";

const givenSchema = z.object({
  type: z.string(),
  id: z.string(),
  /** The logical name of what was made. */
  name: z.string().optional(),
  /** `valuesDigest`; both absent: it is gone. */
  inputs: z.string().optional(),
  outputs: z.string().optional(),
});
export type Given = z.infer<typeof givenSchema>;

/** Without what the engine puts beside them, and without keys that have no value, as it compares them. */
export function valuesDigest({ __provider: _line, ...values }: Values): string {
  return digestOf(JSON.parse(JSON.stringify(values, (_key, value: unknown) => value ?? undefined)));
}

const fileOf = (folder: string): string => join(folder, "given.jsonl");

/** All that was noted in a run; a line that a kill cut was given to nobody. */
export function readGiven(folder: string): Given[] {
  const file = fileOf(folder);
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .flatMap((line) => readAs(givenSchema, line) ?? []);
}

/** The provider of a type, whose answers are noted. `folderNow`: where; undefined: nobody asks afterwards. */
export function noting(type: string, provider: Adapted, folderNow: () => Promise<string | undefined>): Adapted {
  // Before it is answered: whatever the engine has, stands there.
  const note = async (of: () => Omit<Given, "type">): Promise<void> => {
    const folder = await folderNow();
    if (folder !== undefined && existsSync(folder))
      appendFileSync(fileOf(folder), `${JSON.stringify({ type, ...of() })}\n`, { mode: 0o600 });
  };
  return {
    ...provider,
    async create(inputs, name) {
      const made = await provider.create(inputs, name);
      await note(() => ({ id: made.id, name, inputs: valuesDigest(inputs), outputs: valuesDigest(made.outs) }));
      return made;
    },
    async read(id, props) {
      const found = await provider.read(id, props);
      const { inputs = {}, props: outputs = {} } = found;
      await note(() => ({ id, ...(found.id === undefined ? {} : { inputs: valuesDigest(inputs), outputs: valuesDigest(outputs) }) }));
      return found;
    },
    async update(id, olds, news, name) {
      const made = await provider.update(id, olds, news, name);
      await note(() => ({ id, inputs: valuesDigest(news), outputs: valuesDigest(made.outs) }));
      return made;
    },
  };
}
