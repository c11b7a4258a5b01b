/** `haloform doctor`: can each system be reached, as whom and with which rights; clocks, certificates. Asks everything, changes nothing. */
import { basename } from "node:path";
import { readAuthorities } from "../../../base/certificates.ts";
import { type Engine, findEngine } from "../../../engine/find.ts";
import { filesIn } from "../../../mappings/registry.ts";
import type { Mappings } from "../../../mappings/schema/all.ts";
import { MappingError } from "../../../mappings/text/errors.ts";
import { bad, type Check, failed, type Now, ok, safely, warn } from "../../../providers/core/check.ts";
import { authoritiesIn, doctorOf, type NeedsOf, type Reached, reached, type StackConfig, secretsOf } from "../../../providers/systems.ts";
import { keptPeople } from "../../../sources/entra/remembered-file.ts";
import { keptDetails } from "../../../sources/halo/details-file.ts";
import { mappingsFor } from "../../../stacks/read/checked.ts";
import { needs } from "../../../stacks/read/needs.ts";
import type { DoctorReport } from "../../answers/answers.ts";
import { approverChecks } from "../../approval/doctor.ts";
import { openToRead } from "../../engine/automation.ts";
import { lostHome } from "../../engine/kept-home.ts";
import type { Project } from "../../engine/project.ts";
import { unreviewedLine } from "../../ledger/emergencies.ts";
import { readRecords, recordFile } from "../../ledger/record.ts";
import { keysOf, keyVariable, ownKey } from "../../ledger/signature.ts";
import { stopLine, stopsOf } from "../../ledger/stops.ts";
import type { Voice } from "../../say.ts";

export interface DoctorOptions {
  now: Date;
  voice: Voice;
  /** Of an identity that only previews and looks for drift: no right that only `up` needs is asked for. */
  readOnly?: boolean;
  /** The engine finder; for tests. */
  engine?: (say: (line: string) => void) => Promise<Engine>;
}

/** tls.setDefaultCACertificates, and types stripped without a flag. */
const oldestNode = [24, 5] as const;

/** Every check, in the order a person would make them. Never throws: what fails is a check. */
export async function doctor(project: Project, options: DoctorOptions): Promise<DoctorReport> {
  const { config } = project;
  const { voice, readOnly = false } = options;
  const begun = performance.now();
  const now: Now = () => new Date(options.now.getTime() + performance.now() - begun);

  const { mappings, checks: mappingChecks } = await readMappings(project);
  const trust = trustChecks(config);
  const last = lastRun(project);
  const ask = async <N extends Reached>(name: N, its: StackConfig[N]): Promise<Check[]> => {
    const asked = mappings && needs[name](mappings, { readOnly, ...(last ? { last } : {}) });
    return doctorOf(name, { config: its, env: process.env, needs: asked, now, readOnly, onWait: voice.wait });
  };
  const there = reached.flatMap((one) => (config[one.name] === undefined ? [] : [one]));
  voice.say(`Asking ${there.flatMap(({ product }) => product ?? []).join(", ")}`);
  const finding = safely("Pulumi", () => engineChecks(options.engine ?? findEngine, voice));
  // Without an engine nothing can be asked of the journal, and that is said already.
  const asking = finding.then((found) =>
    found.some(({ state }) => state === "bad") ? [] : safely("journal", () => journalChecks(project, voice)),
  );
  const [engine, journal, ...systems] = await Promise.all([
    finding,
    asking,
    ...there.map(({ name, short }) => safely(short, () => ask(name, config[name]))),
  ]);
  const remembered = mappings?.people.incremental ? [incrementalCheck(project, mappings)] : [];
  const checks = [
    ...nodeChecks(),
    ...homeChecks(project, readOnly),
    ...engine,
    keysCheck(config),
    ...journal,
    ...approverChecks(project),
    ...mappingChecks,
    ...passwordChecks(config, mappings),
    ...trust,
    ...systems.flat(),
    ...remembered,
  ].map(withoutSecrets);
  return { format: "haloform.doctor/1", ok: checks.every((check) => check.state !== "bad"), checks };
}

function nodeChecks(): Check[] {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const fits = major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1]);
  return [
    fits
      ? ok("Node", `Node ${process.versions.node}`)
      : bad(
          "Node",
          `Node ${process.versions.node} is too old`,
          `haloform needs Node ${oldestNode.join(".")} or newer: run \`npm ci\`, which installs one, and start with \`npx haloform\`.`,
        ),
  ];
}

/** Whether what the state says is signed, and whether this process could sign. */
function keysCheck(config: StackConfig): Check {
  const name = "state";
  const ids = keysOf(config).map(({ id }) => id);
  if (ids.length === 0)
    return ok(name, "nothing of the state is signed: who may write it is believed (haloform keys new, docs/security.md)");
  try {
    const key = ownKey();
    const named = `the state is believed where ${ids.join(" or ")} has signed it`;
    if (!key) return ok(name, `${named}; ${keyVariable} is not set, so up cannot run here`);
    if (ids.includes(key.id)) return ok(name, `${named}; ${keyVariable} holds ${key.id}`);
    return bad(
      name,
      `${keyVariable} holds the key ${key.id}, which haloform:keys does not name`,
      "Take the other key, or add the line of this one to the settings.",
    );
  } catch (error) {
    return failed(name, error);
  }
}

/** Who has stopped the stack, of its journal and of what lies beside it; nothing where all is as usual. */
async function journalChecks(project: Project, voice: Voice): Promise<Check[]> {
  const { open, unreviewed, odd } = await stopsOf(project, await (await openToRead(project, voice)).ledger());
  return [
    ...open.map((one) => bad("journal", stopLine(project.stack, one), "When it is mended, `haloform go` lifts it (docs/operations.md).")),
    ...unreviewed.map((one) => warn("journal", unreviewedLine(one), "`haloform history` says what that run did.")),
    ...odd.map((line) => warn("journal", line, "Find out who left it beside the state.")),
  ];
}

/** Of an identity that only reads nothing is kept that anybody would miss. */
function homeChecks(project: Project, isReading: boolean): Check[] {
  const lost = isReading ? undefined : lostHome(project);
  if (lost === undefined) return [];
  const [said = "", advice = ""] = lost.split(/(?<=lost)\. /u);
  return [bad("home", said, `${advice}.`)];
}

async function engineChecks(find: NonNullable<DoctorOptions["engine"]>, voice: Voice): Promise<Check[]> {
  const engine = await find(voice.say);
  const from = { PATH: "on PATH", cache: "in haloform's cache", download: "just downloaded", build: "just built" }[engine.from];
  return [ok("Pulumi", `Pulumi engine ${engine.version.replace(/^v/u, "")}, ${from} (${engine.path})`)];
}

async function readMappings({ folder, stack, config }: Project): Promise<{ mappings: Mappings | undefined; checks: Check[] }> {
  const label = `${basename(config.mappings)}${config.common === undefined ? "" : ` over ${basename(config.common)}`}`;
  try {
    const mappings = await mappingsFor(folder, stack, config);
    const looser = (mappings.looser ?? []).map((line) => warn("mapping", line, "Take it back when its reason is over (docs/clients.md)."));
    return { mappings, checks: [ok("mapping", `the mapping files in ${label} are right (${filesIn(mappings).join(", ")})`), ...looser] };
  } catch (error) {
    const mend = "Correct the file; the systems are asked without it, so that rights are not looked at.";
    const lines = error instanceof MappingError ? error.lines : [error instanceof Error ? error.message : String(error)];
    return { mappings: undefined, checks: lines.map((line) => bad("mapping", line, mend)) };
  }
}

/** Who can read new passwords, where anybody gets to know them. */
function passwordChecks({ passwords }: StackConfig, mappings: Mappings | undefined): Check[] {
  if (![mappings?.ad, mappings?.entra].some((file) => file?.passwords?.handover === "output")) return [];
  if (passwords)
    return [
      ok(
        "passwords",
        `new passwords are encrypted to ${passwords.recipients.length} recipients of haloform:passwords; no job needs a passphrase`,
      ),
    ];
  return [
    warn(
      "passwords",
      "new passwords wait under PULUMI_CONFIG_PASSPHRASE: whatever runs in a job that previews can read them",
      "Make a key with `haloform password new-key FILE` and name it in haloform:passwords.recipients of the stack's settings.",
    ),
  ];
}

/** Whether each system's own authority can be read: that is that system's trouble alone. */
function trustChecks(config: StackConfig): Check[] {
  return reached.flatMap(({ name, short }) => {
    try {
      readAuthorities(authoritiesIn({ [name]: config[name] }));
      return [];
    } catch (error) {
      return [failed(short, error)];
    }
  });
}

/** What is remembered of people, or why nothing is. */
function incrementalCheck({ home, stack }: Project, { people }: Mappings): Check {
  const fromEntra = people.source === "entra.users";
  const name = fromEntra ? "Entra" : "Halo";
  const kept = fromEntra ? keptPeople.load(keptPeople.place(home, stack)) : keptDetails.load(keptDetails.place(home, stack));
  if (!kept)
    return ok(name, `people.incremental: nothing is remembered yet, the next run reads ${fromEntra ? "everybody" : "all details"}`);
  if (kept.off !== undefined)
    return warn(name, kept.off, "Run `haloform preview --full` once, or take people.incremental out of people.yaml.");
  const what = "users" in kept ? `${kept.users.length} people` : `${Object.keys(kept.kept).length} details`;
  return ok(name, `people.incremental: ${what} are remembered; everything was last read on ${kept.full}, ${kept.runs} reads ago`);
}

/** What the last recorded run saw: a list that has become short since is no error to Halo. */
function lastRun(project: Project): NeedsOf<"halo">["last"] {
  const begin = readRecords(recordFile(project)).entries.findLast((entry) => entry.event === "begin");
  const people = begin?.event === "begin" ? begin.summary["people"] : undefined;
  return begin && typeof people === "number" ? { people, at: begin.at.slice(0, 10) } : undefined;
}

/** Nothing above puts a secret into a line; this makes sure that no server's own words do. */
function withoutSecrets(check: Check): Check {
  const hide = (text: string): string =>
    secretsOf.reduce((line, name) => {
      const secret = process.env[name];
      return secret && secret.length > 3 ? line.replaceAll(secret, "***") : line;
    }, text);
  return { ...check, said: hide(check.said), ...(check.advice === undefined ? {} : { advice: hide(check.advice) }) };
}
