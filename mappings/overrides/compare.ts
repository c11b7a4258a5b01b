/** The files of a client held against the common ones: a sentence where they are looser and say why, a mistake where they do not. Pure. */
import type { MappingFile } from "../define.ts";
import { pathText } from "../text/issues.ts";
import type { Mistake } from "../text/read.ts";
import type { Counted } from "./folders.ts";

interface Compared {
  /** For the plan, each with where it stands. */
  sentences: string[];
  mistakes: (Mistake & { file: MappingFile })[];
}

/** `labels`: how the two folders are called. */
export function looserIn(all: readonly Counted[], labels: { own: string; common: string }): Compared {
  const found = all.map((one) => compared(one, labels));
  return { sentences: found.flatMap(({ sentences }) => sentences), mistakes: found.flatMap(({ mistakes }) => mistakes) };
}

function compared({ file, read, client }: Counted, labels: { own: string; common: string }): Compared {
  // Of what is wrong itself nothing is told.
  const value = read ? read.value : (file.schema.safeParse({}).data ?? {});
  if (!client || value === undefined) return { sentences: [], mistakes: [] };
  const { own, looser: why } = client;
  const name = `${labels.common}/${file.name}.yaml`;
  const found = file.client?.looser(client.common, value) ?? [];
  if (why === undefined) {
    const mistakes = found.map(({ path, common, found: its }) => ({
      ...{ file, ...own.place(path, "value"), path },
      text: `expected what ${name} has (${common}) or something tighter, found ${its}; if it is meant, say why at the top of this file, as looser: "…"`,
    }));
    return { sentences: [], mistakes };
  }
  if (found.length === 0) {
    const text = `expected nothing of the kind, found it; nothing here is looser than ${name}`;
    return { sentences: [], mistakes: [{ file, ...own.place(["looser"], "key"), path: ["looser"], text }] };
  }
  const sentences = found.map(({ path, common, found: its }) => {
    const { line, in: folder = labels.own } = (read ?? own).place(path, "value");
    return `Looser than ${name}: ${pathText(path) || "all of it"} is ${its} instead of ${common} (${folder}/${file.name}.yaml:${line}): ${why}`;
  });
  return { sentences, mistakes: [] };
}
