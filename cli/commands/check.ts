/** `haloform check [PERSON]`: the mapping files against a read of people and systems, without the engine. Changes nothing. */
import { basename, isAbsolute, join, relative } from "node:path";
import { defined } from "../../base/defined.ts";
import { checkedDraft, type Draft, readDraft, wishOfDraft } from "../../stacks/check/draft.ts";
import { distrust } from "../../stacks/wish/wish.ts";
import type { CheckPerson, CheckReport } from "../answers/answers.ts";
import { checkout, type Project } from "../engine/project.ts";
import { Refusal } from "../exit.ts";
import type { Voice } from "../say.ts";
import { explain } from "./why/why.ts";
import { explainNot } from "./why/why-not.ts";

export interface CheckOptions {
  now: Date;
  voice: Voice;
  /** Records captured by `source pull`, instead of asking anybody. */
  from?: string | undefined;
}

/** Throws Refusal where the source gave nobody at all, and what reading throws. */
export async function check(project: Project, options: CheckOptions): Promise<CheckReport> {
  const draft = await read(project, options);
  const { people, given, systems } = draft;
  return {
    format: "haloform.check/1",
    source: people.name,
    ...defined({ captured: people.captured }),
    records: people.records.length,
    systems: systems !== undefined,
    ...checkedDraft(draft),
    doubts: [...given.trust.doubts, ...(given.feeds?.sentences ?? [])],
  };
}

/** One person: every value that is wished with its rule, and every rule, whether or not it matches. Throws UsageError for nobody or several. */
export async function checkPerson(project: Project, options: CheckOptions & { person: string }): Promise<CheckPerson> {
  const draft = await read(project, options);
  const { wish, was } = wishOfDraft(draft);
  if (wish.refused.length > 0) throw new Refusal(wish.refused);
  const { mappings, given, people, systems } = draft;
  const prepared = { mappings, wish, was, source: people, records: given.records };
  const { rules, ...person } = explainNot(prepared, { ...options, thing: undefined }, true);
  const known = person.stage === "left aside" ? undefined : wish.people.find(({ key }) => key === person.key);
  const { accounts, record, values } = known ? explain(prepared, known, undefined) : { accounts: {}, record: {}, values: [] };
  return { ...person, format: "haloform.check-person/1", systems: systems !== undefined, accounts, record, values, rules };
}

async function read(project: Project, { now, voice, from }: CheckOptions): Promise<Draft> {
  const { folder, stack, config, home } = project;
  const draft = await readDraft({ project: folder, stack, config, home, now, from, say: voice.say, onWait: voice.wait });
  if (draft.given.records.length === 0) throw new Refusal(distrust({ ...draft.given, live: {} }));
  return draft;
}

/** `mappings/ad.yaml:32` → the file as a pull request knows it, and the line. */
export function placeIn({ config }: Pick<Project, "config">): (rule: string) => { file: string; line: number } {
  // A pull request's files lie in a checkout of their own beside haloform's, and have their names there.
  const { GITHUB_WORKSPACE: workspace } = process.env;
  const roots = workspace ? [join(workspace, "pull"), workspace] : [checkout];
  const known = (folder: string): string =>
    roots.map((root) => relative(root, folder)).find((from) => !isAbsolute(from) && !from.startsWith("..")) ?? folder;
  const { mappings, common } = config;
  return (rule) => {
    const [, folder, file = rule, line = "1"] = /(?:([^/]+)\/)?([^/]+\.yaml)(?::(\d+))?$/u.exec(rule) ?? [];
    const isCommon = common !== undefined && folder === basename(common);
    return { file: join(known(isCommon ? common : mappings), file), line: Number(line) };
  };
}
