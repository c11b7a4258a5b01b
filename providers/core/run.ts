/**
 * A run: what the command line (or the program, under the stock CLI) and the provider process share. They are two
 * processes; the run folder is private (0700), belongs to one run and is removed at its end. `run.json` and
 * `live/` (live-files.ts) go to the provider process, `provider.jsonl`
 * comes back (outcomes.ts).
 */
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { ConfigurationError } from "../../base/errors.ts";
import type { Values } from "../../base/json.ts";
import { alive } from "../../base/owner.ts";
import { writePrivate } from "../../base/private-file.ts";
import type { Settings } from "../../base/settings.ts";
import { approvedSchema } from "./approved.ts";
import { commandsFile } from "./command-helper.ts";
import type { Facts, Live } from "./definition.ts";
import { marksIn } from "./guard.ts";
import { type LiveFile, liveIn, writeLive } from "./live-files.ts";
import { passwordRules } from "./password-rules.ts";
import type { Directory } from "./system.ts";

const json = z.json();
const byMark = z.record(z.string(), z.object({ because: z.string(), named: z.boolean(), holds: z.literal(true).exactOptional() }));
const byPerson = z.record(z.string(), z.string());

const runSchema = z.object({
  format: z.literal("haloform.run/1"),
  stack: z.string(),
  /** Process whose end is the end of the run; the provider stops with it. */
  owner: z.number().int(),
  /** UTC ISO 8601: the one clock of the run. */
  made: z.string(),
  /** `haloform`: a failing operation parks its person. `stock`: it fails as Pulumi's users expect. */
  mode: z.enum(["haloform", "stock"]),
  /** As they were checked: providers/systems.ts says what is in them. */
  settings: z.record(z.string(), z.unknown()) as z.ZodType<Settings>,
  /** System → key → id of the account. */
  people: z.record(z.string(), byPerson) as unknown as z.ZodType<{ [D in Directory]: z.infer<typeof byPerson> }>,
  /** Key → number of the person's user in Halo, where that is not the key itself. */
  haloUsers: byPerson.exactOptional(),
  /** operationKey → id of the existing object. */
  adopt: z.record(z.string(), z.string()),
  /** Times (ms since 1970) of the requests already spent in Halo's rolling window. */
  spent: z.array(z.number()),
  /** What the bulk read of each type was asked; a type that is not here was not read. */
  asked: z.record(z.string(), json),
  /** Systems of which a list is not believed: what the state has of them stays as it was left. */
  untouched: z.array(z.string()).exactOptional(),
  /** `type id` of what is protected and stays in the state as it was left. */
  held: z.array(z.string()).exactOptional(),
  /** What of what was read is protected: looked up once, by whoever has it all. */
  marks: z.object({ of: byMark, sids: byPerson }).exactOptional(),
  /** Names of groups that mappings/safety.yaml protects, whatever they are now. */
  protectedGroups: z.array(z.string()).exactOptional(),
  /** Places of AD that it protects, and those into which something may come all the same. */
  protectedPlaces: z.object({ protected: z.array(z.string()), allowed: z.array(z.string()) }).exactOptional(),
  /** What the mapping says about passwords; absent: nobody gets to know one. */
  passwords: passwordRules.optional(),
  /** The same for accounts of the cloud, where entra.yaml has rules of its own. */
  cloudPasswords: passwordRules.optional(),
  /** Command → what its files held when the plan was made (command-sum.ts); absent: there are no commands. */
  programs: byPerson.exactOptional(),
  /** What may be written: under haloform nothing else is. */
  approved: approvedSchema.exactOptional(),
  /** `type::name` of what the state has and the engine does not → its id and outputs (carried.ts). */
  carried: z.record(z.string(), z.object({ id: z.string(), outputs: z.record(z.string(), json) })).exactOptional(),
  /** Values that may be in no state and no plan, by the id of what needs them. */
  secrets: z.record(z.string(), z.record(z.string(), z.string())).optional(),
});

/** `files`: what was read of each type where it is not in `live`, in the provider process. */
export type Run = z.infer<typeof runSchema> & {
  live: Record<string, Live[]>;
  files?: { readonly [type: string]: LiveFile };
  bytes?: Bytes;
};

/** What is too large for `run.json` and the state, by its digest (`sha256:…`): a file each in the run folder. */
export type Bytes = ReadonlyMap<string, Uint8Array>;

/** What names an operation in outcomes, adoption, messages and the run record: the type and its own key (`ad:User::41`). */
export function operationKey(facts: Pick<Facts, "type" | "key">, inputs: Values): string {
  return `${facts.type}::${facts.key(inputs)}`;
}

/**
 * Where the provider process looks. Under haloform: the folder named by HALOFORM_RUN. Under the stock CLI nobody can hand
 * over a variable, but the program and the provider know the same engine: its address names the folder.
 */
export function runFolder(engineAddress: string | undefined): string | undefined {
  const named = process.env["HALOFORM_RUN"];
  if (named) return named;
  if (!engineAddress) return undefined;
  return join(stockFolder(), engineAddress.replace(/[^\w.]+/gu, "-"));
}

/** Of this user alone. The name can be guessed, so one that somebody else made first is refused: it could lead us anywhere. */
function stockFolder(): string {
  const folder = join(tmpdir(), `haloform-${userInfo().username}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  if (process.getuid && (!found.isDirectory() || found.uid !== process.getuid() || (found.mode & 0o077) !== 0)) {
    throw new ConfigurationError(`${folder} is not a folder of this user alone; remove it, or point TMPDIR at a private folder.`);
  }
  return folder;
}

/** Removes the run folders of programs that were killed before they could: addresses are used again. */
export function sweepRuns(): void {
  const folder = stockFolder();
  for (const name of readdirSync(folder)) {
    const one = join(folder, name);
    // Without a file: another program is about to write it.
    if (!existsSync(join(one, "run.json"))) continue;
    try {
      if (!alive(fileIn(one).owner)) removeRun(one);
    } catch {
      removeRun(one);
    }
  }
}

/** Writes `run.json` (0600) into a private folder. */
export function writeRun(folder: string, run: Run): void {
  const { bytes, live, files: _files, ...rest } = run;
  writeLive(folder, live);
  if (bytes && bytes.size > 0) mkdirSync(join(folder, "bytes"), { recursive: true, mode: 0o700 });
  for (const [digest, content] of bytes ?? []) writeFileSync(bytesFile(folder, digest), content, { mode: 0o600 });
  if (run.programs) writeFileSync(join(folder, commandsFile), "", { mode: 0o600 });
  // In one step: under the stock CLI the provider looks for the file while it is being written.
  writePrivate(join(folder, "run.json"), JSON.stringify({ ...rest, marks: marksIn(live) }));
}

/**
 * Reads `run.json`, or undefined where no run was prepared (stock `pulumi refresh`) or the one that is there belongs to a
 * process that has ended. Throws on a file that is not ours.
 */
export function readRun(folder: string | undefined): Run | undefined {
  if (!folder) return undefined;
  if (!existsSync(join(folder, "run.json"))) return undefined;
  const run = fileIn(folder);
  return alive(run.owner) ? { ...run, live: {}, files: liveIn(folder) } : undefined;
}

const fileIn = (folder: string): z.infer<typeof runSchema> => runSchema.parse(JSON.parse(readFileSync(join(folder, "run.json"), "utf8")));

function bytesFile(folder: string, digest: string): string {
  return join(folder, "bytes", digest.replace(/[^0-9a-z]/gu, "-"));
}

/** The bytes of a digest, where this run has them. */
export function bytesOf(folder: string | undefined, digest: string): Buffer | undefined {
  const file = folder === undefined ? undefined : bytesFile(folder, digest);
  return file !== undefined && existsSync(file) ? readFileSync(file) : undefined;
}

export function removeRun(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
