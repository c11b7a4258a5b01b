/** Gathers what was verified of a plan's approvals, and refuses where a part still needs somebody. */
import type { Plan } from "../../stacks/model/plan.ts";
import type { Project } from "../engine/project.ts";
import { Refusal } from "../exit.ts";
import { type Evidence, met, type Part, partsOf, whoOf } from "./evidence.ts";
import { type Gathered, signaturesIn } from "./signatures.ts";
import { signersFile } from "./signers.ts";

/** Where approvals are looked for. */
export interface Sources {
  /** Folder of signed ones. */
  folder: string;
  now: Date;
  /** The digest of the plan was said by whoever has made it. */
  isPinned?: boolean;
  /** Number of the pull request on GitHub; left out: that of the job's commit. */
  pull?: number | undefined;
}

/** By mappings/approvals.yaml; of the whole plan, where nothing has cut it. */
export const partsFor = (project: Pick<Project, "config">, plan: Plan): Part[] =>
  plan.parts ?? partsOf(plan, project.config.approvers?.needed ?? 0);

/**
 * What was verified of approvals of these parts; undefined where neither the settings nor the mappings name approvers.
 * @throws Refusal where a part needs more, with what was found and does not count
 */
export async function approvalsOf(
  project: Project,
  plan: Plan,
  sources: Sources,
  parts: readonly Part[] = partsFor(project, plan),
): Promise<Evidence[] | undefined> {
  if (!isVerified(project, plan)) return undefined;
  const found = await gathered(project, plan, sources, parts);
  const lack = parts.flatMap((part) => lacking(part, found));
  if (lack.length > 0) throw new Refusal(lack);
  return [...new Set(parts.flatMap((part) => judged(part, found).by))];
}

/** Ids of those of a plan's parts that need somebody and have what they need; none where neither names approvers. */
export async function approvedOf(project: Project, plan: Plan, sources: Sources): Promise<string[]> {
  if (!isVerified(project, plan)) return [];
  const parts = partsFor(project, plan).filter(({ needs }) => needs.approvers > 0);
  const found = await gathered(project, plan, sources, parts);
  return parts.filter((part) => judged(part, found).missing === 0).map(({ id }) => id);
}

/** Whether the settings or the mappings name approvers at all. */
const isVerified = ({ config }: Project, { parts }: Plan): boolean => config.approvers !== undefined || parts !== undefined;

/** What was verified that these parts could have. */
async function gathered(project: Project, plan: Plan, sources: Sources, parts: readonly Part[]): Promise<Gathered> {
  const found: Gathered = { evidence: [], not: [] };
  const add = ({ evidence, not }: Gathered): void => {
    found.evidence.push(...evidence);
    found.not.push(...not);
  };
  const isMet = (): boolean => parts.every((part) => judged(part, found).missing === 0);
  const signers = signersFile(project);
  if (signers !== undefined && !isMet()) add(await signaturesIn(sources.folder, { plan, parts, signers, now: sources.now }));
  if (!isMet()) add(await onGitHub(project, plan, parts, sources));
  return found;
}

/** Asked only where it is needed: who is approved by signatures depends on no GitHub. */
async function onGitHub(
  { config }: Project,
  plan: Plan,
  parts: readonly Part[],
  { now, isPinned = false, pull }: Sources,
): Promise<Gathered> {
  const settings = config.approvers?.github;
  const { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: run, GITHUB_SHA: commit, GITHUB_TOKEN: token } = process.env;
  if (!settings || (!run && pull === undefined)) return { evidence: [], not: [] };
  if (!token) return { evidence: [], not: ["what was approved on GitHub, as GITHUB_TOKEN is not set to look it up"] };
  const { connect } = await import("../../clients/github/client.ts");
  const { givenOnGitHub } = await import("./github.ts");
  const job = { repository, run: run || undefined, commit: commit || undefined };
  return givenOnGitHub(connect({ ...settings, token }), { plan, parts, settings, job, isPinned, pull, now });
}

const judged = ({ id, needs }: Part, { evidence }: Gathered) =>
  met(
    needs,
    evidence.filter(({ part }) => part === id),
  );

/** One line a part that is not approved. */
function lacking(part: Part, found: Gathered): string[] {
  const { by, missing, not } = judged(part, found);
  if (missing === 0) return [];
  const had = by.length > 0 ? `, and has that of ${by.map(({ approver }) => approver).join(", ")}` : "";
  const others = [...not, ...found.not];
  const rest = others.length > 0 ? ` What does not count: ${others.join("; ")}.` : "";
  return [
    `${part.id === "all" ? "the plan" : `the part ${part.id}`} needs the approval of ${whoOf(part.needs)}${had}: have it approved with \`haloform approve DIR\`.${rest}`,
  ];
}
