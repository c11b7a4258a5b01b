/** `haloform source test | pull`: looks at where people come from. Changes nothing in any system. */
import { basename, resolve } from "node:path";
import { defined } from "../../../base/defined.ts";
import type { Json } from "../../../base/json.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { mask, masked, secretsOf } from "../../../providers/core/mask.ts";
import { useSettings } from "../../../providers/systems.ts";
import { writeCapture } from "../../../sources/capture.ts";
import { DETAIL_FIELDS } from "../../../sources/halo/fields.ts";
import type { SourceAnswers } from "../../../sources/record.ts";
import { leftOf } from "../../../stacks/people/left.ts";
import { roster } from "../../../stacks/people/roster.ts";
import { askedBy } from "../../../stacks/read/asks.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import { readLists } from "../../../stacks/read/lists.ts";
import { authoritiesOf, readRecords } from "../../../stacks/read/records.ts";
import { wish } from "../../../stacks/wish/wish.ts";
import type { SourceTest } from "../../answers/answers.ts";
import type { Project } from "../../engine/project.ts";
import { UsageError } from "../../exit.ts";
import type { Voice } from "../../say.ts";
import { leaves } from "../why/why.ts";

export interface SourceOptions {
  /** A source of sources.yaml; where people.yaml says people come from, when left out. */
  name?: string | undefined;
  now: Date;
  voice: Voice;
}

/** `raw`: the first answers too. Throws MappingError, UsageError, ConfigurationError, UnreachableError. */
export async function sourceTest(project: Project, options: SourceOptions & { raw?: boolean }): Promise<SourceTest> {
  const { mappings, name } = await opened(project, options.name);
  options.voice.say(`Reading ${name}`);
  const { records, read, custom, answers } = await readAll(project, mappings, name, options.voice, { every: true });
  const used = new Set(mappings.fields);
  const left = leftOf(records, mappings, undefined);
  const { rows } = roster(left.records, mappings);
  const first = rows.slice(0, 3).map((one) => one.record);
  const trust = { verdict: "trusted" as const, doubts: [], memory: undefined };
  const made = wish({
    now: options.now,
    stack: project.stack,
    mappings: { ...mappings, people: { ...mappings.people, source: name } },
    // Where none of them is a person, all of them say whether the source or the mapping gave nobody.
    records: first.length > 0 ? first : left.records,
    trust,
    previous: [],
    memory: undefined,
    live: {},
  });
  return {
    format: "haloform.source-test/1",
    source: name,
    records: records.length,
    pages: read.pages,
    complete: read.complete,
    ...(made.refused.length > 0 ? { nobody: records.length === 0 ? "source" : "mapping" } : {}),
    doubts: [...read.doubts, ...left.doubts, ...made.refused],
    elements: elementsOf(
      records.map((one) => one.fields),
      custom,
    ).map((one) => ({ ...one, used: used.has(one.name) })),
    ...(name === "halo.users" ? { further: DETAIL_FIELDS.filter((field) => !used.has(field)) } : {}),
    people: made.people.map((person) => ({
      key: person.key,
      name: person.name,
      makes: made.resources
        .filter((one) => one.person === person.key)
        .map((one) => ({ type: one.type, values: leaves(one.inputs, { sets: [] }) })),
      parked: made.parked.filter((one) => one.key === person.key).map((one) => one.reason),
    })),
    ...(options.raw ? { raw: rawOf(answers ?? []) } : {}),
  };
}

/** Names of fields that hold a secret, whatever the source calls its own. */
const secretField = /passw|passphrase|secret|token|api_?key|private_?key|credential/iu;

/** The first answer of each endpoint as it came; values of secrets, and of fields named like one, are masked. */
function rawOf(answers: SourceAnswers): NonNullable<SourceTest["raw"]> {
  const secrets = secretsOf(process.env);
  const clean = (value: Json): Json => {
    if (typeof value === "string") return mask(value, secrets);
    if (typeof value !== "object" || value === null) return value;
    if (Array.isArray(value)) return value.map(clean);
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, secretField.test(name) && inner !== null ? masked : clean(inner)]),
    );
  };
  return answers.map(({ endpoint, answers: [first] }) => ({ endpoint, answer: clean(first ?? null) }));
}

export interface Pulled {
  records: number;
  file: string;
  doubts?: string[];
}

/** Captures all records in a file that `--from` reads again; `systems`: and what the systems hold, for `check`. */
export async function sourcePull(project: Project, options: SourceOptions & { out: string; systems?: boolean }): Promise<Pulled> {
  const { mappings, name } = await opened(project, options.name);
  options.voice.say(options.systems ? `Reading ${name} and the systems` : `Reading ${name}`);
  const { records, read, feeds } = await readAll(project, mappings, name, options.voice, { every: true });
  // Whom the mapping protects is told by the one that the capture is held against (stacks/check/draft.ts).
  const { safety } = mappings;
  const unmarked = { ...mappings, safety: { ...safety, protected: { ...safety.protected, accounts: [], groups: [] } } };
  const systems = options.systems ? await readLists(unmarked, askedBy(mappings), undefined) : undefined;
  const { rows, pages, complete, doubts, recordCount } = read;
  writeCapture(options.out, {
    source: name,
    at: options.now.toISOString(),
    read: defined({ rows, pages, complete, doubts, recordCount }),
    ...(feeds ? { feeds: { ...feeds, reports: { ...feeds.reports } } } : {}),
    ...defined({ systems }),
    records,
  });
  return { records: records.length, file: resolve(options.out) };
}

/** The mappings and the source that is meant. Throws UsageError for one that nobody knows. */
export async function opened(project: Project, asked: string | undefined): Promise<{ mappings: Mappings; name: string }> {
  const mappings = await mappingsFor(project.folder, project.stack, project.config);
  const name = asked ?? mappings.people.source;
  const known = ["halo.users", ...(project.config.entra ? ["entra.users"] : []), ...Object.keys(mappings.sources ?? {})];
  if (!known.includes(name))
    throw new UsageError(
      `There is no source ${name}: expected one of ${known.join(", ")} (${basename(project.config.mappings)}/sources.yaml).`,
    );
  return { mappings, name };
}

/** All records of a source. */
export function readAll(project: Project, mappings: Mappings, name: string, voice: Voice, more: { every?: boolean } = {}) {
  useSettings(project.config, authoritiesOf(mappings));
  const people = { ...mappings.people, source: name };
  return readRecords(
    { ...mappings, people },
    { stack: project.stack, folder: project.config.mappings, home: project.home, onWait: voice.wait, ...more },
  );
}

/** Every element that any record has, in order of appearance, and those that could have a value and have none. */
function elementsOf(
  rows: readonly { [name: string]: Json }[],
  known: readonly string[] = [],
): Omit<SourceTest["elements"][number], "used">[] {
  const found = new Map<string, { name: string; kinds: Set<string>; filled: number; example: Json }>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) {
      const one = found.get(name) ?? { name, kinds: new Set<string>(), filled: 0, example: null };
      found.set(name, one);
      if (value === null || value === "" || (Array.isArray(value) && value.length === 0)) continue;
      one.filled += 1;
      one.kinds.add(Array.isArray(value) ? "list" : typeof value);
      if (one.example === null) one.example = value;
    }
  }
  for (const name of known) if (!found.has(name)) found.set(name, { name, kinds: new Set(), filled: 0, example: null });
  return [...found.values()].map((one) => ({ ...one, kinds: [...one.kinds].sort() }));
}
